using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>The desk's page on accounts: who has one, invitations, permissions, help for who is locked out, closing.</summary>
public static class Accounts
{
    const int PageSize = 30;

    /// <summary>How the accounts of a list stand.</summary>
    public enum Standing { InUse, Invited, NoSecond, Closed }

    public sealed record Line(Guid Id, string SignInName, string Name, AccountKind Kind, bool Closed, bool HasSecond, bool Invited, Guid? PersonId);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", List);
        to.MapGet("new", () => Page.Show<InvitePage>(new { Form = Form.Empty }));
        to.MapPost("new", Invite);
        to.MapGet("{id:guid}", async (Guid id, string? done, Visit visit, TownDb db, Persons persons, Words words) => await Show(id, Form.Empty, visit, db, persons, words, done));
        to.MapPost("{id:guid}/permissions", Grant);
        to.MapPost("{id:guid}/invite", InviteAgain);
        to.MapPost("{id:guid}/reset", ResetSecond);
        to.MapPost("{id:guid}/close", Close);
        to.MapPost("{id:guid}/open", Open);
    }

    static async Task<IResult> List(string? kind, string? state, Sought sought, Guid? after, Visit visit, TownDb db, Persons persons, HttpContext http)
    {
        var of = (sought["kind"] ?? kind) == "resident" ? AccountKind.Resident : AccountKind.Staff;
        Standing? standing = Enum.TryParse<Standing>(sought["state"] ?? state, out var one) && Enum.IsDefined(one) ? one : null;
        var search = Account.FoldSignInName(sought["q"] ?? "");
        // Of residents nobody needs a list: they are looked for, by what the person at the counter says.
        var lines = of == AccountKind.Resident && search.Length == 0 ? [] : await Found(of, standing, search, after, visit, db).ToListAsync(http.RequestAborted);
        if (of == AccountKind.Resident)
            await persons.Noted(lines.Take(PageSize).Select(l => l.PersonId!.Value), "accounts/search");
        var more = lines.Count > PageSize;
        return Page.Show<AccountsPage>(new { Kind = of, State = standing, Sought = sought, Lines = lines.Take(PageSize).ToArray(), Next = more ? lines[PageSize - 1].Id : (Guid?)null, Begins = after is null });
    }

    static IQueryable<Line> Found(AccountKind of, Standing? standing, string search, Guid? after, Visit visit, TownDb db)
    {
        var all = db.Set<Account>().AsNoTracking().Where(a => a.Kind == of);
        if (of == AccountKind.Resident && !visit.Visitor!.May(Protection.Permission)) all = all.Where(a => !Protection.InForce(db).Any(p => p.PersonId == a.PersonId));
        if (search.Length > 0)
        {
            var key = NameKey.Of(search);
            all = of == AccountKind.Staff
                ? all.Where(a => a.SignInName.StartsWith(search) || a.Name.Contains(search))
                : all.Where(a => a.SignInName == search || a.EmailKey == search || db.Set<Person>().Any(p => p.Id == a.PersonId && p.NameKey.StartsWith(key)));
        }
        if (of == AccountKind.Staff)
            all = standing switch
            {
                Standing.Closed => all.Where(a => a.ClosedAt != null),
                Standing.Invited => all.Where(a => a.ClosedAt == null && a.PasswordHash == null),
                Standing.NoSecond => all.Where(a => a.ClosedAt == null && a.PasswordHash != null && a.TotpSecret == null && !db.Set<Passkey>().Any(p => p.AccountId == a.Id)),
                Standing.InUse => all.Where(a => a.ClosedAt == null && a.PasswordHash != null && (a.TotpSecret != null || db.Set<Passkey>().Any(p => p.AccountId == a.Id))),
                _ => all,
            };
        // Behind that account's name, which is a resident's address and so stands in none of ours.
        if (after is not null) all = all.Where(a => string.Compare(a.SignInName, db.Set<Account>().Where(b => b.Id == after).Select(b => b.SignInName).First()) > 0);
        return all.OrderBy(a => a.SignInName).Take(PageSize + 1).Select(a => new Line(a.Id, a.SignInName, a.Name, a.Kind, a.ClosedAt != null,
            a.TotpSecret != null || db.Set<Passkey>().Any(p => p.AccountId == a.Id), a.PasswordHash == null && a.Kind == AccountKind.Staff, a.PersonId));
    }

    static async Task<IResult> Invite(Form form, Visit visit, TownDb db, Servers servers, House house, Words words, TimeProvider time)
    {
        var (name, email) = (form.Text("name", most: 100, required: true), Reach.Read(form, "email", telephones: false).Address ?? "");
        var signIn = Account.FoldSignInName(form.Text("signIn", most: 60, required: true));
        var permissions = Wanted(form, house);
        // Residents' names at the door are addresses: whether one is known here is nothing to be tried out.
        if (signIn.Contains('@')) form.Wrongly("signIn", "The sign-in name of a colleague is no address.");
        if (!form.Wrong && await db.Set<Account>().AnyAsync(a => a.SignInName == signIn)) form.Wrongly("signIn", "There is an account with this name already.");
        if (form.Wrong) return Page.Show<InvitePage>(new { Form = form }, 422);

        var now = time.GetUtcNow();
        var account = Account.Open(AccountKind.Staff, signIn, name, email, permissions, null, now);
        db.Add(account);
        db.Audit(visit.Did("people.invite", subject: Entrance.SubjectOf(account), details: new { permissions }));
        await Invitation.Send(account, email, visit.Visitor!.Name, visit, db, servers, words, now);
        return await Done(account.Id, "invited", form, visit, db);
    }

    static string[] Wanted(Form form, House house) => [.. form.Many("permission").Intersect(house.Permissions.Select(p => p.Key))];

    static async Task<IResult> Show(Guid id, Form form, Visit visit, TownDb db, Persons persons, Words words, string? done = null)
    {
        var account = await db.Set<Account>().AsNoTracking().SingleOrDefaultAsync(a => a.Id == id);
        // Also where there is none: an account that is hidden answers in the same way, after the same work.
        var person = account is { Kind: AccountKind.Staff } ? null : await persons.See(account?.PersonId ?? id, $"accounts/{id}");
        if (person is { MayOpen: true }) return Page.Go(visit, Persons.OpeningOf(person.Id, $"desk/accounts/{id}"));
        if (account is null || person is { Hidden: true }) return await persons.NotThere(id);
        var subject = Entrance.SubjectOf(account);
        var history = await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Subject == subject).OrderByDescending(e => e.At).Take(20)
            .LeftJoin(db.Set<Account>(), e => e.ActorId, a => (Guid?)a.Id, (e, a) => new { e.Id, e.At, By = a == null ? null : a.Name, e.Action, e.AboutId, e.Reason }).ToListAsync();
        var reasons = await Reasons.About(db, history.Select(h => h.AboutId));
        return Page.Show<AccountPage>(new
        {
            Form = form, Account = account, Done = done,
            Sessions = await db.Set<Session>().CountAsync(s => s.AccountId == id && s.WaitsFor == null),
            Passkeys = await db.Set<Passkey>().CountAsync(p => p.AccountId == id),
            History = (IReadOnlyList<AccountEvent>)[.. history.Select(h => new AccountEvent(h.At, h.By, h.Action, reasons.Of(h.Id, h.AboutId, h.Reason, words)))],
        }, form.Wrong ? 422 : 200);
    }

    public sealed record AccountEvent(DateTimeOffset At, string? By, string Action, string? Reason);

    /// <summary>The account that a post is about, its reason if one is wanted, and nobody's own.</summary>
    static async Task<(Account? Account, string Reason)> Of(Guid id, Form form, Visit visit, TownDb db, Persons persons, bool withReason)
    {
        var account = await db.Set<Account>().SingleOrDefaultAsync(a => a.Id == id);
        if (account is { Kind: AccountKind.Resident } && await persons.See(account.PersonId!.Value, $"accounts/{id}") is not { Hidden: false }) account = null;
        var reason = withReason ? form.Text("reason", most: 300, required: true) : "";
        if (id == visit.Visitor!.AccountId) form.Wrongly("", "Nobody decides about their own account. Please ask a colleague.");
        return (account, reason);
    }

    static async Task<IResult> Done(Guid id, string what, Form form, Visit visit, TownDb db)
    {
        var path = $"desk/accounts/{id}?done={what}";
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }

    static async Task<IResult> Grant(Guid id, Form form, Visit visit, TownDb db, Persons persons, Words words, House house)
    {
        var (account, _) = await Of(id, form, visit, db, persons, withReason: false);
        if (account is not { Kind: AccountKind.Staff }) return Page.NotFound;
        if (form.Wrong) return await Show(id, form, visit, db, persons, words);
        var (before, now) = (account.Permissions, Wanted(form, house));
        account.Grant(now);
        db.Audit(visit.Did("people.grant", subject: Entrance.SubjectOf(account), details: new { gained = now.Except(before), lost = before.Except(now) }));
        return await Done(id, "granted", form, visit, db);
    }

    static async Task<IResult> InviteAgain(Guid id, Form form, Visit visit, TownDb db, Persons persons, Servers servers, Words words, TimeProvider time)
    {
        var (account, _) = await Of(id, form, visit, db, persons, withReason: false);
        if (account is not { Kind: AccountKind.Staff, Email: { } email, IsOpen: true, PasswordHash: null }) return Page.NotFound;
        if (form.Wrong) return await Show(id, form, visit, db, persons, words);
        await Invitation.Send(account, email, visit.Visitor!.Name, visit, db, servers, words, time.GetUtcNow());
        db.Audit(visit.Did("people.invite", subject: Entrance.SubjectOf(account)));
        return await Done(id, "invited", form, visit, db);
    }

    /// <summary>The phone is lost and the paper too: after somebody saw who they are, the second step begins anew.</summary>
    static async Task<IResult> ResetSecond(Guid id, Form form, Visit visit, TownDb db, Persons persons, Words words)
    {
        var (account, reason) = await Of(id, form, visit, db, persons, withReason: true);
        if (account is null) return Page.NotFound;
        if (form.Wrong) return await Show(id, form, visit, db, persons, words);
        account.ForgetAuthenticator();
        db.RemoveRange(await db.Set<Passkey>().Where(p => p.AccountId == id).ToListAsync());
        db.RemoveRange(await db.Set<RecoveryCode>().Where(c => c.AccountId == id).ToListAsync());
        await EndSessions(id, db);
        db.Audit(visit.Did("people.reset_second_factor", subject: Entrance.SubjectOf(account), about: account.PersonId, reason: reason));
        return await Done(id, "reset", form, visit, db);
    }

    static async Task<IResult> Close(Guid id, Form form, Visit visit, TownDb db, Persons persons, Words words, TimeProvider time)
    {
        var (account, reason) = await Of(id, form, visit, db, persons, withReason: true);
        if (account is null) return Page.NotFound;
        if (form.Wrong) return await Show(id, form, visit, db, persons, words);
        account.Close(time.GetUtcNow());
        await EndSessions(id, db);
        db.Audit(visit.Did("people.close_account", subject: Entrance.SubjectOf(account), about: account.PersonId, reason: reason));
        return await Done(id, "closed", form, visit, db);
    }

    static async Task<IResult> Open(Guid id, Form form, Visit visit, TownDb db, Persons persons, Words words)
    {
        var (account, reason) = await Of(id, form, visit, db, persons, withReason: true);
        if (account is null) return Page.NotFound;
        if (account.EmailKey is { } key && await db.Set<Account>().AnyAsync(a => a.EmailKey == key && a.Kind == account.Kind && a.Id != id && a.ClosedAt == null)) form.Wrongly("", "Another account uses this address to sign in.");
        if (account.IsErased) form.Wrongly("", "This person was forgotten: there is nothing to open again.");
        if (form.Wrong) return await Show(id, form, visit, db, persons, words);
        account.Reopen();
        db.Audit(visit.Did("people.reopen_account", subject: Entrance.SubjectOf(account), about: account.PersonId, reason: reason));
        return await Done(id, "opened", form, visit, db);
    }

    static async Task EndSessions(Guid account, TownDb db) => db.RemoveRange(await db.Set<Session>().Where(s => s.AccountId == account).ToListAsync());
}
