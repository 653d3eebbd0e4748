using System.Buffers.Binary;
using System.Text;

namespace Komachi.Sandbox.Sanitising;

/// <summary>
/// What this stand-in does, and no more: of JPEG and PNG it leaves out what a camera or a program wrote beside the picture (place, time,
/// device, comments); a PDF that holds scripts, programs or files is refused; everything else comes back as it was. A real product
/// takes files apart and builds them anew.
/// </summary>
static class Cleaner
{
    public sealed record Cleaned(byte[]? Bytes, Remark What);

    public static Cleaned Clean(byte[] file, string type) => type switch
    {
        "image/jpeg" => Jpeg(file),
        "image/png" => Png(file),
        "application/pdf" => Pdf(file),
        _ => new(file, new("passed on as it was ({0})", type)),
    };

    static Cleaned Jpeg(byte[] file)
    {
        var kept = new MemoryStream();
        if (file.Length < 4 || file[0] != 0xff || file[1] != 0xd8) return new(null, new("refused: no JPEG"));
        kept.Write(file, 0, 2);
        var (at, left) = (2, 0);
        while (at + 4 <= file.Length && file[at] == 0xff)
        {
            var marker = file[at + 1];
            if (marker == 0xff)
            {
                at++;
                continue;
            }
            if (marker == 0xda)    // the picture itself, to the end
            {
                kept.Write(file, at, file.Length - at);
                return new(kept.ToArray(), new("JPEG, {0} blocks of data about it taken out", left));
            }
            var length = 2 + BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at + 2));
            if (at + length > file.Length) break;
            // JFIF, colour profile and Adobe's transform are needed to show it right; the other APPn and comments are not.
            if (marker is 0xfe || (marker is >= 0xe1 and <= 0xef and not (0xe2 or 0xee)) || (marker == 0xe2 && !file.AsSpan(at + 4, Math.Min(11, length - 4)).SequenceEqual("ICC_PROFILE"u8))) left++;
            else kept.Write(file, at, length);
            at += length;
        }
        return new(null, new("refused: no JPEG"));
    }

    static Cleaned Png(byte[] file)
    {
        if (file.Length < 8 || file[1] != 'P') return new(null, new("refused: no PNG"));
        var kept = new MemoryStream();
        kept.Write(file, 0, 8);
        var (at, left) = (8, 0);
        while (at + 12 <= file.Length)
        {
            var length = 12 + (long)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (at + length > file.Length) break;
            var name = Encoding.ASCII.GetString(file, at + 4, 4);
            if (name is "tEXt" or "zTXt" or "iTXt" or "eXIf" or "tIME") left++;
            else kept.Write(file, at, (int)length);
            at += (int)length;
            if (name == "IEND") return new(kept.ToArray(), new("PNG, {0} blocks of data about it taken out", left));
        }
        return new(null, new("refused: no PNG"));
    }

    static Cleaned Pdf(byte[] file)
    {
        var text = Encoding.Latin1.GetString(file);
        var found = new[] { "/JavaScript", "/JS", "/Launch", "/EmbeddedFile" }.FirstOrDefault(mark => text.Contains(mark, StringComparison.Ordinal));
        return found is null ? new(file, new("PDF, passed on as it was")) : new(null, new("refused: a PDF with {0}", found));
    }
}
