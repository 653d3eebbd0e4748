using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Komachi.Tests.Files;

/// <summary>Files of each kind, made here.</summary>
static class Samples
{
    public static byte[] Noise(int length, int seed = 1)
    {
        var noise = new byte[length];
        new Random(seed).NextBytes(noise);
        return noise;
    }

    public static byte[] Pdf(int length = 2000, string? inside = null) =>
        [.. "%PDF-1.7\n"u8, .. Encoding.ASCII.GetBytes(inside ?? ""), .. Noise(Math.Max(0, length - 20)), .. "\n%%EOF\n"u8];

    /// <summary>With where it was taken written in.</summary>
    public static byte[] Jpeg(int length = 3000, string place = "GPS 35.29,136.91")
    {
        byte[] about = [.. "Exif\0\0"u8, .. Encoding.ASCII.GetBytes(place)];
        return [0xff, 0xd8, 0xff, 0xe0, 0, 16, .. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xff, 0xe1, (byte)((about.Length + 2) >> 8), (byte)(about.Length + 2), .. about,
            0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, .. Noise(length).Select(b => b == 0xff ? (byte)0 : b), 0xff, 0xd9];
    }

    public static byte[] Png()
    {
        static byte[] Chunk(string name, byte[] data)
        {
            var size = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(size, data.Length);
            return [.. size, .. Encoding.ASCII.GetBytes(name), .. data, 0, 0, 0, 0];
        }
        return [0x89, .. "PNG"u8, 13, 10, 26, 10, .. Chunk("IHDR", new byte[13]), .. Chunk("tEXt", "Author\0Hanako"u8.ToArray()), .. Chunk("IDAT", Noise(40)), .. Chunk("IEND", [])];
    }

    public static byte[] Heic() => [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0, .. "mif1heic"u8, .. Noise(100)];

    public static byte[] Zip(params (string Name, string Text)[] entries)
    {
        var to = new MemoryStream();
        using (var zip = new ZipArchive(to, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, text) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        return to.ToArray();
    }

    public static byte[] Word(string main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", params (string, string)[] more) =>
        Zip([("[Content_Types].xml", $"<Types><Override PartName=\"/word/document.xml\" ContentType=\"{main}\"/></Types>"), ("word/document.xml", "<w:document/>"), .. more]);
}
