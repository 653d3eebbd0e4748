namespace Komachi.Sandbox.Mail;

/// <summary>The argument of MAIL and RCPT: <c>FROM:&lt;path&gt; PARAMETER=VALUE …</c> (RFC 5321, 4.1.1.2 and 4.1.2).</summary>
sealed record SmtpAddress(string Address, IReadOnlyList<string> Parameters)
{
    const int LongestPath = 254, LongestLocalPart = 64;

    /// <summary>Null when it cannot be read. The empty path <c>&lt;&gt;</c> is a good sender: that of bounces.</summary>
    public static SmtpAddress? Read(string argument, string keyword)
    {
        if (!argument.StartsWith(keyword, StringComparison.OrdinalIgnoreCase)) return null;
        var rest = argument[keyword.Length..].TrimStart(' ');
        if (!rest.StartsWith('<')) return null;
        var end = End(rest);
        if (end < 0) return null;
        var path = rest[1..end];
        var after = rest[(end + 1)..];
        if (after.Length > 0 && after[0] != ' ') return null;
        if (path.StartsWith('@'))
        {
            // A source route is to be ignored.
            var colon = path.IndexOf(':');
            if (colon < 0) return null;
            path = path[(colon + 1)..];
        }
        return IsPath(path) ? new SmtpAddress(path, after.Split(' ', StringSplitOptions.RemoveEmptyEntries)) : null;
    }

    static int End(string rest)
    {
        var quoted = false;
        for (var i = 1; i < rest.Length; i++)
            switch (rest[i])
            {
                case '\\' when quoted: i++; break;
                case '"': quoted = !quoted; break;
                case '>' when !quoted: return i;
            }
        return -1;
    }

    static bool IsPath(string path)
    {
        if (path.Length == 0 || path.Equals("postmaster", StringComparison.OrdinalIgnoreCase)) return true;
        if (System.Text.Encoding.UTF8.GetByteCount(path) > LongestPath || path.Any(char.IsControl)) return false;
        var at = path.LastIndexOf('@');
        if (at <= 0 || at == path.Length - 1 || at > LongestLocalPart) return false;
        var local = path[..at];
        var domain = path[(at + 1)..];
        if (domain.AsSpan().ContainsAny(" <>()\\,;\"@")) return false;
        return local is ['"', .., '"'] || !local.AsSpan().ContainsAny(" <>()[]\\,;:\"@");
    }

    public bool IsAscii => System.Text.Ascii.IsValid(Address);
}
