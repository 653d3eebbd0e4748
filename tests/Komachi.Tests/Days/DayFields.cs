using AngleSharp.Html.Parser;
using AngleSharp.Dom;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Komachi.Tests.Days;

/// <summary>Fields for days, how a form reads them, and calendars as they are drawn.</summary>
public sealed class DayFields(TestProgram program)
{
    static Form Parts(string era, string year, string month, string day) => Form.With(("born-era", era), ("born-year", year), ("born-month", month), ("born-day", day));

    [Fact]
    public void A_form_reads_three_parts_or_one_text()
    {
        Assert.Equal(new DateOnly(1985, 4, 1), Parts("S", "60", "4", "1").Day("born", required: true));
        Assert.Equal(new DateOnly(1985, 4, 1), Form.With(("born", "1985-04-01")).Day("born"));
        Assert.Equal(new DateOnly(1985, 4, 1), Form.With(("born", "昭和６０年４月１日")).Day("born"));
        Assert.Null(Parts("S", "", "", "").Day("born"));
        Assert.Null(Form.Empty.Day("born"));
    }

    [Theory]
    [InlineData("S", "", "", "", "born-year", "Please fill this in.")]
    [InlineData("S", "64", "1", "8", "born-year", "There is no {0}. That day is {1}.")]
    [InlineData("", "1985", "", "1", "born-month", "Please write the month too.")]
    [InlineData("", "1985", "13", "1", "born-month", "Please write a month from 1 to 12.")]
    [InlineData("", "1985", "2", "30", "born-day", "{0} has only {1} days.")]
    [InlineData("", "2026", "11", "21", "born-year", "Please write a day up to {0}.")]
    [InlineData("", "1899", "12", "31", "born-year", "Please write a day from {0} on.")]
    public void What_does_not_fit_is_kept_and_noted_beside_its_part(string era, string year, string month, string day, string field, string message)
    {
        var form = Parts(era, year, month, day);
        Assert.Null(form.Day("born", required: true, least: new(1900, 1, 1), most: new(2026, 11, 20)));
        var mistake = Assert.Single(form.Mistakes);
        Assert.Equal((field, message), (mistake.Field, mistake.Message));
        Assert.Equal((era, year, month, day), (form.Typed("born-era"), form.Typed("born-year"), form.Typed("born-month"), form.Typed("born-day")));
    }

    async Task<IElement> Draw<T>(object parameters, Lang? lang = null) where T : IComponent
    {
        var services = new ServiceCollection().AddSingleton(new Words(lang ?? Lang.Japanese, program.House.Words)).BuildServiceProvider();
        await using var html = new HtmlRenderer(services, NullLoggerFactory.Instance);
        var given = parameters.GetType().GetProperties().ToDictionary(p => p.Name, p => p.GetValue(parameters));
        var text = await html.Dispatcher.InvokeAsync(async () => (await html.RenderComponentAsync<T>(ParameterView.FromDictionary(given))).ToHtmlString());
        return new HtmlParser().ParseDocument($"<body>{text}</body>").Body!;
    }

    [Fact]
    public async Task Three_labelled_fields_and_the_era_stand_in_one_group_and_the_wrong_one_says_so()
    {
        var drawn = await Draw<DateField>(new { Name = "born", Label = "生年月日", Typed = new TypedDay("S", "64", "1", "8"), Wrong = new FieldError("born-year", "その日は平成元年1月8日です。"), Birth = true });
        Assert.StartsWith("生年月日", drawn.QuerySelector("fieldset > legend")!.TextContent);
        Assert.Equal(["born-era", "born-year", "born-month", "born-day"], drawn.QuerySelectorAll("[name]").Select(f => f.GetAttribute("name")!));
        Assert.All(drawn.QuerySelectorAll("[name]"), f => Assert.NotNull(drawn.QuerySelector($"label[for='{f.Id}']")));
        Assert.Equal("S", drawn.QuerySelector("option[selected]")!.GetAttribute("value"));
        Assert.Equal("64", drawn.QuerySelector("#born-year")!.GetAttribute("value"));
        Assert.Equal("born-year", Assert.Single(drawn.QuerySelectorAll("[aria-invalid]")).Id);
        Assert.Equal("born-error", drawn.QuerySelector("#born-year")!.GetAttribute("aria-describedby"));
        Assert.Equal("bday-year", drawn.QuerySelector("#born-year")!.GetAttribute("autocomplete"));

        var whole = await Draw<DateField>(new { Name = "born", Label = "生年月日", Wrong = new FieldError("born", "今日までの日付を入力してください。") });
        Assert.Equal(3, whole.QuerySelectorAll("[aria-invalid]").Length);
        var near = await Draw<DateField>(new { Name = "pick-up", Label = "収集日", Near = true, Value = "2026-11-24", Least = (DateOnly?)new DateOnly(2026, 11, 21) });
        var input = near.QuerySelector("input[type=date]")!;
        Assert.Equal(("2026-11-24", "2026-11-21"), (input.GetAttribute("value"), input.GetAttribute("min")));
    }

