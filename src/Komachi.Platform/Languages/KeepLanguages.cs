using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Languages;

/// <summary>
/// The desk's pages of further languages: a language is added, its words go out as a file to whoever translates and come back, what is missing
/// or does not fit is listed, and it is switched on when it is good enough.
/// </summary>
public static class KeepLanguages
{
    const int MostListed = 40;

    /// <param name="Said">How many sentences have a translation that fits, of <paramref name="All"/>.</param>
    public sealed record Line(Lang Lang, bool On, int Said, int All, DateTimeOffset ChangedAt);

    /// <summary>A sentence that needs somebody: its text, the form for certain numbers, the Japanese, and what was brought for it.</summary>
    public sealed record Sentence(string Text, string Form, string? Japanese, string? Said);

    /// <summary>The first of each kind; how many there are stands before them, and all of them in the file.</summary>
    public sealed record View(Line Line, int Missing, IReadOnlyList<Sentence> FirstMissing, int Superfluous, IReadOnlyList<Sentence> FirstSuperfluous, int Unfit, IReadOnlyList<Sentence> FirstUnfit);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (TownDb db, House house, HttpContext http) => await List(Form.Empty, db, house, http));
        to.MapPost("", Add);
        to.MapGet("{code}", async (string code, string? done, TownDb db, House house, HttpContext http) => await Show(code, Form.Empty, db, house, http, done));
        to.MapGet("{code}/words.yaml", async (string code, TownDb db, House house, HttpContext http) => await GiveOut(code, "yaml", db, house, http));
        to.MapGet("{code}/words.csv", async (string code, TownDb db, House house, HttpContext http) => await GiveOut(code, "csv", db, house, http));
        to.MapPost("{code}/file", Bring).WithMetadata(Transfer.Form);
        to.MapPost("{code}/on", (string code, Form form, Visit visit, TownDb db, TownLanguages spoken, TimeProvider time) => Switch(code, true, form, visit, db, spoken, time));
        to.MapPost("{code}/off", (string code, Form form, Visit visit, TownDb db, TownLanguages spoken, TimeProvider time) => Switch(code, false, form, visit, db, spoken, time));
    }

    static Task<TownLanguage?> Find(string code, TownDb db) => db.Set<TownLanguage>().SingleOrDefaultAsync(l => l.Code == code);

    static async Task<IResult> List(Form form, TownDb db, House house, HttpContext http)
    {
        var there = await db.Set<TownLanguage>().AsNoTracking().ToListAsync(http.RequestAborted);
        return Page.Show<LanguagesPage>(new
        {
            Form = form,
            Lines = Lang.Further.Select(l => there.Find(t => t.Code == l.Code)).OfType<TownLanguage>().Select(t => LineOf(t, WordReview.Of(t.Words, t.Lang, house.Words))).ToArray(),
            Others = Lang.Further.Where(l => there.All(t => t.Code != l.Code)).ToArray(),
        }, form.Wrong ? 422 : 200);
    }

    static Line LineOf(TownLanguage language, WordReview review) => new(language.Lang, language.IsOn, review.Sound.Count, review.Sound.Count + review.Missing.Count + review.Unfit.Count, language.ChangedAt);

    static async Task<IResult> Add(Form form, Visit visit, TownDb db, House house, TownLanguages spoken, HttpContext http, TimeProvider time)
    {
        var there = await db.Set<TownLanguage>().Select(l => l.Code).ToListAsync(http.RequestAborted);
        var code = form.Choice("code", [.. Lang.Further.Select(l => l.Code).Except(there)]);
        if (form.Wrong) return await List(form, db, house, http);
        db.Add(TownLanguage.Add(Lang.FindFurther(code)!, time.GetUtcNow()));
        db.Audit(visit.Did("languages.add", SubjectOf(code)));
        return await Done(code, "added", form, visit, db, spoken, time);
    }

    static async Task<IResult> Show(string code, Form form, TownDb db, House house, HttpContext http, string? done = null)
    {
        if (await db.Set<TownLanguage>().AsNoTracking().SingleOrDefaultAsync(l => l.Code == code, http.RequestAborted) is not { } language) return Page.NotFound;
        var review = WordReview.Of(language.Words, language.Lang, house.Words);
        var view = new View(LineOf(language, review), review.Missing.Count, First(review.Missing), review.Superfluous.Count, First(review.Superfluous), review.Unfit.Count, First(review.Unfit));
        return Page.Show<LanguagePage>(new { Form = form, View = view, Done = done }, form.Wrong ? 422 : 200);

        IReadOnlyList<Sentence> First(IReadOnlyList<string> keys) => [.. keys.Take(MostListed).Select(key =>
        {
            var form = Plural.Forms.FirstOrDefault(f => key.EndsWith("#" + f, StringComparison.Ordinal)) ?? "";
            var text = form.Length == 0 ? key : key[..^(form.Length + 1)];
            return new Sentence(text, form, house.Words.Find(text, Lang.Japanese), language.Words.GetValueOrDefault(key));
        })];
    }

    static async Task<IResult> GiveOut(string code, string kind, TownDb db, House house, HttpContext http)
    {
        if (await db.Set<TownLanguage>().AsNoTracking().SingleOrDefaultAsync(l => l.Code == code, http.RequestAborted) is not { } language) return Page.NotFound;
        var file = kind == "csv" ? WordFile.ToCsv(language.Words, language.Lang, house.Words) : WordFile.ToYaml(language.Words, language.Lang, house.Words);
        return Results.File(Encoding.UTF8.GetBytes(file), kind == "csv" ? "text/csv; charset=utf-8" : "application/yaml; charset=utf-8", $"{code}.{kind}");
    }

    static async Task<IResult> Bring(string code, SentFile sent, HttpContext http, Visit visit, TownDb db, House house, TownLanguages spoken, TimeProvider time)
    {
        var form = Form.With(("_once", sent["_once"]));
        if (await sent.Whole(WordFile.MostBytes, http.RequestAborted) is not { } bytes) return Results.StatusCode(StatusCodes.Status400BadRequest);
        if (await Find(code, db) is not { } language) return Page.NotFound;
        if (bytes.Length > WordFile.MostBytes) form.Wrongly("file", "The file is larger than {0} kB: is it a file of words?", WordFile.MostBytes / 1024);
        else
            try
            {
                var words = WordFile.Read(new UTF8Encoding(false, true).GetString(bytes));
                if (words.Values.All(w => w.Length == 0)) form.Wrongly("file", "There is no translation in it.");
                else language.Bring(words, time.GetUtcNow());
            }
            catch (ArgumentException)    // bytes that are no UTF-8
            {
                form.Wrongly("file", "This is no text in UTF-8. In a spreadsheet, save it as \"CSV UTF-8\".");
            }
            catch (WordFile.Unreadable e)
            {
                form.Wrongly("file", e.Message, e.Values);
            }
        if (form.Wrong) return await Show(code, form, db, house, http);
        db.Audit(visit.Did("languages.bring", SubjectOf(code), new { language.Version, Words = language.Words.Count }));
        return await Done(code, "brought", form, visit, db, spoken, time);
    }

    static async Task<IResult> Switch(string code, bool on, Form form, Visit visit, TownDb db, TownLanguages spoken, TimeProvider time)
    {
        if (await Find(code, db) is not { } language) return Page.NotFound;
        if (language.IsOn != on)
        {
            language.Switch(on, time.GetUtcNow());
            db.Audit(visit.Did(on ? "languages.switch_on" : "languages.switch_off", SubjectOf(code)));
        }
        return await Done(code, on ? "on" : "off", form, visit, db, spoken, time);
    }

    static async Task<IResult> Done(string code, string what, Form form, Visit visit, TownDb db, TownLanguages spoken, TimeProvider time)
    {
        var path = $"desk/languages/{code}?done={what}";
        db.RingAfterSave(time.GetUtcNow());
        try
        {
            await db.Save(form.Once, visit.Link(path));
        }
        catch (DbUpdateException e) when (e.IsOvertaken())
        {
            return Page.Conflict;    // a colleague was faster
        }
        spoken.Forget(visit.Town);
        return Page.Go(visit, path);
    }

    static string SubjectOf(string code) => $"languages/{code}";
}
