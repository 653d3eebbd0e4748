using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Komachi.Platform.Files;

/// <summary>
/// How bytes lie in the store. A file is a row of parts, a part a row of chunks of 64 KB, each sealed with AES-256-GCM in the STREAM
/// construction: the nonce is the chunk's number, and the file's last chunk says that it is the last. Each part has a key of its own,
/// drawn from the file's random key, a random salt, the file's id and the part's place in it, so a chunk opens in its own place alone:
/// nothing can be cut off, moved, repeated, or brought over from another file. It is bound to the file and not to the town's
/// address, so that a backup opens under another one.
/// </summary>
static class SealedParts
{
    public const int Chunk = 64 * 1024, Most = 64 * Chunk, Tag = 16, Salt = 16, Head = 1 + Salt;
    const byte Format = 1;

    public static long SealedBytes(long bytes) => Head + bytes + Tag * ((bytes + Chunk - 1) / Chunk);

    /// <param name="ends">With it the file ends; otherwise these are whole chunks.</param>
    /// <param name="part">Where the sealed part is written; at least <see cref="SealedBytes"/> long.</param>
    /// <returns>How long it is.</returns>
    public static int Seal(byte[] fileKey, Guid file, bool clean, long startAt, ReadOnlySpan<byte> bytes, bool ends, Span<byte> part)
    {
        if (bytes.Length == 0 || startAt % Chunk != 0 || (!ends && bytes.Length % Chunk != 0)) throw new ArgumentException("A part is made of whole chunks, but for the last of a file.");
        part[0] = Format;
        RandomNumberGenerator.Fill(part.Slice(1, Salt));
        using var aes = new AesGcm(KeyOf(fileKey, part[..Head], file, clean, startAt), Tag);
        Span<byte> nonce = stackalloc byte[12];
        for (int number = 0, from = 0, to = Head; from < bytes.Length; number++)
        {
            var chunk = bytes.Slice(from, Math.Min(Chunk, bytes.Length - from));
            NonceOf(nonce, number, ends && from + chunk.Length == bytes.Length);
            aes.Encrypt(nonce, chunk, part.Slice(to, chunk.Length), part.Slice(to + chunk.Length, Tag));
            from += chunk.Length;
            to += chunk.Length + Tag;
        }
        return (int)SealedBytes(bytes.Length);
    }

    public static AesGcm Opener(byte[] fileKey, ReadOnlySpan<byte> head, Guid file, bool clean, long startAt) =>
        head[0] == Format ? new AesGcm(KeyOf(fileKey, head, file, clean, startAt), Tag) : throw new CryptographicException("This is no part of a file.");

    public static void Open(AesGcm aes, int number, bool last, ReadOnlySpan<byte> chunk, Span<byte> to)
    {
        Span<byte> nonce = stackalloc byte[12];
        NonceOf(nonce, number, last);
        aes.Decrypt(nonce, chunk[..^Tag], chunk[^Tag..], to);
    }

    static void NonceOf(Span<byte> nonce, int number, bool last)
    {
        nonce.Clear();
        nonce[0] = last ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(nonce[8..], number);
    }

    static byte[] KeyOf(byte[] fileKey, ReadOnlySpan<byte> head, Guid file, bool clean, long startAt)
    {
        var key = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, fileKey, key, head, Encoding.UTF8.GetBytes($"komachi file {file:N} {(clean ? "clean" : "sent")} {startAt}"));
        return key;
    }
}

/// <summary>A file's own bytes, opened chunk by chunk as they are read, from any place.</summary>
sealed class OpenedFile : Stream
{
    readonly IFileStore _store;
    readonly string _town;
    readonly Guid _file;
    readonly bool _clean;
    readonly byte[] _key;
    readonly FilePart[] _parts;
    readonly byte[] _chunk = new byte[SealedParts.Chunk];
    readonly byte[] _sealed = new byte[SealedParts.Chunk + SealedParts.Tag];
    Stream? _object;
    AesGcm? _aes;
    int _part = -1, _nextChunk;    // which object is open, and which chunk of it comes next
    long _position, _chunkAt = -1;
    int _chunkBytes;

    public OpenedFile(IFileStore store, string town, Guid file, bool clean, byte[] key, IEnumerable<FilePart> parts, long bytes)
    {
        (_store, _town, _file, _clean, _key, Length) = (store, town, file, clean, key, bytes);
        _parts = [.. parts.OrderBy(p => p.StartAt)];
        long end = 0;
        foreach (var part in _parts)
        {
            if (part.StartAt != end) throw new CryptographicException("A part of the file is missing.");
            end += part.Bytes;
        }
        if (end != bytes || bytes == 0) throw new CryptographicException("The file is not whole.");
    }

    public override long Length { get; }
    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;

    public override long Position
    {
        get => _position;
        set => _position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    public override long Seek(long offset, SeekOrigin origin) =>
        Position = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => _position + offset, _ => Length + offset };

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop = default)
    {
        if (_position >= Length || buffer.Length == 0) return 0;
        var at = _position / SealedParts.Chunk * SealedParts.Chunk;
        if (at != _chunkAt) await Fetch(at, stop);
        var from = (int)(_position - at);
        var count = Math.Min(buffer.Length, _chunkBytes - from);
        _chunk.AsMemory(from, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    async Task Fetch(long at, CancellationToken stop)
    {
        _chunkAt = -1;
        var index = Array.FindLastIndex(_parts, p => p.StartAt <= at);
        var part = _parts[index];
        var number = (int)((at - part.StartAt) / SealedParts.Chunk);
        if (index != _part || number != _nextChunk)
        {
            if (_object is not null) await _object.DisposeAsync();
            if (index != _part)
            {
                _aes?.Dispose();
                var head = new byte[SealedParts.Head];
                _object = await _store.Open(_town, part.Object, 0, stop);
                await Fill(_object, head, stop);
                _aes = SealedParts.Opener(_key, head, _file, _clean, part.StartAt);
                _part = index;
                if (number > 0)
                {
                    await _object.DisposeAsync();
                    _object = await _store.Open(_town, part.Object, SealedParts.Head + (long)number * (SealedParts.Chunk + SealedParts.Tag), stop);
                }
            }
            else _object = await _store.Open(_town, part.Object, SealedParts.Head + (long)number * (SealedParts.Chunk + SealedParts.Tag), stop);
        }
        var bytes = (int)Math.Min(SealedParts.Chunk, part.StartAt + part.Bytes - at);
        await Fill(_object!, _sealed.AsMemory(0, bytes + SealedParts.Tag), stop);
        SealedParts.Open(_aes!, number, at + bytes == Length, _sealed.AsSpan(0, bytes + SealedParts.Tag), _chunk.AsSpan(0, bytes));
        (_chunkAt, _chunkBytes, _nextChunk) = (at, bytes, number + 1);
    }

    static async Task Fill(Stream from, Memory<byte> to, CancellationToken stop)
    {
        try
        {
            await from.ReadExactlyAsync(to, stop);
        }
        catch (EndOfStreamException)
        {
            throw new CryptographicException("The file was cut off.");
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken stop) => ReadAsync(buffer.AsMemory(offset, count), stop).AsTask();

    // For readers of archives, which know no other way; what is read was fetched a chunk at a time.
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush() { }
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _object?.Dispose();
        _aes?.Dispose();
        base.Dispose(disposing);
    }
}
