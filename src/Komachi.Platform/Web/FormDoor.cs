using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Komachi.Platform.Web;

/// <summary>
/// Reads the form of every post to a page, before anything else looks at it: what is too large, in another charset or not a
/// form is answered here, and what no text should hold (NUL, controls, lone surrogates, marks that turn the direction of
/// writing) is taken out, of a query too. Then the token is checked: a form whose token is wrong never reaches a handler.
/// </summary>
sealed class FormDoor(RequestDelegate next, IAntiforgery antiforgery, House house, Audit.Refusals refusals)
{
    const long MostBytes = 1024 * 1024, MostOfAForm = 256 * MostBytes;

    static readonly object Key = new();
    static readonly FormOptions Limits = new()
    {
        ValueCountLimit = 2000,
        KeyLengthLimit = 200,
        ValueLengthLimit = (int)MostBytes,
        MultipartBodyLengthLimit = MostBytes,
        MultipartHeadersCountLimit = 16,
        MultipartHeadersLengthLimit = 4096,
        BufferBody = false,
    };

    public static Form FormOf(HttpContext http) => http.Items.TryGetValue(Key, out var form) ? (Form)form! : Form.Empty;

    public async Task Invoke(HttpContext http)
    {
        var about = http.GetEndpoint()?.Metadata;
        var isPage = about?.GetMetadata<EndpointPlace>() is { Side: not Side.Api } || about?.GetMetadata<Operator.OperatorPlace>() is not null;
        if (http.Request.QueryString.HasValue) CleanQuery(http.Request);
        if (http.GetEndpoint()?.Metadata.GetMetadata<Transfer>() is { } transfer)
        {
            var no = await Pass(http, transfer);
            if (no == 0) await next(http);
            else http.Response.StatusCode = no;
            return;
        }
        if (!isPage || HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method))
        {
            await next(http);
            return;
        }
        var status = await Read(http);
        if (status == 0 && !await antiforgery.IsRequestValidAsync(http))
        {
            var refused = WrongToken(http);
            if (about?.GetMetadata<TypedStays>() is not null && IsOfOurPage(http.Request)) FormOf(http).IsStale = true;
            else status = refused;
        }
        if (status == 0) await next(http);
        else http.Response.StatusCode = status;
    }

    /// <summary>A file: as large as the largest kind may be, never read whole here, and never without the token. 0, or the status that says why not.</summary>
    async Task<int> Pass(HttpContext http, Transfer transfer)
    {
        var request = http.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)) return 0;
        // A form that is too large is read on and thrown away: a browser that is still sending would hear no answer.
        var most = transfer == Transfer.Form ? Math.Max(4 * _mostOfAFile, MostOfAForm) : _mostOfAFile + MostBytes;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = Math.Max(most, size.MaxRequestBodySize ?? 0);    // never less than what Guard lets be thrown away
        if (transfer == Transfer.Form)
            try
            {
                request.Headers.Remove(Transfer.TokenHeader);
                if (await SentFile.Read(http) is not { } sent) return StatusCodes.Status400BadRequest;
                request.Headers[Transfer.TokenHeader] = sent[Transfer.TokenField];
            }
            catch (BadHttpRequestException e)
            {
                return e.StatusCode;
            }
            catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException or FormatException)
            {
                return StatusCodes.Status400BadRequest;
            }
        // Asked only with a header there: without one the check would read the body for a form's field.
        return request.Headers[Transfer.TokenHeader].ToString().Length > 0 && await antiforgery.IsRequestValidAsync(http) ? 0 : WrongToken(http);
    }

    /// <summary>Sent by another site, or from a page that is older than the session: which of them it was is seen by how often it happens.</summary>
    int WrongToken(HttpContext http)
    {
        refusals.Note(http.Visit(), Audit.Refusals.WrongToken, Audit.Refusals.PlaceOf(http));
        return StatusCodes.Status400BadRequest;
    }

    /// <summary>What another site's page sent is never shown as if somebody had typed it here.</summary>
    static bool IsOfOurPage(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" && (request.Headers.Origin.ToString() is not { Length: > 0 } origin || origin == $"{request.Scheme}://{request.Host}");

    readonly long _mostOfAFile = house.All<Files.OfferedFileKind>().Select(o => o.Kind.MostBytes).DefaultIfEmpty().Max();

    /// <summary>0, or the status that says why not.</summary>
    static async Task<int> Read(HttpContext http)
    {
        var request = http.Request;
        if (request.ContentLength > MostBytes) return StatusCodes.Status413PayloadTooLarge;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = MostBytes;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !IsForm(type) || !IsUtf8(type)) return StatusCodes.Status415UnsupportedMediaType;
        try
        {
            var feature = new FormFeature(request, Limits);
            var read = await feature.ReadFormAsync(http.RequestAborted);
            if (read.Files.Count > 0) return StatusCodes.Status400BadRequest;    // files have an endpoint of their own
            var clean = new Dictionary<string, StringValues>(read.Count);
            foreach (var (name, values) in read)
            {
                var key = Clean(name);    // two names may be one when they are clean
                clean[key] = clean.TryGetValue(key, out var before) ? StringValues.Concat(before, Clean(values)) : Clean(values);
            }
            http.Features.Set<IFormFeature>(new FormFeature(new FormCollection(clean)));
            http.Items[Key] = new Form(clean);
            return 0;
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode;
        }
        catch (InvalidDataException)
        {
            return StatusCodes.Status413PayloadTooLarge;    // too many fields, or one too long
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException or FormatException)
        {
            return StatusCodes.Status400BadRequest;
        }
    }

    /// <summary>What stands behind the question mark is typed as well, in a search for one.</summary>
    static void CleanQuery(HttpRequest request)
    {
        var asked = request.Query;
        if (asked.All(q => ReferenceEquals(Clean(q.Key), q.Key) && q.Value.All(v => v is null || ReferenceEquals(Clean(v), v)))) return;
        request.Query = new QueryCollection(asked.GroupBy(q => Clean(q.Key), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(g => g.Key, g => new StringValues(g.SelectMany(q => q.Value).Select(v => Clean(v ?? "")).ToArray()), StringComparer.OrdinalIgnoreCase));
    }

    static bool IsForm(MediaTypeHeaderValue type) =>
        type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) ||
        type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);

    static bool IsUtf8(MediaTypeHeaderValue type) =>
        !type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase);

    static StringValues Clean(StringValues values)
    {
        for (var i = 0; i < values.Count; i++)
            if (!ReferenceEquals(Clean(values[i]!), values[i]))
                return new(values.Select(v => Clean(v ?? "")).ToArray());
        return values;
    }

    // NUL and other controls, CR (lines end with LF), marks of direction, non-characters.
    static readonly SearchValues<char> Suspect = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(c => c is not ('\n' or '\t')).Select(c => (char)c),
            .. Enumerable.Range(0x7f, 0x21).Select(c => (char)c), .. "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufffe\uffff",
            .. Enumerable.Range(0xd800, 0x800).Select(c => (char)c)]);

    internal static string Clean(string text)
    {
        if (!text.AsSpan().ContainsAny(Suspect)) return text;
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\r')
            {
                if (i + 1 == text.Length || text[i + 1] != '\n') clean.Append('\n');
            }
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                clean.Append(c).Append(text[++i]);
            }
            else if (char.IsSurrogate(c)) clean.Append('\ufffd');
            else if (!Suspect.Contains(c)) clean.Append(c);
        }
        return clean.ToString();
    }
}
