using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Komachi.Platform.Data;

/// <summary>
/// A number that people read out on the telephone: nine digits and a check digit, 123-456-7890.
/// The nine digits are a counter sent through a keyed permutation, so that numbers never collide and tell nobody
/// how many there were. The check digit is Damm's: it catches every single wrong digit and every swap of neighbours.
/// </summary>
public readonly record struct ReceiptNumber
{
    const long Size = 1_000_000_000;

    static readonly byte[,] Damm =
    {
        { 0, 3, 1, 7, 5, 9, 8, 6, 4, 2 }, { 7, 0, 9, 2, 1, 5, 4, 8, 6, 3 }, { 4, 2, 0, 6, 8, 7, 1, 3, 5, 9 },
        { 1, 7, 5, 0, 9, 8, 3, 4, 2, 6 }, { 6, 1, 2, 3, 0, 4, 5, 9, 7, 8 }, { 3, 6, 7, 4, 2, 0, 9, 5, 8, 1 },
        { 5, 8, 6, 9, 7, 2, 0, 1, 3, 4 }, { 8, 9, 4, 5, 3, 6, 2, 0, 1, 7 }, { 9, 4, 3, 8, 6, 1, 7, 2, 0, 5 },
        { 2, 5, 8, 1, 4, 3, 6, 7, 9, 0 },
    };

    readonly string? _digits;

    ReceiptNumber(string digits) => _digits = digits;

    /// <summary>The ten digits, as they are stored.</summary>
    public string Digits => _digits ?? "";

    public override string ToString() => _digits is null ? "" : $"{_digits[..3]}-{_digits[3..6]}-{_digits[6..]}";

    /// <summary>The number of the n-th receipt under a town's key.</summary>
    public static ReceiptNumber Of(long n, ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(n, Size);
        // A Feistel network over 2 × 15 bits permutes 0…2^30-1; walking on until the value falls below 10^9
        // makes it a permutation of 0…10^9-1.
        do n = Permute(n, key); while (n >= Size);
        var nine = n.ToString("D9", CultureInfo.InvariantCulture);
        return new(nine + (char)('0' + Check(nine)));
    }

    /// <summary>Reads what a person typed: spaces, hyphens and full-width digits are welcome.</summary>
    public static bool TryParse(string? typed, out ReceiptNumber number)
    {
        number = default;
        Span<char> digits = stackalloc char[10];
        var length = 0;
        foreach (var c in typed ?? "")
        {
            if (c is ' ' or '\u3000' or '-' or '－' or 'ー' or '−') continue;
            var digit = c is >= '０' and <= '９' ? (char)(c - '０' + '0') : c;
            if (!char.IsAsciiDigit(digit) || length == 10) return false;
            digits[length++] = digit;
        }
        if (length != 10 || Check(digits) != 0) return false;
        number = new(new string(digits));
        return true;
    }

    static int Check(ReadOnlySpan<char> digits)
    {
        var interim = 0;
        foreach (var d in digits) interim = Damm[interim, d - '0'];
        return interim;
    }

    static long Permute(long n, ReadOnlySpan<byte> key)
    {
        long left = n >> 15, right = n & 0x7fff;
        Span<byte> message = stackalloc byte[12];
        Span<byte> hash = stackalloc byte[32];
        for (var round = 0; round < 6; round++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(message, round);
            BinaryPrimitives.WriteInt64LittleEndian(message[4..], right);
            HMACSHA256.HashData(key, message, hash);
            (left, right) = (right, left ^ (BinaryPrimitives.ReadUInt16LittleEndian(hash) & 0x7fff));
        }
        return left << 15 | right;
    }
}
