using System.Globalization;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A filing as whoever sent it keeps it.</summary>
public sealed record FiledCopy(Filling Filling, Case Case, FormState State, FormFiles Files, Said? Department);

/// <summary>It has arrived: the number, the copy, what happens next and by when; and two questions, if they like.</summary>
static class FilingDone
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("filling/{id:guid}/done", (Guid id, Visit visit, TownDb db, TimeProvider time, HttpContext http) => Show(id, Form.Empty, visit, db, time, http.RequestAborted));
        to.MapGet("filling/{id:guid}/done/copy", async (Guid id, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
            await Read(id, visit, db, time, http.RequestAborted) is { } copy ? Page.Show<FiledCopyPage>(new { Copy = copy }) : await FillPages.Closed(id, visit, db, http.RequestAborted));
        to.MapGet("filling/{id:guid}/done/pdf", async (Guid id, Visit visit, TownDb db, TimeProvider time, Words words, HttpContext http) =>
            await Read(id, visit, db, time, http.RequestAborted) is { } copy ? Page.Pdf<FiledCopyPaper>(new { Copy = copy }, $"{words.Bare["Copy of your filing"]} {new ReceiptText(copy.Case.Number)}.pdf") : await FillPages.Closed(id, visit, db, http.RequestAborted));
        to.MapGet("filling/{id:guid}/done/calendar.ics", Calendar);
        to.MapPost("filling/{id:guid}/done/rating", Rate);
        to.MapPost("filling/{id:guid}/done/family", async (Guid id, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
        {
            if (await Read(id, visit, db, time, http.RequestAborted) is not { } copy || !IsOwn(copy, visit)) return await FillPages.Closed(id, visit, db, http.RequestAborted);
            await KeepFamily.Take(copy, visit, db, time.GetUtcNow(), http.RequestAborted);
            await db.Save(form.Once, visit.Link("procedures/family?done=add"), http.RequestAborted);
            return Page.Go(visit, "procedures/family?done=add");
        });
    }

    static async Task<FiledCopy?> Read(Guid id, Visit visit, TownDb db, TimeProvider time, CancellationToken stop)
    {
        if (await Filling.Open(id, visit, db, time.Today(), stop) is not { Draft.CaseId: { } filed } filling) return null;
        var of = await db.Set<Case>().AsNoTracking().SingleAsync(c => c.Id == filed, stop);
        var files = new FormFiles(Filing.Attachment, filling.Draft.Place, await db.FilesOf(of.Subject, stop));
        return new(filling, of, Flow.StateOf(filling.Procedure, of, filling.Matter), files, filling.Tree.Find(of.DepartmentId)?.Name);
    }

    static async Task<IResult> Show(Guid id, Form form, Visit visit, TownDb db, TimeProvider time, CancellationToken stop)
    {
        if (await Read(id, visit, db, time, stop) is not { } copy)
            return await Filling.Open(id, visit, db, time.Today(), stop) is { } open ? Page.Go(visit, open.Path) : await FillPages.Closed(id, visit, db, stop);
        var me = visit.Visitor?.PersonId;
        var people = IsOwn(copy, visit) ? KeepFamily.PeopleIn(copy.State.Form, copy.Case.Answers, await db.Set<Family>().AsNoTracking().SingleOrDefaultAsync(f => f.PersonId == me, stop)).Select(Family.CalledOf).ToArray() : [];
        return Page.Show<FilingDonePage>(new { Copy = copy, Form = form, People = people, Rated = await db.Set<Rating>().AnyAsync(r => r.CaseId == copy.Case.Id, stop) }, form.Wrong ? 422 : 200);
    }

    /// <summary>Of whoever is signed in, about themselves: then the people in it may be their household.</summary>
    static bool IsOwn(FiledCopy copy, Visit visit) => visit.Visitor is { IsStaff: false, For: null, PersonId: { } me } && copy.Case.PersonId == me && Agent.GroundOf(copy.Case.Answers) is null;

    /// <summary>What comes after it, of what holds for these answers: the day, where one can be told.</summary>
    internal static IReadOnlyList<(Said Text, string? Procedure, DateOnly? On)> NextOf(FiledCopy copy)
    {
        var (next, problems) = (new List<(Said, string?, DateOnly?)>(), new List<FormProblem>());
        if (copy.Case.Stage.Length > 0) return next;
        foreach (var thing in copy.Filling.Procedure.Definition.Next)
        {
            if (thing.If is { } so && Expressions.Compile("next", so, copy.Filling.Stage.Names, Sort.Truth, problems)?.Holds(copy.State.Answers) != true) continue;
            var on = thing.On is { } day && Expressions.Compile("next", day, copy.Filling.Stage.Names, Sort.Day, problems)?.Of(copy.State.Answers) is { Given: true } value ? value.Day : (DateOnly?)null;
            next.Add((copy.State.Say(thing.Text), thing.Procedure, on));
        }
        return next;
    }

    static async Task<IResult> Calendar(Guid id, Visit visit, TownDb db, TimeProvider time, Words words, HttpContext http)
    {
        if (await Read(id, visit, db, time, http.RequestAborted) is not { } copy) return Page.NotFound;
        var title = copy.Filling.Procedure.Title.In(visit.Lang);
        var days = NextOf(copy).Where(n => n.On is not null).Select(n => (n.On!.Value, $"{title}: {n.Text.In(visit.Lang)}"))
            .Append((copy.Case.DueOn, words["{0}: the answer is due ({1})", title, new ReceiptText(copy.Case.Number)]));
        var text = new StringBuilder("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Komachi//Procedures//JA\r\n");
        foreach (var (day, what, n) in days.Select((d, n) => (d.Item1, d.Item2, n)))
        {
            text.Append(CultureInfo.InvariantCulture, $"BEGIN:VEVENT\r\nUID:{copy.Case.Id}-{n}@{visit.Town.Slug}\r\nDTSTAMP:{copy.Case.ArrivedAt.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}\r\nDTSTART;VALUE=DATE:{day:yyyyMMdd}\r\n");
            Folded(text, "SUMMARY:" + Furigana.Bare(what).Replace("\\", "\\\\").Replace(";", "\\;").Replace(",", "\\,").Replace("\n", "\\n"));
            text.Append("END:VEVENT\r\n");
        }
        return Results.File(Encoding.UTF8.GetBytes(text.Append("END:VCALENDAR\r\n").ToString()), "text/calendar; charset=utf-8", $"{copy.Case.Number}.ics");
    }

    /// <summary>Lines of at most 75 bytes, as RFC 5545 has them; no letter is cut.</summary>
    static void Folded(StringBuilder to, string line)
    {
        var bytes = 0;
        foreach (var letter in line.EnumerateRunes())
        {
            if (bytes + letter.Utf8SequenceLength > 74)
            {
                to.Append("\r\n ");
                bytes = 1;
            }
            to.Append(letter.ToString());
            bytes += letter.Utf8SequenceLength;
        }
        to.Append("\r\n");
    }

    static async Task<IResult> Rate(Guid id, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var stop = http.RequestAborted;
        if (await Read(id, visit, db, time, stop) is not { Filling.AtDesk: false } copy) return await FillPages.Closed(id, visit, db, stop);
        var done = copy.Filling.Path + "/done";
        if (await db.Set<Rating>().AnyAsync(r => r.CaseId == copy.Case.Id, stop)) return Page.Go(visit, done);
        var easy = form.Choice("easy", ["1", "2", "3", "4", "5"]);
        bool? reached = form.Typed("reached") switch { "yes" => true, "no" => false, _ => null };
        var words = form.Text("words", most: 1000);
        if (form.Wrong) return await Show(id, form, visit, db, time, stop);
        db.Add(new Rating { CaseId = copy.Case.Id, Procedure = copy.Case.Procedure, Easy = int.Parse(easy, CultureInfo.InvariantCulture), Reached = reached, Words = words.Length > 0 ? words : null, At = time.GetUtcNow() });
        db.Audit(visit.Did("procedures.rate", copy.Case.Subject, about: copy.Case.PersonId));
        try
        {
            await db.Save(form.Once, visit.Link(done), stop);
        }
        catch (Exception e) when (e.IsOvertaken())
        {
            db.ChangeTracker.Clear();    // said already, in another tab
        }
        return Page.Go(visit, done);
    }
}
