using System.Globalization;

namespace Komachi.Ui.Words;

/// <summary>
/// The words of one page in its language: <c>@T["Send"]</c>. The English text is the key, so a page reads
/// as what it says; <c>words.yaml</c> beside the pages holds the Japanese and the plain Japanese.
/// Where one English text has two meanings, <c>"Open|verb"</c> tells them apart: what follows the bar is never shown.
/// </summary>
/// <param name="own">What the town itself brings for this language; what is missing there is said in plain Japanese, then in Japanese.</param>
public sealed class Words(Lang lang, WordBook book, IReadOnlyDictionary<string, string>? own = null)
{
    public Lang Lang => lang;

    /// <summary>Whether readings of kanji are shown: who reads may switch them off.</summary>
    public bool Readings { get; init; } = true;

    /// <summary>For what is no page (mails, feeds, files): without readings of kanji.</summary>
    public Words Bare => new(lang, book, own) { Readings = Readings, IsBare = true };

    bool IsBare { get; init; }

    public string this[string text] => IsBare ? Furigana.Bare(Find(text) ?? Shown(text)) : Find(text) ?? Shown(text);

    /// <summary>A sentence with values. Where the first is a number, the sentence has the form that the number wants, as with <see cref="Count"/>.</summary>
    public string this[string text, params object?[] values] => string.Format(CultureInfo.InvariantCulture, values switch
    {
        [int count, ..] => InForm(text, count),
        [long count, ..] => InForm(text, count),
        _ => this[text],
    }, values);

    /// <summary>
    /// A sentence with a count, in the form that the number wants in this language: <c>T.Count("{0} files", 1)</c> says "1 file", and 1200 are "1,200 files".
    /// The key is the form for many; <c>words.yaml</c> gives the others (<c>en: { one: "{0} file" }</c>). The count is the first value.
    /// </summary>
    public string Count(string text, long count, params object?[] values) =>
        string.Format(CultureInfo.InvariantCulture, InForm(text, count), [count.ToString("#,0", CultureInfo.InvariantCulture), .. values]);

    string InForm(string text, long count)
    {
        var form = Plural.FormOf(lang, count);
        var sentence = form == Plural.Other ? null : own?.GetValueOrDefault(WordBook.KeyOf(text, form)) ?? book.FindForm(text, lang, form);
        return sentence is null ? this[text] : IsBare ? Furigana.Bare(sentence) : sentence;
    }

    /// <summary>A person's name as one speaks to them: 見本 花子 様, 見本 花子さん; other languages have no word for it.</summary>
    public string Polite(string name) => this["{0}|polite", name];

    /// <summary>How a letter to them begins.</summary>
    public string Dear(string name) => this["Dear {0},|letter", name];

    string? Find(string text) => own?.GetValueOrDefault(text) ?? book.Find(text, lang) ?? (lang.IsFurther ? book.Find(text, Lang.Plain) ?? book.Find(text, Lang.Japanese) : null);

    internal static string Shown(string text)
    {
        var bar = text.IndexOf('|');
        return bar < 0 ? text : text[..bar];
    }
}
