using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>What the committee meets about: a sheet each, and how the others stand.</summary>
public sealed record Agenda(YearlyRound Round, DateOnly On, IReadOnlyList<AgendaItem> Items, IReadOnlyList<SheetLine> Others);

/// <summary>A sheet to be decided on; the measure is its code and title, or none for a new one.</summary>
public sealed record AgendaItem(ActionSheet Sheet, string Department, string? Measure);

/// <summary>会議次第: the sheets that stand at a stage of the committee, to be read on a screen, printed, and kept as a PDF.</summary>
static class ShowAgenda
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("agenda", async (string? round, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
            Page.Show<AgendaPage>(new { Agenda = await Read(round, visit, db, time, http.RequestAborted) }));
        to.MapGet("agenda/pdf", async (string? round, Visit visit, TownDb db, TimeProvider time, Words words, HttpContext http) =>
            await Read(round, visit, db, time, http.RequestAborted) is { } agenda
                ? Page.Pdf<AgendaPaper>(new { Agenda = agenda }, $"{words.Bare["Agenda|plan"]} {agenda.On.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}.pdf") : Page.NotFound);
    }

    /// <summary>Of the round that was named, or of the one in which the committee's turn has come; null where none is open.</summary>
    static async Task<Agenda?> Read(string? label, Visit visit, TownDb db, TimeProvider time, CancellationToken stop)
    {
        var tree = await DepartmentTrees.Today(db);
        var sheets = db.Set<ActionSheet>();
        var round = label is null
            ? await db.Set<YearlyRound>().AsNoTracking().Where(r => r.ClosedAt == null).OrderByDescending(r => sheets.Any(s => s.RoundId == r.Id && s.State == SheetState.Open && s.Turn == Turn.Committee)).ThenByDescending(r => r.Year).FirstOrDefaultAsync(stop)
            : await Rounds.Find(db, label, stop);
        if (round is null) return null;
        var plan = await Revision.Shown(db, stop);
        var items = await sheets.AsNoTracking().Include(s => s.Money).Where(s => s.RoundId == round.Id && s.State == SheetState.Open && s.Turn == Turn.Committee).OrderBy(s => s.Number).ToListAsync(stop);
        return new(round, time.Today(), [.. items.Select(s => new AgendaItem(s, tree.PathOf(s.DepartmentId, visit.Lang), s.Measure is { } code ? $"{code} {plan?.Find(code)?.Title.In(visit.Lang)}".TrimEnd() : null))],
            await sheets.Where(s => s.RoundId == round.Id && !(s.State == SheetState.Open && s.Turn == Turn.Committee)).Lines().Take(Rounds.MostShown).ToListAsync(stop));
    }
}
