using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

public enum BulkDeed { Assign, Accept, DoStep, Grant }

/// <summary>What was done to many filings at once, and what became of each.</summary>
public sealed class BulkRun
{
    public Guid Id { get; private init; } = Komachi.Platform.Data.Id.New();
    public BulkDeed What { get; init; }
    public Guid? ToId { get; init; }
    public Guid[] Cases { get; init; } = [];

    /// <summary>For each that was come to: empty where it was done, else why not, as a key of the words.</summary>
    public List<string> Said { get; private set; } = [];
    public Guid ById { get; init; }
    public DateTimeOffset BegunAt { get; init; }
    public DateTimeOffset? EndedAt { get; private set; }
    public int Version { get; private set; } = 1;

    internal Guid? Next => EndedAt is null ? Cases[Said.Count] : null;

    internal void Say(string what, DateTimeOffset now)
    {
        Said = [.. Said, what];
        if (Said.Count == Cases.Length) EndedAt = now;
        Version++;
    }

    internal static void Map(ModelBuilder model) => model.Entity<BulkRun>(e =>
    {
        e.ToTable("bulk_runs");
        e.Property(r => r.Said).AsJson();
        e.Property(r => r.Version).IsConcurrencyToken();
    });
}

/// <summary>
/// Many filings at once. Each is a transaction of its own together with the line that says what became of it, so nothing is done twice and nothing
/// stops for one that cannot be done. What fits on a page is done while one waits; more goes on by itself, and its page shows how far it is.
/// </summary>
static class WorkOnMany
{
    public const int AtOnce = 50, Most = 2000;

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapPost("many", Post);
        to.MapGet("many/{id:guid}", Show);
    }

    /// <summary>To what the list was narrowed on which something was pressed; a name that was looked for stands beside it.</summary>
    public static InboxWish WishOf(Form form)
    {
        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(form.Typed("query"));
        return InboxWish.Read(name => name == "q" ? form.Typed("sought") : query.TryGetValue(name, out var said) ? said.ToString() : null) with { Found = query.TryGetValue("find", out var found) ? found.ToString() : null };
    }

    /// <summary>The rows that were ticked, or all that the list is narrowed to.</summary>
    public static async Task<IReadOnlyList<Guid>> Chosen(Form form, AtDesk desk)
    {
        if (form.Ticked("all"))
        {
            return await Inbox.AllOf(WishOf(form), Most, desk, await desk.Tree());
        }
        var ids = form.Many("row").Select(r => Guid.TryParse(r, out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty).Distinct().Take(Most).ToArray();
        var people = await desk.Db.Set<Case>().AsNoTracking().Where(c => ids.Contains(c.Id)).Select(c => new { c.Id, c.PersonId }).ToListAsync(desk.Stop);
        var hidden = await desk.Persons.HiddenAmong([.. people.Select(p => p.PersonId).OfType<Guid>().Distinct()]);
        return [.. people.Where(p => p.PersonId is not { } about || !hidden.Contains(about)).Select(p => p.Id)];
    }

    static async Task<IResult> Post(Form form, [AsParameters] AtDesk desk)
    {
        var chosen = await Chosen(form, desk);
        if (chosen.Count == 0) form.Wrongly("row", "Please tick at least one row.");
        switch (form.Typed("do"))
        {
            case "export" when !form.Wrong: return await Export.Offer(chosen, form, desk);
            case "letters" when !form.Wrong: return await SendLetters.Print(chosen, desk);
        }
        BulkDeed? what = form.Typed("do") switch { "assign" => BulkDeed.Assign, "take" => BulkDeed.Assign, "accept" => BulkDeed.Accept, "step" => BulkDeed.DoStep, "grant" => BulkDeed.Grant, _ => null };
        if (what is null && !form.Wrong) form.Wrongly("", "Please choose what is to be done.");
        Guid? to = form.Typed("do") == "take" ? desk.MyId : Guid.TryParse(form.Typed("to"), out var who) ? who : null;
        if (what == BulkDeed.Assign && to is null) form.Wrongly("to", "Please choose a colleague.");
        if (form.Wrong) return await Inbox.Show(WishOf(form), null, desk, form: form);
        // What weighs, and what reaches further than the page that somebody sees, is asked about once more.
        if ((what is BulkDeed.DoStep or BulkDeed.Grant || form.Ticked("all")) && form.Typed("sure") != "yes") return await Ask(what!.Value, to, chosen, form, desk);

        var run = new BulkRun { What = what!.Value, ToId = what == BulkDeed.Assign ? to : null, Cases = [.. chosen], ById = desk.MyId, BegunAt = desk.Now };
        desk.Db.Add(run);
        desk.Db.Audit(desk.Visit.Did("procedures.many", $"procedures/many/{run.Id}", new { run.What, Count = chosen.Count }, at: desk.Now));
        // Also what is done right away: should the program end on the way, the job does the rest.
        desk.Db.Enqueue(new GoOnWithMany(run.Id), chosen.Count > AtOnce ? null : desk.Now.AddMinutes(2));
        var path = $"desk/procedures/many/{run.Id}";
        await desk.Db.Save(form.Once, desk.Visit.Link(path), desk.Stop);
        if (chosen.Count <= AtOnce) await GoOn(run.Id, desk.Db, desk.House, desk.Time, (permission, department, tree) => Task.FromResult(desk.Me.May(permission, department, tree)), CancellationToken.None);
        return Page.Go(desk.Visit, path);
    }

    static async Task<IResult> Ask(BulkDeed what, Guid? to, IReadOnlyList<Guid> chosen, Form form, AtDesk desk)
    {
        var (shown, mine) = (chosen.Take(AtOnce).ToArray(), desk.Me.DepartmentsFor("procedures.review", await desk.Tree())?.ToArray());
        var some = desk.Db.Set<Case>().AsNoTracking().Where(c => shown.Contains(c.Id));
        // Whose ids somebody wrote into the form, but may not read, is not told here either.
        if (mine is not null) some = some.Where(c => mine.Contains(c.DepartmentId) || desk.Db.Set<Step>().Any(s => s.CaseId == c.Id && s.State == StepState.Open && s.DepartmentId != null && mine.Contains(s.DepartmentId.Value)));
        var rows = await some.OrderBy(c => c.DueOn).ThenBy(c => c.Id).Select(c => new TickedRow(c.Id, c.Number, c.Title, c.State)).ToListAsync(desk.Stop);
        return Page.Show<AskManyPage>(new
        {
            What = what, chosen.Count, Rows = (IReadOnlyList<TickedRow>)rows, Form = form,
            To = what == BulkDeed.Assign && to is { } who ? (await StaffNames.Of(desk.Db, [who], desk.Stop)).GetValueOrDefault(who) : null,
        });
    }

    public static string TitleOf(BulkDeed what) => what switch
    {
        BulkDeed.Assign => "Filings are given to a colleague",
        BulkDeed.Accept => "The review of filings begins",
        BulkDeed.DoStep => "Open steps are ticked as done",
        _ => "Filings are granted",
    };

    static async Task<IResult> Show(Guid id, [AsParameters] AtDesk desk)
    {
        if (await desk.Db.Set<BulkRun>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == id && r.ById == desk.MyId, desk.Stop) is not { } run) return Page.NotFound;
        var shown = run.Cases.Take(500).ToArray();
        var cases = await desk.Db.Set<Case>().AsNoTracking().Where(c => shown.Contains(c.Id)).Select(c => new { c.Id, c.Number, c.Title, c.PersonId }).ToDictionaryAsync(c => c.Id, desk.Stop);
        var hidden = await desk.Persons.HiddenAmong([.. cases.Values.Select(c => c.PersonId).OfType<Guid>().Distinct()]);
        return Page.Show<ManyPage>(new { Run = run, Rows = (IReadOnlyList<ManyRow>)[.. shown.Select((c, n) => new ManyRow(c, cases.TryGetValue(c, out var of) ? of.Number : "", of is not null && (of.PersonId is not { } about || !hidden.Contains(about)) ? of.Title : "", n < run.Said.Count ? run.Said[n] : null))] });
    }

    /// <summary>Whoever began it may do what it does; asked for each case, and in a job by what they hold then.</summary>
    public delegate Task<bool> May(string permission, Guid department, DepartmentTree tree);

    public static async Task GoOn(Guid id, TownDb db, House house, TimeProvider time, May may, CancellationToken stop)
    {
        var tree = await DepartmentTrees.Today(db, stop);
        while (true)
        {
            db.ChangeTracker.Clear();
            if (await db.Set<BulkRun>().SingleOrDefaultAsync(r => r.Id == id, stop) is not { Next: { } next } run) return;
            string why;
            try
            {
                if (await Do(run, next, tree, db, house, time.GetUtcNow(), may, stop) is not { } refused) continue;
                why = refused;
            }
            catch (BudgetUsedUp)
            {
                why = "The budget of this year does not reach for it";
            }
            catch (DbUpdateException e) when (e.IsOvertaken())
            {
                why = "Somebody else changed it in the same moment";
            }
            db.ChangeTracker.Clear();
            run = await db.Set<BulkRun>().SingleAsync(r => r.Id == id, stop);
            if (run.Next != next) return;    // another process goes on with it
            run.Say(why, time.GetUtcNow());
            await db.Save(stop: stop);
        }
    }

    /// <summary>Null where it was done and saved, else why it was not.</summary>
    static async Task<string?> Do(BulkRun run, Guid id, DepartmentTree tree, TownDb db, House house, DateTimeOffset now, May may, CancellationToken stop)
    {
        if (await CaseFile.Open(db, id, tree, db.Today, stop) is not { } file) return "It is not there any more";
        var of = file.Of;
        AuditEntry Did(string action, object details) => new() { At = now, ActorId = run.ById, Action = action, Subject = of.Subject, AboutId = of.PersonId, Details = AuditEntry.DetailsOf(details) };
        if (run.What is not (BulkDeed.DoStep or BulkDeed.Grant) && !await may("procedures.review", of.DepartmentId, tree)) return "It is with another department";
        switch (run.What)
        {
            case BulkDeed.Assign:
                if (!of.IsOpen) return "It is closed already";
                if (!(await db.WhoHolds("procedures.review", db.Today, stop)).Any(h => h.AccountId == run.ToId && (h.DepartmentId is not { } where || tree.IsWithin(of.DepartmentId, where)))) return "The colleague does not work on filings of its department";
                of.Assign(run.ToId, run.ById, now);
                db.Audit(Did("procedures.assign", new { Many = run.Id }));
                break;
            case BulkDeed.Accept:
                if (of.State != CaseState.Arrived) return "It has not just arrived";
                of.Accept(run.ById, now);
                db.Audit(Did("procedures.accept", new { Many = run.Id }));
                break;
            case BulkDeed.DoStep:
                var steps = file.Open().Where(s => s.Kind == "check").ToArray();
                if (of.State == CaseState.Correcting) return "It waits for the applicant";
                if (steps.Length != 1) return steps.Length == 0 ? "No step of it is to be checked now" : "Several steps of it are open";
                if (!await may("procedures.review", file.DepartmentOf(steps[0]), tree)) return "It is with another department";
                if (file.Stage.StepOf(steps[0].Key)?.Fields is { } asked && !file.StateOf(file.Stage.StepOf(steps[0].Key)!, steps[0].Fields).Complete) return "Something has to be filled in first";
                steps[0].Keep([.. Enumerable.Range(0, file.Stage.StepOf(steps[0].Key)?.Step.Checklist.Count ?? 0)], steps[0].Fields, steps[0].Note, run.ById);
                WorkOnSteps.Finish(file, steps[0], null, run.ById, db, now);
                db.Audit(Did("procedures.do_step", new { Step = steps[0].Key, Many = run.Id }));
                break;
            default:
                if (file.Open().FirstOrDefault(s => s.Kind == "decide") is not { } step || of.State is not (CaseState.Arrived or CaseState.Accepted)) return "It is not to be decided now";
                if (!await may("procedures.decide", file.DepartmentOf(step), tree)) return "You may not decide on it";
                if (file.IsOwnWork(run.ById, step)) return "You checked it yourself";
                if (of.Unread) return "There is a message that nobody has read";
                var compiled = file.Stage.StepOf(step.Key)!;
                if (compiled.Fields is not null && !file.StateOf(compiled, step.Fields).Complete) return "Something has to be filled in first";
                if ((await AutomaticChecks.Of(file, db, new(Komachi.Ui.Words.Lang.Japanese, house.Words), ids => Persons.ProtectedAmong(db, ids), stop)).Count > 0) return "The automatic checks noticed something: please look at it";
                step.Keep([.. Enumerable.Range(0, compiled.Step.Checklist.Count)], step.Fields, null, run.ById);
                run.Say("", now);
                await Decide.Make(file, step, new(true, [], ""), await may("procedures.seal", of.DepartmentId, tree), run.ById, db, house, now, Did, null, "", stop);
                return null;
        }
        db.AddNews(of);
        run.Say("", now);
        await db.Save(stop: stop);
        return null;
    }
}

