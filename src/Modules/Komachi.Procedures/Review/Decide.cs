using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>What somebody decides: yes or no, the grounds of the law, and their own words.</summary>
sealed record Decision(bool Granted, IReadOnlyList<string> Grounds, string Own);

/// <summary>The year's budget does not reach for what was to be granted.</summary>
sealed class BudgetUsedUp(long left) : Exception
{
    public long Left => left;
}

/// <summary>
/// The decision. Its reasons, its letters with their numbers, what is left of the budget, its steps and its place in the history are saved in
/// one transaction; before that the letters are shown as they will be. What is decided is not decided again: a letter is taken back by a new one.
/// </summary>
static class Decide
{
    public const int LongestWords = 3000;

    public static void Routes(IEndpointRouteBuilder to) => to.MapPost("cases/{id:guid}/decide", Post);

    static async Task<IResult> Post(Guid id, Form form, [AsParameters] AtDesk desk)
    {
        if (await ShowCase.Find(id, desk) is not { } file) return Page.NotFound;
        if (!ShowCase.IsOf(form, file)) return await ShowCase.Overtaken(id, "decide", form, desk);
        if (file.Open().FirstOrDefault(s => s.Kind == "decide") is not { } step || file.Of.State is not (CaseState.Arrived or CaseState.Accepted)) form.Wrongly("", "The filing does not stand where this could be done any more. Please look at it.");
        else if (!file.MayDo(desk.Me, step)) return Results.StatusCode(StatusCodes.Status403Forbidden);
        else if (file.IsOwnWork(desk.MyId, step)) form.Wrongly("", "You checked this filing yourself. Somebody else approves it and decides on it.");
        else
        {
            var decision = Read(form, file);
            var compiled = file.Stage.StepOf(step.Key)!;
            var fields = decision.Granted ? WorkOnSteps.ReadFields(form, file, compiled, step) : [];
            var ticked = WorkOnSteps.ReadTicked(form, compiled);
            if (decision.Granted && ticked.Length < compiled.Step.Checklist.Count && form.Typed("do") == "decide") form.Wrongly(step.Key + "-tick", "Please tick every line of the list, once it is so.");
            if (!form.Wrong && form.Typed("do") == "decide")
            {
                step.Keep(ticked, fields, null, desk.MyId);
                try
                {
                    await Make(file, step, decision, desk.Me.May("procedures.seal", file.Of.DepartmentId, file.Tree), desk.MyId, desk.Db, desk.House, desk.Now,
                        (action, details) => desk.Visit.Did(action, file.Of.Subject, details, about: file.Of.PersonId, at: desk.Now), form.Once, desk.Visit.Link($"desk/procedures/cases/{id}?done=decided"), desk.Stop);
                    return Page.Go(desk.Visit, $"desk/procedures/cases/{id}?done=decided");
                }
                catch (BudgetUsedUp used)
                {
                    desk.Db.ChangeTracker.Clear();
                    file = (await ShowCase.Find(id, desk))!;
                    form.Wrongly("", "The budget of this year does not reach for it: {0} yen are left.", used.Left.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture));
                }
                catch (DbUpdateException e) when (e.IsOvertaken())
                {
                    return await ShowCase.Overtaken(id, "decide", form, desk);
                }
            }
            else if (!form.Wrong)
            {
                // As it will be: nothing of this is saved.
                file.Of.Fill(compiled, fields);
                var letters = WriteLetters.Of(file, decision.Granted, WriteLetters.Reasons(file.Procedure, decision.Grounds, decision.Own), await Issuer.MayorOf(desk.Db, desk.Stop), desk.Visit.Town, desk.House);
                desk.Db.ChangeTracker.Clear();
                return await ShowCase.Show((await ShowCase.Find(id, desk))!, desk, new("decide", form), preview: letters);
            }
        }
        desk.Db.ChangeTracker.Clear();
        return await ShowCase.Show((await ShowCase.Find(id, desk))!, desk, new("decide", form));
    }

    static Decision Read(Form form, CaseFile file)
    {
        var granted = form.Choice("outcome", [Procedure.Granted, Procedure.Refused], "Please choose whether it is granted or refused.") == Procedure.Granted;
        string[] grounds = [.. form.Many("ground").Where(g => file.Procedure.Definition.Refusal.Any(r => r.Key == g)).Distinct()];
        var own = form.Text("reasons", LongestWords);
        // 行政手続法8条: a refusal says why.
        if (!granted && grounds.Length == 0 && own.Length == 0 && form.Typed("outcome") == Procedure.Refused) form.Wrongly("reasons", "A refusal says why: choose a ground, or write the reasons.");
        return new(granted, granted ? [] : grounds, own);
    }

    /// <summary>Decides and saves. The budget is held while it is asked, so of two who grant at once the second sees what the first one took.</summary>
    public static async Task Make(CaseFile file, Step step, Decision decision, bool seals, Guid by, TownDb db, House house, DateTimeOffset now,
        Func<string, object, AuditEntry> did, Guid? once, string location, CancellationToken stop = default)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(stop);
        var of = file.Of;
        if (of.State == CaseState.Arrived) of.Accept(by, now);
        if (decision.Granted)
        {
            of.Fill(file.Stage.StepOf(step.Key)!, step.Fields);
            await HoldBudget(file, step, db, stop);
        }
        step.Do(by, now);
        // What a clerk filled in may be part of the fee: the applicant reads it on the page of the filing, too.
        if (decision.Granted && of.ParentId is null && file.Procedure.Fee?.Of(file.Answers) is { Sort: Platform.Forms.Sort.Number } fee) of.Charge((long)fee.Number);
        foreach (var other in file.Steps.Where(s => s.State is StepState.Waiting or StepState.Open)) other.Leave();
        var reasons = WriteLetters.Reasons(file.Procedure, decision.Grounds, decision.Own);
        of.Decide(decision.Granted, reasons.In(Lang.Shipped.FirstOrDefault(l => l.Code == of.Lang) ?? Lang.Japanese), by, now);
        var drafts = WriteLetters.Of(file, decision.Granted, reasons, await Issuer.MayorOf(db, stop), db.Town, house);
        var letters = await WriteLetters.Make(file, drafts, seals, by, db, now, stop);
        db.Audit(did(decision.Granted ? "procedures.grant" : "procedures.refuse", new { of.Procedure, of.Stage, decision.Grounds, Letters = letters.Select(l => l.Number) }));
        db.AddNews(of);
        await db.Save(once, location, stop);
        await transaction.CommitAsync(stop);
    }

    static async Task HoldBudget(CaseFile file, Step step, TownDb db, CancellationToken stop)
    {
        if (file.Procedure.Definition.Budget is not { } limit || file.Stage.StepOf(step.Key)?.Fields?.Find(limit.Of) is null) return;
        var key = "procedures/budget/" + file.Procedure.Key;
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({key}, 0))", stop);
        var budget = (await BudgetUse.Of(file.Procedure, db, file.Today, stop))!;
        if (file.Answers[limit.Of] is { Sort: Platform.Forms.Sort.Number } wanted && wanted.Number > budget.Left) throw new BudgetUsedUp(budget.Left);
    }
}
