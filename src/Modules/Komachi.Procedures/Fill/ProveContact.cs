using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Procedures;

/// <summary>For who has no account: a code to the mailbox or telephone at which the town can reach them. Asked before it is sent, not before it is filled in.</summary>
static class ProveContact
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapPost("filling/{id:guid}/code", Ask);
        to.MapGet("filling/{id:guid}/code/{sent:guid}", async (Guid id, Guid sent, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
            await Filling.Open(id, visit, db, time.Today(), http.RequestAborted) is { AtDesk: false, Draft.CaseId: null } filling ? Page.Show<TypeContactCodePage>(new { Filling = filling, Sent = sent, Form = Form.Empty }) : await FillPages.Closed(id, visit, db, http.RequestAborted));
        to.MapPost("filling/{id:guid}/code/{sent:guid}", Prove);
    }

    static async Task<IResult> Ask(Guid id, Form form, Visit visit, TownDb db, ContactCodes codes, Words words, TimeProvider time, HttpContext http)
    {
        if (await Filling.Open(id, visit, db, time.Today(), http.RequestAborted) is not { AtDesk: false, Draft.CaseId: null } filling) return await FillPages.Closed(id, visit, db, http.RequestAborted);
        var (sent, status) = await codes.Send(form, "contact", words, visit, db, http);
        if (sent is not { } code) return Page.Show<CheckPage>(new { Checked = await CheckFiling.Look(filling, db, time.Today(), http.RequestAborted), Form = form }, status);
        var path = $"{filling.Path}/code/{code}";
        await db.Save(form.Once, visit.Link(path), http.RequestAborted);
        return Page.Go(visit, path);
    }

    static async Task<IResult> Prove(Guid id, Guid sent, Form form, Visit visit, TownDb db, ContactCodes codes, TimeProvider time, HttpContext http)
    {
        if (await Filling.Open(id, visit, db, time.Today(), http.RequestAborted) is not { AtDesk: false, Draft.CaseId: null } filling) return await FillPages.Closed(id, visit, db, http.RequestAborted);
        if (await codes.Prove(sent, form, "code", visit, db) is not { } proved) return Page.Show<TypeContactCodePage>(new { Filling = filling, Sent = sent, Form = form }, 422);
        filling.Draft.Prove(Assurance.Code, proved.IsPhone ? null : proved.Address, proved.IsPhone ? proved.Address : null);
        await db.Save(stop: http.RequestAborted);
        return Page.Go(visit, filling.Path + "/check");
    }
}
