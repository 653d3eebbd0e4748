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

    /// <summary>In that language; where it was not said in it, in Japanese: the plain one for who reads a further language.</summary>
    public string In(Lang lang) => TryGetValue(LangOf(lang).Code, out var said) ? said : "";

    /// <summary>The language in which <see cref="In"/> answers.</summary>
    public Lang LangOf(Lang lang) => Has(lang) ? lang : lang.IsFurther && Has(Lang.Plain) ? Lang.Plain : Lang.Japanese;

    bool Has(Lang lang) => TryGetValue(lang.Code, out var said) && said.Length > 0;
}
