using System.Globalization;
using System.Text.RegularExpressions;
using Komachi.Platform.Days;

namespace Komachi.Platform.Web;

/// <summary>Numbers and money as people write them: １，２３４, 1,234.5, 二十, 1万2千円, ▲3.</summary>
public sealed partial class Form
{
    /// <summary>A whole number that has to be there.</summary>
    public int Number(string name, int least, int most)
    {
        if (ReadNumber(Typed(name)) is { } number && number >= least && number <= most && decimal.Truncate(number) == number) return (int)number;
        Wrongly(name, "Please write a number from {0} to {1}.", least, most);
        return least;
    }

    /// <summary>A number with at most so many places after the point. The unit may be typed with it: 65.5㎡.</summary>
    public decimal? Decimal(string name, decimal least, decimal most, int places = 0, bool required = false, string? unit = null)
    {
        if (Line(name, 100, required, "Please write a number.") is not { } typed) return null;
        if (ReadNumber(typed, unit) is not { } number) Wrongly(name, "Please write a number, like {0}.", places == 0 ? "12" : "12.5");
        else if (number < least || number > most) Wrongly(name, "Please write a number from {0} to {1}.", least, most);
        else if (decimal.Round(number, places) != number && places == 0) Wrongly(name, "Please write a whole number.");
        else if (decimal.Round(number, places) != number) Wrongly(name, "Please write at most {0} digits after the point.", places);
        else return number;
        return null;
    }

    /// <summary>Whole yen: 12,000, １２０００円, ¥12,000, 1万2千, 壱万円.</summary>
    public Data.Yen? Yen(string name, bool required = false, long least = 0, long most = 999_999_999_999)
    {
        if (Line(name, 100, required, "Please write an amount in yen.") is not { } typed) return null;
        if (ReadYen(typed) is not { } yen) Wrongly(name, "Please write an amount in yen, like 12,000.");
        else if (yen < least || yen > most) Wrongly(name, "Please write an amount from {0} to {1} yen.", NumbersInWords.Grouped(least), NumbersInWords.Grouped(most));
        else return new(yen);
        return null;
    }

    internal static decimal? ReadNumber(string typed, string? unit = null)
    {
        var text = Folded.Signs(typed);
        if (unit is not null && text.EndsWith(Folded.Signs(unit), StringComparison.Ordinal)) text = text[..^Folded.Signs(unit).Length];
        text = text.Replace(" ", "").Replace('。', '.').Replace('、', ',');
        var below = text.Length > 0 && text[0] is '-' or '△' or '▲';
        if (below) text = text[1..];
        decimal? number = Western().IsMatch(text) && decimal.TryParse(text.Replace(",", ""), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var read) ? read : NumbersInWords.ReadKanji(text);
        return below ? -number : number;
    }

    internal static long? ReadYen(string typed)
    {
        var text = Folded.Signs(typed).Replace(" ", "").Replace('、', ',');
        var below = text.Length > 0 && text[0] is '-' or '△' or '▲';
        if (below) text = text[1..];
        text = Around().Replace(text, "");
        var sum = Western().IsMatch(text) && decimal.TryParse(text.Replace(",", ""), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var plain) ? plain : Mixed(text) ?? NumbersInWords.ReadKanji(text);
        return sum is { } yen && decimal.Truncate(yen) == yen && yen < 1_000_000_000_000_000 ? (long)(below ? -yen : yen) : null;
    }

    /// <summary>3億2,000万, 1.5万, 1万2千: digits, and words for the large steps.</summary>
    static decimal? Mixed(string text)
    {
        var parts = Steps().Match(text);
        if (!parts.Success || text.Length == 0) return null;
        var sum = 0m;
        foreach (var (step, worth) in new[] { ("oku", 100_000_000m), ("man", 10_000m), ("sen", 1_000m), ("one", 1m) })
            if (parts.Groups[step] is { Success: true, Value: var digits })
                sum += decimal.Parse(digits.Replace(",", ""), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * worth;
        return sum;
    }

    // Grouped by three as everywhere, or by four as in Japanese.
    [GeneratedRegex(@"^(?:[0-9]{1,18}|[0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,4}(?:,[0-9]{4}){1,4})(?:\.[0-9]{1,9})?$")]
    private static partial Regex Western();

    [GeneratedRegex(@"^(?:(?<oku>[0-9,]{1,7}(?:\.[0-9]{1,4})?)億)?(?:(?<man>[0-9,]{1,7}(?:\.[0-9]{1,4})?)万)?(?:(?<sen>[0-9]{1,3}(?:\.[0-9])?)千)?(?<one>[0-9]{1,4}|[0-9],[0-9]{3})?$")]
    private static partial Regex Steps();

    [GeneratedRegex(@"^(?:金|[¥\\])+|(?:円|えん|yen|JPY)?(?:也|なり)?\.?-?$", RegexOptions.IgnoreCase)]
    private static partial Regex Around();
}
