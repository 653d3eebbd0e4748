using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>What moves a case as a whole: it is accepted, given to somebody, handed on, asked about, written about, withdrawn. One small form each.</summary>
static class WorkOnCase
{
    const int LongestText = 3000;

    public static void Routes(IEndpointRouteBuilder to)
    {
        Map("accept", (form, file, desk) =>
        {
            if (file.Of.State != CaseState.Arrived) return Late(form);
            file.Of.Accept(desk.MyId, desk.Now);
            return "procedures.accept";
        });
        MapAsync("assign", (form, file, desk) => Assign(form, file, desk, form.Typed("to")));
        MapAsync("take", (form, file, desk) => Assign(form, file, desk, desk.MyId.ToString()));
        MapAsync("give-back", (form, file, desk) => Assign(form, file, desk, ""));
        Map("transfer", Transfer);
        Map("correct", AskToCorrect);
        MapAsync("go-on", GoOn);
        Map("message", (form, file, desk) =>
        {
            var text = form.Text("message", LongestText, required: true);
            if (form.Wrong) return null;
            file.Of.Message(text, fromApplicant: false, desk.MyId, desk.Now);
            file.Of.Read();
            return "procedures.message";
        });
        Map("read", (_, file, _) =>
        {
            file.Of.Read();
            return "procedures.seen";
        });
        MapAsync("withdraw", async (form, file, desk) =>
        {
            var text = form.Text("withdrawWhy", LongestText, required: true);
            if (!file.Of.IsOpen) return Late(form);
            if (form.Wrong) return null;
            file.Of.Withdraw(text, file.Steps, await Correction.Awaited(desk.Db, file.Of, desk.Stop), desk.MyId, desk.Now);
            return "procedures.withdraw";
        });
        // Whoever works on a step of it may write to the others who do, and does not have to wait for a colleague who wrote a note, too.
        Map("note", (form, file, desk) =>
        {
            var text = form.Text("note", LongestText, required: true);
            if (form.Wrong) return null;
            file.Of.Note(text, desk.MyId, desk.Now);
            return "procedures.note";
        }, everybody: true);

        void Map(string what, Func<Form, CaseFile, AtDesk, string?> act, bool everybody = false) => MapAsync(what, (form, file, desk) => Task.FromResult(act(form, file, desk)), everybody);

        void MapAsync(string what, Func<Form, CaseFile, AtDesk, Task<string?>> act, bool everybody = false) =>
            to.MapPost("cases/{id:guid}/" + what, (Guid id, Form form, [AsParameters] AtDesk desk) => Act(id, what, form, desk, act, everybody));
    }

    /// <summary>Does one thing to a case and saves it. The act says by which deed it is written down; null: something is wrong with what was typed.</summary>
    public static async Task<IResult> Act(Guid id, string what, Form form, AtDesk desk, Func<Form, CaseFile, AtDesk, Task<string?>> act, bool everybody = false)
    {
        if (await ShowCase.Find(id, desk) is not { } file) return Page.NotFound;
        if (!everybody && !file.InCharge(desk.Me)) return Results.StatusCode(StatusCodes.Status403Forbidden);
        if (!ShowCase.IsOf(form, file)) return await ShowCase.Overtaken(id, what, form, desk);
        if (await act(form, file, desk) is not { } deed)
        {
            desk.Db.ChangeTracker.Clear();
            return await ShowCase.Show((await ShowCase.Find(id, desk))!, desk, new(what, form));
        }
        desk.Db.Audit(desk.Visit.Did(deed, file.Of.Subject, new { file.Of.Version }, about: file.Of.PersonId, at: desk.Now));
        desk.Db.AddNews(file.Of);
        var path = file.MayRead(desk.Me) ? $"desk/procedures/cases/{id}?done={deed[(deed.IndexOf('.') + 1)..]}" : "desk/procedures?done=transfer";
        try
        {
            await desk.Db.Save(form.Once, desk.Visit.Link(path), desk.Stop);
        }
        catch (DbUpdateException e) when (e.IsOvertaken())
        {
            return await ShowCase.Overtaken(id, what, form, desk);
        }
        return Page.Go(desk.Visit, path);
    }

    internal static string? Late(Form form)
    {
        form.Wrongly("", "The filing does not stand where this could be done any more. Please look at it.");
        return null;
    }

    static async Task<string?> Assign(Form form, CaseFile file, AtDesk desk, string typed)
    {
        if (!file.Of.IsOpen) return Late(form);
        Guid? to = Guid.TryParse(typed, out var who) ? who : null;
        if (to is { } somebody && !(await desk.Db.WhoHolds("procedures.review", desk.Today, desk.Stop)).Any(h => h.AccountId == somebody && (h.DepartmentId is not { } where || file.Tree.IsWithin(file.Of.DepartmentId, where))))
        {
            form.Wrongly("to", "Please choose somebody who works on filings of this department.");
            return null;
        }
        file.Of.Assign(to, desk.MyId, desk.Now);
        return to is null ? "procedures.give_back" : "procedures.assign";
    }

    static string? Transfer(Form form, CaseFile file, AtDesk desk)
    {
        var why = form.Text("transferWhy", LongestText, required: true);
        var department = Guid.TryParse(form.Typed("department"), out var id) && id != file.Of.DepartmentId && file.Tree.Find(id) is { Depth: > 0 } ? id : (Guid?)null;
        if (department is null) form.Wrongly("department", "Please choose the department that goes on with it.");
        if (!file.Of.IsOpen) return Late(form);
        if (form.Wrong) return null;
        file.Of.Transfer(department!.Value, why, desk.MyId, desk.Now);
        return "procedures.transfer";
    }

    /// <summary>補正の求め (行政手続法7条): single fields, why, and by when.</summary>
    static string? AskToCorrect(Form form, CaseFile file, AtDesk desk)
    {
        var state = file.State();
        string[] fields = [.. form.Many("field").Where(state.IsAsked).Distinct()];
        if (fields.Length == 0) form.Wrongly("field", "Please tick what has to be corrected.");
        var text = form.Text("text", LongestText, required: true);
        var until = form.Day("until", least: desk.Today.AddDays(1), most: desk.Today.AddYears(1));
        if (!file.Of.IsOpen || file.Of.State == CaseState.Correcting) return Late(form);
        if (form.Wrong) return null;
        desk.Db.Add(file.Of.AskToCorrect(fields, text, until, desk.MyId, desk.Now, desk.Today));
        return "procedures.ask_correction";
    }

    static async Task<string?> GoOn(Form form, CaseFile file, AtDesk desk)
    {
        var why = form.Text("goOnWhy", LongestText, required: true);
        if (await Correction.Awaited(desk.Db, file.Of, desk.Stop) is not { } asked) return Late(form);
        if (form.Wrong) return null;
        file.Of.GoOnWithout(asked, await file.Calendar(desk.Db, desk.Stop), desk.MyId, desk.Now, desk.Today, why);
        return "procedures.leave_correction";
    }
}
