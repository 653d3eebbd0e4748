using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Komachi.Host;
using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Systems;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.AspNetCore.Http;

[assembly: AssemblyFixture(typeof(Komachi.Tests.Systems.SystemsProgram))]

namespace Komachi.Tests.Systems;

/// <summary>Two programs on one control database, as on two machines, with a module whose API other systems ask and whose events they hear.</summary>
public sealed class SystemsProgram() : TestProgram(Modules.House(new Probes()))
{
    public WebApplication Beside { get; private set; } = null!;
    public string UrlBeside => Beside.Urls.Single();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Beside = await Serving.Start(House, Servers, Options, ["http://127.0.0.1:0"]);
    }

    public override async ValueTask DisposeAsync()
    {
        if (Beside is not null) await Beside.DisposeAsync();
        await base.DisposeAsync();
    }
}

sealed record Probed(string Text);

sealed record Probe(string Text, bool Wrong = false);

/// <summary>What each request changes is an audit entry, since these tests bring no tables.</summary>
sealed class Probes : IModule
{
    /// <summary>Where a request waits until its test says so.</summary>
    public static readonly System.Collections.Concurrent.ConcurrentDictionary<string, TaskCompletionSource> Gates = new();

    public void Define(ModuleBuilder m)
    {
        m.Name("probes", "Probes").Platform("None");
        m.Scope("probes.see", "See probes").Scope("probes.write", "Write probes");
        m.Announces<Probed>("probes.probed", "Something was probed", p => new { p.Text });
        m.SystemApi("probes.see", to => to.MapGet("", (Visit visit) => new { visit.System!.Name, Person = visit.Visitor?.Name }));
        m.SystemApi("probes.write", to => to.MapPost("", async (OnceOnly once, Probe probe, Visit visit, TownDb db) =>
        {
            if (Gates.TryGetValue(probe.Text, out var gate)) await gate.Task;
            if (probe.Wrong) return Results.Problem(statusCode: 422, title: "Wrong on purpose");
            var id = Id.New();
            db.Audit(visit.Did("probes.written", probe.Text, new { probe.Text }));
            db.Raise(new Probed(probe.Text));
            return await once.Save(db, StatusCodes.Status201Created, visit.Link($"api/v1/probes/{id}"), new { id, probe.Text });
        }));
    }
}

/// <summary>A town with a system that has a key.</summary>
sealed class SystemStory(TestProgram program, TestTown town, Guid id, string key, string name) : IDisposable
{
    public TestTown Town => town;
    public Guid Id => id;
    public string Key => key;
    public string Name => name;

    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(program.Url) };

    public static async Task<SystemStory> Begin(TestProgram program, string[]? scopes = null, string[]? networks = null, int aMinute = 6000, int aDay = 100000, string email = "keeper@example.jp")
    {
        var town = await program.NewTown();
        await using var db = town.Open();
        var now = TimeProvider.System.GetUtcNow();
        var system = OtherSystem.Named(new("見本 基幹システム", "見本システム株式会社", email, scopes ?? ["probes.see", "probes.write", "systems.subscribe"], networks ?? [], aMinute, aDay), now);
        var (key, shown) = SystemKey.New(system, town.Slug, now);
        db.Add(system);
        db.Add(key);
        await db.Save();
        return new(program, town, system.Id, shown, system.Name);
    }

    public async Task<Answer> Ask(HttpMethod method, string path, object? body = null, string? once = null, string? key = null, string? at = null)
    {
        using var request = new HttpRequestMessage(method, $"{at ?? program.Url}/{town.Slug}/api/v1/{path}");
        if (key is not "") request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? Key);
        if (once is not null) request.Headers.Add("Idempotency-Key", once);
        if (body is not null) request.Content = JsonContent.Create(body);
        using var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.Of(answer);
    }

    public Task<Answer> See(string? key = null, string? at = null) => Ask(HttpMethod.Get, "probes", key: key, at: at);

    public Task<Answer> Write(string text, string? once = null, bool wrong = false) => Ask(HttpMethod.Post, "probes", new { text, wrong }, once);

    /// <summary>How often it was done.</summary>
    public async Task<int> Times(string text)
    {
        await using var db = town.Open();
        return await db.Set<AuditEntry>().CountAsync(e => e.Action == "probes.written" && e.Subject == text);
    }

    public async Task<List<AuditEntry>> Audited(string action)
    {
        await using var db = town.Open();
        return await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Action == action).OrderBy(e => e.Id).ToListAsync();
    }

    public void Dispose() => Http.Dispose();
}

sealed record Answer(int Status, string? Type, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public string? this[string header] => Headers.GetValueOrDefault(header);

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    /// <summary>What a refusal says to programs; that it is a problem in JSON is seen to.</summary>
    public string Reason
    {
        get
        {
            Assert.Equal("application/problem+json", Type);
            return Json.GetProperty("reason").GetString()!;
        }
    }

    public static async Task<Answer> Of(HttpResponseMessage answer) => new((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync(),
        answer.Headers.Concat(answer.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase));
}
