using Komachi.Platform.Data;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Komachi.Platform.Web;

/// <summary>
/// Stands before everything: gives the request its number and every answer its headers, and makes of whatever went wrong an
/// answer that a person can use. Nothing that a client sends becomes a 500.
/// </summary>
sealed class Guard(RequestDelegate next, ILogger<Guard> log)
{
    // Scripts and styles are files of our own: no inline code, no nonce, nothing from anywhere else.
    const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'";

    const long MostBytes = 32 * 1024 * 1024;

    public async Task Invoke(HttpContext http)
    {
        var visit = http.Visit();
        visit.RequestId = Guid.CreateVersion7().ToString("N")[8..];
        visit.CameFrom(http.Connection.RemoteIpAddress);
        SetHeaders(http, visit);
        // A body that nobody will read is read to its end after the answer (by the server, for a few seconds): a browser whose
        // connection is cut while it still sends shows no answer at all. FormDoor has its own, smaller limit for what it reads.
        if (http.Request.ContentLength > 0 && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = MostBytes;
        // Whoever asks for the head of a page gets what GET would say; the server leaves the body out.
        if (HttpMethods.IsHead(http.Request.Method)) http.Request.Method = HttpMethods.Get;
        try
        {
            if (HostCanBeRead(http.Request)) await next(http);
            else http.Response.StatusCode = StatusCodes.Status400BadRequest;
        }
        catch (AlreadyDone done)
        {
            http.Response.Redirect(done.Location);
        }
        catch (Exception e) when (!http.Response.HasStarted && StatusOf(e, http) is { } status)
        {
            if (status >= 500) log.LogError("{RequestId} {Method} {Endpoint} failed: {Error}\n{Stack}", visit.RequestId, http.Request.Method, http.GetEndpoint()?.DisplayName, e.GetType().Name, e.StackTrace);
            if (http.RequestAborted.IsCancellationRequested) return;
            http.Response.StatusCode = status;
            // Of the page that did not come there may be a beginning; the one that says so has its own.
            http.Response.Headers.Clear();
            SetHeaders(http, visit);
            if (status == 503) http.Response.Headers.RetryAfter = "10";
        }
        if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
            try
            {
                await Problem.Show(http);
            }
            catch (Exception e) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
            {
                // The page that says so failed too: then at least the number, so that it can be found in the log.
                log.LogError("{RequestId} has no page: {Error}\n{Stack}", visit.RequestId, e.GetType().Name, e.StackTrace);
                (http.Response.ContentType, http.Response.ContentLength) = ("text/plain; charset=utf-8", null);
                await http.Response.WriteAsync($"{http.Response.StatusCode} {visit.RequestId}");
            }
    }

    /// <summary>A host name in letters of the world is written in a code of its own, and whoever reads a broken one throws.</summary>
    static bool HostCanBeRead(HttpRequest request)
    {
        try
        {
            _ = request.Host;
            return true;
        }
        catch (ArgumentException)
        {
            request.Headers.Host = "";
            return false;
        }
    }

    static void SetHeaders(HttpContext http, Visit visit)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["X-Request-Id"] = visit.RequestId;
        if (http.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000";
    }

    // The message of an exception may hold what a person typed, so the log gets its type and place alone.
    static int? StatusOf(Exception e, HttpContext http) => e switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        Files.FileStoreTrouble or Pdf.PressTrouble => 503,
        OperationCanceledException when http.RequestAborted.IsCancellationRequested => 499,
        DbUpdateConcurrencyException => 409,
        DbUpdateException { InnerException: PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation or PostgresErrorCodes.ExclusionViolation or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected } } => 409,
        // Text that no database holds (NUL, half a pair) came in by an address: forms are cleaned, addresses are refused.
        PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter } => 400,
        // Connections, resources, an operator at work, the system below: it is the moment that is wrong, not the request.
        PostgresException { SqlState: ['0', '8', ..] or ['5', '3' or '7' or '8', ..] or "3D000" or "25006" or "55000" } => 503,
        PostgresException => 500,
        NpgsqlException or TimeoutException => 503,
        { InnerException: { } inner } => StatusOf(inner, http),
        _ => 500,
    };
}
