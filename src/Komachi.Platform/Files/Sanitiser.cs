using System.Net;
using System.Net.Http.Headers;

namespace Komachi.Platform.Files;

/// <summary>
/// 無害化: another system takes a file and gives back one that is harmless, before anybody in the office opens it. It is asked by
/// <c>POST</c> with the bytes and their type, no name; it answers 200 with the cleaned file of the same type, or 422 where it can make none.
/// </summary>
sealed class Sanitiser(FileSettings settings) : IDisposable
{
    readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = TimeSpan.FromMinutes(3) };

    public bool IsThere => settings.Sanitiser is not null;

    public enum Outcome { Cleaned, Refused, NotNow }

    /// <summary>Gives the cleaned bytes to <paramref name="take"/> as they come.</summary>
    public async Task<Outcome> Clean(Stream content, FileType type, Guid once, Func<Stream, Task> take, CancellationToken stop)
    {
        try
        {
            using var ask = new HttpRequestMessage(HttpMethod.Post, settings.Sanitiser) { Content = new StreamContent(content, SealedParts.Chunk) };
            ask.Content.Headers.ContentType = new MediaTypeHeaderValue(type.Mime);
            ask.Content.Headers.ContentLength = content.Length;
            if (settings.SanitiserToken is { } token) ask.Headers.Authorization = new("Bearer", token);
            ask.Headers.Add("Idempotency-Key", once.ToString("N"));
            using var answer = await _http.SendAsync(ask, HttpCompletionOption.ResponseHeadersRead, stop);
            if (answer.StatusCode == HttpStatusCode.UnprocessableEntity) return Outcome.Refused;
            if (answer.StatusCode != HttpStatusCode.OK) return Outcome.NotNow;
            await using var cleaned = await answer.Content.ReadAsStreamAsync(stop);
            await take(cleaned);
            return Outcome.Cleaned;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return Outcome.NotNow;
        }
    }

    public void Dispose() => _http.Dispose();
}
