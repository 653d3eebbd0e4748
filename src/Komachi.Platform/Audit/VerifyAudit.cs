using System.Text.Json;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Komachi.Platform.Mail;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Komachi.Platform.Audit;

/// <summary>
/// One step of a verification: asked for, on its way, ended. What serves may only add to the audit's tables, so a verification is
/// several rows; the newest of its run says where it stands.
/// </summary>
sealed class CheckStep
{
    public const string Asked = "asked", OnTheWay = "running", Ended = "ended";

    public Guid Id { get; init; } = Data.Id.New();
    public Guid Run { get; init; }
    public DateTimeOffset At { get; init; }
    public required string Stage { get; init; }
    public long Blocks { get; init; }
    public long OfBlocks { get; init; }
    public long Entries { get; init; }

    /// <summary>What was found, once it has ended: an empty list when all is as it was sealed.</summary>
    public string? Findings { get; init; }

    public IReadOnlyList<Finding> Found => Findings is null ? [] : JsonSerializer.Deserialize<Finding[]>(Findings, JobKind.Json)!;

    public static string Written(IReadOnlyList<Finding> findings) => JsonSerializer.Serialize(findings, JobKind.Json);

    internal static void Map(ModelBuilder model) => model.Entity<CheckStep>(e =>
    {
        e.ToTable("checks");
        e.Property(c => c.Findings).HasColumnType("jsonb");
        e.Ignore(c => c.Found);
        e.HasIndex(c => new { c.Run, c.At }).HasDatabaseName("checks_run");
    });
}

/// <summary>Each night, and when somebody at the desk wants it: holds the whole chain against what was sealed and anchored.</summary>
sealed record VerifyAudit(Guid? Asked = null) : IJob<VerifyAudit>
{
    // What is kept of it, and put in the table of a page.
    const int MostKept = 100;
    static readonly TimeSpan Often = TimeSpan.FromSeconds(1);

    public VerifyAudit() : this(Asked: null) { }

    public static string Name => "audit.verify";
    public static string Title => "Check that the audit is whole";

    // Reading all there is takes a while: one at a time, and not for ever.
    public static JobRules Rules { get; } = new(Attempts: 3, AtOnce: 1);

    public static async Task Run(VerifyAudit job, JobRun run)
    {
        var (asked, databases) = (job.Asked ?? run.Id, run.Services.GetRequiredService<TownDatabases>());
        var said = run.Time.GetTimestamp();
        var state = await run.Services.GetRequiredService<ChainCheck>().Run(run.Town, onTheWay: async (blocks, ofBlocks, entries) =>
        {
            if (run.Time.GetElapsedTime(said) < Often) return;
            said = run.Time.GetTimestamp();
            await using var connection = await databases.Connect(run.Town, run.Stop);
            await using var step = new NpgsqlCommand("INSERT INTO audit.checks (id, run, at, stage, blocks, of_blocks, entries) VALUES ($1, $2, $3, $4, $5, $6, $7)", connection);
            foreach (object value in new object[] { Id.New(), asked, run.Time.GetUtcNow(), CheckStep.OnTheWay, blocks, ofBlocks, entries }) step.Parameters.Add(new() { Value = value });
            await step.ExecuteNonQueryAsync(run.Stop);
        }, stop: run.Stop);

        run.Db.Add(new CheckStep
        {
            Run = asked, At = run.Time.GetUtcNow(), Stage = CheckStep.Ended, Blocks = state.Blocks, OfBlocks = state.Blocks, Entries = state.Entries,
            Findings = CheckStep.Written([.. state.Findings.Take(MostKept)]),
        });
        if (state.Whole) return;
        run.Services.GetRequiredService<ILogger<ChainCheck>>().LogError("{Town}: the audit is not as it was sealed: {Findings} findings, the first {Kind} at block {Block}; komachi audit verify says all",
            run.Town.Slug, state.Findings.Count + state.More, state.Findings[0].Kind, state.Findings[0].Block);
        if (run.Services.GetRequiredService<WebOptions>().AnchorMail is { } to)
        {
            var words = new Words(Lang.Japanese, run.Services.GetRequiredService<House>().Words);
            run.Db.Enqueue(new SendMail(to, words["{0}: the audit is not as it was sealed", run.Town.Name["ja"]], string.Join('\n', state.Findings.Take(MostKept).Select(f => f.In(words)))));
        }
    }
}

/// <summary>Once a day: the town's head in a mailbox that the operator chose, where nobody at the database can change it.</summary>
sealed record MailHead : IJob<MailHead>
{
    public static string Name => "audit.mail_head";
    public static string Title => "Mail the head of the audit's chain";

    public static async Task Run(MailHead job, JobRun run)
    {
        if (run.Services.GetRequiredService<WebOptions>().AnchorMail is not { } to) return;
        var last = await run.Db.Set<AuditBlock>().AsNoTracking().OrderByDescending(b => b.Number).FirstOrDefaultAsync(run.Stop);
        // A chain that did not grow has its head there already.
        if (last is null || last.SealedAt < run.Time.GetUtcNow().AddDays(-2)) return;
        var words = new Words(Lang.Japanese, run.Services.GetRequiredService<House>().Words);
        var head = $"{last.Number}:{Convert.ToHexStringLower(last.Hash)}";
        run.Db.Enqueue(new SendMail(to, words["{0}: head of the audit, block {1}", run.Town.Name["ja"], last.Number],
            $"{words["Keep this mail. It proves later that nothing was changed in the record of who did what up to this moment."]}\n\n{JapanTime.Show(last.SealedAt, Lang.Japanese)}\n{head}\n\n{words["To compare|audit"]}:\nkomachi audit verify {run.Town.Slug} --head {head}\n"));
    }
}
