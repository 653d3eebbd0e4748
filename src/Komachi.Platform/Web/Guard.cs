using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Komachi.Platform.Web;

/// <summary>
/// Stands before everything: gives the request its number and every answer its headers, and makes of whatever went wrong an
/// answer that a person can use. Nothing that a client sends becomes a 500.
/// </summary>
sealed class Guard(RequestDelegate next, Refusals refusals, ILogger<Guard> log, ILoggerFactory logs, WebOptions options)
{
    // Scripts and styles are files of our own: no inline code, no nonce, nothing from anywhere else.
    const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'";

    const long MostBytes = 32 * 1024 * 1024;

    readonly ForwardedHeadersMiddleware? _proxies = options.TrustedProxies.Count == 0 ? null : new(next, logs, Options.Create(Believed(options)));

    public async Task Invoke(HttpContext http)
    {
        var canBeRead = CameBy(http);
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
            if (canBeRead) await next(http);
            else http.Response.StatusCode = StatusCodes.Status400BadRequest;
        }
        catch (AlreadyDone done)
        {
            HeldKeys.GiveAgain(http, visit, done, options.Time.GetUtcNow());
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
        if (http.Response.StatusCode == StatusCodes.Status403Forbidden && visit.Visitor is not null) refusals.Note(visit, Refusals.NoRight, Refusals.PlaceOf(http));
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

    /// <summary>
    /// From where, by which scheme and under which host it came, as a proxy that we trust says (its own entry, the last one; what
    /// stands before it anybody may have written). False for a host that cannot be read: a name in letters of the world is written in a code of
    /// its own, and whoever reads a broken one throws.
    /// </summary>
    bool CameBy(HttpContext http)
    {
        try
        {
            _proxies?.ApplyForwarders(http);
            _ = http.Request.Host;
            return true;
        }
        catch (ArgumentException)
        {
            http.Request.Headers.Host = "";
            return false;
        }
    }

    static ForwardedHeadersOptions Believed(WebOptions options)
    {
        var believed = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost, ForwardLimit = 1 };
        believed.KnownIPNetworks.Clear();
        believed.KnownProxies.Clear();
        foreach (var network in options.TrustedProxies) believed.KnownIPNetworks.Add(network);
        return believed;
    }

    static void SetHeaders(HttpContext http, Visit visit)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self), payment=()";
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
