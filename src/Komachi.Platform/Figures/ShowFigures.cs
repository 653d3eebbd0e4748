using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Figures;

public static class ShowFigures
{
    public sealed record Shown(Figure Figure, decimal? Now, IReadOnlyList<(DateOnly On, decimal Value)> History)
    {
        public IReadOnlyList<string> Labels => [.. History.Select(h => h.On.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))];

        public IReadOnlyList<Series> Drawn(Words words) => [new(words[Figure.Title], [.. History.Select(h => (double?)h.Value)])];
    }

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (Visit visit, House house, TownDb db, TimeProvider time, HttpContext http) =>
            Page.Show<FiguresPage>(new { Figures = await Read(visit, house, db, time, http.RequestAborted) })).WithMetadata(KeptPage.Mark);
        to.MapGet("days.csv", async (string? figure, Visit visit, House house, TownDb db, Words words, TimeProvider time, HttpContext http) =>
            (await Read(visit, house, db, time, http.RequestAborted)).FirstOrDefault(f => f.Figure.Key == figure) is { } one
                ? ChartFile.Of(http, $"{visit.Town.Slug}-{one.Figure.Key}", words["Day"], one.Labels, one.Drawn(words)) : Page.NotFound);
    }

    public static void ApiRoutes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (Visit visit, House house, TownDb db, TimeProvider time, HttpContext http) =>
        {
            var words = new Words(Lang.Japanese, house.Words);
            var english = new Words(Lang.English, house.Words);
            return (await Read(visit, house, db, time, http.RequestAborted)).Select(f => new FigureAnswer(
                f.Figure.Key, words[f.Figure.Title], english[f.Figure.Title], f.Now, [.. f.History.Select(h => new FigureDay(h.On, h.Value))])).ToArray();
        }).WithName("figures").WithSummary("The town's figures: measured now, and at the end of each of the last 90 days");
    }

    public sealed record FigureAnswer(string Key, string TitleJa, string TitleEn, decimal? Now, FigureDay[] Days);

    public sealed record FigureDay(DateOnly On, decimal Value);

    static async Task<IReadOnlyList<Shown>> Read(Visit visit, House house, TownDb db, TimeProvider time, CancellationToken stop)
    {
        var from = JapanTime.DayOf(time.GetUtcNow()).AddDays(-90);
        var days = (await db.Set<FigureSnapshot>().AsNoTracking().Where(s => s.TakenOn >= from).OrderBy(s => s.TakenOn).ToListAsync(stop)).ToLookup(s => s.Key);
        var shown = new List<Shown>();
        foreach (var figure in house.FiguresOf(visit.Town))
            shown.Add(new(figure, await figure.Measure(db, time, stop), days[figure.Key].Select(s => (s.TakenOn, s.Value)).ToArray()));
        return shown;
    }
}