    [Fact]
    public async Task A_month_is_a_table_of_whole_weeks_with_words_and_links()
    {
        var november = new DateOnly(2026, 11, 1);
        var drawn = await Draw<MonthCalendar>(new
        {
            Month = november.AddDays(11), Title = november.ShowMonth(Lang.English), Today = (DateOnly?)new DateOnly(2026, 11, 20),
            Days = (IReadOnlyList<CalendarDay>)[new(new(2026, 11, 3), DayState.Holiday, Note: "Culture Day"), new(new(2026, 11, 20), DayState.Open, Href: "?on=20"), new(new(2026, 11, 21), DayState.Closed)],
        }, Lang.English);
        Assert.Equal("November 2026", drawn.QuerySelector("h2")!.TextContent);
        Assert.All(drawn.QuerySelectorAll("tbody tr"), week => Assert.Equal(7, week.Children.Length));
        Assert.Equal(Enumerable.Range(1, 30).Select(d => d.ToString()), drawn.QuerySelectorAll("time").Select(t => t.TextContent));
        Assert.Equal("2026-11-20", drawn.QuerySelector("td[aria-current=date] a[href='?on=20'] time")!.GetAttribute("datetime"));
        Assert.Contains("Closed", drawn.QuerySelector("time[datetime='2026-11-21']")!.ParentElement!.TextContent);
        Assert.Contains("Day 3: Culture Day", drawn.QuerySelector(".month-notes")!.TextContent);
        Assert.Equal(0, drawn.QuerySelectorAll("tbody tr:first-child td.month-other").Length);    // 1 November 2026 is a Sunday

        foreach (var month in Enumerable.Range(0, 48).Select(m => november.AddMonths(m)))
        {
            var other = await Draw<MonthCalendar>(new { Month = month, Title = "x", Days = (IReadOnlyList<CalendarDay>)[] });
            Assert.Equal(DateTime.DaysInMonth(month.Year, month.Month), other.QuerySelectorAll("time").Length);
            Assert.Equal((int)month.DayOfWeek, other.QuerySelectorAll("tbody tr:first-child td.month-other").Length);
            Assert.All(other.QuerySelectorAll("tbody tr"), week => Assert.NotEmpty(week.QuerySelectorAll("time")));
        }
    }

    [Fact]
    public async Task A_week_has_free_times_as_links_that_say_when_and_one_day_for_phones()
    {
        WeekDay Day(int day, params Slot?[] slots) => new(new(2026, 11, day), $"11月{day}日", $"{day}日", $"?on={day}", slots);
        var drawn = await Draw<WeekGrid>(new
        {
            Title = "会議室1", Times = (IReadOnlyList<string>)["9:00", "10:00", "11:00"], On = (DateOnly?)new DateOnly(2026, 11, 21),
            Days = (IReadOnlyList<WeekDay>)[Day(20, new Slot(SlotState.Free, Href: "book?at=9"), new Slot(SlotState.Taken), null), Day(21, new Slot(SlotState.Mine, Href: "mine"))],
        });
        Assert.Equal("11月20日 9:00: 空き", drawn.QuerySelector("a[href='book?at=9']")!.TextContent.Replace("○", ""));
        Assert.Equal("21日", drawn.QuerySelector(".week-days a[aria-current=date]")!.TextContent);
        Assert.Equal("11月21日", Assert.Single(drawn.QuerySelectorAll("tr.week-shown th")).TextContent);
        Assert.All(drawn.QuerySelectorAll("tbody tr"), row => Assert.Equal(3, row.QuerySelectorAll("td").Length));
        Assert.Equal("○ 空き\u3000● あなたの予約\u3000× 空きなし", drawn.QuerySelector(".week-legend")!.TextContent);
    }
}
