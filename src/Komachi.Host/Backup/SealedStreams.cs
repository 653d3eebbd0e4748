using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Komachi.Host.Backup;

/// <summary>
/// A long text in pieces of 64 KB, each under AES-256-GCM with its number and whether it is the last one as its nonce (the
/// STREAM construction): a piece that was changed, left out, doubled or put elsewhere does not open, and what was cut
/// off has no last one. A key is used for one stream only, so no nonce comes twice.
/// </summary>
static class SealedPieces
{
    public const int Plain = 64 * 1024, Tag = 16, Whole = Plain + Tag;

    public static void Nonce(Span<byte> nonce, long number, bool last)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[3..], number);
        nonce[11] = last ? (byte)1 : (byte)0;
    }
}

/// <summary>It was changed, cut off, or is under another key.</summary>
sealed class BrokenSeal() : IOException("a part of it does not open");

/// <summary>Encrypts what is written. <see cref="Finish"/> writes the last piece: without it, nobody takes the stream for whole.</summary>
sealed class SealingStream(Stream to, byte[] key) : Stream
{
    readonly AesGcm _aes = new(key, SealedPieces.Tag);
    readonly byte[] _plain = new byte[SealedPieces.Plain], _sealed = new byte[SealedPieces.Whole];
    int _held;
    long _number;

    /// <summary>How much was written, before it was encrypted.</summary>
    public long Count { get; private set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Count += buffer.Length;
        while (buffer.Length > 0)
        {
            if (_held == _plain.Length) to.Write(Seal(last: false));    // only when more comes: the last piece is never empty but in an empty stream
            buffer = Hold(buffer);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken stop = default)
    {
        Count += buffer.Length;
        while (buffer.Length > 0)
        {
            if (_held == _plain.Length) await to.WriteAsync(Seal(last: false), stop);
            buffer = buffer[^Hold(buffer.Span).Length..];
        }
    }

    public async Task Finish(CancellationToken stop)
    {
        await to.WriteAsync(Seal(last: true), stop);
        await to.FlushAsync(stop);
    }

    ReadOnlySpan<byte> Hold(ReadOnlySpan<byte> buffer)
    {
        var taken = Math.Min(buffer.Length, _plain.Length - _held);
        buffer[..taken].CopyTo(_plain.AsSpan(_held));
        _held += taken;
        return buffer[taken..];
    }

    byte[] Seal(bool last)
    {
        Span<byte> nonce = stackalloc byte[12];
        SealedPieces.Nonce(nonce, _number++, last);
        _aes.Encrypt(nonce, _plain.AsSpan(0, _held), _sealed.AsSpan(0, _held), _sealed.AsSpan(_held, SealedPieces.Tag));
        var piece = _held == SealedPieces.Plain ? _sealed : _sealed[..(_held + SealedPieces.Tag)];
        _held = 0;
        return piece;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken stop) => WriteAsync(buffer.AsMemory(offset, count), stop).AsTask();
    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => Count; set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _aes.Dispose();
            CryptographicOperations.ZeroMemory(_plain);
        }
        base.Dispose(disposing);
    }
}

/// <summary>Reads what <see cref="SealingStream"/> wrote; gives out nothing of a piece before it was found to be as it was written.</summary>
/// <param name="length">How much there is when it is open, where that is known: a tar asks for it.</param>
sealed class OpeningStream(Stream from, byte[] key, long? length = null) : Stream
{
    readonly AesGcm _aes = new(key, SealedPieces.Tag);
    readonly byte[] _plain = new byte[SealedPieces.Plain];
    // One byte more than a piece: whether there is one tells the last piece from the others.
    readonly byte[] _sealed = new byte[SealedPieces.Whole + 1];
    int _ahead, _given, _held;
    long _number, _position;
    bool _ended;

    public override int Read(Span<byte> buffer)
    {
        if (_given == _held && !Next(from.ReadAtLeast(_sealed.AsSpan(_ahead), _sealed.Length - _ahead, throwOnEndOfStream: false))) return 0;
        return Give(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop = default)
    {
        if (_given == _held && !Next(_ended ? 0 : await from.ReadAtLeastAsync(_sealed.AsMemory(_ahead), _sealed.Length - _ahead, throwOnEndOfStream: false, stop))) return 0;
        return Give(buffer.Span);
    }

    /// <summary>Opens the next piece; false at the end.</summary>
    bool Next(int read)
    {
        if (_ended) return false;
        var there = _ahead + read;
        var last = there <= SealedPieces.Whole;
        var piece = Math.Min(there, SealedPieces.Whole) - SealedPieces.Tag;
        if (piece < 0) throw new BrokenSeal();
        Span<byte> nonce = stackalloc byte[12];
        SealedPieces.Nonce(nonce, _number++, last);
        try
        {
            _aes.Decrypt(nonce, _sealed.AsSpan(0, piece), _sealed.AsSpan(piece, SealedPieces.Tag), _plain.AsSpan(0, piece));
        }
        catch (CryptographicException)
        {
            throw new BrokenSeal();
        }
        (_given, _held, _ended) = (0, piece, last);
        if (!last) _sealed[0] = _sealed[SealedPieces.Whole];
        _ahead = last ? 0 : 1;
        return piece > 0;
    }

    int Give(Span<byte> buffer)
    {
        var given = Math.Min(buffer.Length, _held - _given);
        _plain.AsSpan(_given, given).CopyTo(buffer);
        _given += given;
        _position += given;
        return given;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken stop) => ReadAsync(buffer.AsMemory(offset, count), stop).AsTask();
    public override bool CanRead => true;
    public override bool CanSeek => length is not null;
    public override bool CanWrite => false;
    public override long Length => length ?? throw new NotSupportedException();
    public override long Position { get => _position; set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _aes.Dispose();
            CryptographicOperations.ZeroMemory(_plain);
        }
        base.Dispose(disposing);
    }
}
