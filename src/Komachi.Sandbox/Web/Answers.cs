using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Net.Http.Headers;

namespace Komachi.Sandbox.Web;

/// <summary>JSON in and out. What cannot be read is answered with a sentence, <c>{"error":"…"}</c>.</summary>
static class Answers
{
    static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        // Japanese stays readable; the type is application/json and is never sniffed.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        MaxDepth = 16,
    };

    public static IResult Json(object value, int status = 200) => Results.Json(value, Options, statusCode: status);

    public static IResult Wrong(string sentence, int status = 400) => Json(new { error = sentence }, status);

    public static async Task<(T? Value, IResult? No)> Body<T>(HttpContext http) where T : class
    {
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            return (null, Wrong("Send it as application/json.", 415));
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(http.Request.Body, Options, http.RequestAborted) is { } value
                ? (value, null)
                : (null, Wrong("Send an object, not null."));
        }
        catch (JsonException e)
        {
            var where = e.Path is null or "$" ? "" : $" (at {e.Path})";
            return (null, Wrong($"That JSON cannot be read{where}: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}."));
        }
    }
}
