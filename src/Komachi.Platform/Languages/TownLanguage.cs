using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Komachi.Platform.Languages;

/// <summary>A language that the town added. Its words are kept as they were brought, also those that fit no text (any more): the page lists them.</summary>
sealed class TownLanguage
{
    TownLanguage() { }

    public string Code { get; private init; } = "";

    /// <summary>Shown in the switch of languages, and reached by its address.</summary>
    public bool IsOn { get; private set; }
    public Dictionary<string, string> Words { get; private set; } = [];
    public DateTimeOffset ChangedAt { get; private set; }
    public int Version { get; private set; }

    public Lang Lang => Lang.FindFurther(Code)!;

    public static TownLanguage Add(Lang lang, DateTimeOffset now) => new() { Code = lang.Code, ChangedAt = now, Version = 1 };

    public void Switch(bool on, DateTimeOffset now) => (IsOn, ChangedAt, Version) = (on, now, Version + 1);

    /// <summary>What is brought takes the place of what was said for the same text; what is not in it stays. False where nothing changes.</summary>
    public bool Bring(IReadOnlyDictionary<string, string> words, DateTimeOffset now)
    {
        var all = new Dictionary<string, string>(Words);
        foreach (var (text, said) in words)
            if (said.Length == 0) all.Remove(text);
            else all[text] = said;
        if (Same(all, Words)) return false;
        (Words, ChangedAt, Version) = (all, now, Version + 1);
        return true;
    }

    static bool Same(Dictionary<string, string>? a, Dictionary<string, string>? b) =>
        ReferenceEquals(a, b) || a is not null && b is not null && a.Count == b.Count && a.All(w => b.TryGetValue(w.Key, out var other) && other == w.Value);

    static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    internal static void Map(ModelBuilder model) => model.Entity<TownLanguage>(e =>
    {
        e.ToTable("languages");
        e.HasKey(l => l.Code);
        e.Ignore(l => l.Lang);
        e.Property(l => l.Version).IsConcurrencyToken();
        e.Property(l => l.Words).HasColumnType("jsonb").HasConversion(
            new ValueConverter<Dictionary<string, string>, string>(words => JsonSerializer.Serialize(words, Json), json => JsonSerializer.Deserialize<Dictionary<string, string>>(json, Json)!),
            new ValueComparer<Dictionary<string, string>>((a, b) => Same(a, b), words => words.Count, words => new(words)));
    });
}
