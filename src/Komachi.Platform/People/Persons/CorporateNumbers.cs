namespace Komachi.Platform.People;

/// <summary>法人番号: thirteen digits, the first of which checks the others (法人番号の指定等に関する省令, 2条).</summary>
public static class CorporateNumbers
{
    /// <summary>The digits, typed in whatever width, or null if it is none.</summary>
    public static string? Read(string typed)
    {
        var digits = string.Concat(typed.Normalize(System.Text.NormalizationForm.FormKC).Where(c => c is not (' ' or '-' or '‐' or 'ー')));
        return digits.Length == 13 && digits.All(char.IsAsciiDigit) && digits[0] - '0' == CheckDigit(digits[1..]) ? digits : null;
    }

    static int CheckDigit(string twelve)
    {
        var sum = 0;
        for (var n = 1; n <= 12; n++) sum += (twelve[^n] - '0') * (n % 2 == 1 ? 1 : 2);
        return 9 - sum % 9;
    }
}
