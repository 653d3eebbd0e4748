using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Komachi.Platform.Data;

/// <summary>A value that stands in one column as it is: answers of a form, stages, days.</summary>
public static class JsonColumn
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    public static PropertyBuilder<T> AsJson<T>(this PropertyBuilder<T> property, string type = "jsonb") where T : class? =>
        property.HasColumnType(type).HasConversion(new ValueConverter<T, string>(value => Write(value), text => Read<T>(text)),
            new ValueComparer<T>((a, b) => Write(a) == Write(b), value => Write(value).GetHashCode(StringComparison.Ordinal), value => Read<T>(Write(value))));

    static string Write<T>(T value) => JsonSerializer.Serialize(value, Json);

    static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Json)!;
}
