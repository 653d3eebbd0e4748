using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.People;

/// <summary>Lets somebody in who proved who they are: every way in ends here, and sessions begin nowhere else.</summary>
static class Entrance
{
    static readonly TimeSpan Lasts = TimeSpan.FromHours(12);

    /// <param name="how">What was shown: <c>password</c>, <c>repair</c>.</param>
    /// <param name="strong">It counts for two: nothing else is asked.</param>
    internal static async Task<IResult> Let(Account account, string how, bool strong, string then, Visit visit, TownDb db, HttpContext http, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var (secret, hash) = SessionDoor.NewSecret();
        var session = new Session { AccountId = account.Id, SecretHash = hash, BeganAt = now, EndsAt = now + Lasts };
        db.Add(session);
        visit.Visitor = new(account.Id, session.Id, account.Name, account.Email, account.Kind == AccountKind.Staff, account.Permissions);
        db.Audit(visit.Did("people.sign_in", subject: $"accounts/{account.Id}", details: new { how, strong }));
        await db.Save();
        SessionDoor.Give(http, visit, secret, session.EndsAt);
        return Page.Go(visit, SignIn.After(account.Kind, then));
    }
}
