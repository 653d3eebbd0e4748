using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Komachi.Announcements;

/// <summary>A text in several languages as one <c>jsonb</c> column: { "ja": "…", "en": "…" }.</summary>
internal static class SaidInJson
{
    static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    public static PropertyBuilder<Said> InJson(this PropertyBuilder<Said> property) =>
        property.HasColumnType("jsonb").HasConversion(new Converter(), new Comparer());

    sealed class Converter() : ValueConverter<Said, string>(
        said => JsonSerializer.Serialize(said, Json),
        json => JsonSerializer.Deserialize<Said>(json, Json)!);

    sealed class Comparer() : ValueComparer<Said>(
        (a, b) => Same(a, b),
        said => said.Count,
        said => Copy(said));

    static bool Same(Said? a, Said? b) =>
        ReferenceEquals(a, b) || a is not null && b is not null && a.Count == b.Count && a.All(text => b.TryGetValue(text.Key, out var other) && other == text.Value);

    static Said Copy(Said said)
    {
        var copy = new Said();
        foreach (var (lang, text) in said) copy[lang] = text;
        return copy;
    }
}
