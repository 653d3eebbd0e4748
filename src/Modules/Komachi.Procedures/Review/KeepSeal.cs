using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Looks;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A picture that was sent and is not in use yet, and what is wrong with it.</summary>
public sealed record SealSent(StoredFile File, byte[] Bytes, FileType? Type, PictureShape? Shape, (string Message, object[] Values)? Wrong);

/// <summary>
/// In whose name letters go out, and the picture of the official seal on them: sent and checked like every file, looked at, then put to use. Letters that were sealed before keep
/// the seal that they have.
/// </summary>
static class KeepSeal
{
    public const string Here = "desk/procedures/letters/issuer", Permission = "procedures.seal";

    /// <summary>Printed 24 mm wide: less than 200 dots is a blur, more than 2,000 is nothing that anybody sees.</summary>
    const int LeastDots = 200, MostDots = 2000;

    // SVG is not among them: it is a document that can hold more than a picture.
    public static readonly FileKind Picture = new("procedures.seal_picture")
    {
        Types = [FileType.Png, FileType.Jpeg], MostBytes = 100 * 1024, Most = 1, Shown = true,
        MayWrite = (visit, place, _) => Task.FromResult(visit.Visitor is { } who && who.May(Permission) && place == PlaceOf(visit)),
        MayRead = (visit, file, _) => Task.FromResult(visit.Visitor is { } who && who.May(Permission) && file.Place == PlaceOf(visit)),
    };

    /// <summary>Each clerk's own: what one has not saved yet does not come in another's way.</summary>
    public static string PlaceOf(Visit visit) => $"seals/{visit.Visitor!.AccountId}";

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("letters/issuer", async ([AsParameters] AtDesk desk) =>
        {
            var issuer = await Now(desk);
            return await Show(Form.With(("mayor", issuer?.Mayor), ("version", VersionOf(issuer))), desk, opened: true);
        });
        to.MapPost("letters/issuer", Name);
        to.MapPost("letters/issuer/seal", Take);
        to.MapPost("letters/issuer/remove", Remove);
    }

    static Task<Issuer?> Now(AtDesk desk) => desk.Db.Set<Issuer>().SingleOrDefaultAsync(desk.Stop);

    static string VersionOf(Issuer? issuer) => (issuer?.Version ?? 0).ToString(CultureInfo.InvariantCulture);

    static async Task<(IReadOnlyList<StoredFile> Files, SealSent? Sent)> Sent(AtDesk desk)
    {
        var files = await desk.Db.FilesAt(Picture, PlaceOf(desk.Visit), desk.Stop);
        if (files.FirstOrDefault(f => f.State == FileState.Ready) is not { } file) return (files, null);
        var bytes = await WholeFile.Of(desk.Http, desk.Db, file);
        var type = FileType.Find(file.Type);
        var shape = type is null ? null : PictureShape.Of(type, bytes);
        (string, object[])? wrong = shape is not { } size ? ("This picture cannot be read. Save it anew as PNG or JPEG, and send it again.", [])
            : size.Moves ? ("This picture moves. Save one of its pictures alone, and send that.", [])
            : size.Width < LeastDots || size.Height < LeastDots ? ("It has {0} × {1} dots, and would be printed as a blur: it takes {2} in each direction at least.", [size.Width, size.Height, LeastDots])
            : size.Width > MostDots || size.Height > MostDots ? ("It has {0} × {1} dots, which is more than a seal needs: {2} in each direction at most.", [size.Width, size.Height, MostDots])
            : bytes.Length > Picture.MostBytes ? ("This picture cannot be read. Save it anew as PNG or JPEG, and send it again.", [])
            : null;
        return (files, new(file, bytes, type, shape, wrong));
    }

    static async Task<IResult> Show(Form form, AtDesk desk, bool opened = false, bool overtaken = false)
    {
        var (files, sent) = await Sent(desk);
        if (sent?.Wrong is { } wrong) form.Wrongly("seal", wrong.Message, wrong.Values);
        var issuer = await desk.Db.Set<Issuer>().AsNoTracking().SingleOrDefaultAsync(desk.Stop);
        var seal = issuer?.SealId is { } id ? await desk.Db.Set<OfficialSeal>().AsNoTracking().SingleAsync(s => s.Id == id, desk.Stop) : null;
        return Page.Show<IssuerPage>(new
        {
            Form = form, Mayor = issuer?.Mayor ?? "", Version = VersionOf(issuer), Seal = seal, By = seal is null ? null : (await StaffNames.Of(desk.Db, [seal.SetById], desk.Stop)).GetValueOrDefault(seal.SetById),
            Files = files, Sent = sent is { Wrong: null } ? sent : null, Done = desk.Http.Request.Query["done"].ToString(), Overtaken = overtaken,
        }, overtaken ? StatusCodes.Status409Conflict : form.Wrong && !opened ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    static Task<IResult> Name(Form form, [AsParameters] AtDesk desk) => Change(form, desk, "named", issuer =>
    {
        var mayor = form.Text("mayor", 60, required: true);
        if (form.Wrong) return Task.CompletedTask;
        issuer.Mayor = mayor;
        desk.Db.Audit(desk.Visit.Did("procedures.name_issuer", "procedures/issuer", at: desk.Now));
        return Task.CompletedTask;
    });

    static Task<IResult> Take(Form form, [AsParameters] AtDesk desk) => Change(form, desk, "seal", async issuer =>
    {
        var (files, sent) = await Sent(desk);
        if (sent is null) form.Wrongly("seal", files.Any(f => f.State == FileState.Checking) ? "The picture is still being checked. Please try again in a moment." : "Please send a picture first.");
        if (sent is not { Wrong: null }) return;
        var seal = OfficialSeal.Of(sent.Type!, sent.Shape!.Value, sent.Bytes, desk.MyId, desk.Now);
        desk.Db.Add(seal);
        issuer.SealId = seal.Id;
        desk.Db.RemoveFile(sent.File);
        desk.Db.Audit(desk.Visit.Did("procedures.set_seal", $"procedures/seals/{seal.Id}", new { sent.File.Name, seal.Width, seal.Height }, at: desk.Now));
    });

    static Task<IResult> Remove(Form form, [AsParameters] AtDesk desk) => Change(form, desk, "removed", issuer =>
    {
        if (issuer.SealId is not { } seal) return Task.CompletedTask;
        issuer.SealId = null;
        desk.Db.Audit(desk.Visit.Did("procedures.remove_seal", $"procedures/seals/{seal}", at: desk.Now));
        return Task.CompletedTask;
    });

    static async Task<IResult> Change(Form form, AtDesk desk, string done, Func<Issuer, Task> change)
    {
        var issuer = await Now(desk);
        if (form.Typed("version") != VersionOf(issuer)) return await Show(form, desk, overtaken: true);
        var changed = issuer ?? new Issuer { Version = 0 };
        await change(changed);
        if (form.Wrong || !desk.Db.ChangeTracker.HasChanges() && issuer is not null)
        {
            desk.Db.ChangeTracker.Clear();
            return await Show(form, desk);
        }
        if (issuer is null) desk.Db.Add(changed);
        (changed.SetAt, changed.Version) = (desk.Now, changed.Version + 1);
        try
        {
            await desk.Db.Save(form.Once, desk.Visit.Link($"{Here}?done={done}"), desk.Stop);
        }
        catch (DbUpdateException e) when (e.IsOvertaken())
        {
            desk.Db.ChangeTracker.Clear();
            return await Show(form, desk, overtaken: true);
        }
        return Page.Go(desk.Visit, $"{Here}?done={done}");
    }
}
