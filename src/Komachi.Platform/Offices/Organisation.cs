using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Komachi.Platform.Data;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Komachi.Platform.Offices;

/// <summary>
/// One row, touched by every change of departments and people. What a change was checked against (no circles, no two of a
/// code) is then still so when it is saved: of two changes at the same moment the second is told to look again.
/// </summary>
sealed class Organisation
{
    public int Id { get; private init; }
    public int Version { get; private set; }

    /// <summary>To be called before reading what the change is held against.</summary>
    public static async Task<Organisation> ToChange(TownDb db, CancellationToken stop = default) => await db.Set<Organisation>().SingleAsync(stop);

    public void Changed() => Version++;

    internal static void Map(ModelBuilder model) => model.Entity<Organisation>(e =>
    {
        e.ToTable("organisation");
        e.Property(o => o.Id).ValueGeneratedNever();
        e.Property(o => o.Version).IsConcurrencyToken();
    });
}

/// <summary>A period of days; the last day still counts, and none means for good.</summary>
interface IDated
{
    DateOnly FromOn { get; }
    DateOnly? UntilOn { get; }
}

static class Dated
{
    public static bool On(this IDated dated, DateOnly day) => dated.FromOn <= day && (dated.UntilOn is null || dated.UntilOn >= day);

    /// <summary>There is a day on which both are.</summary>
    public static bool Meets(this IDated dated, DateOnly from, DateOnly? until) =>
        (dated.UntilOn is null || (dated.UntilOn >= from && dated.UntilOn >= dated.FromOn)) && (until is null || (dated.FromOn <= until && from <= until));
}

/// <summary>A text in several languages as one <c>jsonb</c> column: { "ja": "…", "en": "…" }.</summary>
static class SaidInJson
{
    static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    public static PropertyBuilder<Said> InJson(this PropertyBuilder<Said> property) =>
        property.HasColumnType("jsonb").HasConversion(new Converter(), new Comparer());

    public static Said Read(string json) => JsonSerializer.Deserialize<Said>(json, Json)!;

    sealed class Converter() : ValueConverter<Said, string>(said => JsonSerializer.Serialize(said, Json), json => JsonSerializer.Deserialize<Said>(json, Json)!);

    sealed class Comparer() : ValueComparer<Said>((a, b) => Same(a, b), said => said.Count, said => Copy(said));

    internal static bool Same(Said? a, Said? b) =>
        ReferenceEquals(a, b) || a is not null && b is not null && a.Count == b.Count && a.All(text => b.TryGetValue(text.Key, out var other) && other == text.Value);

    static Said Copy(Said said)
    {
        var copy = new Said();
        foreach (var (lang, text) in said) copy[lang] = text;
        return copy;
    }
}
