using System.Buffers.Binary;
using Komachi.Platform.Files;

namespace Komachi.Platform.Looks;

/// <summary>
/// How many pixels a picture has, read out of its head: a small file can hold more than a phone has memory for, and one that is too small is
/// drawn as a blur. Nothing is unpacked.
/// </summary>
/// <param name="Moves">It changes by itself, which no page of ours does.</param>
public readonly record struct PictureShape(int Width, int Height, bool Moves = false)
{
    public static PictureShape? Of(FileType type, ReadOnlySpan<byte> bytes)
    {
        try
        {
            var shape = type == FileType.Png ? Png(bytes) : type == FileType.Jpeg ? Jpeg(bytes) : type == FileType.WebP ? WebP(bytes) : null;
            return shape is { Width: > 0, Height: > 0 } ? shape : null;
        }
        catch (ArgumentOutOfRangeException)    // it ends before it says so
        {
            return null;
        }
        catch (IndexOutOfRangeException)
        {
            return null;
        }
    }

    static PictureShape? Png(ReadOnlySpan<byte> bytes)
    {
        var moves = false;
        for (var at = 8; !bytes.Slice(at + 4, 4).SequenceEqual("IDAT"u8); at += 12 + Length(bytes[at..]))
            moves |= bytes.Slice(at + 4, 4).SequenceEqual("acTL"u8);
        return new(Length(bytes[16..]), Length(bytes[20..]), moves);

        static int Length(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadInt32BigEndian(from) is >= 0 and < 1 << 28 and var length ? length : throw new ArgumentOutOfRangeException(nameof(from));
    }

    static PictureShape? Jpeg(ReadOnlySpan<byte> bytes)
    {
        for (var at = 2; bytes[at] == 0xff;)
        {
            var mark = bytes[at + 1];
            if (mark == 0xff) at++;    // filling
            // A frame's head: C0 to CF without the tables among them.
            else if (mark is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc)) return new(BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 5)..]));
            else if (mark == 0xda) return null;
            else at += mark is 0x01 or >= 0xd0 and <= 0xd7 ? 2 : 2 + BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
        }
        return null;
    }

    static PictureShape? WebP(ReadOnlySpan<byte> bytes)
    {
        var kind = bytes.Slice(12, 4);
        if (kind.SequenceEqual("VP8 "u8)) return new(BinaryPrimitives.ReadUInt16LittleEndian(bytes[26..]) & 0x3fff, BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]) & 0x3fff);
        if (kind.SequenceEqual("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(bytes[21..]);
            return new((int)(bits & 0x3fff) + 1, (int)(bits >> 14 & 0x3fff) + 1);
        }
        if (kind.SequenceEqual("VP8X"u8)) return new(Three(bytes[24..]) + 1, Three(bytes[27..]) + 1, (bytes[20] & 2) != 0);
        return null;

        static int Three(ReadOnlySpan<byte> from) => from[0] | from[1] << 8 | from[2] << 16;
    }
}
