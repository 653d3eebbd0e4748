using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Mail;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>The first visit of somebody who was invited to the desk: the code from the mail, a password, then the second step.</summary>
static class Invitation
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("sign-in/invitation", () => Page.Show<InvitationPage>(new { Form = Form.Empty }));
        to.MapPost("sign-in/invitation", async (Form form, Visit visit, TownDb db, Servers servers, Attempts attempts, Refusals refusals, HttpContext http, TimeProvider time) =>
        {
            var (email, typed, password) = (Reach.Read(form, "email", telephones: false).Address ?? "", form.Text("code", most: 40, required: true), form.Typed("password"));
            GoodPassword.Check(form, "password", password, visit, email.Split('@')[0]);
            if (form.Wrong) return Page.Show<InvitationPage>(new { Form = form }, 422);
            var key = Account.FoldEmail(email);
            if (await attempts.Count("invitation", key, null, visit, http.RequestAborted) is { } wait) return Page.Show<InvitationPage>(new { Form = form }, Attempts.Later(wait, form, http));

            var newest = await db.Set<SentCode>().AsNoTracking().Where(c => c.Kind == CodeKind.Invitation && c.Address == key && c.UsedAt == null).OrderByDescending(c => c.MadeAt).FirstOrDefaultAsync();
            if (newest is null || await SentCode.Try(db, servers, newest.Id, CodeKind.Invitation, typed, time.GetUtcNow()) is not { AccountId: { } of }
                || await db.Set<Account>().SingleOrDefaultAsync(a => a.Id == of && a.ClosedAt == null && a.PasswordHash == null) is not { } account)
            {
                refusals.Note(visit, Refusals.WrongCode, nameof(CodeKind.Invitation), newest?.AccountId);
                form.Wrongly("code", "This is not the code of an open invitation for that address. After seven days, or five tries, it is over: ask for another one.");
                return Page.Show<InvitationPage>(new { Form = form }, 422);
            }
            account.SetPassword(password);
            account.Proved(email);
            db.Audit(visit.Did("people.accept_invitation", subject: Entrance.SubjectOf(account)));
            return await Entrance.Let(account, "invitation", strong: false, "", visit, db, http, time);
        });
    }

    /// <summary>Sends the code; an earlier one is over.</summary>
    public static async Task Send(Account account, string email, string by, Visit visit, TownDb db, Servers servers, Words words, DateTimeOffset now)
    {
        foreach (var old in await db.Set<SentCode>().Where(c => c.AccountId == account.Id && c.Kind == CodeKind.Invitation && c.UsedAt == null).ToListAsync()) db.Remove(old);
        var (row, code) = SentCode.Make(CodeKind.Invitation, account.Id, Account.FoldEmail(email), servers, now);
        db.Add(row);
        db.Enqueue(new SendMail(email, words["{0}: you are invited to the desk", visit.Town.Name.In(visit.Lang)],
            string.Join("\n\n", words.Dear(account.Name), words["{0} invites you to work at the desk of {1}.", by, visit.Town.Name.In(visit.Lang)], words["Open the town's page for staff, choose “I was invited”, and type this code:"], code, words["It is good for seven days."])));
    }
}
