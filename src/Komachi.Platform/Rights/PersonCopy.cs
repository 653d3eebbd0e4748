using System.Globalization;
using System.Text.Json;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.Rights;

/// <summary>Everything that is held about one person (開示請求): as a page to read and print, and as a file (docs/person-copy.md).</summary>
public sealed record PersonCopy(DateTimeOffset MadeAt, IReadOnlyList<PersonCopy.Section> Sections)
{
    public const string Format = "komachi.person-copy";
    public const int Version = 1;

    public sealed record Section(string Module, string Title, bool AsTable, IReadOnlyList<Record> Records);

    public sealed record Record(string Title, DateTimeOffset? Since, DateTimeOffset? Until, string? Because, IReadOnlyList<Fact> Facts);

    public static async Task<PersonCopy> Make(AboutPerson about, House house)
    {
        var keeps = await Period.All(about.Db, house, about.Stop);
        var kinds = RecordKinds.Of(house, about.Db.Town).ToDictionary(k => k.Key);
        var sections = new List<Section>();
        // Who they are first, and the long lists last.
        foreach (var module in house.All<Disclosed>().Where(d => house.Has(about.Db.Town, d.Module)).OrderBy(d => d.AsTable))
        {
            var told = await module.Tell(about);
            if (told.Count == 0) continue;
            sections.Add(new(module.Module.Slug, about.Words[module.Title], module.AsTable, [.. told.Select(r => new Record(r.Title, r.Since,
                r.Until ?? (r is { Kind: { } kind, Ended: { } ended } && keeps.TryGetValue(kind, out var keep) ? keep.EndOf(ended) : null),
                r.Because ?? (r.Kind is { } of && kinds.TryGetValue(of, out var said) ? $"{about.Words[said.Basis]} ({keeps[of].In(about.Words)})" : null), r.Facts))]));
        }
        return new(about.Now, sections);
    }

    /// <summary>Instants in UTC as RFC 3339; keys stay the same in all languages, titles and labels are in the reader's.</summary>
    public IResult AsFile(Visit visit)
    {
        var file = new
        {
            format = Format,
            version = Version,
            town = visit.Town.Name.In(visit.Lang),
            language = visit.Lang.Code,
            madeAt = MadeAt.UtcDateTime,
            sections = Sections.Select(s => new
            {
                module = s.Module,
                title = s.Title,
                records = s.Records.Select(r => new { title = r.Title, since = r.Since?.UtcDateTime, keptUntil = r.Until?.UtcDateTime, keptBecause = r.Because, facts = r.Facts.Select(f => new { key = f.Key, label = f.Label, value = f.Value }) }),
            }),
        };
        return Results.File(JsonSerializer.SerializeToUtf8Bytes(file, Json), "application/json; charset=utf-8", $"about-me-{MadeAt.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}.json");
    }

    public IResult AsPdf(string title, string? name = null) =>
        Page.Pdf<CopyPaper>(new { Copy = this, Title = title, Name = name }, $"{title} {JapanTime.DayOf(MadeAt).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}.pdf");

    static readonly JsonSerializerOptions Json = new(JobKind.Json) { WriteIndented = true };

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("about-me", async (Visit visit, TownDb db, House house, Words words, HttpContext http, TimeProvider time) =>
            Security.Again(visit, time) ?? Page.Show<AboutMePage>(new { Copy = await Mine("page", visit, db, house, words, http, time) }));
        to.MapGet("about-me/pdf", async (Visit visit, TownDb db, House house, Words words, HttpContext http, TimeProvider time) =>
            Security.Again(visit, time, "my/about-me") ?? (await Mine("pdf", visit, db, house, words, http, time)).AsPdf(words.Bare["What is held about me"]));
        to.MapGet("about-me/file", async (Visit visit, TownDb db, House house, Words words, HttpContext http, TimeProvider time) =>
            Security.Again(visit, time, "my/about-me") ?? (await Mine("file", visit, db, house, words.Bare, http, time)).AsFile(visit));
    }

    static async Task<PersonCopy> Mine(string how, Visit visit, TownDb db, House house, Words words, HttpContext http, TimeProvider time)
    {
        var me = visit.Visitor!.PersonId!.Value;
        http.Response.Headers.CacheControl = "no-store";
        var copy = await Make(new(me, db, words, time.GetUtcNow(), http.RequestAborted), house);
        db.Audit(visit.Did("rights.copy", subject: $"persons/{me}", about: me, details: new { how }));
        await db.Save();
        return copy;
    }
}
