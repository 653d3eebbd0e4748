using System.Security.Cryptography;
using System.Text;

namespace Komachi.Platform.People;

/// <summary>PBKDF2 with SHA-512, 210,000 rounds and 16 bytes of salt (OWASP's figure); the parameters stand in the hash, which grows at the next sign-in when they do.</summary>
public static class Passwords
{
    internal const int Rounds = 210_000;

    // A hash to compare with where there is no account, so that a wrong name takes as long as a wrong password.
    static readonly string Nobody = Hash(Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));

    public static string Hash(string password) => Hash(password, Rounds);

    internal static string Hash(string password, int rounds)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        return $"pbkdf2-sha512${rounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt, rounds))}";
    }

    // Hashing is slow on purpose: many who try at once must not take all cores from those who read a page.
    static readonly SemaphoreSlim Turns = new(Math.Max(1, Environment.ProcessorCount - 1));

    internal static Task<bool> FitsInTurn(string password, string? hash, CancellationToken stop) => InTurn(() => Fits(password, hash), stop);

    /// <summary>The right password of an account whose hash is of a time with fewer rounds: hashed anew while it is known. The caller saves.</summary>
    internal static async Task Renew(Account account, string password, CancellationToken stop)
    {
        if (account.PasswordHash is { } hash && RoundsOf(hash) < Rounds) await InTurn(() => { account.SetPassword(password); return true; }, stop);
    }

    static async Task<bool> InTurn(Func<bool> work, CancellationToken stop)
    {
        await Turns.WaitAsync(stop);
        try
        {
            return work();
        }
        finally
        {
            Turns.Release();
        }
    }

    internal static int RoundsOf(string hash) => int.Parse(hash.Split('$')[1], System.Globalization.CultureInfo.InvariantCulture);

    internal static bool Fits(string password, string? hash)
    {
        var parts = (hash ?? Nobody).Split('$');
        var derived = Derive(password, Convert.FromBase64String(parts[2]), RoundsOf(hash ?? Nobody));
        return CryptographicOperations.FixedTimeEquals(derived, Convert.FromBase64String(parts[3])) && hash is not null;
    }

    static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password.Normalize(NormalizationForm.FormC)), salt, rounds, HashAlgorithmName.SHA512, 64);
}
