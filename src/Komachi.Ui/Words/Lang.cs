namespace Komachi.Ui.Words;

/// <summary>A language that pages speak: how the URL, the HTML and a person name it.</summary>
public sealed record Lang(string Code, string Html, string OwnName)
{
    public static readonly Lang Japanese = new("ja", "ja", "日本語");
    public static readonly Lang English = new("en", "en", "English");

    /// <summary>やさしい日本語: short sentences, easy words.</summary>
    public static readonly Lang Plain = new("plain", "ja", "やさしい日本語");

    /// <summary>What we ship; a town adds others as files.</summary>
    public static readonly IReadOnlyList<Lang> Shipped = [Japanese, English, Plain];

    public static Lang? Find(ReadOnlySpan<char> code)
    {
        foreach (var lang in Shipped)
            if (code.SequenceEqual(lang.Code)) return lang;
        return null;
    }

    /// <summary>The segment in the URL: Japanese, the first language, has none.</summary>
    public string Segment => this == Japanese ? "" : "/" + Code;
}
