using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Komachi.Platform.OpenId.Jose;

/// <summary>
/// JSON and base64url as the signatures' standards want them: one reading only. Of two members with one name each reader
/// takes another, and a text with two encodings is two texts to whoever compares; neither is read at all.
/// </summary>
static class StrictJson
{
    static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);
    static readonly JsonDocumentOptions Options = new() { MaxDepth = 12, AllowDuplicateProperties = false, AllowTrailingCommas = false, CommentHandling = JsonCommentHandling.Disallow };

    /// <summary>The object that it is; null when it is anything else.</summary>
    public static JsonElement? Object(ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(Utf8.GetString(bytes), Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return null;
            var read = document.RootElement.Clone();
            CheckTexts(read);
            return read;
        }
        // The last: an escape that is half a pair.
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    static void CheckTexts(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String: element.GetString(); break;
            case JsonValueKind.Array:
                foreach (var one in element.EnumerateArray()) CheckTexts(one);
                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    CheckTexts(member.Value);
                }
                break;
        }
    }

    public static string? Text(this JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A text, or a list of texts; anything else is empty.</summary>
    public static IReadOnlyList<string> Texts(this JsonElement from, string name) => !from.TryGetProperty(name, out var value) ? [] : value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array when value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) => value.EnumerateArray().Select(v => v.GetString()!).ToArray(),
        _ => [],
    };

    /// <summary>Seconds since 1970, as tokens write moments; whole or with a fraction, within any sensible century.</summary>
    public static DateTimeOffset? Moment(this JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 32_503_680_000
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;

    /// <summary>base64url without padding, spaces or stray bits (RFC 7515, 2): null for anything else.</summary>
    public static byte[]? Base64(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) return null;
        if (text.Length % 4 == 1) return null;
        try
        {
            var bytes = Base64Url.DecodeFromChars(text);
            return text.SequenceEqual(Base64Url.EncodeToString(bytes)) ? bytes : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
