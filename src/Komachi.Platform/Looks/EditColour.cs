using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.Looks;

/// <summary>The town's colour: whether it can be read is counted when it is chosen, and it is seen in the light and in the dark before it is saved.</summary>
static class EditColour
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (TownDb db, Visit visit) => Page.Show<LookPage>(new { Look = await TownLooks.Read(db, visit.Town) }));
        to.MapGet("colour", async (string? done, TownDb db, Visit visit) => await Show(Form.With(("colour", (await TownLooks.Read(db, visit.Town)).Colour.ToString()), (await SavedLook.ToChange(db)).VersionField()), visit, db, done: done));
        to.MapPost("colour", Post);
        to.MapGet("preview.css", (string? colour) => Colour.TryParse("#" + colour, out var read) ? Results.Text(TownColours.SheetOf(read, ".town-preview"), "text/css", Encoding.UTF8) : Page.NotFound);
    }

    static async Task<IResult> Show(Form form, Visit visit, TownDb db, Colour? chosen = null, Colour? offered = null, string? done = null, bool overtaken = false)
    {
        var look = await TownLooks.Read(db, visit.Town);
        return Page.Show<ColourPage>(new { Form = form, Look = look, Chosen = chosen, Offered = offered, Done = done, Overtaken = overtaken, Version = (await SavedLook.ToChange(db)).Version },
            overtaken ? StatusCodes.Status409Conflict : form.Wrong ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    static async Task<IResult> Post(Form form, Visit visit, TownDb db, TownLooks looks)
    {
        var saved = await SavedLook.ToChange(db);
        // The one that was offered comes by its button, and stands in the field from then on.
        if (form.Typed("offer") is { Length: > 0 } offer) form = Form.With(("colour", offer), (Managing.Version, form.Typed(Managing.Version)), ("_once", form.Typed("_once")));
        if (!Colour.TryRead(form.Typed("colour"), out var colour)) form.Wrongly("colour", "Please write # and six digits or letters from a to f, like #1b5e3a.");
        else if (colour.ContrastOnWhite() < Colour.Enough)
        {
            var near = colour.Readable();
            form.Wrongly("colour", "{0} cannot be read on white: its contrast is {1}, and it takes 4.5. Near it, {2} has {3}.", colour, Colour.Show(colour.ContrastOnWhite()), near, Colour.Show(near.ContrastOnWhite()));
            return await Show(form, visit, db, offered: near);
        }
        if (form.Wrong) return await Show(form, visit, db);
        if (!form.Saves()) return await Show(form, visit, db, chosen: colour);
        if (!form.SawThis(saved)) return await Show(form, visit, db, chosen: colour, overtaken: true);
        var before = (await TownLooks.Read(db, visit.Town)).Colour;
        saved.Paint(colour);
        db.Audit(visit.Did("look.colour", details: new { from = before.ToString(), to = colour.ToString() }));
        const string then = "desk/look/colour?done=saved";
        return await db.Saved(form, visit, looks, then) ? Page.Go(visit, then) : await Show(form, visit, db, chosen: colour, overtaken: true);
    }
}
