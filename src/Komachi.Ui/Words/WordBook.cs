using System.Collections.Frozen;
using System.Reflection;
using YamlDotNet.Serialization;

namespace Komachi.Ui.Words;

/// <summary>Every text of the house in every language, read once from the assemblies' <c>words.yaml</c>.</summary>
public sealed class WordBook
{
    readonly FrozenDictionary<string, FrozenDictionary<string, string>> _byLang;
    readonly OrderedDictionary<string, bool> _texts = [];

    /// <summary>Two assemblies may translate the same text only in the same way.</summary>
    public WordBook(IEnumerable<Assembly> assemblies)
    {
        var all = new Dictionary<string, Dictionary<string, string>>();
        foreach (var assembly in assemblies)
            foreach (var (text, translations) in Read(assembly))
                foreach (var (lang, said) in translations)
                {
                    if (!all.TryGetValue(lang, out var words)) all[lang] = words = [];
                    if (words.TryGetValue(text, out var before) && before != said)
                        throw new InvalidOperationException($"\"{text}\" is both \"{before}\" and \"{said}\" in {lang}: tell them apart with \"{text}|…\".");
                    words[text] = said;
                    if (lang == Lang.Japanese.Code) _texts.TryAdd(text, true);
                }
        _byLang = all.ToFrozenDictionary(l => l.Key, l => l.Value.ToFrozenDictionary());
    }

    public string? Find(string text, Lang lang) =>
        _byLang.TryGetValue(lang.Code, out var words) && words.TryGetValue(text, out var said) ? said : null;

    /// <summary>The sentence for numbers of this form ("one", "few", …), where it differs.</summary>
    public string? FindForm(string text, Lang lang, string form) =>
        _byLang.TryGetValue(KeyOf(lang.Code, form), out var words) && words.TryGetValue(text, out var said) ? said : null;

    /// <summary>Every text that can be translated, as they stand in the files: what belongs together stands together.</summary>
    public IReadOnlyCollection<string> Texts => _texts.Keys;

    /// <summary>Texts that are said with a count: they want a form for each kind of number that a language knows.</summary>
    public bool Counts(string text) => _byLang.TryGetValue(KeyOf(Lang.English.Code, "one"), out var counted) && counted.ContainsKey(text);

    /// <summary>How a form of a text is named beside the text itself.</summary>
    public static string KeyOf(string text, string form) => form == Plural.Other ? text : text + "#" + form;

    /// <summary>The texts of one assembly: English → language → text; a form for certain numbers stands under "en#one".</summary>
    public static IReadOnlyDictionary<string, Dictionary<string, string>> Read(Assembly assembly)
    {
        using var stream = assembly.GetManifestResourceStream("words.yaml");
        if (stream is null) return new Dictionary<string, Dictionary<string, string>>();
        using var reader = new StreamReader(stream);
        var read = new DeserializerBuilder().Build().Deserialize<Dictionary<string, Dictionary<string, object>>>(reader) ?? [];
        return read.ToDictionary(entry => entry.Key, entry => entry.Value.SelectMany(said => Forms(said.Key, said.Value)).ToDictionary());
    }

    /// <summary>One text, or one for each form.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Forms(string key, object? said) => said switch
    {
        string text => [new(key, text)],
        IEnumerable<KeyValuePair<object, object>> forms => forms.Select(form => KeyValuePair.Create(KeyOf(key, form.Key as string ?? ""), form.Value as string ?? "")),
        _ => [new(key, "")],
    };
}
