using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Komachi.Host;
using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.Figures;
using Komachi.Platform.Jobs;
using Komachi.Platform.MyNumbers;
using Komachi.Platform.Rights;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

[assembly: AssemblyFixture(typeof(Komachi.Tests.Rights.RightsProgram))]

namespace Komachi.Tests.Rights;

/// <summary>The program with a module of the tests beside the real ones.</summary>
public sealed class RightsProgram() : TestProgram(Modules.House(new Papers()))
{
    /// <summary>From now on, every word of the program's log, and what its traces (and those of the database client) carry. Not from the start: traces are of the whole process, where hundreds of other tests leave theirs.</summary>
    public Listening Listen() => new(Service<ILoggerFactory>());
}

public sealed class Listening : ILoggerProvider
{
    readonly ActivityListener _traces = new();
    volatile bool _ended;

    public ConcurrentQueue<string> Told { get; } = [];

    public Listening(ILoggerFactory log)
    {
        log.AddProvider(this);
        _traces.ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or "Npgsql";
        _traces.Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded;
        _traces.ActivityStopped = activity => Told.Enqueue(string.Join(' ', activity.TagObjects.Select(t => $"{t.Key}={t.Value}")) + activity.DisplayName
            + string.Join(' ', activity.Events.SelectMany(e => e.Tags).Select(t => $"{t.Key}={t.Value}")));
        ActivitySource.AddActivityListener(_traces);
    }

    public ILogger CreateLogger(string category) => new Ear(this, category);

    public void Dispose()
    {
        _ended = true;    // a provider cannot be taken away again
        _traces.Dispose();
    }

    sealed class Ear(Listening here, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel level) => !here._ended;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? e, Func<TState, Exception?, string> say)
        {
            if (!here._ended) here.Told.Enqueue($"{category}: {say(state, e)} {e}");
        }
    }
}

/// <summary>A module that asks for the number, keeps something by law, and has many records that end.</summary>
sealed class Papers : IModule
{
    public const string Use = "papers.support";

    /// <summary>Persons of whom a paper has to stay.</summary>
    public static readonly ConcurrentDictionary<Guid, bool> Filed = new();

    /// <summary>Towns in which the erasing is killed in its second batch.</summary>
    public static readonly ConcurrentDictionary<string, int> Killed = new();

    public void Define(ModuleBuilder m)
    {
        m.Name("papers", "Papers").Platform("None");
        m.UsesMyNumber(Use, "Support for papers", days: 30);
        m.Pages(Side.Resident, Access.Resident, "/papers", to =>
        {
            to.MapGet("", async (TownDb db, MyNumberSafe safe) => Page.Show<PaperPage>(new { Form = Form.Empty, Basis = await safe.BasisOf(db, Use) ?? "off" }));
            to.MapPost("", async (Form form, Visit visit, TownDb db, MyNumberSafe safe) =>
            {
                form.Text("what", most: 100, required: true);
                var number = form.MyNumber("number", required: true);
                if (form.Wrong) return Page.Show<PaperPage>(new { Form = form, Basis = "" }, 422);
                await safe.Keep(visit, db, Use, visit.Visitor!.PersonId!.Value, "papers/1", number!.Value);
                await db.Save(form.Once, visit.Link("papers"));
                return Page.Go(visit, "papers");
            });
        });
        m.Retains("papers.days", "Days of papers", "A rule of the tests", Keep.Days(0),
            all: night => Days(night).CountAsync(night.Stop),
            due: night => Days(night).CountAsync(night.Stop),
            erase: (night, most) =>
            {
                if (Killed.ContainsKey(night.Db.Town.Slug) && Killed.AddOrUpdate(night.Db.Town.Slug, 1, (_, batches) => batches + 1) == 2) throw new OperationCanceledException("Killed.");
                return Days(night).Take(most).ExecuteDeleteAsync(night.Stop);
            });
        m.Forgets(
            about => Task.FromResult<IReadOnlyList<Fate>>(Filed.ContainsKey(about.PersonId) ? [new("A paper", 1, "By the law on papers", about.Now.AddYears(5), SaysWho: true)] : []),
            _ => Task.CompletedTask);
    }

