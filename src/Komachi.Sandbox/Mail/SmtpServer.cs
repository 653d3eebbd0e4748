using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Komachi.Sandbox.Faults;

namespace Komachi.Sandbox.Mail;

/// <summary>The post office's door: takes SMTP connections, many at once, and puts what comes into the <see cref="MailBox"/>.</summary>
sealed class SmtpServer(SandboxOptions options, MailBox box, FaultPanel faults, Happenings happenings, TimeProvider time, ILogger<SmtpServer> log) : IHostedService
{
    const int MostSessions = 2_000;
    const long MostBytesUnderWay = 512L * 1024 * 1024;

    readonly CancellationTokenSource _stop = new();
    readonly ConcurrentDictionary<Task, byte> _sessions = new();
    Socket? _door;
    Task _accepting = Task.CompletedTask;
    long _underWay;

    /// <summary>The port that is really open: with 0 in the options, any free one.</summary>
    public int Port { get; private set; }

    public IPAddress Address => options.SmtpAddress;
    public int MostBytes => options.MailBytes;
    public TimeSpan Idle => options.SmtpIdle;
    public TimeProvider Time => time;
    public FaultPanel Faults => faults;
    public Happenings Happenings => happenings;

    public Task StartAsync(CancellationToken cancel)
    {
        var door = new Socket(options.SmtpAddress.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            door.Bind(new IPEndPoint(options.SmtpAddress, options.SmtpPort));
            door.Listen(512);
        }
        catch (SocketException e)
        {
            door.Dispose();
            throw new SandboxRefused($"The SMTP port {options.SmtpAddress}:{options.SmtpPort} cannot be opened: {e.Message}");
        }
        _door = door;
        Port = ((IPEndPoint)door.LocalEndPoint!).Port;
        _accepting = Accept(door);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancel)
    {
        await _stop.CancelAsync();
        _door?.Dispose();
        await _accepting;
        try { await Task.WhenAll(_sessions.Keys).WaitAsync(cancel); }
        catch (OperationCanceledException) { }
    }

    async Task Accept(Socket door)
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await door.AcceptAsync(_stop.Token);
                socket.NoDelay = true;
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // Gone before we answered, or no file handle left: both pass.
                log.LogWarning("A mail connection could not be taken: {Why}", e.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(50), time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }
            if (_sessions.Count >= MostSessions) { socket.Dispose(); continue; }
            var session = Task.Run(() => Attend(socket));
            _sessions[session] = 0;
            _ = session.ContinueWith(t => _sessions.TryRemove(t, out _), TaskScheduler.Default);
        }
    }

    async Task Attend(Socket socket)
    {
        try
        {
            await new SmtpSession(socket, this).Run(_stop.Token);
        }
        catch (Exception e)
        {
            // A mistake of ours ends one conversation, not the post office.
            log.LogError(e, "A mail conversation failed");
            happenings.Say("mail", "A conversation failed: {0}", e.Message);
            socket.Dispose();
        }
    }

    public KeptMail Keep(string from, string[] to, byte[] raw)
    {
        var mail = box.Add(from, to, raw, time.GetUtcNow());
        happenings.Say("mail", $"/mail/{mail.Id}", new Remark("Mail for {0}: {1}", mail.ForWhom, mail.SubjectShown));
        return mail;
    }

    /// <summary>Room for one message that is being sent, given back when it is stored or gone.</summary>
    public MessageRoom Room() => new(this);

    internal sealed class MessageRoom(SmtpServer server) : IDisposable
    {
        long _taken;

        public bool Take(int bytes)
        {
            _taken += bytes;
            return Interlocked.Add(ref server._underWay, bytes) <= MostBytesUnderWay;
        }

        public void Dispose() => Interlocked.Add(ref server._underWay, -_taken);
    }
}
