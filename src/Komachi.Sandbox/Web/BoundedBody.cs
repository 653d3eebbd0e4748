namespace Komachi.Sandbox.Web;

/// <summary>
/// A request's body that ends in 413 where it grows too large. Kestrel's own limit cuts the connection, and then a client
/// that is still sending never hears why.
/// </summary>
sealed class BoundedBody(Stream body, long most) : Stream
{
    long _read;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default) => Counted(await body.ReadAsync(buffer, cancel));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancel) => ReadAsync(buffer.AsMemory(offset, count), cancel).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Counted(body.Read(buffer, offset, count));

    int Counted(int read) => (_read += read) <= most ? read : throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => _read; set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
