using System.Text.Encodings.Web;
using System.Text.Unicode;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Komachi.Sandbox.Web;

/// <summary>What every request passes: language, security headers, a sentence for whatever goes wrong, proof that a post is our own page's.</summary>
static class Door
{
    // No page needs more; the part of a mail that is HTML is shown under a stricter one of its own.
    const string Policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; "
        + "frame-src 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static void AddPages(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        // Japanese stays as it is in the HTML.
        services.AddSingleton(HtmlEncoder.Create(UnicodeRanges.All));
        services.AddSingleton<Assets>();
        services.AddSingleton(new WordBook([typeof(Door).Assembly, typeof(Words).Assembly]));
        services.AddScoped<Here>();
        services.AddScoped(s => new Words(s.GetRequiredService<Here>().Lang, s.GetRequiredService<WordBook>()));
    }

    /// <summary>Before routing: it takes the language off the path.</summary>
    public static void UseDoor(this WebApplication app) => app.Use(async (http, next) =>
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        headers.CacheControl = "no-store";

        var here = http.RequestServices.GetRequiredService<Here>();
        var english = Lang.English.Segment;
        if (http.Request.Path.StartsWithSegments(english, StringComparison.Ordinal, out var rest))
        {
            here.Lang = Lang.English;
            http.Request.PathBase = http.Request.PathBase.Add(english);
            http.Request.Path = rest.HasValue ? rest : "/";
        }
        here.Path = http.Request.Path.ToUriComponent();
        here.Query = http.Request.QueryString.ToUriComponent();
        await Answered(http, next);
    });

    static async Task Answered(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            await Say(http, e.StatusCode, e.StatusCode == 413 ? TooLarge(http) : new Remark("What was sent cannot be read: {0}", e.Message));
            return;
        }
        catch (Exception e) when (!http.Response.HasStarted && e is NotSupportedException or InvalidDataException)
        {
            // Forms in character sets that nobody may use, and the like: the reader throws these.
            await Say(http, 400, new Remark("What was sent cannot be read: {0}", e.Message));
            return;
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Komachi.Sandbox").LogError(e, "{Method} {Path} failed", http.Request.Method, http.Request.Path);
            await Say(http, 500, new Remark("The Sandbox itself made a mistake here; its console says more."));
            return;
        }
        var response = http.Response;
        if (response.HasStarted || response.StatusCode < 400 || response.ContentType is not null || http.RequestAborted.IsCancellationRequested) return;
        await Say(http, response.StatusCode, response.StatusCode switch
        {
            404 => new Remark("There is nothing at this address."),
            405 => new Remark("This address does not take {0}.", http.Request.Method),
            415 => new Remark("This address does not take what was sent in that format."),
            _ => new Remark("This was not possible ({0}).", response.StatusCode),
        });
    }

    /// <summary>After routing, before endpoints: the body is not too large, its text is UTF-8, and no other site's page sent it.</summary>
    public static void UseProof(this WebApplication app) => app.Use(async (http, next) =>
    {
        var request = http.Request;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false, MaxRequestBodySize: { } most } limit)
        {
            http.Items[MostBytes] = most;
            limit.MaxRequestBodySize = Math.Max(most, 256 * 1024 * 1024);
            request.Body = new BoundedBody(request.Body, most);
            if (request.ContentLength > most)
            {
                await Say(http, 413, TooLarge(http));
                return;
            }
        }
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            && HeaderUtilities.RemoveQuotes(type.Charset) is var charset && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            await Say(http, 415, new Remark("Send text as UTF-8."));
            return;
        }
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method) && !IsOwn(request))
        {
            await Say(http, 403, new Remark("This was sent by another site's page, so nothing was done."));
            return;
        }
        await next(http);
    });

    /// <summary>
    /// Browsers say where a request comes from and pages cannot lie about it; programs say nothing and need no protection.
    /// There is no session that another site could use: what is protected is the demo that somebody is looking at.
    /// </summary>
    static bool IsOwn(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0 && site is not ("same-origin" or "none")) return false;
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }

    static readonly object MostBytes = new();

    static Remark TooLarge(HttpContext http) => new("That is too large: at most {0} bytes are taken here.", http.Items[MostBytes]);

    static Task Say(HttpContext http, int status, Remark what)
    {
        http.Response.StatusCode = status;
        var answer = http.Request.Path.StartsWithSegments("/api")
            ? Answers.Wrong(what.ToString(), status)
            : Page.Show<WrongPage>(new { What = what }, status);
        return answer.ExecuteAsync(http);
    }
}
