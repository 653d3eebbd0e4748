using System.Security.Cryptography;
using System.Text;

namespace Komachi.Platform.People;

/// <summary>PBKDF2 with SHA-512, 210,000 rounds and 16 bytes of salt (OWASP's figure); the parameters stand in the hash.</summary>
public static class Passwords
{
    const int Rounds = 210_000;

    // A hash to compare with where there is no account, so that a wrong name takes as long as a wrong password.
    static readonly string Nobody = Hash(Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));

    public static string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        return $"pbkdf2-sha512${Rounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt, Rounds))}";
    }

    // Hashing is slow on purpose: many who try at once must not take all cores from those who read a page.
    static readonly SemaphoreSlim Turns = new(Math.Max(1, Environment.ProcessorCount - 1));

    internal static async Task<bool> FitsInTurn(string password, string? hash, CancellationToken stop)
    {
        await Turns.WaitAsync(stop);
        try
        {
            return Fits(password, hash);
        }
        finally
        {
            Turns.Release();
        }
    }

    internal static bool Fits(string password, string? hash)
    {
        var parts = (hash ?? Nobody).Split('$');
        var derived = Derive(password, Convert.FromBase64String(parts[2]), int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
        return CryptographicOperations.FixedTimeEquals(derived, Convert.FromBase64String(parts[3])) && hash is not null;
    }

    static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password.Normalize(NormalizationForm.FormC)), salt, rounds, HashAlgorithmName.SHA512, 64);
}
