using System.Globalization;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>
/// The national holidays by which offices close: computed from the law, a year at a time taken over by a list that the town brings (pasted, or
/// as the Cabinet Office's file), given out as the same file, and given back to the law.
/// </summary>
public static class EditHolidays
{
    /// <param name="Other">Where the town's list and the law as we know it differ: what the law has on that day, if anything.</param>
    public sealed record Line(DateOnly On, Said? Name, bool Other, Said? ByLaw);

    public sealed record View(int Year, bool Brought, IReadOnlyList<Line> Lines, IReadOnlyList<HolidayMistake> Mistakes);

    const string Home = "desk/offices/holidays";

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("holidays", async (string? year, string? done, Visit visit, TownDb db, TimeProvider time) =>
            await May(visit, db) ? await Show(Form.Empty, [], YearOf(year, time), done, db) : Managing.NotYours);
        to.MapGet("holidays.csv", async (string? year, string? encoding, Visit visit, TownDb db, TimeProvider time) =>
            await May(visit, db) ? await GiveOut(YearOf(year, time), encoding == "cp932", db) : Managing.NotYours);
        to.MapPost("holidays", async (Form form, Visit visit, TownDb db, TimeProvider time) =>
            await May(visit, db) ? await Bring(form.Typed("csv"), form, visit, db, time) : Managing.NotYours);
        to.MapPost("holidays/file", BringFile).WithMetadata(Transfer.Form);
        to.MapPost("holidays/by-law", ByLaw);
    }

    static async Task<bool> May(Visit visit, TownDb db) => visit.ManagesAll(await DepartmentTrees.Today(db));

    static int YearOf(string? asked, TimeProvider time) =>
        int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= NationalHolidays.FirstYear and <= NationalHolidays.LastYear ? year : time.Today().Year;

    static async Task<IResult> Show(Form form, IReadOnlyList<HolidayMistake> mistakes, int year, string? done, TownDb db)
    {
        var holidays = await TownHolidays.Load(db, new(year, 1, 1));
        var (ours, law) = (holidays.Of(year).ToDictionary(h => h.On, h => h.Name), NationalHolidays.Of(year).ToDictionary(h => h.On, h => h));
        // A substitute is called 休日 in the Cabinet Office's list: that is no difference.
        var lines = ours.Keys.Union(law.Keys).Order().Select(day => (Day: day, Ours: ours.GetValueOrDefault(day), Law: law.GetValueOrDefault(day)))
            .Select(d => new Line(d.Day, d.Ours, (d.Ours is null) != (d.Law is null), d.Law?.Name)).ToArray();
        return Page.Show<HolidaysPage>(new { Form = form, View = new View(year, holidays.IsBrought(year), lines, [.. mistakes.Take(100)]), Done = done }, form.Wrong ? 422 : 200);
    }

    static async Task<IResult> GiveOut(int year, bool cp932, TownDb db)
    {
        var holidays = await TownHolidays.Load(db, new(year, 1, 1));
        var csv = HolidayFile.Write(holidays.IsBrought(year) ? holidays.Of(year).Select(h => (h.On, h.Name.In(Lang.Japanese))) : NationalHolidays.Of(year).Select(h => (h.On, h.ListName)));
        // A name that a town wrote itself may hold what CP932 lacks: it is given out with a question mark.
        byte[] bytes = cp932 ? CodePagesEncodingProvider.Instance.GetEncoding(932)!.GetBytes(csv) : [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(csv)];
        return Results.File(bytes, cp932 ? "text/csv; charset=shift_jis" : "text/csv; charset=utf-8", $"syukujitsu-{year}.csv");
    }

    static async Task<IResult> BringFile(SentFile sent, HttpContext http, Visit visit, TownDb db, TimeProvider time)
    {
        if (!await May(visit, db)) return Managing.NotYours;
        var form = Form.With(("_once", sent["_once"]));
        if (await sent.Whole(HolidayFile.MostBytes, http.RequestAborted) is not { } bytes) return Results.StatusCode(StatusCodes.Status400BadRequest);
        if (bytes.Length > HolidayFile.MostBytes) form.Wrongly("file", "The file is larger than {0} kB: is it the list of holidays?", HolidayFile.MostBytes / 1024);
        else if (HolidayFile.Decode(bytes) is { } csv) return await Bring(csv, form, visit, db, time, "file");
        else form.Wrongly("file", "This is no text in UTF-8 or in the characters of Windows (CP932).");
        return await Show(form, [], time.Today().Year, null, db);
    }

    static async Task<IResult> Bring(string csv, Form form, Visit visit, TownDb db, TimeProvider time, string field = "csv")
    {
        var (days, mistakes) = HolidayFile.Read(csv);
        if (mistakes.Count > 0) form.Wrongly(field, "Nothing was taken: {0} rows need another look. They are listed below.", mistakes.Count);
        else if (days.Count == 0) form.Wrongly(field, "There is no holiday in it.");
        if (form.Wrong) return await Show(form, mistakes, days.Count > 0 ? Shown(days[0].DayOn.Year) : time.Today().Year, null, db);
        // A year that is brought is brought whole: a holiday that was moved leaves its old day.
        var years = days.Select(d => d.DayOn.Year).Distinct().Order().ToArray();
        var there = (await db.Set<Holiday>().Where(h => years.Contains(h.DayOn.Year)).ToListAsync()).ToDictionary(h => h.DayOn);
        foreach (var day in days)
            if (there.Remove(day.DayOn, out var known)) known.Name = day.Name;
            else db.Add(day);
        db.RemoveRange(there.Values);
        db.Audit(visit.Did("offices.import_holidays", details: new { Years = years, Days = days.Count }));
        // The year that they came for: this one if it is among them.
        var year = years.Contains(time.Today().Year) ? time.Today().Year : Shown(years[^1]);
        var then = $"{Home}?year={year}&done=saved";
        await db.Save(form.Once, visit.Link(then));
        return Page.Go(visit, then);

        static int Shown(int year) => Math.Clamp(year, NationalHolidays.FirstYear, NationalHolidays.LastYear);
    }

    static async Task<IResult> ByLaw(Form form, Visit visit, TownDb db, TimeProvider time)
    {
        if (!await May(visit, db)) return Managing.NotYours;
        var year = YearOf(form.Typed("year"), time);
        var then = $"{Home}?year={year}&done=by-law";
        var there = await db.Set<Holiday>().Where(h => h.DayOn.Year == year).ToListAsync();
        db.RemoveRange(there);
        if (there.Count > 0) db.Audit(visit.Did("offices.holidays_by_law", details: new { Year = year }));
        await db.Save(form.Once, visit.Link(then));
        return Page.Go(visit, then);
    }
}
