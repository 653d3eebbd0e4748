namespace Komachi.Ui.Words;

/// <summary>One text in several languages, by language code; Japanese always stands.</summary>
public sealed class Said : Dictionary<string, string>
{
    public Said() : base(StringComparer.Ordinal) { }

    public Said(string ja, string? en = null, string? plain = null) : this()
    {
        this["ja"] = ja;
        if (en is not null) this["en"] = en;
        if (plain is not null) this["plain"] = plain;
    }

    /// <summary>In that language, or in Japanese where it was not said.</summary>
    public string In(Lang lang) =>
        TryGetValue(lang.Code, out var said) && said.Length > 0 ? said : TryGetValue("ja", out var japanese) ? japanese : "";

    /// <summary>The language in which <see cref="In"/> answers: the reader's, or Japanese.</summary>
    public Lang LangOf(Lang lang) => ContainsKey(lang.Code) && this[lang.Code].Length > 0 ? lang : Lang.Japanese;
}
