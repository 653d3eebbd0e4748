using Komachi.Platform.Pdf;
using Komachi.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Platform.Web;

/// <summary>A Razor component as an endpoint's answer: <c>Page.Show&lt;BookSlotPage&gt;(new { Slot = slot })</c>.</summary>
public static class Page
{
    public static HtmlPage Show<T>(object? parameters = null, int status = StatusCodes.Status200OK) where T : IComponent => new(typeof(T), parameters, status);

    /// <summary>
    /// A component that draws a whole document, best in <see cref="Paper"/>, as a PDF to keep under this name. What it shows beside the house's style
    /// sheets is given: a picture's address, like <c>emblem.png</c>, and its bytes.
    /// </summary>
    public static PdfPage Pdf<T>(object? parameters, string fileName, IReadOnlyDictionary<string, SheetPart>? pictures = null) where T : IComponent => new(typeof(T), parameters, fileName, pictures);

    /// <summary>A PDF that is put together of several: what prints it throws <see cref="PressTrouble"/> where none can be made.</summary>
    public static PdfPage Pdf(Func<HttpContext, Task<byte[]>> print, string fileName) => new(print, fileName);

    /// <summary>A component as the bytes of a PDF, to be put together with others or kept for a while.</summary>
    public static Task<byte[]> Print<T>(HttpContext http, object? parameters = null) where T : IComponent =>
        http.RequestServices.GetRequiredService<Press>().Print(typeof(T), parameters, http.Visit(), http.RequestServices, null, http.RequestAborted);

    /// <summary>After a post: look at it there.</summary>
    public static IResult Go(Visit visit, string path) => Results.Redirect(InHeader(visit.Link(path)));

    /// <summary>A header takes ASCII alone: what else stands in an address is escaped, what is escaped stays.</summary>
    static string InHeader(string address) => address.All(char.IsAscii) && !address.Any(char.IsControl) && !address.Contains(' ')
        ? address : string.Concat(address.EnumerateRunes().Select(r => r.Value is > 0x20 and < 0x7f ? r.ToString() : Uri.EscapeDataString(r.ToString())));

    public static IResult NotFound => Results.StatusCode(StatusCodes.Status404NotFound);
    public static IResult Conflict => Results.StatusCode(StatusCodes.Status409Conflict);
}
