using System.Security.Cryptography;
using System.Text;

namespace Komachi.Platform.People;

/// <summary>
/// Passwords that were leaked or are common everywhere (some 400,000, of SecLists), and Japanese names in Latin letters: asked here, of a table
/// that is part of the program, so that no password goes anywhere. Each word is five bytes of its hash (src/Komachi.Ui/passwords.mjs), two
/// megabytes in all, sorted.
/// </summary>
static class KnownPasswords
{
    const int Bytes = 5, ShortestWord = 4, ShortestName = 3;

    static readonly Lazy<byte[]> Table = new(() =>
    {
        using var stream = typeof(KnownPasswords).Assembly.GetManifestResourceStream("known-passwords")!;
        var table = new byte[stream.Length];
        stream.ReadExactly(table);
        return table;
    });

    public static int Count => Table.Value.Length / Bytes;

    /// <summary>As attackers try: the whole; a known word with fewer than <paramref name="toGuess"/> digits and signs about it; a word again and again; a name and a surname; and each with 0 for o and @ for a.</summary>
    public static bool Tells(string plain, int toGuess)
    {
        if (Has("word", plain) || Has("word", Letters(plain))) return true;
        foreach (var stem in new[] { plain.TrimEnd(NoLetters), plain.Trim(NoLetters) })
            if (plain.Length - stem.Length < toGuess)
                foreach (var word in new[] { stem, Letters(stem) })
                    if (IsKnown(Repeated(word)) || IsTwoNames(word)) return true;
        return false;
    }

    static readonly char[] NoLetters = [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => !char.IsAsciiLetter(c))];

    static bool IsKnown(string word) => word.Length >= ShortestWord && Has("word", word);

    /// <summary>The part of which it is made by saying it again.</summary>
    static string Repeated(string word)
    {
        for (var part = 1; part <= word.Length / 2; part++)
            if (word.Length % part == 0 && word.AsSpan(part).SequenceEqual(word.AsSpan(0, word.Length - part))) return word[..part];
        return word;
    }

    static bool IsTwoNames(string word)
    {
        var letters = string.Concat(word.Where(char.IsAsciiLetter));
        for (var at = ShortestName; at <= letters.Length - ShortestName && letters.Length <= 40; at++)
            if (Has("name", letters[..at]) && Has("name", letters[at..])) return true;
        return false;
    }

    static string Letters(string text) => string.Concat(text.Select(c => c switch { '0' => 'o', '1' or '!' => 'i', '3' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' => 't', _ => c }));

    static bool Has(string kind, string word)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{kind} {word}"), hash);
        var sought = hash[..Bytes];
        for (int low = 0, high = Count - 1; low <= high;)
        {
            var middle = (low + high) / 2;
            var order = sought.SequenceCompareTo(Table.Value.AsSpan(middle * Bytes, Bytes));
            if (order == 0) return true;
            if (order < 0) high = middle - 1;
            else low = middle + 1;
        }
        return false;
    }
}
