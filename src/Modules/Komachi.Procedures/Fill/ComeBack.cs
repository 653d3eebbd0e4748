using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Mail;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>Saved, to be gone on with another day or on another device: by signing in, or by a link in a mail that opens it once.</summary>
static class ComeBack
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        DeskRoutes(to);
        to.MapPost("filling/{id:guid}/later", Send);
        to.MapGet("back/{token}", Look);
        to.MapPost("back/{token}", Open);
    }

    /// <summary>At the desk a draft is found again in its list: no link leaves the house.</summary>
    public static void DeskRoutes(IEndpointRouteBuilder to)
    {
        to.MapGet("filling/{id:guid}/later", async (Guid id, string? sent, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
            await Filling.Open(id, visit, db, time.Today(), http.RequestAborted) is { Draft.CaseId: null } filling ? Page.Show<LaterPage>(new { Filling = filling, Form = Form.With(("email", filling.Draft.Email)), Sent = sent is not null }) : await FillPages.Closed(id, visit, db, http.RequestAborted));
        to.MapPost("filling/{id:guid}/later/end", End);
    }

    /// <summary>A link is followed by programs, too, that look whether it is safe: looking changes nothing, and the button opens it.</summary>
    static async Task<IResult> Look(string token, TownDb db, TimeProvider time, HttpContext http)
    {
        http.KeepAddress();
        return await Find(token, db, time, http.RequestAborted) is { } draft
            ? Page.Show<ComeBackPage>(new { Token = token, Procedure = await Catalog.Version(db, draft.DefinitionId, http.RequestAborted), draft.ChangedAt }) : Page.Show<ComeBackPage>(null, StatusCodes.Status410Gone);
    }

    static async Task<Draft?> Find(string token, TownDb db, TimeProvider time, CancellationToken stop)
    {
        var (hash, now) = (Draft.HashOf(token), time.GetUtcNow());
        return token.Length != 32 ? null : await db.Set<Draft>().SingleOrDefaultAsync(d => d.LinkHash == hash && d.LinkEndsAt > now && d.CaseId == null && d.EndsAt > now, stop);
    }

    static async Task<IResult> Send(Guid id, Form form, Visit visit, TownDb db, Words words, TimeProvider time, SharedCounters counters, HttpContext http)
    {
        var stop = http.RequestAborted;
        if (await Filling.Open(id, visit, db, time.Today(), stop) is not { AtDesk: false, Draft.CaseId: null } filling) return await FillPages.Closed(id, visit, db, stop);
        await db.NotTwice(form.Once, stop);
        var to = form.Email("email", required: true);
        // A mail is somebody's time: whoever writes a stranger's address here writes it a few times, and no more.
        if (!form.Wrong && await counters.Count(visit.Town, "mails of a draft", id.ToString(), 5, TimeSpan.FromHours(1), stop) is { Within: false })
            form.Wrongly("email", "Too many mails have been sent for this form. Please try again in an hour.");
        if (form.Wrong) return Page.Show<LaterPage>(new { Filling = filling, Form = form, Sent = false }, 422);
        var link = http.Sent(visit, visit.Lang, $"procedures/back/{filling.Draft.NewLink(time.GetUtcNow())}");
        db.Enqueue(new SendMail(to!, words["{0}: go on with what you began", visit.Town.Name.In(visit.Lang)], string.Join("\n\n", filling.Procedure.Title.In(visit.Lang),
            words["This link opens what you have filled in. It works once, for 7 days; on your first device you can go on without it:"] + "\n" + link,
            words["If this is about nothing that you know, do nothing. We never ask for passwords or money by mail."])));
        await db.Save(form.Once, visit.Link(filling.Path + "/later?sent=yes"), stop);
        return Page.Go(visit, filling.Path + "/later?sent=yes");
    }

    static async Task<IResult> Open(string token, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        http.KeepAddress();
        if (await Find(token, db, time, http.RequestAborted) is not { } draft) return Page.Show<ComeBackPage>(null, StatusCodes.Status410Gone);
        var key = HeldKeys.New(http, visit, db, form.Once, draft.Id, Draft.Kept);
        draft.OpenByLink(key);
        try
        {
            await db.Save(form.Once, visit.Link(Filling.PathOf(draft)), http.RequestAborted);
        }
        catch (Exception e) when (e.IsOvertaken())
        {
            return Page.Show<ComeBackPage>(null, StatusCodes.Status410Gone);
        }
        HeldKeys.Give(http, visit, draft.Id, key, Draft.Kept);
        return Page.Go(visit, Filling.PathOf(draft));
    }

    /// <summary>Thrown away by who began it.</summary>
    static async Task<IResult> End(Guid id, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var stop = http.RequestAborted;
        if (await Filling.Open(id, visit, db, time.Today(), stop) is not { Draft.CaseId: null } filling) return await FillPages.Closed(id, visit, db, stop);
        await TidyDrafts.Remove([filling.Draft], db, stop);
        db.Audit(visit.Did("procedures.throw_away", $"procedures/drafts/{filling.Draft.Id}", new { filling.Draft.Procedure }, about: filling.Draft.PersonId));
        HeldKeys.Take(http, visit, filling.Draft.Id);
        await db.Save(form.Once, visit.Link(filling.Home), stop);
        return Page.Go(visit, filling.Home);
    }
}
