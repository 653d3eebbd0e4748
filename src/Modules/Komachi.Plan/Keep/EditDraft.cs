using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Komachi.Platform.Sheets;
using Komachi.Platform.Web;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>The draft: what is in it and what is still open, a page for each measure and policy and for the plan's head, and the two ways in which it ends.</summary>
static class EditDraft
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("draft", async (string? plan, string? done, Visit visit, TownDb db, HttpContext http) => await Show(plan, Form.Empty, visit, db, http, done));
        to.MapGet("draft/measure", async (string? plan, string? code, TownDb db, HttpContext http) => await Open(plan, code, Measure, db, http));
        to.MapPost("draft/measure", async (Form form, Visit visit, TownDb db, HttpContext http, TimeProvider time) => await Change(Measure, form, visit, db, http, time));
        to.MapGet("draft/policy", async (string? plan, string? code, TownDb db, HttpContext http) => await Open(plan, code, Policy, db, http));
        to.MapPost("draft/policy", async (Form form, Visit visit, TownDb db, HttpContext http, TimeProvider time) => await Change(Policy, form, visit, db, http, time));
        to.MapGet("draft/head", async (string? plan, TownDb db, HttpContext http) => await Open(plan, HeadCode, Head, db, http));
        to.MapPost("draft/head", async (Form form, Visit visit, TownDb db, HttpContext http, TimeProvider time) => await Change(Head, form, visit, db, http, time));
        to.MapPost("draft/sheets", TakeSheets);
        to.MapPost("draft/publish", Publish);
        to.MapPost("draft/discard", Discard);
        foreach (var kind in PlanFile.Kinds)
            to.MapGet($"draft.{kind}", async (string? plan, Visit visit, TownDb db, HttpContext http) =>
                await KeepPlan.Draft(plan ?? "", db, http.RequestAborted) is { } draft ? PlanFile.Of(draft.Read(), kind, $"plan-{visit.Town.Slug}-draft") : Page.NotFound);
    }

    static async Task<IResult> Show(string? plan, Form form, Visit visit, TownDb db, HttpContext http, string? done = null, bool overtaken = false)
    {
        if (await Find(plan, db, http) is not { } draft) return Page.Show<NoDraftPage>(status: plan is null ? 200 : 404);
        var (document, published, around) = (draft.Read(), await KeepPlan.Published(draft.Plan, db, http.RequestAborted), await AroundPlan.Of(db, http.RequestAborted));
        return Page.Show<DraftPage>(new
        {
            Form = form,
            Plan = document,
            draft.Number,
            draft.Version,
            Problems = PlanCheck.Of(document).Concat(around.Check(document)).ToArray(),
            Moved = published is null ? null : Differences.Between(published.Read(), document),
            PublishedNumber = published?.Number,
            Done = done,
            Overtaken = overtaken,
        }, overtaken ? 409 : form.Wrong ? 422 : 200);
    }

    /// <summary>The draft of that plan; without a name the one that was begun last.</summary>
    static Task<Revision?> Find(string? plan, TownDb db, HttpContext http) => string.IsNullOrEmpty(plan)
        ? db.Set<Revision>().Where(r => r.PublishedAt == null).OrderByDescending(r => r.MadeAt).FirstOrDefaultAsync(http.RequestAborted)
        : KeepPlan.Draft(plan, db, http.RequestAborted);

    /// <summary>A part that has a page: how it is asked for, filled from what stands and read from what was typed. False where there is none of that code.</summary>
    delegate DraftForm? PartOf(PlanDocument document, string code, Form? typed);

    const string HeadCode = "head";

    static DraftForm? Measure(PlanDocument document, string code, Form? typed)
    {
        var stands = code.Length == 0 ? new Measure() : document.Find(code);
        if (stands is null) return null;
        var (form, into) = (new DraftForm(document, typed), new Measure());
        form.Part(stands, into, PlanSheets.Of<Measure>("施策", document).Columns, code.Length == 0 ? null : ["code"], new Dictionary<string, IReadOnlyList<Option>>
        {
            ["policy"] = [.. document.Policies.Select(p => new Option(p.Code, $"{p.Code} {p.Title.In(Lang.Japanese)}"))],
            ["group"] = [.. document.Policies.SelectMany(p => p.Groups).Select(g => new Option(g.Code, $"{g.Code} {g.Title}"))],
        });
        form.Years(into, "costs", "経費（千円）", stands.Costs, into.Costs);
        form.Rows("actions", "行動", stands.Actions, into.Actions, PlanSheets.Of<PlanAction>("行動", document).Columns, a => a.Title);
        form.Rows("indicators", "指標", stands.Indicators, into.Indicators, PlanSheets.Of<Indicator>("指標", document).Columns, i => i.Title);
        form.Rows("money", "予算（千円）", stands.Money, into.Money, PlanSheets.Of<Money>("予算", document).Columns, m => Cells.WriteYear(m.Year));
        form.Rows("contracts", "契約", stands.Contracts, into.Contracts, PlanSheets.Of<Contract>("契約", document).Columns, c => c.Title);
        if (typed is null) return form;
        if (typed.Ticked("remove"))
        {
            document.Measures.Remove(stands);
            // Those that were carried out together with it go on without it.
            foreach (var other in document.Measures) other.Links.Remove(code);
        }
        else if (code.Length > 0) document.Measures[document.Measures.IndexOf(stands)] = into;
        else document.Measures.Insert(document.Measures.FindLastIndex(m => m.Policy == into.Policy) is >= 0 and var last ? last + 1 : document.Measures.Count, into);
        return form;
    }

    static DraftForm? Policy(PlanDocument document, string code, Form? typed)
    {
        var stands = code.Length == 0 ? new Policy() : document.Policies.Find(p => p.Code == code);
        if (stands is null) return null;
        var (form, into) = (new DraftForm(document, typed), new Policy());
        form.Part(stands, into, PlanSheets.Of<Policy>("基本方針", document).Columns, code.Length == 0 ? null : ["code"]);
        form.Years(into, "costs", "経費（千円）", stands.Costs, into.Costs);
        form.Years(into, "generalFund", "うち一般財源（千円）", stands.GeneralFund, into.GeneralFund);
        form.Rows("groups", "取組", stands.Groups, into.Groups, PlanSheets.Of<Group>("取組", document).Columns, g => g.Title);
        form.Rows("indicators", "指標", stands.Indicators, into.Indicators, PlanSheets.Of<Indicator>("指標", document).Columns, i => i.Title);
        if (typed is null) return form;
        // Costs of groups are changed in the sheet.
        foreach (var group in into.Groups) foreach (var (year, amount) in stands.Groups.Find(g => g.Code == group.Code)?.Costs ?? []) group.Costs[year] = amount;
        if (typed.Ticked("remove"))
        {
            if (document.Measures.Exists(m => m.Policy == code)) typed.Wrongly("remove", "Its measures go to another policy first.");
            document.Policies.Remove(stands);
        }
        else if (code.Length > 0) document.Policies[document.Policies.IndexOf(stands)] = into;
        else document.Policies.Add(into);
        return form;
    }

    static DraftForm? Head(PlanDocument document, string code, Form? typed)
    {
        var (form, stands, into, history) = (new DraftForm(document, typed), document.Plan, new PlanHead(), new List<Past>());
        form.Part(stands, into, PlanSheets.Head(PlanSheets.LangsOf(document)), ["key"]);
        var stages = new List<Stage>();
        form.Rows("stages", "推進の流れ", stands.Round?.Stages ?? [], stages, PlanSheets.Of<Stage>("推進の流れ", document).Columns, s => s.Title.In(Lang.Japanese));
        form.Rows("guidelines", "指針", stands.Guidelines, into.Guidelines, PlanSheets.Of<Guideline>("指針", document).Columns, g => g.Title);
        form.Rows("bodies", "体制", stands.Bodies, into.Bodies, PlanSheets.Of<Body>("体制", document).Columns, b => b.Name);
        form.Rows("history", "これまで", document.History, history, PlanSheets.Of<Past>("これまで", document).Columns, p => p.Title);
        if (typed is null) return form;
        if (stages.Count > 0) (into.Round ??= new()).Stages.AddRange(stages);
        (document.Plan, document.History) = (into, history);
        return form;
    }

    static async Task<IResult> Open(string? plan, string? code, PartOf part, TownDb db, HttpContext http)
    {
        if (await Find(plan, db, http) is not { } draft) return Page.Show<NoDraftPage>(status: plan is null ? 200 : 404);
        return part(draft.Read(), code ?? "", null) is { } asked
            ? ShowPart(asked.Filled(("version", draft.Version.ToString(CultureInfo.InvariantCulture)), ("plan", draft.Plan), ("of", code)), asked.Asked, draft)
            : Page.NotFound;
    }

    static IResult ShowPart(Form form, AskedPart asked, Revision draft, bool overtaken = false) =>
        Page.Show<EditPartPage>(new { Form = form, Asked = asked, Plan = draft.Read(), draft.Version, Overtaken = overtaken }, overtaken ? 409 : form.Wrong ? 422 : 200);

    static async Task<IResult> Change(PartOf part, Form form, Visit visit, TownDb db, HttpContext http, TimeProvider time)
    {
        var (plan, code) = (form.Typed("plan"), form.Typed("of"));
        if (await KeepPlan.Draft(plan, db, http.RequestAborted) is not { } draft) return Page.NotFound;
        var document = draft.Read();
        var before = PlanCheck.Of(document).Select(p => (p.Place, p.What)).ToHashSet();
        if (part(document, code, form) is not { } asked) return form.Typed("version") == draft.Version.ToString(CultureInfo.InvariantCulture) ? Page.NotFound : Page.Conflict;
        if (!form.Ticked("remove") || !form.Wrong)
            foreach (var problem in PlanCheck.Of(document))
                if (problem.Said != PlanCheck.Sums && !asked.Note(problem) && !before.Contains((problem.Place, problem.What))) form.Wrongly("", problem.Said, problem.Values);
        if (form.Wrong) return ShowPart(form, asked.Asked, draft);
        if (form.Typed("version") != draft.Version.ToString(CultureInfo.InvariantCulture)) return ShowPart(form, asked.Asked, draft, overtaken: true);

        draft.Write(document, time.GetUtcNow());
        db.Audit(visit.Did("plan.change", KeepPlan.SubjectOf(plan), new { number = draft.Number, part = http.Request.Path.Value!.Split('/')[^1], code = code.Length > 0 ? code : form.Typed("code"), removed = form.Ticked("remove") }));
        var then = KeepPlan.PlaceOf(plan, form.Ticked("remove") ? "removed" : "changed");
        try
        {
            await db.Save(form.Once, visit.Link(then));
        }
        catch (DbUpdateConcurrencyException)    // between our look and our save
        {
            db.ChangeTracker.Clear();
            return await KeepPlan.Draft(plan, db, http.RequestAborted) is { } now ? ShowPart(form, asked.Asked, now, overtaken: true) : Page.Conflict;
        }
        return Page.Go(visit, then);
    }

    static async Task<IResult> Publish(Form form, Visit visit, TownDb db, HttpContext http, TimeProvider time)
    {
        var plan = form.Typed("plan");
        if (await KeepPlan.Draft(plan, db, http.RequestAborted) is not { } draft)
        {
            return Page.NotFound;
        }
        var note = form.Text("note", most: 1000, required: true);
        var document = draft.Read();
        var around = await AroundPlan.Of(db, http.RequestAborted);
        if (PlanCheck.Of(document).Concat(around.Check(document)).Any(p => !p.IsHint)) form.Wrongly("", "The draft is not whole yet. What is open stands below.");
        if (form.Wrong) return await Show(plan, form, visit, db, http);
        if (form.Typed("version") != draft.Version.ToString(CultureInfo.InvariantCulture)) return await Show(plan, form, visit, db, http, overtaken: true);
        draft.Publish(time.GetUtcNow(), note);
        db.Audit(visit.Did("plan.publish", KeepPlan.SubjectOf(plan), new { number = draft.Number, note }));
        return await Save("desk/plan?done=published", plan, form, visit, db, http);
    }

    static async Task<IResult> Discard(Form form, Visit visit, TownDb db, HttpContext http)
    {
        var plan = form.Typed("plan");
        var draft = await KeepPlan.Draft(plan, db, http.RequestAborted);
        if (draft is null) return Page.NotFound;
        if (form.Typed("version") != draft.Version.ToString(CultureInfo.InvariantCulture)) return await Show(plan, form, visit, db, http, overtaken: true);
        db.Remove(draft);
        db.Audit(visit.Did("plan.discard", KeepPlan.SubjectOf(plan), new { number = draft.Number }));
        return await Save("desk/plan?done=discarded", plan, form, visit, db, http);
    }

    /// <summary>What the committee granted, what was spent and which contracts were made: from the sheets of all rounds into the draft, so that nobody types it again.</summary>
    static async Task<IResult> TakeSheets(Form form, Visit visit, TownDb db, HttpContext http, TimeProvider time)
    {
        var plan = form.Typed("plan");
        var draft = await KeepPlan.Draft(plan, db, http.RequestAborted);
        if (draft is null) return Page.NotFound;
        if (form.Typed("version") != draft.Version.ToString(CultureInfo.InvariantCulture)) return await Show(plan, form, visit, db, http, overtaken: true);
        var before = draft.Read();
        var after = await Sheets.InPlan(before, db, http.RequestAborted);
        var moved = Differences.Between(before, after).Count;
        var then = KeepPlan.PlaceOf(plan, moved == 0 ? "nothing" : "sheets");
        if (moved > 0)
        {
            draft.Write(after, time.GetUtcNow());
            db.Audit(visit.Did("plan.take_sheets", KeepPlan.SubjectOf(plan), new { number = draft.Number, measures = moved }));
        }
        return await Save(then, plan, form, visit, db, http);
    }

    /// <summary>Where a colleague was faster nothing is done, and the draft is shown as it stands now.</summary>
    static async Task<IResult> Save(string then, string plan, Form form, Visit visit, TownDb db, HttpContext http)
    {
        try
        {
            await db.Save(form.Once, visit.Link(then));
        }
        catch (DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear();
            return await Show(plan, form, visit, db, http, overtaken: true);
        }
        return Page.Go(visit, then);
    }
}
