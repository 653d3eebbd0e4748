using System.Buffers.Binary;
using System.Text;
using Komachi.Platform.Files;
using Komachi.Platform.Looks;
using Komachi.Tests.Files;

namespace Komachi.Tests.Looks;

public sealed class ShapesOfPictures
{
    static byte[] WebP(string kind, byte[] data) => [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBP"u8, .. Encoding.ASCII.GetBytes(kind), 0, 0, 0, 0, .. data];

    static byte[] Lossy => WebP("VP8 ", [0, 0, 0, 0x9d, 0x01, 0x2a, 0x20, 0x03, 0x40, 0x01, 0, 0]);
    static byte[] Lossless
    {
        get
        {
            var bits = new byte[5];
            bits[0] = 0x2f;
            BinaryPrimitives.WriteUInt32LittleEndian(bits.AsSpan(1), 799u | 319u << 14);
            return WebP("VP8L", bits);
        }
    }
    static byte[] Extended(byte flags) => WebP("VP8X", [flags, 0, 0, 0, 0x1f, 0x03, 0, 0x3f, 0x01, 0]);

    // A camera's: what it knows of the place, and then the frame.
    static byte[] Jpeg => [0xff, 0xd8, 0xff, 0xe1, 0, 8, 1, 2, 3, 4, 5, 6, 0xff, 0xff, 0xc2, 0, 17, 8, 0x01, 0x40, 0x03, 0x20, 3, 0, 0, 0];

    [Fact]
    public void The_head_of_each_kind_says_how_large_it_is()
    {
        Assert.Equal(new PictureShape(800, 320), PictureShape.Of(FileType.Png, Samples.Picture(800, 320, (0, 0, 0))));
        Assert.Equal(new PictureShape(800, 320), PictureShape.Of(FileType.Jpeg, Jpeg));
        foreach (var webP in new[] { Lossy, Lossless, Extended(0) }) Assert.Equal(new PictureShape(800, 320), PictureShape.Of(FileType.WebP, webP));
    }

    [Fact]
    public void What_moves_is_seen_to_move()
    {
        var still = Samples.Picture(80, 80, (0, 0, 0));
        byte[] moving = [.. still[..33], 0, 0, 0, 8, .. "acTL"u8, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, .. still[33..]];
        Assert.False(PictureShape.Of(FileType.Png, still)!.Value.Moves);
        Assert.True(PictureShape.Of(FileType.Png, moving)!.Value.Moves);
        Assert.True(PictureShape.Of(FileType.WebP, Extended(2))!.Value.Moves);
    }

    /// <summary>Whatever somebody sends ends in a sentence.</summary>
    [Fact]
    public void What_is_cut_off_or_made_up_is_no_picture_and_breaks_nothing()
    {
        foreach (var (type, whole) in new[] { (FileType.Png, Samples.Picture(80, 80, (0, 0, 0))[..60]), (FileType.Jpeg, Jpeg), (FileType.WebP, Lossy), (FileType.WebP, Lossless), (FileType.WebP, Extended(0)) })
            for (var length = 0; length < whole.Length; length++) _ = PictureShape.Of(type, whole.AsSpan(0, length));
        for (var seed = 0; seed < 2000; seed++)
            foreach (var type in new[] { FileType.Png, FileType.Jpeg, FileType.WebP }) _ = PictureShape.Of(type, [0xff, 0xd8, .. Samples.Noise(seed % 90, seed)]);
        Assert.Null(PictureShape.Of(FileType.Png, Samples.Png()));    // no dots at all
        Assert.Null(PictureShape.Of(FileType.Jpeg, Samples.Jpeg()));    // no frame
        Assert.Null(PictureShape.Of(FileType.Pdf, Samples.Pdf()));
    }
}
