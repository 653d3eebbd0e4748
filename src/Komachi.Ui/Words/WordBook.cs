using System.Collections.Frozen;
using System.Reflection;
using YamlDotNet.Serialization;

namespace Komachi.Ui.Words;

/// <summary>Every text of the house in every language, read once from the assemblies' <c>words.yaml</c>.</summary>
public sealed class WordBook
{
    readonly FrozenDictionary<string, FrozenDictionary<string, string>> _byLang;

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
                }
        _byLang = all.ToFrozenDictionary(l => l.Key, l => l.Value.ToFrozenDictionary());
    }

    public string? Find(string text, Lang lang) =>
        _byLang.TryGetValue(lang.Code, out var words) && words.TryGetValue(text, out var said) ? said : null;

    /// <summary>The texts of one assembly: English → language → text.</summary>
    public static IReadOnlyDictionary<string, Dictionary<string, string>> Read(Assembly assembly)
    {
        using var stream = assembly.GetManifestResourceStream("words.yaml");
        if (stream is null) return new Dictionary<string, Dictionary<string, string>>();
        using var reader = new StreamReader(stream);
        return new DeserializerBuilder().Build().Deserialize<Dictionary<string, Dictionary<string, string>>>(reader) ?? [];
    }
}
