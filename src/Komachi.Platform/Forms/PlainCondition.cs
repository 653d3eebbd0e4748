using System.Text.RegularExpressions;

namespace Komachi.Platform.Forms;

/// <summary>
/// A condition so plain that a script can look at it while somebody fills in the page: <c>kind = "a"</c>, <c>kind in ("a", "b")</c>, <c>moved</c>, <c>"dog" in pets</c>.
/// Everything else is looked at when the page is sent. On paper it says in words when something is to be filled in.
/// </summary>
public sealed partial record PlainCondition(string Field, IReadOnlyList<string> Values, bool Not = false)
{
    public static PlainCondition? Of(Expression? when, IReadOnlyList<CompiledField> above)
    {
        if (when is null || Written().Match(when.Text.Trim()) is not { Success: true } parts) return null;
        var (name, values, not) = (parts.Groups["field"].Value, Quoted().Matches(parts.Groups["values"].Value).Select(v => v.Groups[1].Value).ToArray(), parts.Groups["not"].Success);
        if (values.Any(v => v.Contains('|'))) return null;
        return (above.FirstOrDefault(f => f.Key == name)?.Field.Kind, values.Length) switch
        {
            ("yesno", 0) => new(name, [not == (parts.Groups["truth"].Value != "false") ? "no" : "yes"]),
            ("consent" or "declaration", 0) when !not && parts.Groups["truth"].Value != "false" => new(name, ["true"]),
            ("choice" or "select" or "choices", > 0) => new(name, values, not),
            _ => null,
        };
    }

    [GeneratedRegex("""^(?:(?<not>not )?(?<field>[a-z][A-Za-z0-9]*)|(?<field>[a-z][A-Za-z0-9]*) = (?<truth>true|false)|(?<field>[a-z][A-Za-z0-9]*) (?:=|(?<not>!=)|in) \(?(?<values>"[^"]*"(?:, ?"[^"]*")*)\)?|(?<values>"[^"]*") in (?<field>[a-z][A-Za-z0-9]*))$""")]
    private static partial Regex Written();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Quoted();
}
