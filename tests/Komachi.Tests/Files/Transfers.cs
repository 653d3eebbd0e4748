using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Komachi.Platform.Files;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Files;

/// <summary>Somebody who sends files by tus, from the box of a page.</summary>
sealed class Sender(TestTown town, Person person, string token, string kind, string place)
{
    public TestTown Town => town;
    public Person Person => person;
    public string Place => place;

    public static async Task<Sender> At(TestTown town, string resident = "hanako")
    {
        var person = await town.Resident(resident);
        var page = await person.Open("papers");
        return new(town, person, Value(page, "_token"), Value(page, "kind"), Value(page, "place"));
    }

    /// <summary>Somebody without an account, who sends to the board; the token comes from a page with a form.</summary>
    public static async Task<Sender> ToTheBoard(TestTown town, string? type = null)
    {
        var person = town.Visitor();
        return new(town, person, Value(await person.Open("sign-in"), "_token"), type ?? "papers.board", "board");
    }

    static string Value(Seen page, string name) => page.One($"input[name={name}]").GetAttribute("value")!;

    public Sender With(string? token = null, string? kind_ = null, string? place_ = null) => new(town, person, token ?? Token, kind_ ?? kind, place_ ?? place);

    public string Token => token;

    public HttpRequestMessage Ask(HttpMethod method, string address, params (string Name, string Value)[] headers)
    {
        var ask = new HttpRequestMessage(method, address);
        ask.Headers.Add("Tus-Resumable", "1.0.0");
        if (token.Length > 0) ask.Headers.Add("RequestVerificationToken", token);
        foreach (var (name, value) in headers) ask.Headers.TryAddWithoutValidation(name, value);
        return ask;
    }

    public Task<HttpResponseMessage> Send(HttpRequestMessage ask) => person.Http.SendAsync(ask, TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> Create(string name, long length) => Send(Ask(HttpMethod.Post, $"/{town.Slug}/files/sending", ("Upload-Length", $"{length}"),
        ("Upload-Metadata", string.Join(',', new[] { ("filename", name), ("kind", kind), ("place", place) }.Select(p => $"{p.Item1} {Convert.ToBase64String(Encoding.UTF8.GetBytes(p.Item2))}")))));

    public async Task<string> Begin(string name, long length)
    {
        using var made = await Create(name, length);
        Assert.True(made.StatusCode == HttpStatusCode.Created, $"{made.StatusCode}: {await made.Content.ReadAsStringAsync()}");
        return made.Headers.Location!.ToString();
    }

    public Task<HttpResponseMessage> Add(string address, long offset, byte[] bytes)
    {
        var ask = Ask(HttpMethod.Patch, address, ("Upload-Offset", $"{offset}"));
        ask.Content = new ByteArrayContent(bytes);
        ask.Content.Headers.ContentType = new("application/offset+octet-stream");
        return Send(ask);
    }

    public async Task<long> Offset(string address)
    {
        using var seen = await Send(Ask(HttpMethod.Head, address));
        Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
        Assert.Equal("no-store", seen.Headers.CacheControl?.ToString());
        return long.Parse(seen.Headers.GetValues("Upload-Offset").Single());
    }

    public static Guid IdOf(string address) => Guid.Parse(address[(address.LastIndexOf('/') + 1)..]);

    /// <summary>A whole file, up to where it is (or is not) looked at.</summary>
    public async Task<Guid> Whole(string name, byte[] bytes)
    {
        var address = await Begin(name, bytes.Length);
        using var answer = await Add(address, 0, bytes);
        Assert.True(answer.StatusCode == HttpStatusCode.NoContent, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return IdOf(address);
    }

    /// <summary>A whole file that everybody who may can get.</summary>
    public async Task<Guid> Ready(string name, byte[] bytes)
    {
        var id = await Whole(name, bytes);
        await State(id, "Ready");
        return id;
    }

    public Task State(Guid id, string state) => town.Until($"(SELECT state = '{state}' FROM files.stored WHERE id = '{id}')", 60);

    public async Task<StoredFile?> Stored(Guid id)
    {
        await using var db = town.Open();
        return await db.Set<StoredFile>().AsNoTracking().SingleOrDefaultAsync(f => f.Id == id);
    }

    public Task<HttpResponseMessage> Get(Guid id, string name = "x", RangeHeaderValue? range = null)
    {
        var ask = new HttpRequestMessage(HttpMethod.Get, $"/{town.Slug}/files/{id}/{Uri.EscapeDataString(name)}");
        ask.Headers.Range = range;
        return Send(ask);
    }

    public async Task<byte[]> Bytes(Guid id)
    {
        using var answer = await Get(id);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    /// <summary>A request with the visitor's cookies by hand, up to the end of its headers: its body is the test's to cut.</summary>
    public async Task<NetworkStream> Raw(string method, string address, string headers)
    {
        var url = person.Http.BaseAddress!;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(url.Host, url.Port);
        var line = new NetworkStream(socket, ownsSocket: true);
        await line.WriteAsync(Encoding.ASCII.GetBytes($"{method} {address} HTTP/1.1\r\nHost: {url.Authority}\r\nCookie: {person.Cookies.GetCookieHeader(new(url, address))}\r\n{headers}\r\n\r\n"));
        return line;
    }
}
