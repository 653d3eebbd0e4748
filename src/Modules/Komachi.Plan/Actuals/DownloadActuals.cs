using System.Globalization;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Sheets;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>All values of all indicators for a spreadsheet, corrected ones too, written row by row as they are read: there may be many.</summary>
static class DownloadActuals
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("actuals.csv", async (Visit visit, TownDb db, Words words, HttpContext http) =>
    {
        if (await Revision.Asked(db, http) is not { } plan) return Page.NotFound;
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{visit.Town.Slug}-actuals.csv\"";
        return Results.Stream(to => Write(plan, db, words.Bare, to, http.RequestAborted), "text/csv; charset=utf-8");
    });

    static async Task Write(PlanDocument plan, TownDb db, Words words, Stream stream, CancellationToken stop)
    {
        var (key, units) = (plan.Plan.Key, HowFar.Indicators(plan).ToDictionary(p => (p.Of, p.Indicator.Name), p => p.Indicator.Unit));
        await using var file = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        await file.WriteAsync(Csv.Write([[words["Code|plan"], words["Indicator"], words["Unit|column"], words["Day"], words["Value"], words["In words"], words["Where from|plan"], words["How many people answered it"], words["How many of them said so"], words["What proves it"], words["Number of the value"], words["Takes the place of"], words["Why it is corrected"]]]));
        await foreach (var a in db.Set<Actual>().AsNoTracking().Where(a => a.Plan == key).OrderBy(a => a.Of).ThenBy(a => a.Indicator).ThenBy(a => a.OnDay).ThenBy(a => a.At).AsAsyncEnumerable().WithCancellation(stop))
            await file.WriteAsync(Csv.Write([[a.Of, Said(a.Indicator), units.GetValueOrDefault((a.Of, a.Indicator)), a.OnDay.ForInput(), a.Value?.ToString("0.####", CultureInfo.InvariantCulture), Said(a.Text),
                PlanView.Show(a.Source, words), a.Asked?.ToString(CultureInfo.InvariantCulture), a.Answered?.ToString(CultureInfo.InvariantCulture), Said(a.Evidence), a.Id.ToString(), a.Corrects?.ToString(), Said(a.Reason)]]));
    }

    // A spreadsheet must not take what somebody wrote for a formula.
    static string? Said(string? text) => text is null ? null : Csv.Guarded(text);
}
