using System.Text;

namespace Komachi.Sandbox.Mail;

/// <summary>Encoded words in headers, <c>=?charset?B|Q?text?=</c> (RFC 2047), and parameters in pieces and languages (RFC 2231).</summary>
static class EncodedWords
{
    public static string Decode(string value)
    {
        if (!value.Contains("=?", StringComparison.Ordinal)) return value;
        var said = new StringBuilder();
        // Bytes of neighbouring words of one charset are joined before they become text:
        // careless programs cut a character in two.
        var bytes = new List<byte>();
        Encoding? charset = null;
        var at = 0;
        while (at < value.Length)
        {
            if (Word(value, at, out var encoding, out var decoded, out var end))
            {
                if (charset is not null && charset != encoding) Flush();
                charset = encoding;
                bytes.AddRange(decoded);
                at = end;
                // Blanks between two encoded words are only folding.
                var next = at;
                while (next < value.Length && value[next] is ' ' or '\t') next++;
                if (next > at && Word(value, next, out _, out _, out _)) at = next;
                continue;
            }
            Flush();
            said.Append(value[at++]);
        }
        Flush();
        return said.ToString();

        void Flush()
        {
            if (charset is not null) said.Append(charset.GetString([.. bytes]));
            bytes.Clear();
            charset = null;
        }
    }

    static bool Word(string value, int at, out Encoding encoding, out byte[] decoded, out int end)
    {
        encoding = Encoding.UTF8;
        decoded = [];
        end = at;
        if (string.CompareOrdinal(value, at, "=?", 0, 2) != 0) return false;
        var first = value.IndexOf('?', at + 2);
        if (first < 0 || first + 2 >= value.Length || value[first + 2] != '?') return false;
        var close = value.IndexOf("?=", first + 3, StringComparison.Ordinal);
        if (close < 0) return false;
        var name = value[(at + 2)..first];
        var star = name.IndexOf('*');
        if (star >= 0) name = name[..star];
        if (name.Equals("us-ascii", StringComparison.OrdinalIgnoreCase)) encoding = Encoding.UTF8;
        else if (Charsets.Find(name) is { } found) encoding = found;
        else return false;
        var text = value[(first + 3)..close];
        if (text.Contains(' ')) return false;
        switch (value[first + 1])
        {
            case 'B' or 'b': decoded = TransferEncodings.Base64(Encoding.Latin1.GetBytes(text), null); break;
            case 'Q' or 'q': decoded = TransferEncodings.QuotedPrintable(Encoding.Latin1.GetBytes(text.Replace('_', ' ')), null); break;
            default: return false;
        }
        end = close + 2;
        return true;
    }

    /// <summary><c>text/plain; charset=utf-8; name*0*=utf-8''…</c> → the value and its parameters.</summary>
    public static (string Value, Dictionary<string, string> Parameters) Parameters(string? header)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (header is null) return ("", parameters);
        var pieces = Split(header);
        var extended = new Dictionary<string, SortedDictionary<int, (string Value, bool Encoded)>>(StringComparer.OrdinalIgnoreCase);
        foreach (var piece in pieces.Skip(1))
        {
            var equals = piece.IndexOf('=');
            if (equals <= 0) continue;
            var name = piece[..equals].Trim();
            var value = Unquote(piece[(equals + 1)..].Trim());
            var star = name.IndexOf('*');
            if (star < 0) { parameters.TryAdd(name, Decode(value)); continue; }
            var encoded = name.EndsWith('*');
            var middle = name[(star + 1)..].TrimEnd('*');
            var order = int.TryParse(middle, out var n) && n is >= 0 and < 1_000 ? n : 0;
            if (!extended.TryGetValue(name[..star], out var parts)) extended[name[..star]] = parts = [];
            parts[order] = (value, encoded);
        }
        foreach (var (name, parts) in extended) parameters[name] = Join(parts.Values);
        return (pieces.Count == 0 ? "" : pieces[0].Trim().ToLowerInvariant(), parameters);
    }

    static string Join(IEnumerable<(string Value, bool Encoded)> parts)
    {
        var charset = Encoding.UTF8;
        var bytes = new List<byte>();
        var first = true;
        foreach (var (part, encoded) in parts)
        {
            var value = part;
            if (first && encoded && value.Split('\'', 3) is [var name, _, var rest])
            {
                charset = Charsets.Find(name) ?? Encoding.UTF8;
                value = rest;
            }
            first = false;
            bytes.AddRange(encoded ? Percent(value) : charset.GetBytes(value));
        }
        return charset.GetString([.. bytes]);
    }

    static IEnumerable<byte> Percent(string value)
    {
        for (var i = 0; i < value.Length; i++)
            if (value[i] == '%' && i + 2 < value.Length && char.IsAsciiHexDigit(value[i + 1]) && char.IsAsciiHexDigit(value[i + 2]))
            {
                yield return Convert.ToByte(value.Substring(i + 1, 2), 16);
                i += 2;
            }
            else yield return (byte)value[i];
    }

    static List<string> Split(string header)
    {
        var pieces = new List<string>();
        var piece = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < header.Length; i++)
        {
            var c = header[i];
            if (c == '\\' && quoted && i + 1 < header.Length) { piece.Append(c).Append(header[++i]); continue; }
            if (c == '"') quoted = !quoted;
            if (c == ';' && !quoted) { pieces.Add(piece.ToString()); piece.Clear(); continue; }
            piece.Append(c);
        }
        pieces.Add(piece.ToString());
        return pieces;
    }

    static string Unquote(string value)
    {
        if (value.Length < 2 || value[0] != '"') return value;
        var said = new StringBuilder();
        for (var i = 1; i < value.Length; i++)
        {
            if (value[i] == '"') break;
            if (value[i] == '\\' && i + 1 < value.Length) i++;
            said.Append(value[i]);
        }
        return said.ToString();
    }
}
