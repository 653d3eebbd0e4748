using System.Collections.Concurrent;
using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.Pdf;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Procedures;

/// <summary>
/// The same form on paper: empty for who fills it in by hand, filled from what is being written, filled from a case. On the town's own form where there
/// is one, else as a plain page.
/// </summary>
static class PrintPapers
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("{key}/paper", Empty);
        to.MapGet("filling/{draft:guid}/paper", OfDraft);
    }

    public static void DeskRoutes(IEndpointRouteBuilder to) => to.MapGet("cases/{id:guid}/paper", OfCase);

    /// <param name="stage">Of a later filing of the matter.</param>
    static async Task<IResult> Empty(string key, string? stage, Visit visit, TownDb db, House house, TimeProvider time, HttpContext http)
    {
        if (await Catalog.Find(db, key, db.Today, http.RequestAborted) is not { } offered || offered.Procedure.Stages.FirstOrDefault(s => s.Key == (stage ?? "")) is not { } of) return Page.NotFound;
        var form = await OwnForms.Current(db, key, of.Key, http.RequestAborted);
        return Page.Pdf(to => KeptPapers.Of((visit.Town.Slug, offered.Id, of.Key, form?.Id, form is null ? visit.Lang.Code : ""), time, to.RequestAborted, async () => form is null
            ? await Page.Print<BlankPaper>(to, new { offered.Procedure, Stage = of })
            : await Print(form, Filled.Empty(of, Japanese(house)), to, db)), $"{NameOf(offered.Procedure, of, form, visit)}.pdf");
    }

    /// <summary>As far as it was filled in; nobody but who writes it gets it.</summary>
    static async Task<IResult> OfDraft(Guid draft, Visit visit, TownDb db, House house, HttpContext http)
    {
        if (await db.Set<Draft>().AsNoTracking().SingleOrDefaultAsync(d => d.Id == draft && d.CaseId == null, http.RequestAborted) is not { } of || !Drafts.MayWrite(visit, of)) return Page.NotFound;
        var filling = await Filling.Of(of, db, db.Today, http.RequestAborted);
        var form = await OwnForms.Current(db, of.Procedure, of.Stage, http.RequestAborted);
        var signed = (await Signing.Of(filling, db, http.RequestAborted)).Where(s => s.Signed).ToDictionary(s => s.Of.Key, s => JapanTime.DayOf(s.Row!.SignedAt!.Value));
        return Page.Pdf(to => form is null
            ? Page.Print<FilledPaper>(to, new { filling.Procedure, filling.Stage, filling.State, filling.Given, filling.Files, Signed = signed })
            : Print(form, new(filling.Stage, filling.State, filling.Given, Japanese(house)), to, db), $"{NameOf(filling.Procedure, filling.Stage, form, visit)}.pdf");
    }

    /// <summary>For whom the case's page is, and with what stands on it: without what is secret where another department has the case.</summary>
    static async Task<IResult> OfCase(Guid id, [AsParameters] AtDesk desk)
    {
        if (await ShowCase.Find(id, desk) is not { } file) return Page.NotFound;
        if (await ShowCase.Veil(file, desk, $"desk/procedures/cases/{id}/paper") is { } veil) return veil;
        var (of, procedure, stage, state, visit, db, stop) = (file.Of, file.Procedure, file.Stage, file.State(), desk.Visit, desk.Db, desk.Stop);
        var letter = await db.Set<Letter>().AsNoTracking().Where(l => l.CaseId == id && l.RevokedAt == null).OrderByDescending(l => l.Sealed).ThenByDescending(l => l.MadeAt).FirstOrDefaultAsync(stop);
        var filled = new Filled(stage, state, of.Answers, Japanese(desk.House))
        {
            Secret = file.InCharge(desk.Me),
            Receipt = ReceiptNumber.TryParse(of.Number, out var number) ? number.ToString() : of.Number, ArrivedOn = of.ArrivedOn, DecidedOn = of.DecidedAt is { } decided ? JapanTime.DayOf(decided) : null, Number = letter?.Number,
            Seal = letter is { Sealed: true } ? $"{visit.Town.Name.In(Lang.Japanese)}長之印" : null,
            SealPicture = letter is { Sealed: true } ? (await OfficialSeal.Of([letter], db, stop)).Values.SingleOrDefault() : null,
        };
        var form = await OwnForms.Of(db, of, stop);
        var files = new FormFiles(Filing.Attachment, "", await db.FilesOf(of.Subject, stop));
        var signed = await db.Set<Signer>().AsNoTracking().Where(s => s.CaseId == id && s.SignedAt != null).ToDictionaryAsync(s => s.Key, s => JapanTime.DayOf(s.SignedAt!.Value), stop);
        db.Audit(visit.Did("procedures.print_form", of.Subject, new { form = form?.Id }, about: of.PersonId));
        await db.Save(stop: stop);
        return Page.Pdf(to => form is null
            ? Page.Print<FilledPaper>(to, new { Procedure = procedure, Stage = stage, State = state, Given = of.Answers, Files = files, filled.Secret, Signed = signed, filled.Receipt, filled.ArrivedOn })
            : Print(form, filled, to, db), $"{NameOf(procedure, stage, form, visit)} {of.Number}.pdf");
    }

    internal static async Task<byte[]> Print(OwnForm form, Filled filled, HttpContext http, TownDb db, bool outlined = false)
    {
        var placeable = Placeable.Of(filled.Stage, filled.Ja);
        return await PrintedForm.Print(http.RequestServices.GetRequiredService<Press>(), form, await OwnForms.BackgroundOf(db, form, http.RequestAborted), filled, http.Visit().Town.Name.In(Lang.Japanese), field => Placeable.NameOf(placeable, field), http.RequestAborted, outlined);
    }

    internal static Words Japanese(House house) => new(Lang.Japanese, house.Words);

    static string NameOf(Procedure procedure, Stage stage, OwnForm? form, Visit visit) => form?.Name ?? Furigana.Bare((stage == procedure.First ? procedure.Title : stage.Definition.Title).In(visit.Lang));
}

/// <summary>
/// Empty forms are the same for everybody, and anybody may ask for them: each is printed once and kept a while. Of those who ask at the same time one
/// prints, and what could not be printed is not kept.
/// </summary>
static class KeptPapers
{
    static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);    // the town's name and telephone stand on it
    const int Most = 100;

    static readonly ConcurrentDictionary<(string Town, Guid Definition, string Stage, Guid? Form, string Lang), (Lazy<Task<byte[]>> Paper, DateTimeOffset At)> Papers = new();

    public static async Task<byte[]> Of((string Town, Guid Definition, string Stage, Guid? Form, string Lang) key, TimeProvider time, CancellationToken stop, Func<Task<byte[]>> print)
    {
        while (true)
        {
            var now = time.GetUtcNow();
            if (Papers.TryGetValue(key, out var old) && old.At + Kept < now) Papers.TryRemove(KeyValuePair.Create(key, old));
            if (Papers.Count >= Most) Papers.Clear();
            var paper = Papers.GetOrAdd(key, _ => (new(print), now));
            try
            {
                return await paper.Paper.Value;
            }
            catch (Exception e)
            {
                Papers.TryRemove(KeyValuePair.Create(key, paper));
                // Who printed it for all left; the next one does.
                if (e is not OperationCanceledException || stop.IsCancellationRequested) throw;
            }
        }
    }
}
