using System.Buffers.Binary;
using System.Collections.Frozen;
using System.IO.Compression;
using System.Text;

namespace Komachi.Platform.Files;

/// <summary>
/// What a file is, told by its content: what its name or its sender says is only compared with it. The list is closed, and nothing
/// on it is a thing that a browser runs.
/// </summary>
public sealed record FileType
{
    public static readonly FileType Pdf = new("pdf", "application/pdf", "PDF", "pdf");
    public static readonly FileType Jpeg = new("jpeg", "image/jpeg", "JPEG", "jpg", "jpeg") { IsPicture = true };
    public static readonly FileType Png = new("png", "image/png", "PNG", "png") { IsPicture = true };
    public static readonly FileType Gif = new("gif", "image/gif", "GIF", "gif") { IsPicture = true };
    public static readonly FileType WebP = new("webp", "image/webp", "WebP", "webp") { IsPicture = true };
    public static readonly FileType Heic = new("heic", "image/heic", "HEIC", "heic", "heif");
    public static readonly FileType Tiff = new("tiff", "image/tiff", "TIFF", "tif", "tiff");
    public static readonly FileType Word = new("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word", "docx");
    public static readonly FileType Excel = new("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel", "xlsx");
    public static readonly FileType PowerPoint = new("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "PowerPoint", "pptx");
    public static readonly FileType OpenText = new("odt", "application/vnd.oasis.opendocument.text", "ODT", "odt");
    public static readonly FileType OpenSheet = new("ods", "application/vnd.oasis.opendocument.spreadsheet", "ODS", "ods");
    public static readonly FileType Csv = new("csv", "text/csv", "CSV", "csv");
    public static readonly FileType Text = new("txt", "text/plain", "TXT", "txt");

    public static readonly IReadOnlyList<FileType> Pictures = [Jpeg, Png, Heic, WebP, Gif, Tiff];
    public static readonly IReadOnlyList<FileType> Documents = [Pdf, Word, Excel, PowerPoint, OpenText, OpenSheet];
    public static readonly IReadOnlyList<FileType> All = [.. Pictures, .. Documents, Csv, Text];

    static readonly FrozenDictionary<string, FileType> ByKey = All.ToFrozenDictionary(t => t.Key);

    FileType(string key, string mime, string name, params string[] endings) => (Key, Mime, Name, Endings) = (key, mime, name, endings);

    /// <summary>How rows name it.</summary>
    public string Key { get; }
    public string Mime { get; }

    /// <summary>How people call it, in every language.</summary>
    public string Name { get; }
    public IReadOnlyList<string> Endings { get; }

    /// <summary>A picture that every browser shows.</summary>
    public bool IsPicture { get; private init; }

    public static FileType? Find(string? key) => key is not null && ByKey.TryGetValue(key, out var type) ? type : null;

    /// <summary>What a name's ending promises.</summary>
    public static FileType? Promised(string name)
    {
        var dot = name.LastIndexOf('.');
        return dot < 0 ? null : All.FirstOrDefault(t => t.Endings.Contains(name[(dot + 1)..], StringComparer.OrdinalIgnoreCase));
    }

    const int Head = 4096, Foot = 22 + 65535;

    /// <summary>
    /// Whether it is what its name promises and nothing else beside: a picture that is an archive too, or begins as a page, is refused.
    /// Nothing is unpacked but the table of contents of an office file, and of that no more than a megabyte.
    /// </summary>
    public async Task<bool> Is(Stream content, CancellationToken stop)
    {
        var head = await Read(content, 0, Head, stop);
        if (this == Csv || this == Text) return IsText(await HasText(content, stop));
        var foot = await Read(content, Math.Max(0, content.Length - Foot), Foot, stop);
        if (IsArchive()) return HasZipStart(head) && await IsOffice(content, foot, stop);
        return Begins(head) && Ends(foot) && !IsSomethingElseToo(head, foot, content.Length);
    }

    bool IsArchive() => this == Word || this == Excel || this == PowerPoint || this == OpenText || this == OpenSheet;

    bool Begins(ReadOnlySpan<byte> head) => Key switch
    {
        "pdf" => head.StartsWith("%PDF-1."u8) || head.StartsWith("%PDF-2."u8),
        "jpeg" => head.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8, 0xff]),
        "png" => head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]) && head.Length > 33 && head[12..16].SequenceEqual("IHDR"u8),
        "gif" => (head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8)) && head.Length > 13,
        "webp" => head.Length > 16 && head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual("WEBP"u8) && head[12..15].SequenceEqual("VP8"u8),
        "heic" => head.Length > 16 && head[4..8].SequenceEqual("ftyp"u8) && HeicBrand(head),
        "tiff" => head.StartsWith((ReadOnlySpan<byte>)[(byte)'I', (byte)'I', 42, 0]) || head.StartsWith((ReadOnlySpan<byte>)[(byte)'M', (byte)'M', 0, 42]),
        _ => false,
    };

    static bool HeicBrand(ReadOnlySpan<byte> head)
    {
        var size = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(head), 256);
        for (var at = 8; at + 4 <= Math.Min(size, head.Length); at += at == 8 ? 8 : 4)
            if (head.Slice(at, 4) is var brand && (brand.SequenceEqual("heic"u8) || brand.SequenceEqual("heix"u8) || brand.SequenceEqual("hevc"u8)
                || brand.SequenceEqual("heim"u8) || brand.SequenceEqual("heis"u8) || brand.SequenceEqual("mif1"u8) || brand.SequenceEqual("msf1"u8))) return true;
        return false;
    }

    // Cameras write behind the end of a JPEG (moving pictures), so only a PDF's end is asked for.
    bool Ends(ReadOnlySpan<byte> foot) => this != Pdf || foot[Math.Max(0, foot.Length - 2048)..].IndexOf("%%EOF"u8) >= 0;

    bool IsSomethingElseToo(ReadOnlySpan<byte> head, ReadOnlySpan<byte> foot, long length)
    {
        if (this != Pdf && head[..Math.Min(1024, head.Length)].IndexOf("%PDF-"u8) >= 0) return true;
        var start = Encoding.Latin1.GetString(head[..Math.Min(1024, head.Length)]);
        if (new[] { "<!doctype", "<html", "<script", "<svg", "<?php" }.Any(mark => start.Contains(mark, StringComparison.OrdinalIgnoreCase))) return true;
        return ZipEnd(foot, length) is not null;
    }

    static bool HasZipStart(ReadOnlySpan<byte> head) => head.StartsWith((ReadOnlySpan<byte>)[(byte)'P', (byte)'K', 3, 4]);

    /// <summary>The record at the end of an archive: how many entries, where their table is, and whether anything stands behind it. Null when there is none.</summary>
    static (int Entries, long TableAt, long TableBytes, long At, bool Last)? ZipEnd(ReadOnlySpan<byte> foot, long length)
    {
        for (var i = foot.Length - 22; i >= 0; i--)
        {
            if (!foot[i..].StartsWith((ReadOnlySpan<byte>)[(byte)'P', (byte)'K', 5, 6])) continue;
            var (entries, size, at) = (BinaryPrimitives.ReadUInt16LittleEndian(foot[(i + 10)..]), BinaryPrimitives.ReadUInt32LittleEndian(foot[(i + 12)..]), BinaryPrimitives.ReadUInt32LittleEndian(foot[(i + 16)..]));
            var here = length - foot.Length + i;
            if (entries == 0 || (long)size + at > here) continue;    // these four letters by chance
            return (entries, at, size, here, here + 22 + BinaryPrimitives.ReadUInt16LittleEndian(foot[(i + 20)..]) == length);
        }
        return null;
    }

    async Task<bool> IsOffice(Stream content, byte[] foot, CancellationToken stop)
    {
        // The table ends where its end begins, so nothing stands between or behind, and it is small: checked before anybody reads it.
        if (ZipEnd(foot, content.Length) is not { } end || end.Entries > 5000 || end.TableBytes > 1 << 20 || end.TableAt + end.TableBytes != end.At || !end.Last) return false;
        try
        {
            content.Position = 0;
            await using var archive = await ZipArchive.CreateAsync(content, ZipArchiveMode.Read, leaveOpen: true, null, stop);
            if (archive.Entries.Sum(e => (decimal)e.Length) > 1L << 30) return false;    // says itself that it is a bomb
            if (archive.Entries.Any(e => e.FullName.EndsWith("vbaProject.bin", StringComparison.OrdinalIgnoreCase))) return false;
            if (this == OpenText || this == OpenSheet) return await TextOf(archive.GetEntry("mimetype"), 200, stop) == Mime;
            var contents = await TextOf(archive.GetEntry("[Content_Types].xml"), 1 << 20, stop);
            return contents is not null && contents.Contains($"\"{Mime}.main+xml\"", StringComparison.Ordinal) && !contents.Contains("macroEnabled", StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or EndOfStreamException or ArgumentException)
        {
            return false;
        }
    }

    static async Task<string?> TextOf(ZipArchiveEntry? entry, int most, CancellationToken stop)
    {
        if (entry is null || entry.Length > most) return null;
        await using var text = await entry.OpenAsync(stop);
        var bytes = new byte[most];
        return Encoding.UTF8.GetString(bytes, 0, await text.ReadAtLeastAsync(bytes, most, throwOnEndOfStream: false, stop));    // what it really unpacks to may be more than it said
    }

    static bool IsText((bool Utf8, bool Japanese) found) => found.Utf8 || found.Japanese;

    /// <summary>UTF-8, or what Japanese Windows writes (CP932), without anything that no text holds.</summary>
    static async Task<(bool Utf8, bool Japanese)> HasText(Stream content, CancellationToken stop)
    {
        content.Position = 0;
        var (utf8, japanese) = (new UTF8Encoding(false, true).GetDecoder(), CodePagesEncodingProvider.Instance.GetEncoding(932, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!.GetDecoder());
        var (isUtf8, isJapanese) = (true, true);
        var (bytes, chars) = (new byte[1 << 15], new char[1 << 16]);
        for (int read; (read = await content.ReadAsync(bytes, stop)) > 0;)
        {
            foreach (var b in bytes.AsSpan(0, read))
                if (b is < 0x20 and not (9 or 10 or 12 or 13) or 0x7f) return (false, false);
            isUtf8 = isUtf8 && Decodes(utf8, read, flush: false);
            isJapanese = isJapanese && Decodes(japanese, read, flush: false);
            if (!isUtf8 && !isJapanese) return (false, false);
        }
        return (isUtf8 && Decodes(utf8, 0, flush: true), isJapanese && Decodes(japanese, 0, flush: true));

        bool Decodes(Decoder decoder, int count, bool flush)
        {
            try
            {
                decoder.GetChars(bytes, 0, count, chars, 0, flush);
                return true;
            }
            catch (DecoderFallbackException)
            {
                return false;
            }
        }
    }

    static async Task<byte[]> Read(Stream content, long from, int most, CancellationToken stop)
    {
        content.Position = from;
        var bytes = new byte[(int)Math.Min(most, content.Length - from)];
        await content.ReadExactlyAsync(bytes, stop);
        return bytes;
    }

    public override string ToString() => Key;
}
