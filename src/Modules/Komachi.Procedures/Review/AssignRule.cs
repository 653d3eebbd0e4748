using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

public enum AssignBy { InTurn, FewestOpen }

/// <summary>To whom of a department what comes in is given by itself: each in turn, or whoever has the fewest open. Without a rule somebody takes it.</summary>
public sealed class AssignRule
{
    public Guid DepartmentId { get; init; }

    /// <summary>Empty: every procedure of the department that has no rule of its own.</summary>
    public string Procedure { get; init; } = "";
    public AssignBy Rule { get; set; }
    public Guid? LastId { get; set; }
    public Guid SetById { get; set; }
    public DateTimeOffset SetAt { get; set; }
    public int Version { get; set; } = 1;

    internal static void Map(ModelBuilder model) => model.Entity<AssignRule>(e =>
    {
        e.ToTable("assign_rules");
        e.HasKey(r => new { r.DepartmentId, r.Procedure });
        e.Property(r => r.Version).IsConcurrencyToken();
    });

    /// <summary>Heard as a job, so a filing never waits for it. Run again it finds the filing with its owner and leaves it.</summary>
    internal static async Task OnArrived(CaseArrived arrived, JobRun run)
    {
        var db = run.Db;
        if (await db.Set<Case>().SingleOrDefaultAsync(c => c.Id == arrived.Id && c.AssigneeId == null && c.ClosedAt == null && !c.Sample, run.Stop) is not { } of) return;
        var rules = await db.Set<AssignRule>().Where(r => r.DepartmentId == of.DepartmentId && (r.Procedure == of.Procedure || r.Procedure == "")).ToListAsync(run.Stop);
        if (rules.OrderByDescending(r => r.Procedure.Length).FirstOrDefault() is not { } rule) return;
        var tree = await DepartmentTrees.Today(db, run.Stop);
        // Who works for the whole town is asked by name, and not by turns.
        Guid[] colleagues = [.. (await db.WhoHolds("procedures.review", db.Today, run.Stop)).Where(h => h.DepartmentId is { } where && where != tree.Root?.Id && tree.IsWithin(of.DepartmentId, where)).Select(h => h.AccountId).Distinct().Order()];
        if (colleagues.Length == 0) return;
        Guid to;
        if (rule.Rule == AssignBy.InTurn) to = colleagues.FirstOrDefault(c => rule.LastId is not { } last || c.CompareTo(last) > 0, colleagues[0]);
        else
        {
            var open = await db.Set<Case>().Where(c => c.ClosedAt == null && c.AssigneeId != null && colleagues.Contains(c.AssigneeId.Value)).GroupBy(c => c.AssigneeId!.Value).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, run.Stop);
            to = colleagues.MinBy(c => (open.GetValueOrDefault(c), c));
        }
        (rule.LastId, rule.Version) = (to, rule.Version + 1);
        of.Assign(to, null, run.Time.GetUtcNow());
        db.AddNews(of);
    }
}

/// <summary>The rules of my departments, switched on and off.</summary>
static class SetAssignRules
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("rules", async ([AsParameters] AtDesk desk) => await Show(Form.Empty, desk));
        to.MapPost("rules", Post);
    }

    static async Task<IResult> Post(Form form, [AsParameters] AtDesk desk)
    {
        var tree = await desk.Tree();
        var department = Guid.TryParse(form.Typed("department"), out var id) && tree.Find(id) is not null && desk.Me.May("procedures.review", id, tree) ? id : (Guid?)null;
        if (department is null) form.Wrongly("department", "Please choose a department of yours.");
        var offered = await Catalog.Of(desk.Db, desk.Today, desk.Stop);
        var procedure = form.Choice("procedure", ["", .. offered.Select(o => o.Key)]);
        var rule = form.Choice("rule", ["none", "InTurn", "FewestOpen"], "Please choose how it is given out.");
        if (form.Wrong) return await Show(form, desk);
        var there = await desk.Db.Set<AssignRule>().SingleOrDefaultAsync(r => r.DepartmentId == department && r.Procedure == procedure, desk.Stop);
        if (rule == "none")
        {
            if (there is not null) desk.Db.Remove(there);
        }
        else
        {
            if (there is null) desk.Db.Add(there = new() { DepartmentId = department!.Value, Procedure = procedure });
            else there.Version++;
            (there.Rule, there.SetById, there.SetAt) = (Enum.Parse<AssignBy>(rule), desk.MyId, desk.Now);
        }
        desk.Db.Audit(desk.Visit.Did("procedures.set_rule", $"departments/{department}", new { procedure, rule }, at: desk.Now));
        try
        {
            await desk.Db.Save(form.Once, desk.Visit.Link("desk/procedures/rules?done=rule"), desk.Stop);
        }
        catch (DbUpdateException e) when (e.IsOvertaken())
        {
            return Page.Conflict;
        }
        return Page.Go(desk.Visit, "desk/procedures/rules?done=rule");
    }

    static async Task<IResult> Show(Form form, AtDesk desk)
    {
        var (tree, offered) = (await desk.Tree(), await Catalog.Of(desk.Db, desk.Today, desk.Stop));
        var mine = desk.Me.DepartmentsFor("procedures.review", tree);
        var rules = (await desk.Db.Set<AssignRule>().AsNoTracking().ToListAsync(desk.Stop)).Where(r => mine?.Contains(r.DepartmentId) != false);
        return Page.Show<AssignRulesPage>(new
        {
            Form = form, Done = desk.Http.Request.Query["done"] == "rule",
            Rules = (IReadOnlyList<(string Department, string Procedure, AssignBy Rule)>)[.. rules.Select(r => (tree.PathOf(r.DepartmentId, desk.Visit.Lang), r.Procedure.Length == 0 ? "" : offered.FirstOrDefault(o => o.Key == r.Procedure)?.Procedure.Title.In(desk.Visit.Lang) ?? r.Procedure, r.Rule))],
            Departments = (IReadOnlyList<Komachi.Ui.Option>)[.. tree.All.Where(d => d.Depth > 0 && mine?.Contains(d.Id) != false).Select(d => new Komachi.Ui.Option(d.Id.ToString(), tree.PathOf(d.Id, desk.Visit.Lang)))],
            Procedures = (IReadOnlyList<Komachi.Ui.Option>)[.. offered.Select(o => new Komachi.Ui.Option(o.Key, o.Procedure.Title.In(desk.Visit.Lang)))],
        }, form.Wrong ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }
}
