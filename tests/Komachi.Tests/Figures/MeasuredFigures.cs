using System.Globalization;
using System.Net;
using System.Text.Json;
using Komachi.Platform.Figures;
using Komachi.Tests.Harness;
using Komachi.Tests.Jobs;

namespace Komachi.Tests.Figures;

/// <summary>Numbers that the town measures by itself: shown, given as data, kept each day.</summary>
public sealed class MeasuredFigures(StoryProgram program)
{
    [Fact]
    public async Task Every_figure_is_measured_in_an_empty_town_and_page_and_data_say_the_same()
    {
        var town = await program.NewTown();
        using var visitor = town.Visitor();
        var (page, data) = (await visitor.Open("figures"), await Data(visitor));
        Assert.Equal(HttpStatusCode.OK, page.Status);
        var shown = page.All("main section").ToDictionary(s => s.QuerySelector("h2")!.TextContent, s => s.QuerySelector("strong.num")!.TextContent);
        var given = data.RootElement.EnumerateArray().ToArray();
        Assert.Equal(shown.Count, given.Length);
        Assert.All(given, figure =>
        {
            var now = figure.GetProperty("now");
            Assert.Equal(now.ValueKind == JsonValueKind.Null ? "未計測" : now.GetDecimal().ToString("#,0.##", CultureInfo.InvariantCulture), shown[figure.GetProperty("titleJa").GetString()!]);
            Assert.NotEmpty(figure.GetProperty("titleEn").GetString()!);
        });
        Assert.Equal(0, Of(data, "stories.told").GetProperty("now").GetDecimal());
        Assert.Equal(JsonValueKind.Null, Of(data, "stories.unmeasured").GetProperty("now").ValueKind);
    }

    [Fact]
    public async Task What_a_chart_draws_is_taken_along_as_a_file()
    {
        var town = await program.NewTown();
        await using (var days = town.Source.CreateCommand("INSERT INTO figures.snapshots (key, taken_on, value) VALUES ('stories.told', current_date - 2, 3), ('stories.told', current_date - 1, 5.5)")) await days.ExecuteNonQueryAsync();
        using var visitor = town.Visitor();
        var link = (await visitor.Open("figures")).All("a[href*='days.csv']").Single().GetAttribute("href")!;
        var lines = (await visitor.Http.GetStringAsync(link)).TrimStart('\ufeff').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.EndsWith(",3", lines[1]);
        Assert.EndsWith(",5.5", lines[2]);
        Assert.Equal(HttpStatusCode.NotFound, (await visitor.Open("figures/days.csv?figure=nothing")).Status);
    }

    [Fact]
    public async Task A_day_is_kept_once_however_often_the_night_comes_and_is_not_changed_later()
    {
        var town = await program.NewTown();
        await Night(town, 1);
        await town.Until("EXISTS (SELECT FROM figures.snapshots WHERE key = 'stories.told') AND NOT EXISTS (SELECT FROM jobs.queue WHERE kind = 'figures.take')", 40);
        using var visitor = town.Visitor();
        await visitor.Submit(await visitor.Open("stories"), new() { ["text"] = "once upon a time" });
        for (var night = 0; night < 2; night++) await Night(town, 2);
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind = 'figures.take')", 40);
        await town.Until("(SELECT count(*) = 1 AND max(value) = 0 FROM figures.snapshots WHERE key = 'stories.told')");
        await town.Until("NOT EXISTS (SELECT FROM figures.snapshots WHERE key = 'stories.unmeasured')");

        using var data = await Data(visitor);
        var told = Of(data, "stories.told");
        Assert.Equal(1, told.GetProperty("now").GetDecimal());
        Assert.Equal(0, Assert.Single(told.GetProperty("days").EnumerateArray()).GetProperty("value").GetDecimal());
    }

    static async Task Night(TestTown town, int times)
    {
        await using var db = town.Open();
        for (var i = 0; i < times; i++) db.Enqueue(new TakeFigures());
        await db.Save();
    }

    static async Task<JsonDocument> Data(Person person)
    {
        using var answer = await person.Send(HttpMethod.Get, "api/v1/figures");
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
    }

    static JsonElement Of(JsonDocument data, string key) => data.RootElement.EnumerateArray().Single(f => f.GetProperty("key").GetString() == key);
}
