using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Komachi.Platform.People;

/// <summary>
/// The six digits of an authenticator app (RFC 6238 with SHA-1 and 30 seconds, which every app knows). A code is good for
/// its half minute and the one before and after it, and once: whoever checks keeps the step of the last one used.
/// </summary>
public static class Totp
{
    const int Step = 30, Digits = 6;

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(20);

    /// <summary>The step whose code was typed; null when none fits that is newer than <paramref name="usedStep"/>.</summary>
    public static long? StepOf(string typed, byte[] secret, DateTimeOffset now, long usedStep)
    {
        var digits = new string([.. typed.Normalize(System.Text.NormalizationForm.FormKC).Where(char.IsAsciiDigit)]);
        if (digits.Length != Digits) return null;
        var current = StepAt(now);
        long? found = null;
        for (var step = current - 1; step <= current + 1; step++)
            if (CryptographicOperations.FixedTimeEquals(System.Text.Encoding.ASCII.GetBytes(CodeAt(secret, step)), System.Text.Encoding.ASCII.GetBytes(digits)) && step > usedStep)
                found ??= step;
        return found;
    }

    public static long StepAt(DateTimeOffset now) => now.ToUnixTimeSeconds() / Step;

    public static string CodeAt(byte[] secret, long step, int digits = Digits)
    {
        Span<byte> counter = stackalloc byte[8], mac = stackalloc byte[20];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        // RFC 6238 is written for SHA-1, and apps know nothing else; HMAC does not lean on what is broken in it.
#pragma warning disable CA5350
        HMACSHA1.HashData(secret, counter, mac);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(mac[(mac[19] & 15)..]) & int.MaxValue;
        return (number % (int)Math.Pow(10, digits)).ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(digits, '0');
    }

    /// <summary>What an app reads from the square, and a person can type: <c>otpauth://totp/…</c></summary>
    public static string AddressFor(byte[] secret, string issuer, string account) =>
        $"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(account)}?secret={Base32(secret)}&issuer={Uri.EscapeDataString(issuer)}";

    /// <summary>RFC 4648, without padding.</summary>
    public static string Base32(ReadOnlySpan<byte> bytes)
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var text = new System.Text.StringBuilder((bytes.Length * 8 + 4) / 5);
        int held = 0, bits = 0;
        foreach (var one in bytes)
        {
            (held, bits) = (held << 8 | one, bits + 8);
            for (; bits >= 5; bits -= 5) text.Append(Letters[held >> bits - 5 & 31]);
            held &= (1 << bits) - 1;
        }
        if (bits > 0) text.Append(Letters[held << 5 - bits & 31]);
        return text.ToString();
    }
}
