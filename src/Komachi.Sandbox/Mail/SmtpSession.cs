using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Komachi.Sandbox.Faults;

namespace Komachi.Sandbox.Mail;

/// <summary>
/// One SMTP conversation (RFC 5321 with SIZE, PIPELINING, 8BITMIME, SMTPUTF8 and ENHANCEDSTATUSCODES), from the greeting
/// to the end. Whatever the other side sends, it ends in an answer or a closed connection, never in an exception.
/// </summary>
sealed class SmtpSession(Socket socket, SmtpServer server)
{
    // RFC 5321, 4.5.3.1; extensions lengthen the command line, so there is room.
    const int LongestCommand = 2_048, LongestTextLine = 998, MostRecipients = 1_000, MostMistakes = 50;

    static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    readonly NetworkStream _stream = new(socket, ownsSocket: true);
    readonly MemoryStream _answers = new();
    readonly CancellationTokenSource _patience = new(Timeout.InfiniteTimeSpan, server.Time);
    LineReader _lines = null!;

    string? _client;
    string? _from;
    bool _utf8;
    readonly List<string> _to = [];
    int _mistakes;

    /// <summary>Why the conversation is over; an empty line cuts without a word.</summary>
    sealed class Over(string lastWord) : Exception { public string LastWord => lastWord; }

    public async Task Run(CancellationToken stop)
    {
        using var stopping = stop.Register(static p => ((CancellationTokenSource)p!).Cancel(), _patience);
        _lines = new LineReader(_stream, Flush, Patience);
        try
        {
            await Converse(stop);
        }
        catch (Over over) when (over.LastWord.Length == 0)
        {
            // A reset, as when a cable is pulled or a server dies.
            try { socket.LingerState = new LingerOption(true, 0); }
            catch (SocketException) { }
        }
        catch (Over over)
        {
            await LastWord(over.LastWord);
        }
        catch (OperationCanceledException)
        {
            await LastWord(stop.IsCancellationRequested ? "421 4.3.2 The post office closes" : "421 4.4.2 You were silent for too long");
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The other side went away: that is its right.
        }
        finally
        {
            await _stream.DisposeAsync();
            _patience.Dispose();
        }
    }

    CancellationToken Patience()
    {
        _patience.CancelAfter(server.Idle);
        return _patience.Token;
    }

    async Task Converse(CancellationToken stop)
    {
        var trouble = await server.Faults.Next("mail.connect", stop);
        if (trouble.Refuse is { } no) throw new Over($"{no.Status} {OneLine(no.Text)}");
        if (trouble.DropBefore) throw new Over("");
        Say("220 komachi-sandbox ESMTP");
        if (trouble.DropAfter) { await Flush(); throw new Over(""); }

        while (true)
        {
            switch (await _lines.Read(LongestCommand, strict: false))
            {
                case LineEnd.Closed: return;
                case LineEnd.TooLong: Mistake("500 5.5.2 That line is too long"); continue;
            }
            if (!TryText(_lines.Line.Span, out var line)) { Mistake("500 5.5.2 A command is text: ASCII, or UTF-8 in addresses"); continue; }
            var space = line.IndexOf(' ');
            var verb = (space < 0 ? line : line[..space]).ToUpperInvariant();
            var argument = space < 0 ? "" : line[(space + 1)..].Trim(' ');
            switch (verb)
            {
                case "EHLO" or "HELO": Hello(verb, argument); break;
                case "MAIL": Mail(argument); break;
                case "RCPT": await Recipient(argument, stop); break;
                case "DATA": await Data(argument, stop); break;
                case "RSET": Reset(); Say("250 2.0.0 Forgotten"); break;
                case "NOOP": Say("250 2.0.0 Yes"); break;
                case "VRFY": Say(argument.Length == 0 ? "501 5.5.4 VRFY whom?" : "252 2.0.0 Cannot say, but will take a mail for them"); break;
                case "HELP": Say("214 2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY QUIT"); break;
                case "EXPN" or "TURN" or "AUTH" or "STARTTLS" or "ETRN" or "BDAT": Mistake("502 5.5.1 Not offered here"); break;
                case "QUIT": throw new Over("221 2.0.0 Good-bye");
                default: Mistake("500 5.5.1 Not a command that is known here"); break;
            }
        }
    }

    void Hello(string verb, string argument)
    {
        if (argument.Length == 0) { Mistake($"501 5.5.4 {verb} who?"); return; }
        Reset();
        _client = argument;
        if (verb == "HELO") Say("250 komachi-sandbox");
        else
            Say("250-komachi-sandbox\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE "
                + server.MostBytes.ToString(CultureInfo.InvariantCulture));
    }

