using Komachi.Platform.Data;
using Komachi.Platform.Web;

namespace Komachi.Bench.Notes;

/// <summary>A post as the house writes one: form, verb on an entity, audit, job, saved once, redirect.</summary>
static class WriteNote
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("write", () => Page.Show<WriteNotePage>(new { Form = Form.Empty }));
        to.MapPost("write", Post);
    }

    static async Task<IResult> Post(Form form, Visit visit, TownDb db, TimeProvider time)
    {
        var title = form.Text("title", most: 120, required: true);
        var body = form.Text("body", most: 2000);
        if (form.Wrong) return Page.Show<WriteNotePage>(new { Form = form }, 422);

        var now = time.GetUtcNow();
        var note = Note.Write(title, body, visit.Visitor!.AccountId, now);
        db.Add(note);
        db.Audit(visit.Did("notes.write", $"notes/{note.Id}", new { note.Title }));
        db.Enqueue(new NoteWritten(note.Id), form.Ticked("later") ? now.AddDays(1) : null);
        await db.Save(form.Once, visit.Link("notes"));
        return Page.Go(visit, "notes");
    }
}
