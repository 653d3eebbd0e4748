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

namespace Komachi.Platform.Offices;

/// <summary>The offices: where they are, when they are open in a usual week, and on which days not.</summary>
public static class EditOffices
{
    public sealed record Line(Guid Id, Said Name, Said Address, string Telephone);

    public sealed record ExceptionLine(Guid Id, DateOnly On, TimeOnly? Opens, TimeOnly? Closes, Said Note);

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("places", async (Visit visit, TownDb db) => !visit.ManagesAll(await DepartmentTrees.Today(db)) ? Managing.NotYours
            : Page.Show<OfficesPage>(new { Lines = await db.Set<Office>().AsNoTracking().OrderBy(o => o.Sort).ThenBy(o => o.Key).Take(500).Select(o => new Line(o.Id, o.Name, o.Address, o.Telephone)).ToListAsync() }));
        to.MapGet("places/new", async (Visit visit, TownDb db, TimeProvider time) =>
        {
            var tree = await DepartmentTrees.Today(db);
            return visit.ManagesAll(tree) ? await Show(null, Form.With(("holidays", "true"), ("yearEndFrom", "12-29"), ("yearEndUntil", "01-03"), ("from", time.Today().ForInput())), null, null, visit, db, tree) : Managing.NotYours;
        });
        to.MapPost("places/new", (Form form, Visit visit, TownDb db, TimeProvider time) => Write(null, form, visit, db, time));
        to.MapGet("places/{id:guid}", async (Guid id, string? done, Visit visit, TownDb db) =>
        {
            var tree = await DepartmentTrees.Today(db);
            return !visit.ManagesAll(tree) ? Managing.NotYours : await db.Set<Office>().AsNoTracking().FirstOrDefaultAsync(o => o.Id == id) is { } office ? await Show(office, null, null, done, visit, db, tree) : Page.NotFound;
        });
        to.MapPost("places/{id:guid}", (Guid id, Form form, Visit visit, TownDb db, TimeProvider time) => Write(id, form, visit, db, time));
        to.MapPost("places/{id:guid}/exceptions", AddException);
        to.MapPost("places/{id:guid}/exceptions/{exception:guid}/remove", RemoveException);
    }

    static string WeekField(int day) => "week-" + OfficesYaml.DayNames[day];

    static async Task<IResult> Show(Office? office, Form? form, Form? exception, string? done, Visit visit, TownDb db, DepartmentTree tree, bool overtaken = false)
    {
        var departments = office is null ? [] : await db.Set<OfficeDepartment>().Where(d => d.OfficeId == office.Id).Select(d => d.DepartmentId).ToListAsync();
        var exceptions = office is null ? [] : await db.Set<DayException>().AsNoTracking().Where(x => x.OfficeId == office.Id && x.DayOn >= tree.On).OrderBy(x => x.DayOn).Take(400)
            .Select(x => new ExceptionLine(x.Id, x.DayOn, x.Opens, x.Closes, x.Note)).ToListAsync();
        if (form is null)
        {
            var week = await db.Set<WeekHours>().AsNoTracking().Where(h => h.OfficeId == office!.Id && (h.UntilOn == null || h.UntilOn >= tree.On)).OrderBy(h => h.Opens).ToListAsync();
            form = Form.With([.. office!.Name.Fields("name"), .. office.Address.Fields("address"), ("telephone", office.Telephone), ("holidays", office.ClosedOnHolidays ? "true" : ""),
                ("yearEndFrom", office.YearEndFrom), ("yearEndUntil", office.YearEndUntil), ("from", tree.On.ForInput()), ("version", office.Version.ToString(CultureInfo.InvariantCulture)),
                .. Enumerable.Range(0, 7).Select(d => (WeekField(d), (string?)string.Join(' ', week.Where(h => h.Weekday == d && h.On(tree.On)).Select(h => Clock.Write(h.Opens, h.Closes)))))]);
        }
        else if (form.Wrong || overtaken) departments = [.. form.Many("department").Select(d => Guid.TryParse(d, out var id) ? id : default)];
        return Page.Show<OfficePage>(new
        {
            Id = office?.Id, Title = office?.Name, Version = office?.Version ?? 0, Form = form, Exception = exception ?? Form.Empty, Exceptions = exceptions, Done = done, Overtaken = overtaken,
            Chosen = (IReadOnlyCollection<string>)[.. departments.Select(d => d.ToString())], Departments = tree.Options(visit.Lang),
        }, overtaken ? 409 : form.Wrong || exception is { Wrong: true } ? 422 : 200);
    }

    static async Task<IResult> Write(Guid? id, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        var office = id is null ? null : await db.Set<Office>().FirstOrDefaultAsync(o => o.Id == id);
        if (id is not null && office is null) return Page.NotFound;
        var tree = await DepartmentTrees.Today(db);
        if (!visit.ManagesAll(tree)) return Managing.NotYours;
        var (name, address) = (form.SaidIn("name", 100), form.SaidIn("address", 200));
        var telephone = form.Text("telephone", most: 40);
        var key = office?.Key ?? form.Text("key", most: 40, required: true).ToLowerInvariant();
        if (office is null && key.Length > 0 && !key.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')) form.Wrongly("key", "Small letters, digits and hyphens, please.");
        if (office is null && !form.Wrong && await db.Set<Office>().AnyAsync(o => o.Key == key)) form.Wrongly("key", "There is an office with this key already.");
        var (yearFrom, yearUntil) = (MonthDay(form, "yearEndFrom"), MonthDay(form, "yearEndUntil"));
        if (form.Typed("yearEndFrom").Trim().Length == 0 != (form.Typed("yearEndUntil").Trim().Length == 0)) form.Wrongly("yearEndUntil", "Both days, or neither.");
        var from = form.Day("from", required: true);
        if (from < tree.On) form.Wrongly("from", "Changes begin today at the earliest: what was, stays as it was.");
        var week = new List<(int Day, OpenHours Hours)>();
        for (var day = 0; day < 7; day++)
            foreach (var hours in ReadHours(form, WeekField(day))) week.Add((day, hours));
        var departments = form.Many("department").Select(d => Guid.TryParse(d, out var one) ? one : default).Where(d => tree.Find(d) is not null).ToHashSet();
        if (form.Wrong) return await Show(office, form, null, null, visit, db, tree);
        if (office is not null && form.Typed("version") != office.Version.ToString(CultureInfo.InvariantCulture)) return await Show(office, form, null, null, visit, db, tree, overtaken: true);
        if (office is null) db.Add(office = new Office { Key = key, Name = name, Address = address, FromOn = tree.On, Sort = 1000 });
        (office.Name, office.Address, office.Telephone, office.ClosedOnHolidays, office.YearEndFrom, office.YearEndUntil) = (name, address, telephone, form.Ticked("holidays"), yearFrom, yearUntil);
        office.Changed();

        var there = await db.Set<OfficeDepartment>().Where(d => d.OfficeId == office.Id).ToListAsync();
        db.RemoveRange(there.Where(d => !departments.Contains(d.DepartmentId)));
        foreach (var added in departments.Except(there.Select(d => d.DepartmentId))) db.Add(new OfficeDepartment { OfficeId = office.Id, DepartmentId = added });

        // Another week takes the place of the old one from its day on, and of what was planned behind it; what was before stays to
        // be counted by. The same week changes nothing, so whoever mends an address ends no plan.
        var standing = await db.Set<WeekHours>().Where(h => h.OfficeId == office.Id && (h.UntilOn == null || h.UntilOn >= from)).ToListAsync();
        if (!standing.Where(h => h.On(from!.Value)).Select(h => (h.Weekday, new OpenHours(h.Opens, h.Closes))).ToHashSet().SetEquals(week))
        {
            foreach (var old in standing)
                if (old.FromOn >= from) db.Remove(old);
                else old.UntilOn = from!.Value.AddDays(-1);
            foreach (var (day, hours) in week) db.Add(new WeekHours { OfficeId = office.Id, Weekday = day, Opens = hours.Opens, Closes = hours.Closes, FromOn = from!.Value });
        }
        db.Audit(visit.Did("offices.write_office", $"offices/{office.Id}", new { office.Key, From = from }));
        return await Save($"desk/offices/places/{office.Id}?done=saved", id, form, null, visit, db, tree);
    }

    static async Task<IResult> AddException(Guid id, Form form, Visit visit, TownDb db)
    {
        var office = await db.Set<Office>().FirstOrDefaultAsync(o => o.Id == id);
        if (office is null) return Page.NotFound;
        var tree = await DepartmentTrees.Today(db);
        if (!visit.ManagesAll(tree)) return Managing.NotYours;
        var day = form.Day("dayOn", required: true);
        if (day < tree.On) form.Wrongly("dayOn", "Changes begin today at the earliest: what was, stays as it was.");
        var hours = ReadHours(form, "hours");
        if (hours.Count > 1) form.Wrongly("hours", "One period, like 09:00-12:00, or nothing: closed.");
        var note = form.SaidIn("note", 100, required: false);
        if (!form.Wrong && await db.Set<DayException>().AnyAsync(x => x.OfficeId == id && x.DayOn == day)) form.Wrongly("dayOn", "This day is an exception already. Remove that one first.");
        if (form.Wrong) return await Show(office, null, form, null, visit, db, tree);
        office.Changed();
        db.Add(new DayException { OfficeId = id, DayOn = day!.Value, Opens = hours.Count > 0 ? hours[0].Opens : null, Closes = hours.Count > 0 ? hours[0].Closes : null, Note = note });
        db.Audit(visit.Did("offices.add_exception", $"offices/{id}", new { Day = day }));
        return await Save($"desk/offices/places/{id}?done=exception", id, null, form, visit, db, tree);
    }

    static async Task<IResult> RemoveException(Guid id, Guid exception, Form form, Visit visit, TownDb db)
    {
        if (!visit.ManagesAll(await DepartmentTrees.Today(db))) return Managing.NotYours;
        var office = await db.Set<Office>().FirstOrDefaultAsync(o => o.Id == id);
        if (office is null) return Page.NotFound;
        if (await db.Set<DayException>().FirstOrDefaultAsync(x => x.Id == exception && x.OfficeId == id) is { } row)
        {
            db.Remove(row);
            office.Changed();
            db.Audit(visit.Did("offices.remove_exception", $"offices/{id}", new { Day = row.DayOn }));
            await db.Save(form.Once, visit.Link($"desk/offices/places/{id}?done=removed"));
        }
        return Page.Go(visit, $"desk/offices/places/{id}?done=removed");
    }

    static async Task<IResult> Save(string path, Guid? id, Form? form, Form? exception, Visit visit, TownDb db, DepartmentTree tree)
    {
        try
        {
            await db.Save((form ?? exception)!.Once, visit.Link(path));
            return Page.Go(visit, path);
        }
        catch (Exception e) when (e.IsOvertaken())
        {
            db.ChangeTracker.Clear();
            return await Show(id is null ? null : await db.Set<Office>().AsNoTracking().FirstOrDefaultAsync(o => o.Id == id), form, exception, null, visit, db, tree, overtaken: true);
        }
    }

    /// <summary>"08:30-12:00 13:00-17:15"; nothing is closed.</summary>
    static IReadOnlyList<OpenHours> ReadHours(Form form, string name)
    {
        var read = new List<OpenHours>();
        foreach (var part in form.Typed(name).Normalize(System.Text.NormalizationForm.FormKC).Replace('~', '-').Replace('〜', '-').Replace('–', '-').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split('-') is [var opens, var closes] && Clock.Read(opens) is { } from && Clock.Read(closes) is { } until && until > from && (read.Count == 0 || read[^1].Closes <= from)) read.Add(new(from, until));
            else form.Wrongly(name, "Please write hours like 08:30-12:00 13:00-17:15.");
        }
        return read;
    }

    static string? MonthDay(Form form, string name)
    {
        var typed = form.Typed(name).Trim().Normalize(System.Text.NormalizationForm.FormKC);
        if (typed.Length == 0) return null;
        // A leap year, so that the 29th of February is a day.
        if (DateOnly.TryParseExact("2024-" + typed, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)) return typed;
        form.Wrongly(name, "Please write month and day, like 12-29.");
        return null;
    }
}
