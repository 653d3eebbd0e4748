using System.Net;
using System.Text.Json;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Offices;
using Komachi.Platform.Towns;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Offices;

/// <summary>Opening calendars, what residents see of them, and the organisation as a file.</summary>
public sealed class Opening(TestProgram program)
{
    static OpeningCalendar Calendar(Action<List<DayException>, Guid>? except = null)
    {
        var office = new Office { Key = "x", Name = new("庁舎"), Address = [], FromOn = OfficesYaml.Always };
        var week = Enumerable.Range(1, 5).SelectMany(d => new[] { (8, 30, 12, 0), (13, 0, 17, 15) }.Select(h => new WeekHours
            { OfficeId = office.Id, Weekday = d, Opens = new(h.Item1, h.Item2), Closes = new(h.Item3, h.Item4), FromOn = OfficesYaml.Always }));
        var exceptions = new List<DayException>();
        except?.Invoke(exceptions, office.Id);
        return new(office, week, exceptions, new(new Dictionary<DateOnly, string> { [new(2027, 1, 11)] = "成人の日" }));
    }

    [Theory]
    [InlineData("2027-01-06T08:29", null, "2027-01-06 08:30")]
    [InlineData("2027-01-06T08:30", "12:00", "2027-01-06 13:00")]
    [InlineData("2027-01-06T12:00", null, "2027-01-06 13:00")]
    [InlineData("2027-01-06T17:15", null, "2027-01-07 08:30")]
    [InlineData("2027-01-08T18:00", null, "2027-01-12 08:30")]    // Friday evening; Monday is a holiday
    [InlineData("2026-12-28T16:00", "17:15", "2027-01-04 08:30")]
    [InlineData("2026-12-29T10:00", null, "2027-01-04 08:30")]
    public void It_says_until_when_it_is_open_and_when_it_opens_next(string local, string? until, string next)
    {
        var now = JapanTime.At(DateTime.Parse(local, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(until, Calendar().OpenUntil(now) is { } closes ? Clock.Write(closes) : null);
        var opens = Calendar().OpensNext(now)!.Value;
        Assert.Equal(next, $"{opens.On:yyyy-MM-dd} {Clock.Write(opens.At)}");
    }

    [Fact]
    public void Exceptions_come_before_all_else_and_working_days_stop_for_closed_ones()
    {
        var calendar = Calendar((all, office) =>
        {
            all.Add(new() { OfficeId = office, DayOn = new(2027, 3, 28), Opens = new(9, 0), Closes = new(12, 0), Note = new("年度末の日曜開庁") });
            all.Add(new() { OfficeId = office, DayOn = new(2027, 3, 30), Note = new("停電") });
        });
        Assert.True(calendar.IsWorkingDay(new(2027, 3, 28)));
        Assert.Equal(ClosedBy.Exception, calendar.On(new(2027, 3, 30)).Closed);
        Assert.Equal(ClosedBy.Holiday, calendar.On(new(2027, 1, 11)).Closed);
        Assert.Equal(ClosedBy.YearEnd, calendar.On(new(2027, 1, 1)).Closed);
        Assert.Equal(ClosedBy.Weekday, calendar.On(new(2027, 3, 27)).Closed);
        Assert.Equal(new DateOnly(2027, 3, 31), calendar.WorkingDaysAfter(new(2027, 3, 26), 3));    // Sunday, Monday, Wednesday
        Assert.Equal(3, calendar.WorkingDaysBetween(new(2027, 3, 26), new(2027, 3, 31)));
        Assert.Equal(new DateOnly(2027, 3, 26), calendar.WorkingDaysAfter(new(2027, 3, 26), 0));
    }

    [Fact]
    public async Task A_department_counts_by_its_own_office_or_by_the_one_above()
    {
        var town = await program.NewTown("komaki");
        await using var db = town.Open();
        var tree = await DepartmentTrees.On(AtHand.Today, db);
        async Task<string> OfficeOf(string code) => (await OpeningCalendar.OfDepartment(tree.ByCode(code)!.Id, tree, db, AtHand.Today))!.OfficeName.In(Komachi.Ui.Words.Lang.Japanese);
        Assert.Contains("図書館", await OfficeOf("0703"));
        Assert.Contains("市役所", await OfficeOf("0201"));
    }

    [Theory]
    [InlineData("komaki")]
    [InlineData("omitama")]
    [InlineData("onojo")]
    [InlineData("oyabe")]
    [InlineData("katano")]
    public async Task Each_town_shows_its_offices_and_departments_to_everybody_and_its_people_to_nobody(string like)
    {
        var town = await program.NewTown(like, livedIn: true);
        var visitor = town.Visitor();
        foreach (var path in new[] { "offices", "en/offices", "plain/offices" })
        {
            var page = await visitor.Open(path);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.NotEmpty(page.All("main section h2"));
        }
        var offices = JsonDocument.Parse((await visitor.Open("api/v1/offices")).Html).RootElement;
        Assert.Equal(7, offices[0].GetProperty("days").GetArrayLength());
        var departments = (await visitor.Open("api/v1/departments")).Html;
        Assert.True(JsonDocument.Parse(departments).RootElement.GetArrayLength() > 20);
        Assert.DoesNotContain("見本 広報", departments);
        Assert.Contains("sign-in", (await visitor.Open("desk/colleagues")).Url);
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Resident()).Open("desk/colleagues")).Status);
        Assert.Contains("見本 情報", (await (await town.Staff("koho")).Open("desk/colleagues")).Text);

