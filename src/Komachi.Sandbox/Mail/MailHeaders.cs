using System.Text;

namespace Komachi.Sandbox.Mail;

/// <summary>The header of a mail or of one part of it: unfolded, in order, with encoded words still as they came.</summary>
public sealed class MailHeaders
{
    const int Most = 1_000, MostBytes = 256 * 1024;

    readonly List<(string Name, string Value)> _fields = [];

    public IReadOnlyList<(string Name, string Value)> Fields => _fields;

    /// <summary>As it came.</summary>
    public string? Raw(string name)
    {
        foreach (var (n, value) in _fields)
            if (n.Equals(name, StringComparison.OrdinalIgnoreCase)) return value;
        return null;
    }

    /// <summary>As a person reads it: encoded words decoded.</summary>
    public string? Text(string name) => Raw(name) is { } raw ? EncodedWords.Decode(raw) : null;

    /// <summary>Reads up to the empty line; the body begins at <paramref name="body"/>. What is no header is remarked on and passed over.</summary>
    public static MailHeaders Read(ReadOnlySpan<byte> bytes, out int body, List<Remark>? remarks)
    {
        var headers = new MailHeaders();
        string? name = null;
        var value = new StringBuilder();
        var at = 0;
        body = bytes.Length;
        var ended = false;
        while (at < bytes.Length)
        {
            var line = MailLines.Next(bytes, ref at);
            if (line.IsEmpty) { body = at; ended = true; break; }
            if (at > MostBytes || headers._fields.Count >= Most)
            {
                // The body still begins at the first empty line.
                continue;
            }
            if (line[0] is (byte)' ' or (byte)'\t')
            {
                if (name is null) Remark(remarks, "A header begins with a blank");
                else value.Append(Charsets.Header(line));
                continue;
            }
            Keep(headers, ref name, value);
            var colon = line.IndexOf((byte)':');
            if (colon <= 0 || !IsName(line[..colon]))
            {
                Remark(remarks, "A line in the header is no header: {0}", Charsets.Header(line[..Math.Min(line.Length, 60)]));
                continue;
            }
            name = Encoding.ASCII.GetString(line[..colon]).TrimEnd();
            value.Append(Charsets.Header(line[(colon + 1)..]));
        }
        Keep(headers, ref name, value);
        if (!ended) Remark(remarks, "No empty line parts the header from the body");
        if (headers._fields.Count >= Most || (ended && body > MostBytes)) Remark(remarks, "The header is so long that only its beginning was read");
        return headers;
    }

    static void Keep(MailHeaders headers, ref string? name, StringBuilder value)
    {
        if (name is not null) headers._fields.Add((name, value.ToString().Trim()));
        name = null;
        value.Clear();
    }

    static bool IsName(ReadOnlySpan<byte> name)
    {
        foreach (var c in name.TrimEnd((byte)' '))
            if (c is <= 32 or >= 127) return false;
        return true;
    }

    static void Remark(List<Remark>? remarks, string text, params object?[] values)
    {
        if (remarks is { Count: < 20 }) remarks.Add(new Remark(text, values));
    }
}

/// <summary>Lines of a mail; a lone LF ends one too, for what a careless program wrote.</summary>
static class MailLines
{
    public static ReadOnlySpan<byte> Next(ReadOnlySpan<byte> bytes, ref int at)
    {
        var rest = bytes[at..];
        var lf = rest.IndexOf((byte)'\n');
        if (lf < 0) { at = bytes.Length; return rest; }
        at += lf + 1;
        return lf > 0 && rest[lf - 1] == '\r' ? rest[..(lf - 1)] : rest[..lf];
    }
}
