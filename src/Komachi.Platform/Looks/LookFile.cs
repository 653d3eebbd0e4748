using System.IO.Compression;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Looks;

/// <summary>
/// The town's look as files: <c>town.yaml</c> with the pictures beside it. The desk gives them out as one archive; unpacked, it is a folder from
/// which <c>komachi town add</c> makes a town that looks the same.
/// </summary>
static class LookFile
{
    const string Folder = "look";

    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("export.zip", async (Visit visit, TownDb db) =>
    {
        var (town, look) = (visit.Town, await TownLooks.Read(db, visit.Town));
        var pictures = await db.Set<LookPicture>().AsNoTracking().Where(p => p.EndedAt == null).ToDictionaryAsync(p => p.Id);
        var file = new TownFile
        {
            Code = town.Code, Slug = town.Slug, Name = town.Name, Prefecture = town.Profile.Prefecture, Colour = look.Colour.ToString(), Pattern = town.Profile.Pattern, Office = look.Office,
            Hosts = [.. town.Hosts.Order(StringComparer.Ordinal)], Modules = [.. town.Modules.Order(StringComparer.Ordinal)],
            Emblem = Beside(look.Emblem, "emblem"), Photo = Beside(look.Photo, "photo"),
            Footer = new() { Text = look.FooterText, Links = [.. look.FooterLinks.Select(l => new TownFile.LinkFile { Text = l.Text, Href = l.Href })] },
        };
        var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "town.yaml", Encoding.UTF8.GetBytes(file.Write()));
            foreach (var (picture, at) in new[] { (look.Emblem, file.Emblem), (look.Photo, file.Photo) })
                if (picture is not null && pictures.TryGetValue(picture.Id, out var stored)) Add(zip, at!.File, stored.Bytes);
        }
        return Results.File(packed.ToArray(), "application/zip", $"{town.Slug}.zip");

        static TownFile.PictureFile? Beside(ShownPicture? picture, string name) => picture is null ? null : new() { File = $"{Folder}/{name}.{picture.Type.Endings[0]}", Says = picture.Says };

        static void Add(ZipArchive zip, string name, byte[] bytes)
        {
            using var entry = zip.CreateEntry(name).Open();
            entry.Write(bytes);
        }
    });

    /// <summary>A new town begins as its file says; once anything was decided, here or at the desk, that stays.</summary>
    public static async Task Load(TownLoad load)
    {
        var path = Path.Combine(load.Folder, "town.yaml");
        if (!File.Exists(path)) return;
        var (file, saved) = (TownFile.Read(path), await SavedLook.ToChange(load.Db));
        if (saved.Version > 1 || (file.Emblem is null && file.Photo is null && file.Footer is { Text.Count: 0, Links.Count: 0 })) return;
        foreach (var (what, picture) in new[] { (PictureOf.Emblem, file.Emblem), (PictureOf.Photo, file.Photo) })
            if (picture is not null)
            {
                var stored = await Read(load, path, picture, EditPicture.KindOf(what));
                load.Db.Add(stored);
                saved.Show(what, stored.Id, picture.Says);
            }
        foreach (var link in file.Footer.Links)
            if (!EditFooter.IsAddress(link.Href)) throw new BadTown($"{path}: footer: \"{link.Href}\" is no address of the web.");
        // Without a name the office stays the file's own.
        saved.Sign(new(), file.Footer.Text, [.. file.Footer.Links.Select(l => new FooterLink(l.Text, l.Href))]);
    }

    static async Task<LookPicture> Read(TownLoad load, string path, TownFile.PictureFile picture, FileKind kind)
    {
        BadTown Bad(string why) => new($"{path}: {picture.File}: {why}");
        if (string.IsNullOrWhiteSpace(picture.Says.GetValueOrDefault(Lang.Japanese.Code))) throw Bad("it says nowhere in Japanese what the picture shows.");
        var root = Path.GetFullPath(load.Folder) + Path.DirectorySeparatorChar;
        var at = Path.GetFullPath(Path.Combine(root, picture.File));
        if (!at.StartsWith(root, StringComparison.Ordinal) || !File.Exists(at)) throw Bad("there is no such file in the folder.");
        if (FileType.Promised(at) is not { } type || !kind.Types.Contains(type)) throw Bad($"a picture is one of {FileWords.Types(kind.Types)}.");
        if (new FileInfo(at).Length > kind.MostBytes) throw Bad($"it is larger than {FileWords.Size(kind.MostBytes)}.");
        var bytes = await File.ReadAllBytesAsync(at);
        if (!await type.Is(new MemoryStream(bytes), default) || PictureShape.Of(type, bytes) is not { Moves: false } shape) throw Bad("its content is no such picture.");
        return LookPicture.Of(type, shape, bytes);
    }
}