    static IQueryable<FigureSnapshot> Days(Night night)
    {
        var before = DateOnly.FromDateTime(night.Before.UtcDateTime);
        return night.Db.Set<FigureSnapshot>().Where(s => s.Key.StartsWith("papers.") && s.TakenOn < before);
    }
}

/// <summary>A page with one text and the number.</summary>
public sealed class PaperPage : ComponentBase
{
    [Parameter] public Form Form { get; set; } = null!;
    [Parameter] public string Basis { get; set; } = "";

    protected override void BuildRenderTree(RenderTreeBuilder page)
    {
        page.OpenElement(0, "main");
        page.AddContent(1, Basis + " " + string.Join(' ', Form.Mistakes.Select(m => m.Message)));
        page.OpenElement(2, "form");
        page.AddAttribute(3, "method", "post");
        page.OpenComponent<FormKeys>(4);
        page.CloseComponent();
        page.OpenElement(5, "input");
        page.AddAttribute(6, "name", "what");
        page.AddAttribute(7, "value", Form.Typed("what"));
        page.CloseElement();
        page.OpenComponent<Komachi.Ui.MyNumberField>(8);
        page.AddComponentParameter(9, "Name", "number");
        page.AddComponentParameter(10, "Label", "個人番号");
        page.AddComponentParameter(11, "Why", "試験のため");
        page.AddComponentParameter(12, "Basis", Basis);
        page.AddComponentParameter(13, "value", Form.Typed("number"));    // a careless page that would fill it in again
        page.CloseComponent();
        page.CloseElement();
        page.CloseElement();
    }
}

/// <summary>What the stories of this folder share: another night, and everything that a town's database says.</summary>
static class Stories
{
    /// <summary>A new town's first night is the next one: until then the test is the clock.</summary>
    public static Task<TestTown> Quiet(this TestProgram program) => program.NewTown();

    public static async Task Night<T>(this TestTown town, DateTimeOffset at) where T : IJob<T>, new()
    {
        await using var db = town.Open();
        await T.Run(new(), new JobRun(Id.New(), 1, town.Town, db, new At(town.Program.App.Services, at), TestContext.Current.CancellationToken));
        await db.Save();
    }

    sealed class At(IServiceProvider services, DateTimeOffset now) : IServiceProvider
    {
        public object? GetService(Type type) => type == typeof(TimeProvider) ? new Clock(now) : services.GetService(type);

        sealed class Clock(DateTimeOffset now) : TimeProvider
        {
            public override DateTimeOffset GetUtcNow() => now;
        }
    }

    public static async Task<T> Ask<T>(this TestTown town, string sql)
    {
        await using var ask = town.Source.CreateCommand(sql);
        return (T)(await ask.ExecuteScalarAsync())!;
    }

    public static async Task Tell(this TestTown town, string sql)
    {
        await using var tell = town.Source.CreateCommand(sql);
        await tell.ExecuteNonQueryAsync();
    }

    /// <summary>Every row of every table as text; bytes are hexadecimal.</summary>
    public static async Task<IReadOnlyList<string>> Everything(this TestTown town)
    {
        await using var owner = await town.Program.Servers.OpenOwner(Servers.Main, town.Town.Database);
        var tables = new List<string>();
        await using (var list = new NpgsqlCommand("SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'", owner))
        await using (var rows = await list.ExecuteReaderAsync())
            while (await rows.ReadAsync()) tables.Add(rows.GetString(0));
        Assert.True(tables.Count > 20);
        var all = new List<string>();
        foreach (var table in tables)
        {
            await using var read = new NpgsqlCommand($"SELECT t::text FROM {table} t", owner);
            await using var rows = await read.ExecuteReaderAsync();
            while (await rows.ReadAsync()) all.Add(table + " " + rows.GetString(0));
        }
        return all;
    }

    public static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));
}