    void Mail(string argument)
    {
        if (_client is null) { Mistake("503 5.5.1 Say EHLO first"); return; }
        if (_from is not null) { Mistake("503 5.5.1 There is a sender already"); return; }
        if (SmtpAddress.Read(argument, "FROM:") is not { } from) { Mistake("501 5.1.7 Write MAIL FROM:<address>"); return; }
        var utf8 = false;
        foreach (var parameter in from.Parameters)
        {
            var equals = parameter.IndexOf('=');
            var name = (equals < 0 ? parameter : parameter[..equals]).ToUpperInvariant();
            var value = equals < 0 ? null : parameter[(equals + 1)..].ToUpperInvariant();
            switch (name, value)
            {
                case ("SIZE", not null) when ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size):
                    if (size <= (ulong)server.MostBytes) break;
                    Say($"552 5.3.4 At most {server.MostBytes} bytes");
                    return;
                case ("BODY", "7BIT" or "8BITMIME"): break;
                case ("SMTPUTF8", null): utf8 = true; break;
                case ("SIZE" or "BODY" or "SMTPUTF8", _): Mistake($"501 5.5.4 {name} cannot be read"); return;
                default: Mistake("555 5.5.4 A parameter that is not known here"); return;
            }
        }
        if (!utf8 && !from.IsAscii) { Mistake("553 5.6.7 Such an address needs SMTPUTF8"); return; }
        _from = from.Address;
        _utf8 = utf8;
        Say("250 2.1.0 Good");
    }

    async Task Recipient(string argument, CancellationToken stop)
    {
        if (_from is null) { Mistake("503 5.5.1 Say MAIL first"); return; }
        if (SmtpAddress.Read(argument, "TO:") is not { Address.Length: > 0 } to) { Mistake("501 5.1.3 Write RCPT TO:<address>"); return; }
        if (to.Parameters.Count > 0) { Mistake("555 5.5.4 A parameter that is not known here"); return; }
        if (!_utf8 && !to.IsAscii) { Mistake("553 5.6.7 Such an address needs SMTPUTF8"); return; }
        if (_to.Count >= MostRecipients) { Say("452 4.5.3 Too many recipients for one mail"); return; }
        var trouble = await server.Faults.Next("mail.recipient", stop, to.Address);
        if (trouble.Refuse is { } no) { Say($"{no.Status} {OneLine(no.Text)}"); return; }
        if (trouble.DropBefore || trouble.DropAfter) throw new Over("");
        _to.Add(to.Address);
        Say("250 2.1.5 Good");
    }

    async Task Data(string argument, CancellationToken stop)
    {
        if (argument.Length > 0) { Mistake("501 5.5.4 DATA stands alone"); return; }
        if (_from is null || _to.Count == 0) { Mistake("503 5.5.1 Say MAIL and RCPT first"); return; }
        Say("354 Go on, and end with a line that is a full stop");

        using var message = new MemoryStream();
        using var room = server.Room();
        var no = (string?)null;
        while (true)
        {
            var end = await _lines.Read(LongestTextLine + 1, strict: true);
            if (end == LineEnd.Closed) return;
            var line = _lines.Line;
            if (end == LineEnd.Good && line.Span is [(byte)'.']) break;
            if (end == LineEnd.Good && line.Span is [(byte)'.', ..]) line = line[1..];
            if (end == LineEnd.TooLong || line.Length > LongestTextLine) no ??= $"554 5.6.0 A line is longer than {LongestTextLine} bytes";
            if (no is null && message.Length + line.Length + 2 > server.MostBytes) no = $"552 5.3.4 At most {server.MostBytes} bytes";
            if (no is null && !room.Take(line.Length + 2)) no = "452 4.3.1 Too much is being sent at this moment";
            if (no is not null) { message.SetLength(0); continue; }
            message.Write(line.Span);
            message.Write("\r\n"u8);
        }

        var from = _from;
        string[] to = [.. _to];
        Reset();
        if (no is not null)
        {
            server.Happenings.Say("mail", "A mail from {0} was not taken: {1}", from, no);
            Say(no);
            return;
        }
        var trouble = await server.Faults.Next("mail", stop, [from, .. to]);
        if (trouble.Refuse is { } refusal) { Say($"{refusal.Status} {OneLine(refusal.Text)}"); return; }
        if (trouble.DropBefore) throw new Over("");
        var raw = message.ToArray();
        var kept = server.Keep(from, to, raw);
        if (trouble.Twice) server.Keep(from, to, raw);
        if (trouble.DropAfter) throw new Over("");
        Say($"250 2.0.0 Taken as {kept.Id}");
    }

    void Reset()
    {
        _from = null;
        _utf8 = false;
        _to.Clear();
    }

    void Mistake(string answer)
    {
        if (++_mistakes > MostMistakes) throw new Over("421 4.7.0 Too many mistakes");
        Say(answer);
    }

    void Say(string answer)
    {
        _answers.Write(Encoding.UTF8.GetBytes(answer));
        _answers.Write("\r\n"u8);
    }

    async ValueTask Flush()
    {
        if (_answers.Length == 0) return;
        await _stream.WriteAsync(_answers.GetBuffer().AsMemory(0, (int)_answers.Length), Patience());
        _answers.SetLength(0);
    }

    async Task LastWord(string word)
    {
        try
        {
            Say(word);
            using var quickly = new CancellationTokenSource(TimeSpan.FromSeconds(1), server.Time);
            await _stream.WriteAsync(_answers.GetBuffer().AsMemory(0, (int)_answers.Length), quickly.Token);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Nobody is there to hear it.
        }
    }

    /// <summary>What a person chose as the text of a refusal must not become two answers.</summary>
    static string OneLine(string text) => text.ReplaceLineEndings(" ");

    static bool TryText(ReadOnlySpan<byte> bytes, out string text)
    {
        text = "";
        if (bytes.Contains((byte)0)) return false;
        try
        {
            text = Utf8.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
