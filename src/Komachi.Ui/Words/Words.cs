using System.Globalization;

namespace Komachi.Ui.Words;

/// <summary>
/// The words of one page in its language: <c>@T["Send"]</c>. The English text is the key, so a page reads
/// as what it says; <c>words.yaml</c> beside the pages holds the Japanese and the plain Japanese.
/// Where one English text has two meanings, <c>"Open|verb"</c> tells them apart: what follows the bar is never shown.
/// </summary>
public sealed class Words(Lang lang, WordBook book)
{
    public Lang Lang => lang;

    public string this[string text] => book.Find(text, lang) ?? Shown(text);

    public string this[string text, params object?[] values] =>
        string.Format(CultureInfo.InvariantCulture, this[text], values);

    internal static string Shown(string text)
    {
        var bar = text.IndexOf('|');
        return bar < 0 ? text : text[..bar];
    }
}
