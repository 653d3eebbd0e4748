using System.Linq.Expressions;
using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <param name="Title">Whom it goes to; null: a person of whom this clerk must not know.</param>
public sealed record LetterRow(Guid Id, Guid CaseId, string Number, string? Document, string What, string? Title, DateTimeOffset MadeAt, bool WaitsForSeal, Delivery Delivery, int Version);

/// <param name="After">Behind which letter it begins.</param>
public sealed record LetterList(IReadOnlyList<LetterRow> Rows, Cursor? After, Cursor? Next);

/// <summary>
/// Letters on their way: those that wait for the official seal, and those that go out on paper, printed many at once and marked when they are posted.
/// Nobody gets a letter before its seal is set.
/// </summary>
static class SendLetters
{
    const int PageSize = 100;

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("letters", async ([AsParameters] AtDesk desk) => await Show(Form.Empty, desk));
        to.MapPost("letters", Post);
        to.MapGet("letters/{id:guid}/pdf", async (Guid id, [AsParameters] AtDesk desk) => await Mine(desk, l => l.Id == id) is [var letter] ? await Paper([letter], desk) : Page.NotFound);
    }

    /// <summary>For who may use the seal.</summary>
    public static void SealRoutes(IEndpointRouteBuilder to)
    {
        to.MapPost("letters/seal", Seal);
        KeepSeal.Routes(to);
    }

    static readonly Expression<Func<Letter, bool>> ToSeal = l => l.RevokedAt == null && l.WantsSeal && !l.Sealed,
        ToPost = l => l.RevokedAt == null && (!l.WantsSeal || l.Sealed) && l.Delivery == Delivery.Paper && l.DeliveredAt == null;

    static async Task<IResult> Show(Form form, AtDesk desk, string? done = null) => Page.Show<LettersPage>(new
    {
        Form = form, Done = done ?? desk.Http.Request.Query["done"].ToString(), Waiting = await PageOf(ToSeal, "seal", desk), Posting = await PageOf(ToPost, "post", desk),
        Mayor = await Issuer.MayorOf(desk.Db, desk.Stop), Seals = desk.Me.May("procedures.seal"),
    }, form.Wrong ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);

    /// <summary>A page of one of the lists; behind which letter it begins stands in the address, under the list's own name.</summary>
    static async Task<LetterList> PageOf(Expression<Func<Letter, bool>> which, string name, AtDesk desk)
    {
        var (letters, after) = (await Seeable(desk, which, "procedures.review"), Cursor.Read(desk.Http.Request.Query[name]));
        if (after is { } last) letters = letters.Where(l => EF.Functions.GreaterThan(ValueTuple.Create(l.MadeAt, l.Id), ValueTuple.Create(last.At, last.Id)));
        var page = await letters.Take(PageSize + 1).ToListAsync(desk.Stop);
        var more = page.Count > PageSize;
        if (more) page.RemoveAt(PageSize);
        return new(await Rows(desk, page), after, more ? new(page[^1].MadeAt, page[^1].Id) : null);
    }

    internal static async Task<List<Letter>> Mine(AtDesk desk, Expression<Func<Letter, bool>> which, string permission = "procedures.review", int most = PageSize) =>
        await (await Seeable(desk, which, permission)).Take(most).ToListAsync(desk.Stop);

    /// <summary>Letters of cases that are with my departments, the oldest first, without those about persons of whom I must not know.</summary>
    static async Task<IQueryable<Letter>> Seeable(AtDesk desk, Expression<Func<Letter, bool>> which, string permission)
    {
        var mine = desk.Me.DepartmentsFor(permission, await desk.Tree())?.ToArray();
        // Not without tracking: one part of a query that is read so makes all of it so, and nothing of the letters would be saved.
        var (cases, hidden) = (desk.Db.Set<Case>(), desk.Persons.Hidden);
        return desk.Db.Set<Letter>().Where(which).Where(l => cases.Any(c => c.Id == l.CaseId && (mine == null || mine.Contains(c.DepartmentId)) && (c.PersonId == null || !hidden.Contains(c.PersonId.Value)))).OrderBy(l => l.MadeAt).ThenBy(l => l.Id);
    }

    static async Task<IReadOnlyList<LetterRow>> Rows(AtDesk desk, List<Letter> letters)
    {
        var ids = letters.Select(l => l.CaseId).Distinct().ToArray();
        var cases = await desk.Db.Set<Case>().AsNoTracking().Where(c => ids.Contains(c.Id)).Select(c => new { c.Id, c.Number, c.Title }).ToDictionaryAsync(c => c.Id, desk.Stop);
        return [.. letters.Select(l => new LetterRow(l.Id, l.CaseId, cases[l.CaseId].Number, l.Number, l.Title.In(desk.Visit.Lang), cases[l.CaseId].Title, l.MadeAt, l.WaitsForSeal, l.Delivery, l.Version))];
    }

    static Guid[] Ticked(Form form) => [.. form.Many("row").Select(r => Guid.TryParse(r, out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty).Distinct().Take(PageSize)];

    static async Task<IResult> Post(Form form, [AsParameters] AtDesk desk)
    {
        var ids = Ticked(form);
        if (ids.Length == 0) form.Wrongly("row", "Please tick at least one letter.");
        if (form.Typed("do") is not ("print" or "posted") && !form.Wrong) form.Wrongly("", "Please choose what is to be done.");
        if (form.Wrong) return await Show(form, desk);
        var letters = await Mine(desk, l => ids.Contains(l.Id) && l.RevokedAt == null);
        if (form.Typed("do") == "print") return await Paper([.. letters.Where(l => !l.WaitsForSeal)], desk);

        var posted = letters.Where(l => l is { WaitsForSeal: false, Delivery: Delivery.Paper, DeliveredAt: null }).ToArray();
        if (posted.Length == 0)
        {
            form.Wrongly("row", "None of these letters can be posted: they wait for the seal, or are posted already.");
            return await Show(form, desk);
        }
        await Each(posted, desk, (letter, of) =>
        {
            letter.Deliver(desk.Now);
            of.Happened(MoveKind.PaperDelivered, desk.MyId, desk.Now, told: true, details: new() { ["letter"] = letter.Id.ToString() });
        }, "procedures.post_letter");
        return await Saved(form, desk, "posted");
    }

    static async Task<IResult> Seal(Form form, [AsParameters] AtDesk desk)
    {
        var ids = Ticked(form);
        var letters = await Mine(desk, l => ids.Contains(l.Id) && l.WantsSeal && !l.Sealed && l.RevokedAt == null, "procedures.seal");
        if (letters.Count == 0)
        {
            form.Wrongly("row", "Please tick at least one letter that waits for the seal.");
            return await Show(form, desk);
        }
        var seal = await Issuer.SealOf(desk.Db, desk.Stop);
        await Each(letters, desk, (letter, of) =>
        {
            letter.Seal(desk.MyId, seal, desk.Now);
            if (letter.DeliveredAt is not null) of.Happened(MoveKind.PaperDelivered, desk.MyId, desk.Now, told: true, details: new() { ["letter"] = letter.Id.ToString() });
        }, "procedures.seal");
        return await Saved(form, desk, "sealed");
    }

    static async Task Each(IReadOnlyCollection<Letter> letters, AtDesk desk, Action<Letter, Case> act, string deed)
    {
        var ids = letters.Select(l => l.CaseId).Distinct().ToArray();
        var cases = await desk.Db.Set<Case>().Where(c => ids.Contains(c.Id)).ToDictionaryAsync(c => c.Id, desk.Stop);
        foreach (var letter in letters)
        {
            act(letter, cases[letter.CaseId]);
            desk.Db.Audit(desk.Visit.Did(deed, cases[letter.CaseId].Subject, new { Letter = letter.Id, letter.Number }, about: cases[letter.CaseId].PersonId, at: desk.Now));
        }
        foreach (var of in cases.Values) desk.Db.AddNews(of);
    }

    static async Task<IResult> Saved(Form form, AtDesk desk, string done)
    {
        try
        {
            await desk.Db.Save(form.Once, desk.Visit.Link($"desk/procedures/letters?done={done}"), desk.Stop);
        }
        catch (DbUpdateException e) when (e.IsOvertaken())
        {
            desk.Db.ChangeTracker.Clear();
            form.Wrongly("", "Somebody else was faster. Please look at the list, and try again.");
            return await Show(form, desk);
        }
        return Page.Go(desk.Visit, $"desk/procedures/letters?done={done}");
    }

    /// <summary>The letters of these cases that can go out on paper, as one PDF: a sheet begins with each.</summary>
    public static async Task<IResult> Print(IReadOnlyList<Guid> cases, AtDesk desk)
    {
        var letters = await Mine(desk, l => cases.Contains(l.CaseId) && l.RevokedAt == null && (!l.WantsSeal || l.Sealed), most: WorkOnMany.Most);
        return letters.Count == 0 ? await Show(Form.Empty, desk, "none") : await Paper(letters, desk);
    }

    static async Task<IResult> Paper(IReadOnlyList<Letter> letters, AtDesk desk)
    {
        if (letters.Count == 0) return await Show(Form.Empty, desk, "none");
        await Each(letters, desk, (_, _) => { }, "procedures.print_letter");
        await desk.Db.Save(stop: desk.Stop);
        var seals = await OfficialSeal.Of(letters, desk.Db, desk.Stop);
        return Page.Pdf<LettersPaper>(new { Letters = letters, Seals = seals }, letters is [var one] ? $"{(one.Number ?? one.Code)}.pdf" : $"{desk.Words.Bare["Letters to send"]} {desk.Today:yyyy-MM-dd}.pdf", OfficialSeal.Parts(seals.Values));
    }
}