        var known = program.House.Permissions.Select(p => p.Key).ToHashSet();
        Assert.Empty((await town.Ask<string[]>("SELECT array_agg(DISTINCT p) FROM offices.roles, unnest(permissions) p")).Except(known));
    }

    [Fact]
    public async Task Loaded_twice_nothing_changes_and_the_file_given_out_makes_the_same_town()
    {
        var town = await program.NewTown("komaki", livedIn: true);
        const string all = "SELECT (SELECT count(*) FROM offices.departments) || ',' || (SELECT count(*) FROM offices.assignments) || ',' || (SELECT count(*) FROM offices.hours) || ',' || (SELECT count(*) FROM offices.holidays) || ',' || (SELECT version FROM offices.organisation)";
        var before = await town.Ask<string>(all);
        await using (var db = town.Open())
        {
            await OfficesTown.Load(new(town.Town, db, Path.Combine(TestProgram.TownsFolder, "komaki"), TimeProvider.System, TestProgram.Password));
            await db.Save();
        }
        Assert.Equal(before, await town.Ask<string>(all));

        var file = (await (await town.Staff("joho")).Open("desk/offices/export.yaml")).Html;
        var folder = Directory.CreateTempSubdirectory("komachi-offices").FullName;
        foreach (var name in new[] { "town.yaml", "accounts.yaml" }) File.Copy(Path.Combine(TestProgram.TownsFolder, "komaki", name), Path.Combine(folder, name));
        await File.WriteAllTextAsync(Path.Combine(folder, "offices.yaml"), file);
        var copy = await program.NewTownFrom(folder, "komaki-copy-" + Id.New().ToString("N")[^6..]);
        Assert.Equal(file, (await (await copy.Staff("joho")).Open("desk/offices/export.yaml")).Html);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("departments:\n  - { code: a, name: { ja: A } }\n  - { code: b, name: { ja: B } }", "belongs to no department")]
    [InlineData("departments:\n  - { code: a, name: { en: A } }", "needs a code and a name in Japanese")]
    [InlineData("departments:\n  - { code: a, name: { ja: A }, from: someday }", "no day like")]
    [InlineData("roles:\n  - { key: x }", "role \"x\"")]
    [InlineData("offices:\n  - { key: o, name: { ja: O }, hours: [{ days: mon moon, open: \"09:00-12:00\" }] }", "\"moon\" is none of")]
    [InlineData("offices:\n  - { key: o, name: { ja: O }, hours: [{ days: mon, open: \"19:00-12:00\" }] }", "no hours like")]
    [InlineData("assignments:\n  - { account: koho, department: nowhere }", "no department \"nowhere\"")]
    public async Task A_mistake_in_the_file_is_named(string yaml, string says)
    {
        var town = await program.NewTown("komaki");
        var folder = Directory.CreateTempSubdirectory("komachi-offices").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "offices.yaml"), yaml);
        if (yaml.StartsWith("departments", StringComparison.Ordinal))
            await town.Do("DELETE FROM offices.office_departments; DELETE FROM offices.assignments; DELETE FROM offices.department_states; DELETE FROM offices.departments");
        await using var db = town.Open();
        var bad = await Assert.ThrowsAsync<BadTown>(() => OfficesTown.Load(new(town.Town, db, folder, TimeProvider.System, null)));
        Assert.Contains(says, bad.Message);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Staff_change_the_week_from_a_day_and_close_a_day()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        var office = await town.Ask<Guid>("SELECT id FROM offices.offices WHERE key = 'city-hall'");
        var later = AtHand.Today.AddDays(30);
        var saved = await joho.Submit(await joho.Open($"desk/offices/places/{office}"), new() { ["week-mon"] = "9:00〜12:00 13:00-16:00", ["from"] = AtHand.Day(later) });
        Assert.Contains("庁舎を保存しました", saved.Text);
        Assert.Equal(2, await town.Ask<long>($"SELECT count(*) FROM offices.hours WHERE office_id = '{office}' AND weekday = 1 AND from_on = '{AtHand.Day(later)}'"));
        Assert.Equal(1, await town.Ask<long>($"SELECT count(*) FROM offices.hours WHERE office_id = '{office}' AND weekday = 1 AND until_on = '{AtHand.Day(later.AddDays(-1))}'"));
        await joho.Submit(await joho.Open($"desk/offices/places/{office}"), new() { ["telephone"] = "0000-00-1111" });    // the plan for that Monday stays
        Assert.Equal(2, await town.Ask<long>($"SELECT count(*) FROM offices.hours WHERE office_id = '{office}' AND weekday = 1 AND from_on = '{AtHand.Day(later)}'"));
        var wrong = await joho.Submit(await joho.Open($"desk/offices/places/{office}"), new() { ["week-mon"] = "9-17", ["yearEndFrom"] = "13-40" });
        Assert.Equal(["#week-mon", "#yearEndFrom"], wrong.All(".error-summary a").Select(a => a.GetAttribute("href")!).Order());
        Assert.Equal("9-17", wrong.One("input[name=week-mon]").GetAttribute("value"));

        await joho.Submit(await joho.Open($"desk/offices/places/{office}"), new() { ["dayOn"] = AtHand.Day(AtHand.Today), ["hours"] = "", ["note-ja"] = "臨時休業" }, form: "form[action$=exceptions]");
        var visitor = town.Visitor();
        Assert.Contains("臨時休業", (await visitor.Open("offices")).Text);
        Assert.Contains("\"closed\":\"exception\"", (await visitor.Open("api/v1/offices")).Html);
    }
}
