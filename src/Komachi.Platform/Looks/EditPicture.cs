using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Looks;

/// <summary>
/// Emblem and photo: sent like every file, and shown to everybody only when they have passed its checks and somebody has said what they show.
/// SVG is not among them: it is a document that can hold more than a picture.
/// </summary>
public static class EditPicture
{
    public static readonly FileKind Emblem = Kind("look.emblem_file", kilobytes: 16), Photo = Kind("look.photo_file", kilobytes: 60);

    static FileKind Kind(string key, int kilobytes) => new(key)
    {
        Types = [FileType.Png, FileType.WebP, FileType.Jpeg],
        MostBytes = kilobytes * 1024,
        Most = 1,
        Shown = true,
        MayWrite = (visit, place, _) => Task.FromResult(visit.Visitor is { } who && who.May(LookModule.Permission) && place == PlaceOf(visit)),
        MayRead = (visit, file, _) => Task.FromResult(visit.Visitor is { } who && who.May(LookModule.Permission)),
    };

    /// <summary>Drawn that large at most on a screen with two dots a pixel; a phone has to hold all of it unpacked.</summary>
    static readonly (int Least, int Most) EmblemPixels = (80, 2000), PhotoPixels = (800, 4000);

    /// <summary>Pages that were made before show the former picture for some seconds more; so it stays that long.</summary>
    static readonly TimeSpan Lingers = TimeSpan.FromHours(1);

    public static void Routes(IEndpointRouteBuilder to)
    {
        foreach (var what in Enum.GetValues<PictureOf>())
        {
            to.MapGet(AddressOf(what), async (string? done, Visit visit, TownDb db, Receiving receiving) =>
            {
                var saved = await SavedLook.ToChange(db);
                var says = saved.Of(what).Says;
                return await Show(what, Form.With([.. says.Fields("says"), saved.VersionField()]), visit, db, await Sent(what, visit, db, receiving), done: done, opened: true);
            });
            to.MapPost(AddressOf(what), (Form form, Visit visit, TownDb db, Receiving receiving, TownLooks looks, TimeProvider time) => Post(what, form, visit, db, receiving, looks, time));
            to.MapPost(AddressOf(what) + "/remove", (Form form, Visit visit, TownDb db, TownLooks looks, TimeProvider time) => Remove(what, form, visit, db, looks, time));
        }
    }

    public static string AddressOf(PictureOf what) => what == PictureOf.Emblem ? "emblem" : "photo";

    public static FileKind KindOf(PictureOf what) => what == PictureOf.Emblem ? Emblem : Photo;

    /// <summary>Each clerk's own: what one has not saved yet does not come in another's way.</summary>
    public static string PlaceOf(Visit visit) => $"look/{visit.Visitor!.AccountId}";

    /// <summary>A picture that was sent and not saved yet, and what is wrong with it.</summary>
    public sealed record Waiting(StoredFile File, byte[] Bytes, FileType? Type, PictureShape? Shape, (string Message, object[] Values)? Wrong);

    static async Task<(IReadOnlyList<StoredFile> Files, Waiting? Ready)> Sent(PictureOf what, Visit visit, TownDb db, Receiving receiving)
    {
        var files = await db.FilesAt(KindOf(what), PlaceOf(visit));
        if (files.FirstOrDefault(f => f.State == FileState.Ready) is not { } file) return (files, null);
        await using var content = await receiving.Open(visit.Town, db, file, clean: file.CleanBytes is not null, default);
        var bytes = new byte[content.Length];
        await content.ReadExactlyAsync(bytes);
        var type = FileType.Find(file.Type);
        var shape = type is null ? null : PictureShape.Of(type, bytes);
        var (least, most) = what == PictureOf.Emblem ? EmblemPixels : PhotoPixels;
        (string, object[])? wrong = shape is not { } size ? ("This picture cannot be read. Save it anew as PNG or JPEG, and send it again.", [])
            : size.Moves ? ("This picture moves. Save one of its pictures alone, and send that.", [])
            : size.Width < least || what == PictureOf.Emblem && size.Height < least ? ("It has {0} × {1} dots, and would be drawn as a blur: it takes {2} in width at least.", [size.Width, size.Height, least])
            : size.Width > most || size.Height > most ? ("It has {0} × {1} dots, more than a phone can hold: {2} in each direction at most.", [size.Width, size.Height, most])
            : null;
        return (files, new(file, bytes, type, shape, wrong));
    }

