using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Komachi.Platform.Pdf;

/// <summary>
/// The DevTools protocol as far as printing needs it: JSON messages that end with a zero byte, over two pipes that nobody else on the
/// machine can reach. Answers find who asked; what happens in a page is told to who listens to its session.
/// </summary>
sealed class DevTools(Stream to)
{
    static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _asked = [];
    readonly ConcurrentDictionary<string, Action<string, JsonElement>> _listening = [];
    readonly SemaphoreSlim _one = new(1);
    int _last;

    public bool HasEnded { get; private set; }

    /// <summary>What happens in a page, until its print is over. Called by the thread that reads: it only notes and asks.</summary>
    public void Listen(string session, Action<string, JsonElement> heard) => _listening[session] = heard;

    public void Leave(string session) => _listening.TryRemove(session, out _);

    public async Task<JsonElement> Ask(string method, object? parameters, string? session, CancellationToken stop)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = answer;
        try
        {
            byte[] message = [.. JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters ?? new { }, sessionId = session }, Json), 0];
            await _one.WaitAsync(stop);
            try
            {
                // Whole or not at all: half a message would be the end of every print under way.
                await to.WriteAsync(message, CancellationToken.None);
                await to.FlushAsync(CancellationToken.None);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                throw new ChromiumTrouble("Chromium ended.");
            }
            finally
            {
                _one.Release();
            }
            if (HasEnded) throw new ChromiumTrouble("Chromium ended.");
            return await answer.Task.WaitAsync(stop);
        }
        finally
        {
            _asked.TryRemove(id, out _);
        }
    }

    /// <summary>Hears until the pipe ends; the thread that calls this does nothing else.</summary>
    public void Hear(Stream from)
    {
        var buffer = new byte[64 * 1024];
        var filled = 0;
        try
        {
            for (int read; (read = from.Read(buffer, filled, buffer.Length - filled)) > 0;)
            {
                filled += read;
                var begin = 0;
                for (int length; (length = buffer.AsSpan(begin, filled - begin).IndexOf((byte)0)) >= 0; begin += length + 1) Take(buffer.AsSpan(begin, length));
                buffer.AsSpan(begin, filled - begin).CopyTo(buffer);
                filled -= begin;
                if (filled == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
        catch (IOException) { }
        finally
        {
            HasEnded = true;
            foreach (var (_, asked) in _asked) asked.TrySetException(new ChromiumTrouble("Chromium ended."));
        }
    }

    void Take(ReadOnlySpan<byte> message)
    {
        var said = JsonSerializer.Deserialize<JsonElement>(message);
        if (said.TryGetProperty("id", out var id))
        {
            if (!_asked.TryGetValue(id.GetInt32(), out var asked)) return;
            if (said.TryGetProperty("error", out var error)) asked.TrySetException(new ChromiumTrouble(error.GetProperty("message").GetString() ?? "Chromium said no."));
            else asked.TrySetResult(said.GetProperty("result"));
            return;
        }
        var (method, about) = (said.GetProperty("method").GetString()!, said.GetProperty("params"));
        // That a page is gone is said to nobody in particular.
        var session = said.TryGetProperty("sessionId", out var of) ? of.GetString() : about.TryGetProperty("sessionId", out of) ? of.GetString() : null;
        if (session is not null && _listening.TryGetValue(session, out var heard)) heard(method, about);
    }
}

/// <summary>A print went wrong in Chromium, or Chromium itself did: on another one it may work.</summary>
sealed class ChromiumTrouble(string why) : Exception(why);
