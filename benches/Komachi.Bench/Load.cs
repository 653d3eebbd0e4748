using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Komachi.Platform.Data;

namespace Komachi.Bench;

/// <summary>One request as bytes. <paramref name="Marked"/> is a place of 32 or 36 characters that is another key each time.</summary>
sealed record Request(byte[] Bytes, int Status, int Marked = -1, int MarkLength = 0)
{
    // What a browser sends with each request.
    const string Browser = "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n" +
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: ja,en-US;q=0.7,en;q=0.3\r\nAccept-Encoding: gzip, deflate, br\r\n";

    public const string Mark32 = "00000000000000000000000000000000", Mark36 = "00000000-0000-0000-0000-000000000000";

    public static Request Get(string path, string? cookie = null, int status = 200) =>
        Of($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{Browser}{Cookie(cookie)}\r\n", status);

    public static Request Post(string path, string cookie, string form) =>
        Of($"POST {path} HTTP/1.1\r\nHost: localhost\r\n{Browser}{Cookie(cookie)}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {Encoding.UTF8.GetByteCount(form).ToString(CultureInfo.InvariantCulture)}\r\n\r\n{form}", 302);

    static string Cookie(string? cookie) => cookie is null ? "" : $"Cookie: {cookie}\r\n";

    static Request Of(string text, int status)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (var mark in new[] { Mark36, Mark32 })
            if (bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(mark)) is >= 0 and var at) return new(bytes, status, at, mark.Length);
        return new(bytes, status);
    }
}

/// <summary>
/// A cheap generator of load: keep-alive connections that each send the next request when the last answer has been read to
/// its end. It looks at the status and the length of an answer and at nothing else.
/// </summary>
sealed class Load : IAsyncDisposable
{
    readonly List<Connection> _connections = [];

    public static async Task<Load> Connect(Uri to, Request request, int connections)
    {
        var load = new Load();
        for (var i = 0; i < connections; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, to.Port));
            load._connections.Add(new(socket, request));
        }
        return load;
    }

    /// <summary>How many answers came in all runs together.</summary>
    public long Answers { get; private set; }

    /// <summary>Answers a second.</summary>
    public async Task<double> Run(TimeSpan time)
    {
        var began = Stopwatch.GetTimestamp();
        var until = began + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var counts = await Task.WhenAll(_connections.Select(c => Task.Run(() => c.Run(until))));
        Answers += counts.Sum();
        return counts.Sum() / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    public ValueTask DisposeAsync()
    {
        foreach (var connection in _connections) connection.Dispose();
        return ValueTask.CompletedTask;
    }

    sealed class Connection(Socket socket, Request request) : IDisposable
    {
        readonly byte[] _send = [.. request.Bytes];
        readonly byte[] _buffer = new byte[256 * 1024];

        public async Task<long> Run(long until)
        {
            long count = 0;
            while (Stopwatch.GetTimestamp() < until)
            {
                if (request.Marked >= 0) Utf8Formatter.TryFormat(Id.New(), _send.AsSpan(request.Marked), out _, request.MarkLength == 36 ? 'D' : 'N');
                await socket.SendAsync(_send);
                await Answer();
                count++;
            }
            return count;
        }

        async ValueTask Answer()
        {
            int have = 0, head = -1, need = -1;
            while (true)
            {
                var read = await socket.ReceiveAsync(_buffer.AsMemory(have));
                if (read == 0) throw new IOException("The server closed the connection.");
                have += read;
                if (head < 0)
                {
                    head = _buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8);
                    if (head < 0) continue;
                    need = Read(head);
                }
                if (need >= 0 ? have >= need : _buffer.AsSpan(0, have).EndsWith("0\r\n\r\n"u8)) return;
            }
        }

        /// <summary>How long the whole answer is; -1 when it comes in chunks.</summary>
        int Read(int head)
        {
            var line = _buffer.AsSpan(0, head);
            Utf8Parser.TryParse(line[9..], out int status, out _);
            if (status != request.Status) throw new InvalidOperationException($"Answered {status} instead of {request.Status}: {Encoding.UTF8.GetString(_buffer, 0, Math.Min(head, 2000))}");
            var length = line.IndexOf("Content-Length: "u8);
            if (length < 0) return -1;
            Utf8Parser.TryParse(line[(length + 16)..], out int body, out _);
            return head + 4 + body;
        }

        public void Dispose() => socket.Dispose();
    }
}
