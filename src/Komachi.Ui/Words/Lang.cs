namespace Komachi.Ui.Words;

/// <summary>A language that pages speak: how the URL, the HTML and a person name it.</summary>
public sealed record Lang(string Code, string Html, string OwnName, bool RightToLeft = false)
{
    public static readonly Lang Japanese = new("ja", "ja", "日本語");
    public static readonly Lang English = new("en", "en", "English");

    /// <summary>やさしい日本語: short sentences, easy words.</summary>
    public static readonly Lang Plain = new("plain", "ja", "やさしい日本語");

    /// <summary>What we ship; a town adds others as files.</summary>
    public static readonly IReadOnlyList<Lang> Shipped = [Japanese, English, Plain];

    /// <summary>What a town can add: a language needs its name, its direction and the rules of its numbers (<see cref="Plural"/>), so the list is ours.</summary>
    public static readonly IReadOnlyList<Lang> Further =
    [
        new("pt", "pt-BR", "Português"), new("vi", "vi", "Tiếng Việt"), new("zh", "zh-Hans", "简体中文"), new("zh-hant", "zh-Hant", "繁體中文"), new("ko", "ko", "한국어"), new("fil", "fil", "Filipino"),
        new("ne", "ne", "नेपाली"), new("es", "es", "Español"), new("id", "id", "Bahasa Indonesia"), new("my", "my", "မြန်မာ"), new("th", "th", "ไทย"), new("km", "km", "ខ្មែរ"), new("si", "si", "සිංහල"), new("bn", "bn", "বাংলা"),
        new("hi", "hi", "हिन्दी"), new("mn", "mn", "Монгол"), new("ru", "ru", "Русский"), new("uk", "uk", "Українська"), new("fr", "fr", "Français"),
        new("ar", "ar", "العربية", RightToLeft: true), new("fa", "fa", "فارسی", RightToLeft: true), new("ur", "ur", "اردو", RightToLeft: true),
    ];

    /// <summary>One that we ship.</summary>
    public static Lang? Find(ReadOnlySpan<char> code) => In(Shipped, code);

    /// <summary>One that a town may have added.</summary>
    public static Lang? FindFurther(ReadOnlySpan<char> code) => In(Further, code);

    static Lang? In(IReadOnlyList<Lang> some, ReadOnlySpan<char> code)
    {
        for (var i = 0; i < some.Count; i++)
            if (code.SequenceEqual(some[i].Code)) return some[i];
        return null;
    }

    /// <summary>Not one of ours: not everything may be said in it.</summary>
    public bool IsFurther => Code is not ("ja" or "en" or "plain");

    /// <summary>The language for what the program says by itself, like counts and ages: a town brings sentences, and no grammar.</summary>
    public Lang Ours => IsFurther ? Plain : this;

    /// <summary>The segment in the URL: Japanese, the first language, has none.</summary>
    public string Segment => this == Japanese ? "" : "/" + Code;
}
