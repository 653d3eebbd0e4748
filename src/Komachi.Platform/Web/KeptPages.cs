using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Komachi.Platform.Web;

/// <summary>
/// Keeps the pages marked <see cref="KeptPage"/> for one second for visitors who are not signed in. A second is short enough
/// that nobody needs to be told of a change: on every process it shows within two seconds, and a page that a whole town
/// opens at once is still made about once a second: one visitor makes it anew, and who comes meanwhile gets the old one
/// for half a second more, but never an older one: what nobody asked for since yesterday is not shown to the second to ask.
/// It stands before routing, so a kept page costs little more than its bytes.
/// </summary>
sealed class KeptPages(RequestDelegate next, TimeProvider time)
{
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1), StillShown = TimeSpan.FromSeconds(1.5);
    const int MostPages = 2000, MostBytes = 512 * 1024;
    const long MostKept = 64 * 1024 * 1024;    // addresses can be made up

    readonly ConcurrentDictionary<(string Town, string Address), Kept> _pages = new();
    long _pruned, _bytes;

    public Task Invoke(HttpContext http)
    {
        var visit = http.Visit();
        if (!visit.HasTown || !HttpMethods.IsGet(http.Request.Method) || SessionDoor.CookieOf(visit).Read(http) is not null) return next(http);
        var key = (visit.Town.Slug, AddressOf(http));
        if (!_pages.TryGetValue(key, out var kept)) return Make(http, key, null);
        var age = time.GetElapsedTime(kept.At);
        return age < Fresh || (age < StillShown && !kept.TakeTurn()) ? kept.Send(http) : Make(http, key, kept);
    }

    // A feed writes whole addresses, so what was asked for under one host, made up or not, is no answer under another.
    static string AddressOf(HttpContext http) =>
        http.Request.Scheme + "://" + http.Request.Host.Value + http.Request.PathBase.Value + http.Request.Path.Value + http.Request.QueryString.Value
        + (http.Visit().Readings ? "" : " without readings");

    /// <summary>
    /// Makes the page; if it turns out to be one that may be kept, keeps it. If not (the town was suspended, the database is
    /// away, the visitor left), what was kept before goes too: its turn is taken, so nobody else would make a new one.
    /// </summary>
    async Task Make(HttpContext http, (string, string) key, Kept? before)
    {
        var at = time.GetTimestamp();
        var own = http.Response.Body;
        using var copy = new MemoryStream();
        http.Response.Body = new CapturingStream(own, copy, () => MayKeep(http));
        Kept? made = null;
        try
        {
            await next(http);
            if (MayKeep(http) && copy.Length is > 0 and <= MostBytes) made = new Kept(at, http.Response.ContentType!, copy.ToArray());
        }
        finally
        {
            http.Response.Body = own;
            if (made is null && before is not null) _pages.TryRemove(KeyValuePair.Create(key, before));
        }
        if (made is null) return;
        if (_pages.Count >= MostPages || Interlocked.Read(ref _bytes) > MostKept) Prune();
        if ((_pages.Count >= MostPages || Interlocked.Read(ref _bytes) > MostKept) && before is null) return;
        _pages[key] = made;
        Interlocked.Add(ref _bytes, made.Size);    // what it takes the place of goes off the sum at the next pruning
    }

    static bool MayKeep(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<KeptPage>() is not null &&
        http.Response.StatusCode == StatusCodes.Status200OK &&
        http.Response.Headers.SetCookie.Count == 0;

    void Prune()
    {
        var last = Interlocked.Read(ref _pruned);
        if (time.GetElapsedTime(last) < Fresh || Interlocked.CompareExchange(ref _pruned, time.GetTimestamp(), last) != last) return;
        foreach (var (key, kept) in _pages)
            if (time.GetElapsedTime(kept.At) >= Fresh) _pages.TryRemove(key, out _);
        Interlocked.Exchange(ref _bytes, _pages.Values.Sum(kept => (long)kept.Size));
    }

    sealed class Kept(long at, string contentType, byte[] plain)
    {
        readonly string _etag = "\"" + Convert.ToHexStringLower(SHA256.HashData(plain).AsSpan(0, 10)) + "\"";
        readonly Lazy<byte[]> _packed = new(() => Pack(plain));
        int _taken;

        public long At => at;
        public int Size => plain.Length;

        /// <summary>One visitor makes the next page; those who come meanwhile get this one.</summary>
        public bool TakeTurn() => Interlocked.Exchange(ref _taken, 1) == 0;

        public Task Send(HttpContext http)
        {
            var response = http.Response;
            response.Headers.ETag = _etag;
            response.Headers.CacheControl = "no-cache";
            response.Headers.Vary = "Accept-Encoding, Cookie";
            if (http.Request.Headers.IfNoneMatch.Count > 0 && http.Request.Headers.IfNoneMatch.ToString().Contains(_etag, StringComparison.Ordinal))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
            var body = plain;
            if (http.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.Ordinal))
            {
                body = _packed.Value;
                response.Headers.ContentEncoding = "br";
            }
            response.ContentType = contentType;
            response.ContentLength = body.Length;
            return response.Body.WriteAsync(body, http.RequestAborted).AsTask();
        }

        static byte[] Pack(byte[] plain)
        {
            using var to = new MemoryStream();
            using (var brotli = new BrotliStream(to, CompressionLevel.Fastest)) brotli.Write(plain);
            return to.ToArray();
        }
    }

    /// <summary>Passes everything on, and keeps a copy while the answer may be kept.</summary>
    sealed class CapturingStream(Stream to, MemoryStream copy, Func<bool> may) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() => to.Flush();
        public override Task FlushAsync(CancellationToken stop) => to.FlushAsync(stop);
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Pages are written asynchronously.");

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken stop = default)
        {
            if (may() && copy.Length + buffer.Length <= MostBytes + 1) copy.Write(buffer.Span);
            return to.WriteAsync(buffer, stop);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken stop) =>
            WriteAsync(buffer.AsMemory(offset, count), stop).AsTask();
    }
}
