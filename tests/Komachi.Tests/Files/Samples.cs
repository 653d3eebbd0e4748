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

    /// <summary>A whole picture that a browser draws: a disc of one colour on a clear ground.</summary>
    public static byte[] Picture(int width, int height, (byte Red, byte Green, byte Blue) colour) => Picture(width, height, (x, y) =>
    {
        var (dx, dy) = ((x + 0.5) / width - 0.5, (y + 0.5) / height - 0.5);
        return dx * dx + dy * dy < 0.25 ? [colour.Red, colour.Green, colour.Blue, 255] : [0, 0, 0, 0];
    });

    /// <summary>A sky with the noise of a camera: megabytes as PNG.</summary>
    public static byte[] Photo(int width, int height)
    {
        var noise = Noise(width * height);
        return Picture(width, height, (x, y) => [(byte)(60 + 120 * y / height + noise[y * width + x] % 6), (byte)(90 + 120 * y / height + noise[y * width + x] % 5), (byte)(160 + 60 * x / width + noise[y * width + x] % 7), 255]);
    }

    static byte[] Picture(int width, int height, Func<int, int, byte[]> dot)
    {
        var dots = new MemoryStream();
        using (var packed = new ZLibStream(dots, CompressionLevel.Optimal, leaveOpen: true))
            for (var y = 0; y < height; y++)
            {
                packed.WriteByte(0);
                for (var x = 0; x < width; x++) packed.Write(dot(x, y));
            }
        var head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, width);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), height);
        (head[8], head[9]) = (8, 6);
        return [0x89, .. "PNG"u8, 13, 10, 26, 10, .. Chunk("IHDR", head), .. Chunk("IDAT", dots.ToArray()), .. Chunk("IEND", [])];

        static byte[] Chunk(string name, byte[] data)
        {
            byte[] summed = [.. Encoding.ASCII.GetBytes(name), .. data];
            var (size, sum) = (new byte[4], new byte[4]);
            BinaryPrimitives.WriteInt32BigEndian(size, data.Length);
            BinaryPrimitives.WriteUInt32BigEndian(sum, Sum(summed));
            return [.. size, .. summed, .. sum];
        }

        static uint Sum(byte[] of)
        {
            var sum = uint.MaxValue;
            foreach (var b in of)
            {
                sum ^= b;
                for (var bit = 0; bit < 8; bit++) sum = (sum & 1) == 0 ? sum >> 1 : sum >> 1 ^ 0xedb88320;
            }
            return ~sum;
        }
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
