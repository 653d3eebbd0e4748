using System.Collections.Concurrent;
using Komachi.Host;
using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Komachi.Platform.Portal;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(Komachi.Tests.Jobs.StoryProgram))]

namespace Komachi.Tests.Jobs;

/// <summary>
/// Two programs on one control database, as on two machines, with a module of the tests beside the real ones.
/// The first one sweeps every six seconds, the other only every twenty: what that one hears early, the doorbell told it.
/// </summary>
public sealed class StoryProgram() : TestProgram(Modules.House(new Stories(), new Listeners(), new Extras()))
{
    public WebApplication Beside { get; private set; } = null!;

    protected override WebOptions Options => base.Options with { Sweep = TimeSpan.FromSeconds(6), MailFrom = "first@localhost" };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Beside = await Serving.Start(House, Servers, OptionsFor(World.SmtpPort) with { MailFrom = "beside@localhost" }, ["http://127.0.0.1:0"]);
    }

    public override async ValueTask DisposeAsync()
    {
        if (Beside is not null) await Beside.DisposeAsync();
        await base.DisposeAsync();
    }
}

/// <summary>Jobs to tell stories with. What they change is an audit entry, since these tests bring no tables.</summary>
sealed class Stories : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("stories", "Stories").Platform("None");
        m.Job<Note>().Job<Glance>().Job<Slow>().Job<Narrow>().Job<Break>();
        m.Every<Tick>(TimeSpan.FromHours(1));
        m.Hears<Happened>((happened, run) => Ran.Of(run, "first " + happened.What, change: true));
        m.Figure("stories.told", "Stories told", async (db, _, stop) => await db.Set<AuditEntry>().CountAsync(a => a.Action == "stories.write", stop));
        m.Figure("stories.unmeasured", "Not measured yet", (_, _, _) => Task.FromResult<decimal?>(null));
        m.Pages(Side.Resident, Access.Anyone, "/broken-notice", to => to.MapGet("", () => Page.Show<AskingPage>()));
        m.Pages(Side.Resident, Access.Anyone, "/says", to => to.MapGet("{status:int}", (int status) => status == 500 ? throw new InvalidOperationException("A secret.") : Results.StatusCode(status)));
        m.Pages(Side.Resident, Access.Anyone, "/stories", to =>
        {
            to.MapGet("", () => Page.Show<StoryPage>());
            to.MapPost("", async (Form form, Visit visit, TownDb db) =>
            {
                var text = form.Text("text", most: 100, required: true);
                db.Audit(visit.Did("stories.write", text));
                db.Enqueue(new Note(text));
                await db.Save(form.Once, visit.Link("stories"));
                return Page.Go(visit, "stories");
            });
        });
    }
}

sealed class Listeners : IModule
{
    public void Define(ModuleBuilder m) =>
        m.Name("listeners", "Listeners").Platform("None").Hears<Happened>((happened, run) => Ran.Of(run, "second " + happened.What, change: true));
}

/// <summary>A module that a town may leave out.</summary>
sealed class Extras : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("extras", "Extras");
        m.Public(to => to.MapGet("", () => "extra"));
        m.Menu(MenuPlace.Portal, "Extras", "extras");
        m.Every<ExtraTick>(TimeSpan.FromHours(1)).Hears<Happened>((happened, run) => Ran.Of(run, "extra " + happened.What));
        m.Portal(5, (_, _, _) => Task.FromResult<RenderFragment>(page => page.AddContent(0, "An extra block")));
        m.Urgent((_, _) => Task.FromResult<IReadOnlyList<TownNotice>>([new(new("An urgent extra"), "extras")]));
    }
}

sealed record Happened(string What);

/// <summary>Changes one row.</summary>
sealed record Note(string Text, int Milliseconds = 0) : IJob<Note>
{
    public static string Name => "stories.note";

    public static async Task Run(Note job, JobRun run)
    {
        if (job.Milliseconds > 0) await Task.Delay(job.Milliseconds, run.Stop);
        await Ran.Of(run, job.Text, change: true);
    }
}

/// <summary>Changes nothing: ended by the statement that ends many.</summary>
sealed record Glance(string Text) : IJob<Glance>
{
    public static string Name => "stories.glance";
    public static Task Run(Glance job, JobRun run) => Ran.Of(run, job.Text);
}

/// <summary>Takes longer than its lease.</summary>
sealed record Slow(string Text, int Milliseconds) : IJob<Slow>
{
    public static string Name => "stories.slow";
    public static JobRules Rules { get; } = new(Lease: TimeSpan.FromSeconds(1));

    public static async Task Run(Slow job, JobRun run)
    {
        using (Crowd.Enter(run, job.Text)) await Task.Delay(job.Milliseconds, run.Stop);
        await Ran.Of(run, job.Text, change: true);
    }
}

/// <summary>Two at once in a town, no more.</summary>
sealed record Narrow(string Text) : IJob<Narrow>
{
    public static string Name => "stories.narrow";
    public static JobRules Rules { get; } = new(AtOnce: 2);

    public static async Task Run(Narrow job, JobRun run)
    {
        using (Crowd.Enter(run, "narrow")) await Task.Delay(20, run.Stop);
        await Ran.Of(run, job.Text);
    }
}

/// <summary>Fails until somebody mends it.</summary>
sealed record Break(string Text) : IJob<Break>
{
    public static readonly ConcurrentDictionary<string, bool> Mended = new();

    public static string Name => "stories.break";
    public static JobRules Rules { get; } = new(Attempts: 3);

    public static Task Run(Break job, JobRun run) =>
        Mended.ContainsKey(run.Town.Slug) ? Ran.Of(run, job.Text, change: true) : throw new JobFailed("The bridge is closed.");
}

sealed record Tick : IJob<Tick>
{
    public static string Name => "stories.tick";
    public static Task Run(Tick job, JobRun run) => Ran.Of(run, "tick", change: true);
}

sealed record ExtraTick : IJob<ExtraTick>
{
    public static string Name => "extras.tick";
    public static Task Run(ExtraTick job, JobRun run) => Ran.Of(run, "extra tick");
}

/// <summary>What ran, in which program, how often.</summary>
static class Ran
{
    static readonly ConcurrentQueue<(string Town, string Text, string Program, int Attempt)> All = new();

    public static Task Of(JobRun run, string text, bool change = false)
    {
        All.Enqueue((run.Town.Slug, text, ((WebOptions)run.Services.GetService(typeof(WebOptions))!).MailFrom, run.Attempt));
        if (change) run.Db.Audit(new AuditEntry { Action = "stories.ran", Subject = text, At = run.Time.GetUtcNow() });
        return Task.CompletedTask;
    }

    public static (string Text, string Program, int Attempt)[] In(TestTown town) =>
        All.Where(r => r.Town == town.Slug).Select(r => (r.Text, r.Program, r.Attempt)).ToArray();
}

/// <summary>How many were in one place at the same moment.</summary>
static class Crowd
{
    static readonly ConcurrentDictionary<(string, string), (int Now, int Most)> Places = new();

    public static IDisposable Enter(JobRun run, string place)
    {
        var key = (run.Town.Slug, place);
        Places.AddOrUpdate(key, (1, 1), (_, c) => (c.Now + 1, Math.Max(c.Most, c.Now + 1)));
        return new Leaving(() => Places.AddOrUpdate(key, (0, 1), (_, c) => (c.Now - 1, c.Most)));
    }

    public static int Most(TestTown town, string place) => Places.GetValueOrDefault((town.Slug, place)).Most;

    sealed class Leaving(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}
