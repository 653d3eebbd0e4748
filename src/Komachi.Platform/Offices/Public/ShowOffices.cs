using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>Where residents go, and whether it is open now.</summary>
public static class ShowOffices
{
    /// <param name="Days">Today and the six days after it.</param>
    public sealed record Shown(Guid Id, string Key, Said Name, Said Address, string Telephone, TimeOnly? OpenUntil, (DateOnly On, TimeOnly At)? OpensNext, IReadOnlyList<OfficeDay> Days, IReadOnlyList<Said> Departments);

    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("", async (TownDb db, TimeProvider time, HttpContext http) =>
        Page.Show<ShowOfficesPage>(new { Offices = await Read(db, time.GetUtcNow(), http.RequestAborted), Today = time.Today() })).WithMetadata(KeptPage.Mark);

    /// <summary>Eight statements at most, however many offices there are.</summary>
    internal static async Task<IReadOnlyList<Shown>> Read(TownDb db, DateTimeOffset now, CancellationToken stop)
    {
        var today = JapanTime.DayOf(now);
        var tree = await DepartmentTrees.On(today, db, stop);
        var where = (await db.Set<OfficeDepartment>().AsNoTracking().ToListAsync(stop)).ToLookup(d => d.OfficeId, d => d.DepartmentId);
        return [.. (await OpeningCalendar.All(db, today, stop)).Where(o => o.Office.On(today)).Select(o => new Shown(o.Office.Id, o.Office.Key, o.Office.Name, o.Office.Address, o.Office.Telephone,
            o.Calendar.OpenUntil(now), o.Calendar.OpensNext(now), [.. Enumerable.Range(0, 7).Select(d => o.Calendar.On(today.AddDays(d)))],
            [.. where[o.Office.Id].Select(tree.Find).OfType<DepartmentNode>().Where(n => n.Depth > 0).Select(n => n.Name)]))];
    }
}

static class WeekdayName
{
    public static string Of(int day, Words t) => day switch
    {
        0 => t["Sunday"], 1 => t["Monday"], 2 => t["Tuesday"], 3 => t["Wednesday"], 4 => t["Thursday"], 5 => t["Friday"], _ => t["Saturday"],
    };
}

static class OfficeHours
{
    /// <summary>8:30–12:00, 13:00–17:15; or closed, and why.</summary>
    public static string Say(OfficeDay day, Words t)
    {
        var hours = day.IsOpen ? string.Join(t.Lang.Html == "ja" ? "、" : ", ", day.Hours.Select(h => t["{0}–{1}|hours", h.Opens.Show(t.Lang), h.Closes.Show(t.Lang)])) : t["Closed|office"];
        var why = day.Closed == ClosedBy.YearEnd ? t["end of the year"] : day.Why?.In(t.Lang);
        return string.IsNullOrEmpty(why) ? hours : t["{0} ({1})|hours", hours, why];
    }

    /// <summary>Whether it is open now, and if not, when it opens next.</summary>
    public static (string Now, string? Next) Stand(TimeOnly? openUntil, (DateOnly On, TimeOnly At)? opensNext, DateOnly today, Words t) =>
        openUntil is { } until ? (t["Open now, until {0}", until.Show(t.Lang)], null)
        : (t["Closed now"], opensNext is not { } next ? null : next.On == today ? t["Opens today at {0}", next.At.Show(t.Lang)] : t["Opens {0} at {1}", JapanTime.Show(next.On, t.Lang), next.At.Show(t.Lang)]);
}
