using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Komachi.Platform.Web;

/// <summary>
/// This endpoint moves a file, so its body is no form that is read whole: <see cref="FormDoor"/> lets the bytes through as they come.
/// The token is asked for all the same: in the header where a script sends, or in the fields before the file where a form does.
/// </summary>
public sealed class Transfer
{
    /// <summary>A script sends: the token is in the header.</summary>
    internal static readonly Transfer Script = new();

    /// <summary>A page without scripts sends <c>multipart/form-data</c>: the fields first, then one file.</summary>
    public static readonly Transfer Form = new();

    Transfer() { }

    internal const string TokenHeader = "RequestVerificationToken", TokenField = "_token";
}

/// <summary>One file on its way, with the fields that came before it. Its bytes have not been read yet.</summary>
public sealed class SentFile
{
    const int MostFields = 20, MostFieldBytes = 8 * 1024;

    static readonly object Key = new();
    readonly Dictionary<string, string> _fields = [];

    public string this[string field] => _fields.GetValueOrDefault(field, "");

    /// <summary>Empty when nothing was chosen.</summary>
    public string Name { get; private set; } = "";
    internal Stream Body { get; private set; } = Stream.Null;

    /// <summary>The key with which this very form is sent once.</summary>
    public Guid? Once => Guid.TryParse(this["_once"], out var key) ? key : null;

    public static ValueTask<SentFile> BindAsync(HttpContext http, ParameterInfo _) => ValueTask.FromResult(Of(http)!);

    internal static SentFile? Of(HttpContext http) => http.Items.TryGetValue(Key, out var sent) ? (SentFile)sent! : null;

    /// <summary>A small file whole, or one byte more of it than may be, so that it is seen to be too large; null where it was cut on its way.</summary>
    public async Task<byte[]?> Whole(int most, CancellationToken stop)
    {
        var bytes = new byte[most + 1];
        try
        {
            return bytes[..await Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, stop)];
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Reads up to the file; null when this is no such form.</summary>
    internal static async Task<SentFile?> Read(HttpContext http)
    {
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)) return null;
        if (HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= 200 } boundary) return null;
        var sent = new SentFile();
        var reader = new MultipartReader(boundary, http.Request.Body) { HeadersCountLimit = 16, HeadersLengthLimit = 4096, BodyLengthLimit = null };
        while (await reader.ReadNextSectionAsync(http.RequestAborted) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var about) || !about.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase)) return null;
            if (about.FileName.HasValue || about.FileNameStar.HasValue)
            {
                var name = about.FileNameStar.HasValue ? about.FileNameStar : HeaderUtilities.RemoveQuotes(about.FileName);
                // Browsers escape what would end the quotation.
                (sent.Name, sent.Body) = (name.ToString().Replace("%22", "\"", StringComparison.Ordinal), section.Body);
                break;
            }
            if (sent._fields.Count == MostFields) return null;
            var text = new byte[MostFieldBytes];
            var length = await section.Body.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, http.RequestAborted);
            if (length == text.Length) return null;
            sent._fields[HeaderUtilities.RemoveQuotes(about.Name).ToString()] = FormDoor.Clean(Encoding.UTF8.GetString(text, 0, length));
        }
        http.Items[Key] = sent;
        return sent;
    }
}
