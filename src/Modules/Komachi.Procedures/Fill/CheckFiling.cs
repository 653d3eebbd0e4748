using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>Why nothing can be sent now.</summary>
public enum Closed { NotOffered, BudgetUsedUp, StageFiled, StageNotOpen }

static class Closing
{
    /// <summary>The money of the year is used up, and the procedure says that nothing more is taken then.</summary>
    public static async Task<Closed?> Of(Procedure procedure, TownDb db, DateOnly today, CancellationToken stop) =>
        procedure.Definition.Budget is { Closes: true } && await BudgetUse.Of(procedure, db, today, stop) is { Left: <= 0 } ? Closed.BudgetUsedUp : null;
}

/// <summary>All that must hold before a draft becomes a case, asked for a page and for another system alike: <see cref="Filing.Send"/> takes nothing else.</summary>
/// <param name="NewVersion">The version with which it began is no longer the law: to be gone over to.</param>
public sealed record Checked(Filling Filling, Closed? Closed, bool NewVersion, bool NeedsContact, bool MustSignIn, IReadOnlyList<SignerStanding> Signers)
{
    /// <summary>Of a paper what is missing on it is asked for afterwards, and it bears its signatures; for whom a system files, others are asked to sign once it has arrived.</summary>
    public bool CanBeSent(bool incomplete) => Closed is null && !NewVersion && !NeedsContact && !MustSignIn && (Filling.State.Complete || incomplete && Filling.AtDesk) && (Filling.AtDesk || BySystem || Signers.All(s => s.Signed));

    public bool BySystem => Filling.Draft.Way == Way.System;

    /// <summary>Whom it is for can open it: with an account, or by a code to an address that was proved.</summary>
    public bool CanOpen => !Filling.AtDesk && (Filling.Draft.AccountId is not null || Filling.Draft is { Email: not null, Assurance: >= Assurance.Code });

    /// <summary>Where the decision may come electronically.</summary>
    public bool MayBeElectronic => CanOpen && Filling.Stage.Results.Count > 0;
}

/// <summary>Everything once more, and then it is sent: a draft becomes one case, however often the button is pressed.</summary>
static class CheckFiling
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("filling/{id:guid}/check", (Guid id, Visit visit, TownDb db, TimeProvider time, HttpContext http) => Show(id, Form.Empty, visit, db, time, http.RequestAborted));
        to.MapPost("filling/{id:guid}/check", Send);
        to.MapPost("filling/{id:guid}/check/over", GoOver);
    }

    internal static async Task<IResult> Show(Guid id, Form form, Visit visit, TownDb db, TimeProvider time, CancellationToken stop, bool overtaken = false)
    {
        if (await Filling.Open(id, visit, db, time.Today(), stop) is not { } filling) return await FillPages.Closed(id, visit, db, stop);
        if (filling.Draft.CaseId is not null) return Page.Go(visit, filling.Path + "/done");
        return Page.Show<CheckPage>(new { Checked = await Look(filling, db, time.Today(), stop), Form = form, Overtaken = overtaken }, overtaken ? 409 : form.Wrong ? 422 : 200);
    }

    internal static async Task<Checked> Look(Filling filling, TownDb db, DateOnly today, CancellationToken stop)
    {
        var (draft, definition) = (filling.Draft, filling.Procedure.Definition);
        var offered = await Catalog.Find(db, draft.Procedure, today, stop);
        Closed? closed = draft.Stage.Length > 0 ? filling.IsOpen ? null : Flow.Standing(filling.Stage, filling.Matter) is null ? Closed.StageNotOpen : Closed.StageFiled
            : offered is null ? Closed.NotOffered : await Closing.Of(offered.Procedure, db, today, stop);
        var wanted = Procedure.AssuranceOf(definition.Assurance)!.Value;
        // A system says itself how sure it is of the person; a page knows an account, or what was proved by a code.
        var (bySystem, known) = (draft.Way == Way.System, filling.AtDesk || draft.Assurance >= (draft.Way == Way.System ? wanted : Assurance.SignedIn));
        return new(filling, closed, closed is null && await IsOver(filling, offered, db, today, stop), wanted == Assurance.Code && !known && (bySystem || draft.Email is null && draft.Telephone is null), wanted >= Assurance.SignedIn && !known,
            await Signing.Of(filling, db, stop));
    }

    /// <summary>Its version was ended, is past its last day, or the newer one holds from a day on: then the law has changed, and not only its words.</summary>
    static async Task<bool> IsOver(Filling filling, Offered? offered, TownDb db, DateOnly today, CancellationToken stop) => filling.Draft.Stage.Length == 0 && offered is not null && offered.Id != filling.Draft.DefinitionId
        && (filling.Procedure.Definition.Until < today || offered.Procedure.Definition.From is { } from && from != filling.Procedure.Definition.From || await db.Set<Published>().AnyAsync(d => d.Id == filling.Draft.DefinitionId && d.EndedAt != null, stop));

    static async Task<IResult> Send(Guid id, Form form, Visit visit, TownDb db, Receipts receipts, TimeProvider time, HttpContext http)
    {
        var stop = http.RequestAborted;
        if (await Filling.Open(id, visit, db, time.Today(), stop) is not { } filling) return await FillPages.Closed(id, visit, db, stop);
        if (filling.Draft.CaseId is not null) return Page.Go(visit, filling.Path + "/done");
        var look = await Look(filling, db, time.Today(), stop);
        if (form.Typed("version") != filling.Draft.Version.ToString(CultureInfo.InvariantCulture)) return await Show(id, form, visit, db, time, stop, overtaken: true);
        var electronic = look.MayBeElectronic && form.Choice("electronic", ["page", "paper"]) == "page";
        var incomplete = filling.AtDesk && form.Ticked("gaps");
        if (!look.CanBeSent(incomplete) && !form.Wrong) form.Wrongly("", "It cannot be sent yet. Please look at what is said on this page.");
        if (form.Wrong) return await Show(id, form, visit, db, time, stop);
        try
        {
            if ((await Filing.Send(look, electronic, visit, db, receipts, time, stop, incomplete)).Case is null) return await Show(id, form, visit, db, time, stop);
            await db.Save(form.Once, visit.Link(filling.Path + "/done"), stop);
            visit.RenewKeyTo(filling.Draft.Id, Draft.Kept);
        }
        catch (Exception e) when (e.IsOvertaken())
        {
            // Sent in the same moment from elsewhere, or changed in another tab: the page knows which.
            db.ChangeTracker.Clear();
            return await Show(id, form, visit, db, time, stop, overtaken: true);
        }
        return Page.Go(visit, filling.Path + "/done");
    }

    static async Task<IResult> GoOver(Guid id, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var stop = http.RequestAborted;
        if (await Filling.Open(id, visit, db, time.Today(), stop) is not { Draft.CaseId: null } filling) return await FillPages.Closed(id, visit, db, stop);
        if (await Catalog.Find(db, filling.Draft.Procedure, time.Today(), stop) is { } offered && offered.Id != filling.Draft.DefinitionId)
            filling.Draft.GoOver(offered.Id, time.GetUtcNow());
        try
        {
            await db.Save(form.Once, visit.Link(filling.Path), stop);
        }
        catch (Exception e) when (e.IsOvertaken())
        {
            db.ChangeTracker.Clear();
            return await Show(id, form, visit, db, time, stop, overtaken: true);
        }
        return Page.Go(visit, filling.Path);
    }
}
