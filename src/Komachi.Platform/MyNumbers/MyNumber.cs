using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Komachi.Platform.MyNumbers;

/// <summary>
/// Somebody's Individual Number (個人番号), in memory. It says itself nowhere: not as text, not as JSON, not in a debugger. Only
/// <see cref="MyNumberSafe"/> keeps it, and only this folder reads its digits.
/// </summary>
[JsonConverter(typeof(NeverInJson)), DebuggerDisplay("••••")]
public readonly struct MyNumber : IEquatable<MyNumber>
{
    public const int Length = 12;
    public const string Masked = "•••• •••• ••••";

    readonly string? _digits;

    MyNumber(string digits) => _digits = digits;

    internal string Digits => _digits ?? throw new InvalidOperationException("There is no number in it.");

    /// <summary>Twelve digits of any width, with blanks and hyphens wherever somebody puts them, whose last one fits the others.</summary>
    public static bool TryRead(string typed, out MyNumber number)
    {
        number = default;
        if (typed.Length > 60) return false;
        Span<char> digits = stackalloc char[Length];
        var count = 0;
        foreach (var c in typed.Normalize(NormalizationForm.FormKC))
        {
            if (char.IsWhiteSpace(c) || c is '-' or '‐' or '‑' or '‒' or '–' or '—' or '―' or '−' or 'ー') continue;
            if (!char.IsAsciiDigit(c) || count == Length) return false;
            digits[count++] = c;
        }
        if (count < Length || CheckDigitOf(digits[..11]) != digits[11] - '0') return false;
        number = new(new string(digits));
        return true;
    }

    /// <summary>平成26年総務省令第85号第5条: weights 6 5 4 3 2 7 6 5 4 3 2 from the left, eleven minus the rest of eleven.</summary>
    public static int CheckDigitOf(ReadOnlySpan<char> eleven)
    {
        var sum = 0;
        for (var i = 0; i < 11; i++) sum += (eleven[i] - '0') * (i < 5 ? 6 - i : 12 - i);
        return sum % 11 is var rest && rest <= 1 ? 0 : 11 - rest;
    }

    public override string ToString() => Masked;

    public bool Equals(MyNumber other) => _digits == other._digits;
    public override bool Equals(object? other) => other is MyNumber number && Equals(number);

    /// <summary>Of what is not there: a hash of twelve digits can be turned back by trying them all.</summary>
    public override int GetHashCode() => 0;

    sealed class NeverInJson : JsonConverter<MyNumber>
    {
        public override MyNumber Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException("An Individual Number is never read from JSON.");
        public override void Write(Utf8JsonWriter writer, MyNumber number, JsonSerializerOptions options) => throw new NotSupportedException("An Individual Number is never written as JSON.");
    }
}
