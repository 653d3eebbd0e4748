using System.Buffers.Binary;
using System.Buffers.Text;

namespace Komachi.Platform.Data;

/// <summary>
/// Where a page of a list ends: the time and the id of its last row, so that the next page begins behind it
/// however many rows stand before. A cursor that nobody made is the first page, never an error.
/// </summary>
public readonly record struct Cursor(DateTimeOffset At, Guid Id)
{
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[24];
        BinaryPrimitives.WriteInt64BigEndian(bytes, At.UtcTicks);
        Id.TryWriteBytes(bytes[8..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    public static Cursor? Read(string? text)
    {
        Span<byte> bytes = stackalloc byte[24];
        if (text is not { Length: 32 } || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != 24) return null;
        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (ticks < 0 || ticks > DateTimeOffset.MaxValue.UtcTicks) return null;
        return new(new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[8..], bigEndian: true));
    }
}