    static async Task<IResult> Show(PictureOf what, Form form, Visit visit, TownDb db, (IReadOnlyList<StoredFile> Files, Waiting? Ready) sent, string? done = null, bool overtaken = false, bool opened = false)
    {
        if (sent.Ready?.Wrong is { } wrong) form.Wrongly(AddressOf(what), wrong.Message, wrong.Values);
        return Page.Show<PicturePage>(new { What = what, Form = form, Look = await TownLooks.Read(db, visit.Town), sent.Files, Ready = sent.Ready is { Wrong: null } ready ? ready : null, Done = done, Overtaken = overtaken, Version = (await SavedLook.ToChange(db)).Version },
            overtaken ? StatusCodes.Status409Conflict : form.Wrong && !opened ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    static async Task<IResult> Post(PictureOf what, Form form, Visit visit, TownDb db, Receiving receiving, TownLooks looks, TimeProvider time)
    {
        var saved = await SavedLook.ToChange(db);
        var sent = await Sent(what, visit, db, receiving);
        var says = form.SaidIn("says", 120);
        var standing = saved.Of(what).Id;
        if (sent.Ready is null && sent.Files.Any(f => f.State == FileState.Checking)) form.Wrongly(AddressOf(what), "The picture is still being checked. Please try again in a moment.");
        else if (sent.Ready is null && standing is null) form.Wrongly(AddressOf(what), "Please send a picture first.");
        if (form.Wrong || sent.Ready is { Wrong: not null } || !form.Saves()) return await Show(what, form, visit, db, sent);
        if (!form.SawThis(saved)) return await Show(what, form, visit, db, sent, overtaken: true);
        if (sent.Ready is { } ready)
        {
            var picture = LookPicture.Of(ready.Type!, ready.Shape!.Value, ready.Bytes);
            db.Add(picture);
            await End(standing, db, time);
            saved.Show(what, picture.Id, says);
            db.RemoveFile(ready.File);
            db.Audit(visit.Did($"look.{AddressOf(what)}", $"look/{picture.Id}", new { sent = ready.File.Name, width = picture.Width, height = picture.Height, says = says.In(Lang.Japanese) }));
        }
        else
        {
            saved.Show(what, standing, says);
            db.Audit(visit.Did($"look.{AddressOf(what)}", $"look/{standing}", new { says = says.In(Lang.Japanese) }));
        }
        var then = $"desk/look/{AddressOf(what)}?done=saved";
        return await db.Saved(form, visit, looks, then) ? Page.Go(visit, then) : await Show(what, form, visit, db, sent, overtaken: true);
    }

    static async Task<IResult> Remove(PictureOf what, Form form, Visit visit, TownDb db, TownLooks looks, TimeProvider time)
    {
        var saved = await SavedLook.ToChange(db);
        var then = $"desk/look/{AddressOf(what)}?done=removed";
        if (saved.Of(what).Id is not { } standing) return Page.Go(visit, then);
        await End(standing, db, time);
        saved.Show(what, null, []);
        db.Audit(visit.Did($"look.{AddressOf(what)}", $"look/{standing}", new { removed = true }));
        return await db.Saved(form, visit, looks, then) ? Page.Go(visit, then) : Page.Conflict;
    }

    /// <summary>The one before stays for a while, those before it go.</summary>
    static async Task End(Guid? standing, TownDb db, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var over = now - Lingers;
        db.RemoveRange(await db.Set<LookPicture>().Where(p => p.EndedAt < over).ToListAsync());
        if (standing is { } id && await db.Set<LookPicture>().SingleOrDefaultAsync(p => p.Id == id) is { } picture) picture.End(now);
    }
}

/// <summary>The town's photo on its first page, where it has one.</summary>
static class HomePhoto
{
    public static async Task<Microsoft.AspNetCore.Components.RenderFragment> Load(Visit visit, TownDb db, DateTimeOffset now) =>
        (await TownLooks.Read(db, visit.Town)).Photo is { } photo ? Portal.PortalRegistration.Fragment<TownPhoto>((nameof(TownPhoto.Picture), photo.For(visit))) : _ => { };
}
