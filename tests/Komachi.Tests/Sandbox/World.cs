using System.Net;
using System.Net.Http.Json;
using System.Net.Mail;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Komachi.Sandbox;
using Xunit;

namespace Komachi.Tests.Sandbox;

/// <summary>An outside world for one class of tests.</summary>
public class World : IAsyncLifetime
{
    protected virtual string[] Arguments => [];

    OutsideWorld _world = null!;

    public HttpClient Http { get; private set; } = null!;
    public int SmtpPort => _world.SmtpPort;

    public async ValueTask InitializeAsync()
    {
        _world = await OutsideWorld.Open(Arguments);
        Http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = _world.Url, Timeout = TimeSpan.FromSeconds(60) };
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _world.DisposeAsync();
    }

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>An address that no other test reads.</summary>
    public static string Somebody() => $"{Guid.CreateVersion7():n}@example.jp";

    public SmtpClient Client(int timeout = 20_000) => new("127.0.0.1", SmtpPort) { Timeout = timeout };

    public async Task Send(string to, string subject = "お知らせ", string body = "本文です。")
    {
        using var client = Client();
        using var mail = new MailMessage("town@example.jp", to, subject, body);
        await client.SendMailAsync(mail, Stop);
    }

    public Task<Talk> Talk() => Sandbox.Talk.Begin(SmtpPort);

    public async Task<JsonElement> Json(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = await Http.GetAsync(path, Stop);
        return await Read(answer, expected);
    }

    public async Task<JsonElement> Fault(object fault, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = await Http.PutAsJsonAsync("/api/faults", fault, Stop);
        return await Read(answer, expected);
    }

    public static async Task<JsonElement> Read(HttpResponseMessage answer, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var text = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(expected == answer.StatusCode, $"{answer.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public Task<JsonElement> Arrived(string to, double seconds = 60) => Json($"/api/mail/wait?to={to}&seconds={seconds}");

    public async Task<int> Count(string to) => (await Json($"/api/mail?to={to}")).GetProperty("mails").GetArrayLength();
}

/// <summary>An SMTP conversation by hand.</summary>
public sealed class Talk : IDisposable
{
    readonly TcpClient _client = new();
    StreamReader _answers = null!;

    public string Greeting { get; private set; } = "";

    public static async Task<Talk> Begin(int port)
    {
        var talk = new Talk();
        try { await talk._client.ConnectAsync(IPAddress.Loopback, port, World.Stop); }
        catch (SocketException e) when (e.SocketErrorCode != SocketError.ConnectionRefused) { return talk; }    // hung up on before it had begun
        talk._answers = new StreamReader(talk._client.GetStream(), Encoding.UTF8);
        talk.Greeting = await talk.Answer();
        return talk;
    }

    public Task Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    public async Task Write(byte[] bytes) => await _client.GetStream().WriteAsync(bytes, World.Stop);

    /// <summary>One answer, its lines joined; empty when the other side has hung up.</summary>
    public async Task<string> Answer()
    {
        var said = new StringBuilder();
        try
        {
            while (await _answers.ReadLineAsync(World.Stop) is { } line)
            {
                said.Append(said.Length > 0 ? "\n" : "").Append(line);
                if (line.Length < 4 || line[3] != '-') break;
            }
        }
        catch (IOException)
        {
            // Cut.
        }
        return said.ToString();
    }

    public async Task<string> Say(string command)
    {
        await Write(command + "\r\n");
        return await Answer();
    }

    /// <summary>The answer begins with this code.</summary>
    public async Task Expect(string code, string command)
    {
        var answer = await Say(command);
        Assert.True(answer.StartsWith(code, StringComparison.Ordinal), $"{command[..Math.Min(60, command.Length)]} → {answer}, not {code}");
    }

    /// <summary>Up to the point where the message itself follows.</summary>
    public async Task Envelope(string to)
    {
        await Expect("250", "EHLO test");
        await Expect("250", "MAIL FROM:<town@example.jp>");
        await Expect("250", $"RCPT TO:<{to}>");
        await Expect("354", "DATA");
    }

    public void Dispose()
    {
        _answers?.Dispose();
        _client.Dispose();
    }
}
