namespace Komachi.Sandbox.Mail;

enum LineEnd { Good, TooLong, Closed }

/// <summary>
/// Reads a connection line by line without ever holding more than one buffer of it: a line without an end is thrown
/// away as it comes, and said to be too long once its end is there.
/// </summary>
sealed class LineReader(Stream stream, Func<ValueTask> beforeWaiting, Func<CancellationToken> patience)
{
    readonly byte[] _buffer = new byte[16 * 1024];
    int _start, _end;

    /// <summary>The last line that was read, without its end; valid until the next one is read.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>
    /// The next line. With <paramref name="strict"/> only CRLF ends it, as in a message, where a lone LF that counts
    /// lets one mail smuggle another; commands typed by hand may end in LF.
    /// </summary>
    public async ValueTask<LineEnd> Read(int most, bool strict)
    {
        var tooLong = false;
        while (true)
        {
            if (Find(strict) is { } found)
            {
                Line = _buffer.AsMemory(_start, found.Length);
                _start = found.Next;
                return tooLong || found.Length > most ? LineEnd.TooLong : LineEnd.Good;
            }
            if (_end - _start > most + 1)
            {
                // The last byte may be the CR of the end.
                tooLong = true;
                _start = _end - 1;
            }
            if (!await Fill()) return LineEnd.Closed;
        }
    }

    (int Length, int Next)? Find(bool strict)
    {
        var span = _buffer.AsSpan(_start, _end - _start);
        if (strict)
        {
            var at = span.IndexOf("\r\n"u8);
            return at < 0 ? null : (at, _start + at + 2);
        }
        var lf = span.IndexOf((byte)'\n');
        if (lf < 0) return null;
        var length = lf > 0 && span[lf - 1] == '\r' ? lf - 1 : lf;
        return (length, _start + lf + 1);
    }

    async ValueTask<bool> Fill()
    {
        // Answers to pipelined commands leave together, before we wait for more.
        await beforeWaiting();
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), patience());
        _end += read;
        return read > 0;
    }
}
