using System.Globalization;
using Komachi.Ui.Words;

namespace Komachi.Sandbox;

/// <summary>
/// A sentence that is shown later, in the reader's language: the English text (the key of words.yaml) and what fills it, which may be such sentences again.
/// JSON and the console say it in English.
/// </summary>
public sealed record Remark(string Text, params object?[] Values)
{
    public string In(Words words) =>
        Values.Length == 0 ? words[Text] : words[Text, [.. Values.Select(v => v is Remark inner ? inner.In(words) : v)]];

    public override string ToString() =>
        Values.Length == 0 ? Text : string.Format(CultureInfo.InvariantCulture, Text, Values);
}
