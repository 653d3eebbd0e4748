using System.Globalization;
using System.Text;
using Komachi.Platform.Sheets;
using Komachi.Ui;
using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.Web;

/// <summary>The numbers of a chart as a file for a spreadsheet: given the very series that the page draws, so the two cannot differ.</summary>
public static class ChartFile
{
    public static IResult Of(HttpContext http, string name, string labelsTitle, IReadOnlyList<string> labels, IReadOnlyList<Series> series)
    {
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}.csv\"";
        var rows = labels.Select((label, i) => series.Select(s => s.Values.ElementAtOrDefault(i)?.ToString("0.####", CultureInfo.InvariantCulture)).Prepend(label));
        // With the mark at the beginning a spreadsheet reads Japanese as it is.
        return Results.Text("\ufeff" + Csv.Write(rows.Prepend(series.Select(s => (string?)s.Name).Prepend(labelsTitle))), "text/csv", Encoding.UTF8);
    }
}
