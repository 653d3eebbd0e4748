using System.Text.RegularExpressions;

namespace Komachi.Sandbox.Mail;

/// <summary>Something that hangs on a mail.</summary>
public sealed record Attachment(int Part, string Name, string Type, byte[] Bytes);

/// <summary>
/// What a mail says (RFC 5322, 2045–2047, 2231), as far as it can be read. Nothing here throws: what is wrong is said
/// in <see cref="Remarks"/>, and the raw mail is always there.
/// </summary>
public sealed partial class MailContent
{
    const int Deepest = 20, MostParts = 500;

    public required MailHeaders Headers { get; init; }
    public string? Text { get; private set; }
    public string? Html { get; private set; }
    public List<Attachment> Attachments { get; } = [];
    public List<Remark> Remarks { get; } = [];

    int _parts;

    public static MailContent Read(byte[] raw)
    {
        var remarks = new List<Remark>();
        var headers = MailHeaders.Read(raw, out var body, remarks);
        var content = new MailContent { Headers = headers };
        content.Remarks.AddRange(remarks);
        content.Part(headers, raw.AsSpan(body), 0);
        return content;
    }

    void Part(MailHeaders headers, ReadOnlySpan<byte> body, int depth)
    {
        if (++_parts > MostParts) { if (_parts == MostParts + 1) Remarks.Add(new Remark("There are more than {0} parts; the others were not read", MostParts)); return; }
        var (type, parameters) = EncodedWords.Parameters(headers.Raw("Content-Type"));
        if (type.Length == 0) type = "text/plain";
        if (type.StartsWith("multipart/", StringComparison.Ordinal))
        {
            if (!parameters.TryGetValue("boundary", out var boundary) || boundary.Length == 0)
                Remarks.Add(new Remark("A mail of several parts does not say what parts them"));
            else if (depth >= Deepest)
                Remarks.Add(new Remark("Parts in parts in parts: deeper than {0} they were not read", Deepest));
            else
            {
                Parts(body, boundary, depth);
                return;
            }
            type = "text/plain";
        }
        var (disposition, dispositionParameters) = EncodedWords.Parameters(headers.Raw("Content-Disposition"));
        var name = dispositionParameters.GetValueOrDefault("filename") ?? parameters.GetValueOrDefault("name");
        var bytes = TransferEncodings.Decode(body, headers.Raw("Content-Transfer-Encoding"), Remarks);
        if (name is null && disposition != "attachment")
        {
            if (type == "text/plain")
            {
                var text = Charsets.Text(bytes, parameters.GetValueOrDefault("charset"), Remarks).ReplaceLineEndings("\n");
                Text = Text is null ? text : Text + "\n\n" + text;
                return;
            }
            if (type == "text/html" && Html is null)
            {
                Html = Charsets.Text(bytes, parameters.GetValueOrDefault("charset"), Remarks).ReplaceLineEndings("\n");
                return;
            }
        }
        var number = Attachments.Count + 1;
        Attachments.Add(new Attachment(number, Path.GetFileName(name ?? (type == "message/rfc822" ? $"{number}.eml" : $"{number}.bin")), type, bytes));
    }

    void Parts(ReadOnlySpan<byte> body, string boundary, int depth)
    {
        var delimiter = System.Text.Encoding.Latin1.GetBytes("--" + boundary);
        var start = -1;
        var at = 0;
        while (at < body.Length)
        {
            var lineStart = at;
            var line = MailLines.Next(body, ref at);
            if (!line.StartsWith(delimiter)) continue;
            var rest = line[delimiter.Length..].TrimEnd(" \t"u8);
            var last = rest.SequenceEqual("--"u8);
            if (!rest.IsEmpty && !last) continue;
            if (start >= 0) One(body[start..BeforeBreak(body, lineStart, start)], depth);
            if (last) return;
            start = at;
        }
        Remarks.Add(start < 0
            ? new Remark("A mail of several parts has none")
            : new Remark("A mail of several parts does not end: something may be missing"));
        if (start >= 0) One(body[start..], depth);
    }

    void One(ReadOnlySpan<byte> part, int depth)
    {
        // A part may have no header at all: then it begins with the empty line.
        var headers = MailHeaders.Read(part, out var body, Remarks);
        Part(headers, part[body..], depth + 1);
    }

    /// <summary>The line break before a delimiter belongs to the delimiter.</summary>
    static int BeforeBreak(ReadOnlySpan<byte> body, int at, int start)
    {
        if (at > start && body[at - 1] == '\n') at--;
        if (at > start && body[at - 1] == '\r') at--;
        return at;
    }

    /// <summary>Where the HTML part leads, so that a person can go there although the part itself is shown in a cage.</summary>
    public IReadOnlyList<string> Links() =>
        Html is null ? [] : [.. Href().Matches(Html).Select(m => System.Net.WebUtility.HtmlDecode(m.Groups[1].Value)).Where(IsWeb).Distinct().Take(50)];

    /// <summary>The text in pieces: what is a web address, and what is not.</summary>
    public static IEnumerable<(string Piece, bool IsLink)> Linked(string text)
    {
        var at = 0;
        foreach (Match match in Address().Matches(text))
        {
            if (match.Index > at) yield return (text[at..match.Index], false);
            yield return (match.Value, IsWeb(match.Value));
            at = match.Index + match.Length;
        }
        if (at < text.Length) yield return (text[at..], false);
    }

    static bool IsWeb(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

    [GeneratedRegex("""\bhref\s*=\s*["']([^"'<>]{1,2000})["']""", RegexOptions.IgnoreCase)]
    private static partial Regex Href();

    // Not into the brackets, quotes and full stops around it, nor into Japanese text that follows without a space.
    [GeneratedRegex("""https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]{0,2000}[A-Za-z0-9/\-_~=&#%]""", RegexOptions.IgnoreCase)]
    private static partial Regex Address();
}