/// <summary>A filing to which something is about to be done.</summary>
public sealed record TickedRow(Guid Id, string Number, string Title, CaseState State);

/// <param name="Said">Empty where it was done, null where it was not come to yet.</param>
public sealed record ManyRow(Guid Id, string Number, string Title, string? Said);

/// <summary>The rest of what was to be done to many filings.</summary>
sealed record GoOnWithMany(Guid RunId) : IJob<GoOnWithMany>
{
    public static string Name => "procedures.go_on_with_many";
    public static string Title => "Go on with what is done to many filings at once";

    public static async Task Run(GoOnWithMany job, JobRun run)
    {
        var by = await run.Db.Set<BulkRun>().AsNoTracking().Where(r => r.Id == job.RunId && r.EndedAt == null).Select(r => (Guid?)r.ById).SingleOrDefaultAsync(run.Stop);
        if (by is not { } who) return;
        var held = new Dictionary<string, IReadOnlyList<Holder>>();
        await WorkOnMany.GoOn(job.RunId, run.Db, (House)run.Services.GetService(typeof(House))!, run.Time, async (permission, department, tree) =>
        {
            if (!held.TryGetValue(permission, out var holders)) held[permission] = holders = await run.Db.WhoHolds(permission, run.Db.Today, run.Stop);
            return holders.Any(h => h.AccountId == who && (h.DepartmentId is not { } where || tree.IsWithin(department, where)));
        }, run.Stop);
    }
}
