using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Operator;

/// <summary>The town's side: who asked, why and until when; to consent, to refuse, to end at once.</summary>
static class RepairDesk
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", (Visit visit, TownDb db, House house, TimeProvider time) => Show(visit, db, house, time, Form.Empty, null));
        to.MapPost("{id:guid}/consent", (Guid id, Form form, Visit visit, TownDb db, House house, TimeProvider time) => Decide(true, id, form, visit, db, house, time));
        to.MapPost("{id:guid}/refuse", (Guid id, Form form, Visit visit, TownDb db, House house, TimeProvider time) => Decide(false, id, form, visit, db, house, time));
        to.MapPost("{id:guid}/end", async (Guid id, Form form, Visit visit, TownDb db, TimeProvider time) =>
        {
            if (await db.Set<RepairRequest>().SingleOrDefaultAsync(r => r.Id == id) is not { } request) return Page.NotFound;
            var now = time.GetUtcNow();
            if (!await RepairAccess.End(db, request, "town", visit.Did("operator.ended", request.Subject, new { @operator = request.OperatorName }, at: now), now)) return Page.Conflict;
            await db.Save(form.Once, visit.Link("desk/repair"));
            return Page.Go(visit, "desk/repair");
        });
    }

    static async Task<IResult> Decide(bool consents, Guid id, Form form, Visit visit, TownDb db, House house, TimeProvider time)
    {
        if (await db.Set<RepairRequest>().SingleOrDefaultAsync(r => r.Id == id) is not { } request) return Page.NotFound;
        var answer = consents ? null : form.Text("answer", most: 500, required: true);
        if (form.Wrong) return await Show(visit, db, house, time, form, id, 422);
        var now = time.GetUtcNow();
        if (!request.Decide(consents, visit.Visitor!.AccountId, answer, now)) return Page.Conflict;
        db.Audit(visit.Did(consents ? "operator.consented" : "operator.refused", request.Subject,
            new { @operator = request.OperatorName, request.Permissions, request.EndsAt }, reason: answer ?? request.Reason, at: now));
        if (consents) db.Enqueue(new EndRepair(request.Id), request.EndsAt);
        await db.Save(form.Once, visit.Link("desk/repair"));
        return Page.Go(visit, "desk/repair");
    }

    static async Task<IResult> Show(Visit visit, TownDb db, House house, TimeProvider time, Form form, Guid? formOf, int status = 200)
    {
        var requests = await RepairAccess.Newest(db);
        var ids = requests.Select(r => r.DecidedBy).OfType<Guid>().Distinct().ToArray();
        var names = await db.Set<Account>().Where(a => ids.Contains(a.Id)).ToDictionaryAsync(a => a.Id, a => a.Name);
        return Page.Show<RepairDeskPage>(new { Requests = requests, Names = names, Titles = house.Permissions.ToDictionary(p => p.Key, p => p.Title), Now = time.GetUtcNow(), Form = form, FormOf = formOf }, status);
    }
}

/// <summary>
/// The operator's way in after the town consented: a link that is good for one minute and once. It shows a button first, so
/// that what only looks at links uses nothing up.
/// </summary>
static class RepairEntry
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", (string? key) => Page.Show<RepairEntryPage>(new { Key = key ?? "", Form = Form.Empty }));
        to.MapPost("", Enter);
    }

    static async Task<IResult> Enter(Form form, Visit visit, TownDb db, HttpContext http, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var hash = SessionDoor.HashOf(form.Typed("key"));
        var request = hash is null ? null : await db.Set<RepairRequest>().SingleOrDefaultAsync(r => r.EntryHash == hash);
        if (request is null || !request.Enter(now))
        {
            form.Wrongly("", "This way in is over or was used. Ask for another one on the operator's page.");
            return Page.Show<RepairEntryPage>(new { Key = "", Form = form }, 422);
        }
        var account = request.AccountId is { } id ? await db.Set<Account>().SingleAsync(a => a.Id == id) : null;
        if (account is null)
        {
            // Nobody knows the password: the only way in is this one.
            account = Account.Open(AccountKind.Staff, $"repair-{request.Id:N}", $"運用者（{request.OperatorName}）", null, request.Permissions, Passwords.Hash(SessionDoor.NewSecret().Secret), now);
            db.Add(account);
            request.Uses(account);
        }
        db.Audit(RepairAccess.Entry("operator.entered", request, now, visit.RequestId, visit.From));
        var answer = await Entrance.Let(account, "repair", strong: true, "desk", visit, db, http, time);
        // No session of this account outlasts what the town consented to, however sessions last otherwise.
        foreach (var session in db.ChangeTracker.Entries<Session>().Where(s => s.Entity.AccountId == account.Id))
            foreach (var end in session.Properties.Where(p => p.Metadata.Name is "EndsAt" or "LatestAt" && p.CurrentValue is DateTimeOffset at && at > request.EndsAt)) end.CurrentValue = request.EndsAt;
        await db.Save();
        return answer;
    }
}
