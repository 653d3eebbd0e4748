using Komachi.Ui.Words;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Platform.Web;

/// <summary>What a person, or a program, is told when there is no page: what happened, what was kept, what to do.</summary>
static class Problem
{
    public static async Task Show(HttpContext http)
    {
        var status = http.Response.StatusCode;
        var visit = http.Visit();
        var words = visit.WordsOf(http.RequestServices.GetRequiredService<House>());
        if (http.Request.Path.StartsWithSegments("/api") || !TakesHtml(http.Request))
        {
            await Results.Problem(statusCode: status, title: words.Bare[TitleOf(status)], detail: words.Bare[AdviceOf(status)],
                extensions: new Dictionary<string, object?> { ["requestId"] = visit.RequestId }).ExecuteAsync(http);
            return;
        }
        http.Response.Headers.CacheControl = "no-store";
        await Page.Show<ProblemPage>(new { Status = status, Title = words[TitleOf(status)], Advice = words[AdviceOf(status)] }, status).ExecuteAsync(http);
    }

    static bool TakesHtml(HttpRequest request)
    {
        var accept = request.Headers.Accept.ToString();
        return accept.Length == 0 || accept.Contains("text/html", StringComparison.OrdinalIgnoreCase) || accept.Contains("*/*", StringComparison.Ordinal);
    }

    internal static string TitleOf(int status) => status switch
    {
        400 => "We could not read what was sent",
        401 => "Please sign in",
        403 => "This page is not for your account",
        404 => "There is no such page",
        405 => "This address does not take that",
        409 => "Someone else changed this in the meantime",
        413 => "What was sent is too large",
        415 => "We could not read what was sent",
        422 => "Some answers need another look",
        429 => "That was very often in a short time",
        503 => "We will be back soon",
        >= 500 => "Something went wrong on our side",
        _ => "We could not read what was sent",
    };

    internal static string AdviceOf(int status) => status switch
    {
        400 or 415 => "Go back, load the page again and send it once more. If you had been signed out, sign in first; your browser usually keeps what you wrote.",
        401 => "Sign in, then open the page again.",
        403 => "Ask your office for the permission, or sign in with another account.",
        404 => "It may have moved, or the address may have a mistake. The search on the first page may find it.",
        405 => "Go back to the first page and start from there.",
        409 => "Nothing of yours was lost or half saved. Go back, load the page again and look at what changed before you send.",
        413 => "Go back, shorten the text or choose a smaller file, and send again. Nothing was saved.",
        422 => "Go back and look at the answers that are marked.",
        429 => "Please wait a minute and try again. Nothing is wrong with your account.",
        503 => "The town's pages are being looked after. What you sent a moment ago was not saved; please try again in a few minutes.",
        >= 500 => "It is not your mistake, and we have been told. Please try again in a few minutes, or ask the office and give the number below.",
        _ => "Go back to the first page and start from there.",
    };
}
