namespace Komachi.Platform.Towns;

/// <summary>全国地方公共団体コード: five digits of a town and a check digit.</summary>
public static class TownCode
{
    public static bool IsValid(string? code) =>
        code is { Length: 6 } && code.All(char.IsAsciiDigit) && CheckDigit(code) == code[5] - '0';

    internal static int CheckDigit(ReadOnlySpan<char> code)
    {
        var sum = 0;
        for (var i = 0; i < 5; i++) sum += (code[i] - '0') * (6 - i);
        return (11 - sum % 11) % 10;
    }
}
