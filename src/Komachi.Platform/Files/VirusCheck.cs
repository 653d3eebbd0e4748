using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Komachi.Platform.Files;

/// <summary>
/// Asks a ClamAV daemon about a file: INSTREAM over TCP or a Unix socket, so that the daemon needs no access to our disk. Any answer
/// but a clear one is no answer, and then the file waits.
/// </summary>
static class VirusCheck
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Null: it could not be asked, or did not say.</summary>
    public sealed record Verdict(bool Clean, string? Name);

    public static EndPoint? Door(string clamAv)
    {
        if (clamAv.StartsWith('/')) return new UnixDomainSocketEndPoint(clamAv);
        var colon = clamAv.LastIndexOf(':');
        return colon > 0 && int.TryParse(clamAv.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? IPEndPoint.TryParse(clamAv, out var at) ? at : new DnsEndPoint(clamAv[..colon].Trim('[', ']'), port) : null;
    }

    public static async Task<Verdict?> Ask(string clamAv, Stream content, Action<ReadOnlyMemory<byte>> seen, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        var answer = "";
        try
        {
            var door = Door(clamAv)!;
            using var socket = door is UnixDomainSocketEndPoint ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(door, patience.Token);
            await using var line = new NetworkStream(socket, ownsSocket: false);
            await line.WriteAsync("zINSTREAM\0"u8.ToArray(), patience.Token);
            var chunk = new byte[sizeof(int) + SealedParts.Chunk];
            for (int read; (read = await content.ReadAtLeastAsync(chunk.AsMemory(sizeof(int)), SealedParts.Chunk, throwOnEndOfStream: false, patience.Token)) > 0;)
            {
                seen(chunk.AsMemory(sizeof(int), read));
                BinaryPrimitives.WriteInt32BigEndian(chunk, read);
                await line.WriteAsync(chunk.AsMemory(0, sizeof(int) + read), patience.Token);
            }
            await line.WriteAsync(new byte[sizeof(int)], patience.Token);
            using var said = new StreamReader(line, Encoding.ASCII);
            answer = (await said.ReadToEndAsync(patience.Token)).TrimEnd('\0', '\n');
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return null;
        }
        if (answer == "stream: OK") return new(true, null);
        const string found = " FOUND";
        return answer.StartsWith("stream: ", StringComparison.Ordinal) && answer.EndsWith(found, StringComparison.Ordinal) ? new(false, answer["stream: ".Length..^found.Length]) : null;
    }

    /// <summary>Whether it answers now: for the page at the desk.</summary>
    public static async Task<bool> Answers(string clamAv, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            var door = Door(clamAv)!;
            using var socket = door is UnixDomainSocketEndPoint ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(door, patience.Token);
            await using var line = new NetworkStream(socket, ownsSocket: false);
            await line.WriteAsync("zPING\0"u8.ToArray(), patience.Token);
            var answer = new byte[8];
            return await line.ReadAtLeastAsync(answer, 4, throwOnEndOfStream: false, patience.Token) >= 4 && answer.AsSpan(0, 4).SequenceEqual("PONG"u8);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
