using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>Begins a later filing of the same matter: a report, a claim. It goes by the version with which the matter began.</summary>
static class StartStage
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapPost("cases/{id:guid}/stages/{stage}", Begin);

    static async Task<IResult> Begin(Guid id, string stage, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var (now, stop) = (time.GetUtcNow(), http.RequestAborted);
        if (await MyCases.Find(visit, id, db, stop) is not { } of) return Page.NotFound;
        var procedure = await Catalog.Version(db, of.DefinitionId, stop);
        var matter = await Flow.Matter(db, of, stop);
        if (ShowMyCase.OpenStages(procedure, matter, db.Today).FirstOrDefault(s => s.Stage.Key == stage) is not { } open) return Page.Go(visit, ShowMyCase.PathOf(id));
        // Somebody else's filing that a code opened is gone on with as by whoever has the code, also by who is signed in.
        var me = visit.Visitor is { IsStaff: false } resident && (of.PersonId is null && resident.For is null || Theirs.Of(resident).Has(of)) ? resident : null;
        if (me is null && Procedure.AssuranceOf(procedure.Definition.Assurance) >= Assurance.SignedIn) return Page.Go(visit, "sign-in?then=" + Uri.EscapeDataString(ShowMyCase.PathOf(id)));

        var first = of.ParentId ?? of.Id;
        if (me is not null && await Drafts.Of(me, db, now).Where(d => d.ParentId == first && d.Stage == stage).Select(d => (Guid?)d.Id).FirstOrDefaultAsync(stop) is { } begun)
            return Page.Go(visit, PathOf(begun));
        var draft = Draft.Begin(of.DefinitionId, procedure, open.Stage, Way.Online, visit.Lang.Code, now, me?.AccountId, of.PersonId, me?.For?.MandateId, parent: first);
        // Who came by a code reads what it was sent to.
        if (me is null) draft.Prove(Assurance.Code, of.CodesTo.Email, of.CodesTo.Telephone);
        var held = me is null ? draft.Holds(HeldKeys.New(http, visit, db, form.Once, draft.Id, Draft.Kept)) : null;
        db.Add(draft);
        await db.Save(form.Once, visit.Link(PathOf(draft.Id)), stop);
        if (held is not null) HeldKeys.Give(http, visit, draft.Id, held, Draft.Kept);
        return Page.Go(visit, PathOf(draft.Id));
    }

    static string PathOf(Guid draft) => $"procedures/filling/{draft}";
}
