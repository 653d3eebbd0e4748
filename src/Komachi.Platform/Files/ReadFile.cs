using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace Komachi.Platform.Files;

/// <summary>
/// People get a file: whoever its kind lets, asked each time; the cleaned version where there is one; always as a download that no browser
/// runs. What was sent before it was cleaned is for those with a permission of their own, who say why.
/// </summary>
static class ReadFile
{
    public static void ResidentRoutes(IEndpointRouteBuilder to) =>
        to.MapGet("{id:guid}/{name}", (Guid id, Visit visit, House house, TownDb db, Persons persons, Receiving receiving, HttpContext http) => Get(Side.Resident, id, visit, house, db, persons, receiving, http));

    public static void DeskRoutes(IEndpointRouteBuilder to) =>
        to.MapGet("{id:guid}/{name}", (Guid id, Visit visit, House house, TownDb db, Persons persons, Receiving receiving, HttpContext http) => Get(Side.Desk, id, visit, house, db, persons, receiving, http));

    public static void OriginalRoutes(IEndpointRouteBuilder to)
    {
        to.MapGet("{id:guid}/original", async (Guid id, Visit visit, House house, TownDb db, Persons persons) =>
            await Readable(Side.Desk, id, visit, house, db) is not var (file, kind) ? Page.NotFound : await Veil(file, kind, "original", visit, db, persons) ?? Page.Show<OriginalPage>(new { File = file, Form = Form.Empty }));
        to.MapPost("{id:guid}/original", async (Guid id, Form form, Visit visit, House house, TownDb db, Persons persons, Receiving receiving, HttpContext http) =>
        {
            if (await Readable(Side.Desk, id, visit, house, db) is not var (file, kind)) return Page.NotFound;
            if (await Veil(file, kind, "original", visit, db, persons) is { } veil) return veil;
            var reason = form.Text("reason", most: 200, required: true);
            if (form.Wrong) return Page.Show<OriginalPage>(new { File = file, Form = form }, 422);
            db.Audit(visit.Did("files.original", $"files/{id}", new { kind = file.Kind }, about: file.OwnerId, reason: reason));
            await db.Save();
            return await Send(visit, db, receiving, http, file, clean: false, inline: false);
        });
    }

    static async Task<IResult> Get(Side side, Guid id, Visit visit, House house, TownDb db, Persons persons, Receiving receiving, HttpContext http)
    {
        if (await Readable(side, id, visit, house, db) is not var (file, kind)) return Page.NotFound;
        if (await Veil(file, kind, Uri.EscapeDataString(file.Name), visit, db, persons) is { } veil) return veil;
        if (!kind.Open && !(file.OwnerId is { } owner && owner == visit.Visitor?.AccountId))
        {
            db.Audit(visit.Did("files.read", $"files/{id}", new { kind = kind.Key }, about: file.OwnerId));
            await db.Save();
        }
        return await Send(visit, db, receiving, http, file, file.CleanBytes is not null, kind.Shown);
    }

    static async Task<(StoredFile File, FileKind Kind)?> Readable(Side side, Guid id, Visit visit, House house, TownDb db)
    {
        SendFile.AsSeenFrom(side, visit);
        if (await db.Set<StoredFile>().AsNoTracking().SingleOrDefaultAsync(f => f.Id == id && f.State == FileState.Ready) is not { } file) return null;
        if (OfferedFileKind.Find(house, visit.Town, file.Kind) is not { } offered) return null;
        return await offered.Kind.MayRead(visit, file, db) ? (file, offered.Kind) : null;
    }

    /// <summary>Of somebody under protection nothing is opened at the desk before a reason was given, and then by whom may give one.</summary>
    static async Task<IResult?> Veil(StoredFile file, FileKind kind, string name, Visit visit, TownDb db, Persons persons)
    {
        if (visit.Visitor is not { IsStaff: true } || kind.About is not { } whom || await whom(file, db) is not { } person || await persons.See(person, $"files/{file.Id}") is not { Hidden: true } seen) return null;
        return seen.MayOpen ? Page.Go(visit, Persons.OpeningOf(person, $"desk/files/{file.Id}/{name}")) : Page.NotFound;
    }

    static async Task<IResult> Send(Visit visit, TownDb db, Receiving receiving, HttpContext http, StoredFile file, bool clean, bool inline)
    {
        var type = FileType.Find(file.Type);
        var content = await receiving.Open(visit.Town, db, file, clean, http.RequestAborted);
        http.Response.RegisterForDispose(content);
        // A picture stands in a page only while it still is one: looked at again, since it is not a download.
        var shown = inline && type is { IsPicture: true } && await type.Is(content, http.RequestAborted);
        content.Position = 0;
        var headers = http.Response.Headers;
        headers.ContentDisposition = Disposition(shown ? "inline" : "attachment", file.Name);
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "private, no-store";
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(file.Sha256!)[..32]}{(clean ? "-clean" : "")}\"");
        return Results.Stream(content, type?.Mime ?? "application/octet-stream", entityTag: tag, enableRangeProcessing: true);
    }

    /// <summary>RFC 6266: the name as it was for who reads UTF-8, and one of plain letters for who does not.</summary>
    internal static string Disposition(string how, string name)
    {
        name = string.Concat(Receiving.NameOf(name).Where(c => !"\"<>|?*:".Contains(c)));
        var plain = new StringBuilder();
        foreach (var rune in name.EnumerateRunes()) plain.Append(rune.IsAscii && rune.Value is > 0x1f and < 0x7f and not ('%' or '\\') ? (char)rune.Value : '_');
        return $"{how}; filename=\"{plain}\"; filename*=UTF-8''{Uri.EscapeDataString(name)}";
    }
}
