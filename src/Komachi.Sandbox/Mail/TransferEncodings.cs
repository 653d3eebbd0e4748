namespace Komachi.Sandbox.Mail;

/// <summary>base64 and quoted-printable (RFC 2045), read as far as they can be read.</summary>
static class TransferEncodings
{
    public static byte[] Decode(ReadOnlySpan<byte> bytes, string? encoding, List<Remark> remarks)
    {
        switch (encoding?.Trim().ToLowerInvariant())
        {
            case null or "" or "7bit" or "8bit" or "binary": return bytes.ToArray();
            case "base64": return Base64(bytes, remarks);
            case "quoted-printable": return QuotedPrintable(bytes, remarks);
            default:
                remarks.Add(new Remark("The transfer encoding \"{0}\" is not known", encoding));
                return bytes.ToArray();
        }
    }

    public static byte[] Base64(ReadOnlySpan<byte> bytes, List<Remark>? remarks)
    {
        var decoded = new byte[bytes.Length / 4 * 3 + 3];
        int length = 0, bits = 0, count = 0;
        var wrong = false;
        foreach (var c in bytes)
        {
            var six = c switch
            {
                >= (byte)'A' and <= (byte)'Z' => c - 'A',
                >= (byte)'a' and <= (byte)'z' => c - 'a' + 26,
                >= (byte)'0' and <= (byte)'9' => c - '0' + 52,
                (byte)'+' => 62,
                (byte)'/' => 63,
                _ => -1,
            };
            if (six < 0)
            {
                if (c == '=') count = bits = 0;
                else if (c is not ((byte)'\r' or (byte)'\n' or (byte)' ' or (byte)'\t')) wrong = true;
                continue;
            }
            bits = (bits << 6) | six;
            if (++count == 2) decoded[length++] = (byte)(bits >> 4);
            else if (count == 3) decoded[length++] = (byte)(bits >> 2);
            else if (count == 4) { decoded[length++] = (byte)bits; count = bits = 0; }
        }
        if (wrong) remarks?.Add(new Remark("The base64 has characters that do not belong there"));
        return decoded[..length];
    }

    public static byte[] QuotedPrintable(ReadOnlySpan<byte> bytes, List<Remark>? remarks)
    {
        var decoded = new byte[bytes.Length];
        int length = 0, kept = 0;
        var wrong = false;
        for (var i = 0; i < bytes.Length; i++)
        {
            var c = bytes[i];
            if (c == '=')
            {
                if (i + 2 < bytes.Length && Hex(bytes[i + 1]) is >= 0 and var high && Hex(bytes[i + 2]) is >= 0 and var low)
                {
                    decoded[length++] = (byte)(high << 4 | low);
                    kept = length;
                    i += 2;
                    continue;
                }
                // A soft line break, perhaps with blanks that were added on the way.
                var end = i + 1;
                while (end < bytes.Length && bytes[end] is (byte)' ' or (byte)'\t' or (byte)'\r') end++;
                if (end >= bytes.Length || bytes[end] == '\n') { i = end; kept = length; continue; }
                wrong = true;
            }
            // Blanks at the end of a line were added on the way.
            if (c is (byte)'\r' or (byte)'\n') length = kept;
            decoded[length++] = c;
            if (c is not ((byte)' ' or (byte)'\t')) kept = length;
        }
        length = kept;
        if (wrong) remarks?.Add(new Remark("The quoted-printable text has an = that stands for nothing"));
        return decoded[..length];
    }

    static int Hex(byte c) => char.IsAsciiHexDigit((char)c) ? Convert.ToInt32(((char)c).ToString(), 16) : -1;
}
