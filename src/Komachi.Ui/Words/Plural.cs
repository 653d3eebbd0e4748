namespace Komachi.Ui.Words;

/// <summary>Which form of a sentence a whole number wants, by the tables of Unicode CLDR (plurals, cardinal).</summary>
public static class Plural
{
    public const string Other = "other";

    /// <summary>Every form that a language may ask for.</summary>
    public static readonly IReadOnlyList<string> Forms = ["zero", "one", "two", "few", "many", Other];

    /// <summary>zero, one, two, few, many or other. Japanese, Chinese, Vietnamese and their neighbours have one form for all numbers.</summary>
    public static string FormOf(Lang lang, long count)
    {
        var n = count == long.MinValue ? long.MaxValue : Math.Abs(count);
        return lang.Code switch
        {
            "en" or "ne" or "mn" or "ur" => n == 1 ? "one" : Other,
            "es" => n == 1 ? "one" : Millions(n) ? "many" : Other,
            "pt" or "fr" => n is 0 or 1 ? "one" : Millions(n) ? "many" : Other,
            "hi" or "bn" or "fa" or "si" => n is 0 or 1 ? "one" : Other,
            "fil" => n is 1 or 2 or 3 || n % 10 is not (4 or 6 or 9) ? "one" : Other,
            "ru" or "uk" => (n % 10, n % 100) switch { (1, not 11) => "one", ( >= 2 and <= 4, not (>= 12 and <= 14)) => "few", _ => "many" },
            "ar" => n switch { 0 => "zero", 1 => "one", 2 => "two", _ => (n % 100) switch { >= 3 and <= 10 => "few", >= 11 => "many", _ => Other } },
            _ => Other,
        };
    }

    /// <summary>What a translator into this language has to think of.</summary>
    public static IReadOnlyList<string> FormsOf(Lang lang) => [.. Forms.Where(form => Tried.Any(n => FormOf(lang, n) == form))];

    static readonly long[] Tried = [.. Enumerable.Range(0, 201), 1_000_000];

    static bool Millions(long n) => n != 0 && n % 1_000_000 == 0;
}
