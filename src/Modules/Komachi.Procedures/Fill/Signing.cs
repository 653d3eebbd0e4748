using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Forms;
using Komachi.Platform.Mail;
using Komachi.Platform.Web;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>How it stands with somebody who has to sign.</summary>
/// <param name="Signed">These very answers: what was changed afterwards was not signed.</param>
/// <param name="To">The address that the form names.</param>
public sealed record SignerStanding(CompiledSigner Of, Signer? Row, string? To, bool Signed)
{
    /// <summary>Signed, but other answers than these.</summary>
    public bool Outdated => Row?.SignedAt is not null && !Signed;
}

/// <summary>
/// A second signature: whoever fills it in sends a link; the other reads what concerns them and says yes with their own answers, or no with a reason.
/// The link is kept as a hash and good for two weeks; nothing is sent to the town before everybody has signed the answers as they are.
/// </summary>
static class Signing
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapPost("filling/{id:guid}/check/signers", Ask);
        to.MapGet("sign/done", () => Page.Show<SignDonePage>());
        to.MapGet("sign/{token}", Show);
        to.MapPost("sign/{token}", Answer);
    }

    public static async Task<IReadOnlyList<SignerStanding>> Of(Filling filling, TownDb db, CancellationToken stop)
    {
        if (filling.Stage.Signers.Count == 0) return [];
        var asked = await db.Set<Signer>().Where(s => s.DraftId == filling.Draft.Id).ToListAsync(stop);
        var over = OverOf(filling.State, filling.Given);
        return [.. filling.Stage.Signers.Where(s => s.When?.Holds(filling.State.Answers) != false).Select(s =>
        {
            var (row, to) = (asked.FirstOrDefault(a => a.Key == s.Key), filling.State.Answers[s.Signer.Email] is { Given: true } address ? address.Text : null);
            return new SignerStanding(s, row, to, row?.OverHash is { } hash && hash.AsSpan().SequenceEqual(over) && string.Equals(row.Email, to, StringComparison.OrdinalIgnoreCase));
        })];
    }

    /// <summary>What was answered, without what is reckoned of it: an age goes on by itself, and nobody has to sign again for that.</summary>
    internal static byte[] OverOf(FormState state, JsonObject given)
    {
        var filed = state.Filed(given);
        foreach (var field in state.Form.Fields)
            if (field.Value is not null) filed.Remove(field.Key);
            else foreach (var row in filed[field.Key] as JsonArray ?? [])
                foreach (var inner in field.Rows.Where(f => f.Value is not null)) (row as JsonObject)?.Remove(inner.Key);
        return SHA256.HashData(Encoding.UTF8.GetBytes(filed.ToJsonString()));
    }

    /// <summary>Sends a link to everybody who has not signed these answers. An earlier link ends with it.</summary>
    static async Task<IResult> Ask(Guid id, Form form, Visit visit, TownDb db, Words words, TimeProvider time, SharedCounters counters, HttpContext http)
    {
        var (now, stop) = (time.GetUtcNow(), http.RequestAborted);
        if (await Filling.Open(id, visit, db, time.Today(), stop) is not { Draft.CaseId: null } filling) return await FillPages.Closed(id, visit, db, stop);
        await db.NotTwice(form.Once, stop);
        if (!filling.State.Complete) return Page.Go(visit, filling.Path + "/check");
        var standings = await Of(filling, db, stop);
        // A mail is somebody's time, as with the link that leads back (ComeBack).
        if (standings.Any(s => s is { Signed: false, To: not null }) && await counters.Count(visit.Town, "mails to signers", id.ToString(), 5, TimeSpan.FromHours(1), stop) is { Within: false })
        {
            form.Wrongly("", "Too many mails have been sent for this form. Please try again in an hour.");
            return await CheckFiling.Show(id, form, visit, db, time, stop);
        }
        SendLinks(filling, standings, visit, db, words, now, http);
        db.Audit(visit.Did("procedures.ask_signers", $"procedures/drafts/{filling.Draft.Id}", new { filling.Draft.Procedure }, about: filling.Draft.PersonId, at: now));
        try
        {
            await db.Save(form.Once, visit.Link(filling.Path + "/check"), stop);
        }
        catch (Exception e) when (e.IsOvertaken())
        {
            db.ChangeTracker.Clear();
        }
        return Page.Go(visit, filling.Path + "/check");
    }

    /// <summary>What another system filed has arrived already: the others are asked then, and until they have signed the clerk reads that somebody has not.</summary>
    public static void AskAfterwards(Checked look, Case filed, Visit visit, TownDb db, Words words, DateTimeOffset now, HttpContext http)
    {
        foreach (var row in SendLinks(look.Filling, look.Signers, visit, db, words, now, http)) row.Belongs(filed.Id);
    }

    static List<Signer> SendLinks(Filling filling, IReadOnlyList<SignerStanding> standings, Visit visit, TownDb db, Words words, DateTimeOffset now, HttpContext http)
    {
        var rows = new List<Signer>();
        foreach (var standing in standings.Where(s => !s.Signed))
        {
            if (standing.To is not { } to) continue;
            var token = Draft.NewSecret();
            if (standing.Row is { } row) row.AskAgain(to, Draft.HashOf(token), now);
            else db.Add(row = Signer.Ask(filling.Draft.Id, standing.Of.Key, to, Draft.HashOf(token), now));
            rows.Add(row);
            db.Enqueue(new SendMail(to, words["{0}: you are asked to sign", visit.Town.Name.In(visit.Lang)], string.Join("\n\n", standing.Of.Signer.Says.In(visit.Lang), filling.Procedure.Title.In(visit.Lang),
                words["Read it and sign, or say no, here. The link is good for 14 days:"] + "\n" + http.Sent(visit, visit.Lang, $"procedures/sign/{token}"),
                words["If this is about nothing that you know, do nothing. We never ask for passwords or money by mail."])));
        }
        return rows;
    }

    /// <summary>The link's row with what it is about; null where there is none, it is too old, or what it was about is gone or filed: unless it was filed before it was signed, and waits for it.</summary>
    static async Task<(Signer Row, Filling Filling, CompiledSigner Of)?> Find(string token, TownDb db, TimeProvider time, CancellationToken stop)
    {
        if (token.Length != 32) return null;
        var (hash, now) = (Draft.HashOf(token), time.GetUtcNow());
        if (await db.Set<Signer>().SingleOrDefaultAsync(s => s.TokenHash == hash && s.EndsAt > now && (s.CaseId == null || s.SignedAt == null && db.Set<Case>().Any(c => c.Id == s.CaseId && c.ClosedAt == null)), stop) is not { DraftId: { } id } row) return null;
        if (await db.Set<Draft>().AsNoTracking().SingleOrDefaultAsync(d => d.Id == id && d.CaseId == row.CaseId, stop) is not { } draft) return null;
        var filling = await Filling.Of(draft, db, time.Today(), stop);
        return filling.Stage.Signers.FirstOrDefault(s => s.Key == row.Key && s.When?.Holds(filling.State.Answers) != false) is { } of ? (row, filling, of) : null;
    }

    static async Task<IResult> Show(string token, TownDb db, TimeProvider time, HttpContext http)
    {
        var stop = http.RequestAborted;
        http.KeepAddress();
        if (await Find(token, db, time, stop) is not var (row, filling, of)) return Page.Show<SignOverPage>(null, StatusCodes.Status410Gone);
        return Draw(row, filling, of, Form.Empty, token);
    }

    static HtmlPage Draw(Signer row, Filling filling, CompiledSigner of, Form form, string token, bool changed = false) => Page.Show<SignPage>(new
    {
        Filling = filling, Of = of, Row = row, Form = form, Token = token, Changed = changed, Over = Convert.ToHexStringLower(OverOf(filling.State, filling.Given)),
        Signed = row.OverHash is { } hash && hash.AsSpan().SequenceEqual(OverOf(filling.State, filling.Given)),
    }, changed ? 409 : form.Wrong ? 422 : 200);

    static async Task<IResult> Answer(string token, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var (now, stop) = (time.GetUtcNow(), http.RequestAborted);
        http.KeepAddress();
        if (await Find(token, db, time, stop) is not var (row, filling, of)) return Page.Show<SignOverPage>(null, StatusCodes.Status410Gone);
        // What they read is what they sign: not what it was changed to meanwhile.
        if (form.Typed("over") != Convert.ToHexStringLower(OverOf(filling.State, filling.Given))) return Draw(row, filling, of, form, token, changed: true);
        if (form.Typed("do") == "decline")
        {
            var reason = form.Text("reason", most: 500, required: true);
            if (form.Wrong) return Draw(row, filling, of, form, token);
            row.Decline(reason, now);
        }
        else
        {
            var answers = new JsonObject();
            if (of.Fields is { } fields) answers = FormPages.Read(fields.Pages[0], form, answers, StateOf(fields, answers, filling));
            if (form.Wrong) return Draw(row, filling, of, form, token);
            row.Sign(answers, OverOf(filling.State, filling.Given), now);
        }
        db.Audit(visit.Did(row.SignedAt is null ? "procedures.decline" : "procedures.sign", $"procedures/drafts/{filling.Draft.Id}", new { row.Key }, at: now));
        if (row is { SignedAt: not null, CaseId: { } filed })
        {
            var waits = await db.Set<Case>().SingleAsync(c => c.Id == filed, stop);
            Filing.HasSigned(waits, row, now);
            db.AddNews(waits);
        }
        try
        {
            // Not back to the link: where a form led is kept in clear, and the link's secret only as a hash.
            await db.Save(form.Once, visit.Link("procedures/sign/done"), stop);
        }
        catch (Exception e) when (e.IsOvertaken())
        {
            db.ChangeTracker.Clear();
        }
        return Page.Go(visit, row is { SignedAt: not null, CaseId: not null } ? "procedures/sign/done" : $"procedures/sign/{token}");
    }

    internal static FormState StateOf(CompiledForm fields, JsonObject answers, Filling filling) => FormState.Of(fields, answers, filling.State.Answers.Today, outer: filling.State.Answers);
}
