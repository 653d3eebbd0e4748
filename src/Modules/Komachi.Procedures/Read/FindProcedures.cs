using System.Collections.Concurrent;
using Komachi.Platform.Data;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Procedures;

/// <summary>Everything that can be filed with the town now: by what happens in somebody's life, and by words, however they are spelled.</summary>
static class FindProcedures
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("", Show).WithMetadata(KeptPage.Mark);

    static async Task<IResult> Show(string? q, string? life, TownDb db, TimeProvider time, HttpContext http)
    {
        var asked = Asked.Of(q, time.GetUtcNow(), http.RequestAborted);
        var offered = await Catalog.Of(db, db.Today, http.RequestAborted);
        var events = LifeEvents.All.Where(l => offered.Any(o => o.Procedure.Definition.Life.Contains(l.Key))).ToArray();
        var about = events.FirstOrDefault(l => l.Key == life);
        var found = (asked.IsEmpty ? offered : Matching(offered, asked)).Where(o => about is null || o.Procedure.Definition.Life.Contains(about.Key)).ToArray();
        return Page.Show<FindProceduresPage>(new { Offered = found, Search = asked.Text, Life = about, Events = events });
    }

    /// <summary>For the portal's search: services come before everything else.</summary>
    public static async Task<IReadOnlyList<Found>> Find(Visit visit, TownDb db, Asked asked, int n) =>
        [.. Matching(await Catalog.Of(db, db.Today, asked.Stop), asked).Take(n).Select(o => Hit(o, visit.Lang))];

    /// <summary>What can be done about an event in somebody's life.</summary>
    public static async Task<IReadOnlyList<Found>> ForLife(Visit visit, TownDb db, LifeEvent life, DateTimeOffset now) =>
        [.. (await Catalog.Of(db, db.Today)).Where(o => o.Procedure.Definition.Life.Contains(life.Key)).Select(o => Hit(o, visit.Lang))];

    static Found Hit(Offered offered, Lang reader) => new(offered.Procedure.Title.In(reader), offered.Procedure.Definition.Summary.In(reader), $"procedures/{offered.Key}", Lang: offered.Procedure.Title.LangOf(reader));

    // A version's text never changes, so its folded words are made once.
    static readonly ConcurrentDictionary<Guid, (string Title, string All)> Folded = new();

    /// <summary>All words stand in it; what says them in its title comes first.</summary>
    static IEnumerable<Offered> Matching(IReadOnlyList<Offered> offered, Asked asked) => offered.Select(o => (Offered: o, Folded: Folded.GetOrAdd(o.Id, static (_, p) => Fold(p), o.Procedure)))
        .Where(o => asked.In(o.Folded.All)).OrderByDescending(o => asked.In(o.Folded.Title)).Select(o => o.Offered);

    static (string, string) Fold(Procedure procedure)
    {
        var of = procedure.Definition;
        return (Folding.Fold(Bare(of.Title)), Folding.Fold(string.Join('\n', Bare(of.Title), Bare(of.Summary), Bare(of.For), of.Words, of.PaperForm.Name)));

        // Readings stand within the words of plain Japanese.
        static string Bare(Said said) => string.Join('\n', said.Values.Select(Furigana.Bare));
    }
}
