using System.Text;

namespace Komachi.Sandbox.Mail;

/// <summary>The character sets that Japanese mail comes in. UTF-7 is not among them: it hides mark-up.</summary>
static class Charsets
{
    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static Encoding? Find(string? name) => name?.Trim().ToLowerInvariant() switch
    {
        "utf-8" or "utf8" => Encoding.UTF8,
        "iso-2022-jp" or "iso-2022-jp-1" or "iso-2022-jp-2" or "iso-2022-jp-ms" or "csiso2022jp" => Page("iso-2022-jp"),
        "shift_jis" or "shift-jis" or "sjis" or "x-sjis" or "windows-31j" or "cp932" or "ms932" => Page("shift_jis"),
        "euc-jp" or "x-euc-jp" => Page("euc-jp"),
        "iso-8859-1" or "latin1" => Encoding.Latin1,
        "windows-1252" => Page("windows-1252"),
        "utf-16" => Encoding.Unicode,
        "utf-16be" => Encoding.BigEndianUnicode,
        "gb2312" or "gbk" or "gb18030" => Page("gb18030"),
        "big5" => Page("big5"),
        "euc-kr" or "ks_c_5601-1987" => Page("ks_c_5601-1987"),
        _ => null,
    };

    static Encoding? Page(string name) => CodePagesEncodingProvider.Instance.GetEncoding(name);

    /// <summary>Text of a body; what is said about the set may be missing, wrong or a lie.</summary>
    public static string Text(ReadOnlySpan<byte> bytes, string? charset, List<Remark> remarks)
    {
        var said = charset?.Trim().ToLowerInvariant();
        var ascii = said is null or "" or "us-ascii" or "ascii";
        if (!ascii && Find(said) is { } encoding) return encoding.GetString(bytes);
        if (!ascii) remarks.Add(new Remark("The character set \"{0}\" is not known", charset));
        else if (!Ascii.IsValid(bytes)) remarks.Add(new Remark("There are 8-bit characters, but no character set is named"));
        else if (bytes.Contains((byte)0x1b)) return Page("iso-2022-jp")!.GetString(bytes);
        return Guess(bytes);
    }

    /// <summary>A header line: UTF-8 where it is (SMTPUTF8), else every byte stays visible.</summary>
    public static string Header(ReadOnlySpan<byte> bytes) => Guess(bytes);

    static string Guess(ReadOnlySpan<byte> bytes)
    {
        try { return Strict.GetString(bytes); }
        catch (DecoderFallbackException) { return Encoding.Latin1.GetString(bytes); }
    }
}
