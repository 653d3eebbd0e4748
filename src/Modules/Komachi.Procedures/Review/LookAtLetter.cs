using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A letter with all that its page at the desk shows.</summary>
/// <param name="Next">The letter that was made in its place.</param>
/// <param name="Again">Another can be made in its place.</param>
public sealed record LetterView(Letter Letter, string Number, string Title, OfficialSeal? Seal, IReadOnlyDictionary<Guid, string> Names, Letter? Next, bool MayDecide, bool Again);

/// <summary>
/// One letter at the desk: as it went out, and taken back where it was wrong or the decision behind it is set aside. A letter is never changed; where it was wrong another one is made in
/// its place, with a number and a code of its own, and where the decision does not hold any more the next decision makes its own.
/// </summary>
static class LookAtLetter
{
    const int LongestWhy = 1000, LongestBody = 20_000;

    public static void Routes(IEndpointRouteBuilder to) =>
        to.MapGet("letters/{id:guid}", async (Guid id, [AsParameters] AtDesk desk) => await Find(id, desk) is { } letter ? await Show(letter, Form.Empty, desk) : Page.NotFound);

    /// <summary>For those who decide.</summary>
    public static void DecideRoutes(IEndpointRouteBuilder to)
    {
        to.MapPost("letters/{id:guid}/revoke", Revoke);
        to.MapPost("letters/{id:guid}/again", Again);
    }

    static string PathOf(Guid id) => $"desk/procedures/letters/{id}";

    static async Task<Letter?> Find(Guid id, AtDesk desk, string permission = "procedures.review") => (await SendLetters.Mine(desk, l => l.Id == id, permission)).SingleOrDefault();

    static async Task<IResult> Show(Letter letter, Form form, AtDesk desk, string? sent = null, bool overtaken = false)
    {
        var db = desk.Db;
        var of = await db.Set<Case>().AsNoTracking().SingleAsync(c => c.Id == letter.CaseId, desk.Stop);
        var seal = letter.SealId is null ? null : (await OfficialSeal.Of([letter], db, desk.Stop)).Values.SingleOrDefault();
        var next = letter.RevokedAt is null ? null : await db.Set<Letter>().AsNoTracking().SingleOrDefaultAsync(l => l.InsteadOfId == letter.Id, desk.Stop);
        var may = desk.Me.May("procedures.decide", of.DepartmentId, await desk.Tree());
        var names = await StaffNames.Of(db, [.. new[] { letter.SealedById, letter.RevokedById }.OfType<Guid>()], desk.Stop);
        return Page.Show<LetterDeskPage>(new
        {
            View = new LetterView(letter, of.Number, of.Title, seal, names, next, may, may && letter is { RevokedAt: not null, SetAside: false } && next is null && of.ErasedAt is null),
            Form = form, Sent = sent, Done = desk.Http.Request.Query["done"].ToString(), Overtaken = overtaken,
        }, overtaken ? StatusCodes.Status409Conflict : form.Wrong ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    static bool IsOf(Form form, Letter letter) => form.Typed("version") == letter.Version.ToString(CultureInfo.InvariantCulture);

    /// <summary>Told to the applicant, unless it never came to them.</summary>
    static async Task<IResult> Revoke(Guid id, Form form, [AsParameters] AtDesk desk)
    {
        if (await Find(id, desk, "procedures.decide") is not { } letter) return Page.NotFound;
        if (!IsOf(form, letter)) return await Show(letter, form, desk, "revoke", overtaken: true);
        var (cause, db) = (form.Choice("cause", ["wrong", "setAside"]), desk.Db);
        var why = form.Text("why", LongestWhy, required: true);
        if (letter.RevokedAt is not null) form.Wrongly("", "It was taken back already.");
        var file = cause == "setAside" ? await CaseFile.Open(db, letter.CaseId, await desk.Tree(), desk.Today, desk.Stop) : null;
        if (!form.Wrong && cause == "setAside" && SetAside.Hindrance(file) is { } hindrance) form.Wrongly("cause", hindrance);
        if (form.Wrong) return await Show(letter, form, desk, "revoke");
        var of = file?.Of ?? await db.Set<Case>().SingleAsync(c => c.Id == letter.CaseId, desk.Stop);
        if (file is not null)
        {
            var letters = await SetAside.Make(file, why, desk.MyId, db, desk.Now, desk.Stop);
            db.Audit(desk.Visit.Did("procedures.set_aside", of.Subject, new { Letters = letters.Select(l => l.Number) }, about: of.PersonId, reason: why, at: desk.Now));
        }
        else
        {
            letter.Revoke(why, setAside: false, desk.MyId, desk.Now);
            of.Happened(MoveKind.PaperRevoked, desk.MyId, desk.Now, told: letter.DeliveredAt is not null, text: why, details: new() { ["letter"] = letter.Id.ToString() });
            db.Audit(desk.Visit.Did("procedures.revoke_letter", of.Subject, new { Letter = letter.Id, letter.Number }, about: of.PersonId, reason: why, at: desk.Now));
        }
        db.AddNews(of);
        try
        {
            await desk.Db.Save(form.Once, desk.Visit.Link(PathOf(letter.Id) + "?done=revoked"), desk.Stop);
        }
        catch (DbUpdateException e) when (e.IsOvertaken())
        {
            return await Overtaken(id, form, desk, "revoke");
        }
        return Page.Go(desk.Visit, PathOf(letter.Id) + "?done=revoked");
    }

    static async Task<IResult> Overtaken(Guid id, Form form, AtDesk desk, string what)
    {
        desk.Db.ChangeTracker.Clear();
        return await Find(id, desk) is { } now ? await Show(now, form, desk, what, overtaken: true) : Page.NotFound;
    }

    /// <summary>What was wrong in its words is mended; everything else comes of the case. Who may set the seal sets it, as with a decision.</summary>
    static async Task<IResult> Again(Guid id, Form form, [AsParameters] AtDesk desk)
    {
        if (await Find(id, desk, "procedures.decide") is not { RevokedAt: not null, SetAside: false } letter) return Page.NotFound;
        if (await CaseFile.Open(desk.Db, letter.CaseId, await desk.Tree(), desk.Today, desk.Stop) is not { } file || file.Stage.Results.FirstOrDefault(r => r.Paper.Key == letter.Result).Paper is not { } paper) return Page.NotFound;
        var body = new Said();
        foreach (var code in letter.Body.Keys) body[code] = form.Text($"body-{code}", LongestBody, required: true);
        if (form.Wrong) return await Show(letter, form, desk, "again");
        await using (var transaction = await desk.Db.Database.BeginTransactionAsync(desk.Stop))
            try
            {
                var made = (await WriteLetters.Make(file, [new(paper, letter.Title, body)], desk.Me.May("procedures.seal", file.Of.DepartmentId, file.Tree), desk.MyId, desk.Db, desk.Now, desk.Stop, insteadOf: letter.Id))[0];
                desk.Db.Audit(desk.Visit.Did("procedures.make_letter", file.Of.Subject, new { Letter = made.Id, made.Number, InsteadOf = letter.Id }, about: file.Of.PersonId, at: desk.Now));
                desk.Db.AddNews(file.Of);
                await desk.Db.Save(form.Once, desk.Visit.Link(PathOf(made.Id) + "?done=made"), desk.Stop);
                await transaction.CommitAsync(desk.Stop);
                return Page.Go(desk.Visit, PathOf(made.Id) + "?done=made");
            }
            catch (DbUpdateException e) when (e.IsOvertaken()) { }    // of two who make one, the second sees what the first made
        return await Overtaken(id, form, desk, "again");
    }
}
