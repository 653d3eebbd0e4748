using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Announcements;

/// <summary>The newest announcements for feed readers and other programs: Atom (RFC 4287) and JSON Feed 1.1, in the language of the address.</summary>
internal static class Feeds
{
    const int Newest = 30;
    static readonly XNamespace AtomNames = "http://www.w3.org/2005/Atom";

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("feed.xml", AsAtom).WithMetadata(KeptPage.Mark);
        to.MapGet("feed.json", AsJson).WithMetadata(KeptPage.Mark);
    }

    public static string Atom(Visit visit, Category? category = null) => visit.Link("announcements/feed.xml").With(("category", category?.Slug()));
    public static string Json(Visit visit, Category? category = null) => visit.Link("announcements/feed.json").With(("category", category?.Slug()));

    public static string TitleOf(Words words, Town town, Category? category) =>
        Furigana.Bare($"{town.Name.In(words.Lang)}: {words["Announcements"]}" + (category is { } one ? $" ({words[one.Title()]})" : ""));

    static async Task<IResult> AsAtom(string? category, Visit visit, Words words, TownDb db, TimeProvider time, HttpContext http)
    {
        var about = Naming.Find<Category>(category);
        var entries = await Read(about, db, time, http);
        var feed = new XElement(AtomNames + "feed",
            new XAttribute(XNamespace.Xml + "lang", visit.Lang.Html),
            Element("id", Urn(IdOf(visit, about))),
            Element("title", TitleOf(words, visit.Town, about)),
            Element("updated", Moment(entries.Select(Updated).DefaultIfEmpty(DateTimeOffset.UnixEpoch).Max())),
            AtomLink("self", "application/atom+xml", http.Whole(Atom(visit, about))),
            AtomLink("alternate", "text/html", http.Whole(visit.Link("announcements"))),
            Element("author", Element("name", visit.Town.Name.In(visit.Lang))),
            entries.Select(entry =>
            {
                var said = entry.In(visit.Lang);
                var address = http.Whole(visit.Link($"announcements/{entry.Id}"));
                return Element("entry",
                    new XAttribute(XNamespace.Xml + "lang", said.Lang.Html),
                    Element("id", Urn(entry.Id)),
                    Element("title", said.Title),
                    Element("updated", Moment(Updated(entry))),
                    Element("published", Moment(entry.PublishAt!.Value)),
                    AtomLink("alternate", "text/html", address),
                    Element("author", Element("name", said.Department)),
                    Element("category", new XAttribute("term", said.Category.Slug()), new XAttribute("label", words[said.Category.Title()])),
                    Element("content", new XAttribute("type", "html"), new XAttribute(XNamespace.Xml + "base", address), said.Html));
            }));
        return Results.Text("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + Furigana.Bare(feed.ToString()), "application/atom+xml", Encoding.UTF8);
    }

    static async Task<IResult> AsJson(string? category, Visit visit, Words words, TownDb db, TimeProvider time, HttpContext http)
    {
        var about = Naming.Find<Category>(category);
        var items = (await Read(about, db, time, http)).Select(entry =>
        {
            var said = entry.In(visit.Lang);
            return new
            {
                id = Urn(entry.Id),
                url = http.Whole(visit.Link($"announcements/{entry.Id}")),
                title = Furigana.Bare(said.Title),
                content_html = Furigana.Bare(said.Html),
                date_published = Moment(entry.PublishAt!.Value),
                date_modified = Moment(Updated(entry)),
                authors = new[] { new { name = said.Department } },
                tags = new[] { words.Bare[said.Category.Title()] },
                language = said.Lang.Html,
            };
        }).ToArray();
        return Results.Json(new
        {
            version = "https://jsonfeed.org/version/1.1",
            title = TitleOf(words, visit.Town, about),
            home_page_url = http.Whole(visit.Link("announcements")),
            feed_url = http.Whole(Json(visit, about)),
            language = visit.Lang.Html,
            items,
        }, contentType: "application/feed+json; charset=utf-8");
    }

    static Task<List<Announcement>> Read(Category? about, TownDb db, TimeProvider time, HttpContext http) =>
        db.Set<Announcement>().AsNoTracking().VisibleAt(time.GetUtcNow()).About(about).NewestFirst().Take(Newest).ToListAsync(http.RequestAborted);

    // One that was written before its hour is news from that hour on.
    static DateTimeOffset Updated(Announcement entry) => entry.ChangedAt > entry.PublishAt!.Value ? entry.ChangedAt : entry.PublishAt.Value;

    /// <summary>The same for ever for a town, a language and a category, whatever the host is called.</summary>
    static Guid IdOf(Visit visit, Category? about)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"announcements feed {visit.Town.Code} {visit.Town.Slug} {visit.Lang.Code} {about?.Slug()}")).AsSpan(0, 16);
        (hash[6], hash[8]) = ((byte)(hash[6] & 0x0f | 0x80), (byte)(hash[8] & 0x3f | 0x80));    // version 8, RFC 9562
        return new Guid(hash, bigEndian: true);
    }

    static string Urn(Guid id) => $"urn:uuid:{id}";

    static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    static XElement Element(string name, params object[] content) => new(AtomNames + name, content);

    static XElement AtomLink(string rel, string type, string href) =>
        Element("link", new XAttribute("rel", rel), new XAttribute("type", type), new XAttribute("href", href));
}
