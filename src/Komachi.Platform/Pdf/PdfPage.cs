using Komachi.Platform.Files;
using Komachi.Platform.Jobs;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Platform.Pdf;

/// <summary>A Razor component as a PDF to keep. Where none can be made, a page says so and what to do instead.</summary>
public sealed class PdfPage(Func<HttpContext, Task<byte[]>> print, string fileName) : IResult
{
    public PdfPage(Type page, object? parameters, string fileName, IReadOnlyDictionary<string, SheetPart>? pictures)
        : this(http => http.RequestServices.GetRequiredService<Press>().Print(page, parameters, http.Visit(), http.RequestServices, pictures, http.RequestAborted), fileName) { }

    public async Task ExecuteAsync(HttpContext http)
    {
        var (services, headers) = (http.RequestServices, http.Response.Headers);
        byte[] pdf;
        try
        {
            pdf = await print(http);
        }
        catch (PressTrouble)
        {
            var words = services.GetRequiredService<Words>();
            (headers.RetryAfter, headers.CacheControl) = ("60", "no-store");
            await Page.Show<ProblemPage>(new
            {
                Status = StatusCodes.Status503ServiceUnavailable, Title = words["The PDF cannot be made at the moment"],
                Advice = words["Nothing is lost. Go back and print the page with your browser, which can also keep it as a PDF; or try again in a few minutes."],
            }, StatusCodes.Status503ServiceUnavailable).ExecuteAsync(http);
            return;
        }
        headers.ContentDisposition = ReadFile.Disposition("attachment", fileName);
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (headers.CacheControl.Count == 0) headers.CacheControl = "private, no-store";
        (http.Response.ContentType, http.Response.ContentLength) = ("application/pdf", pdf.Length);
        await http.Response.Body.WriteAsync(pdf, http.RequestAborted);
    }
}

public static class PdfOfJob
{
    /// <summary>A Razor component as a PDF, made in a job: it sees the job's town as a page of that language would.</summary>
    public static Task<byte[]> Pdf<T>(this JobRun run, Lang lang, object? parameters = null, IReadOnlyDictionary<string, SheetPart>? pictures = null) where T : IComponent
    {
        var visit = new Visit();
        visit.Enter(run.Town, "/" + run.Town.Slug, lang, "/");
        return run.Services.GetRequiredService<Press>().Print(typeof(T), parameters, visit, new Desk(run.Services, visit, new(lang, run.Services.GetRequiredService<House>().Words)), pictures, run.Stop);
    }

    /// <summary>What pages ask of a request, where there is none.</summary>
    sealed class Desk(IServiceProvider services, Visit visit, Words words) : IServiceProvider
    {
        public object? GetService(Type type) => type == typeof(Visit) ? visit : type == typeof(Words) ? words : services.GetService(type);
    }
}
