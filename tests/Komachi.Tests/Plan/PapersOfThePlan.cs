using System.Net;
using Komachi.Plan;
using Komachi.Platform.Sheets;
using Komachi.Tests.Harness;
using Komachi.Tests.Rights;

namespace Komachi.Tests.Plan;

/// <summary>Papers in one click: what offices ask of those who keep a plan, made of what stands in it.</summary>
public sealed class PapersOfThePlan(TestProgram program)
{
    [Fact]
    public async Task The_council_reads_of_a_measure_what_was_aimed_at_and_what_came_of_it_on_screen_and_on_paper()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        var jimu = await town.Staff("jimu");
        var papers = await jimu.Open("desk/plan/papers");
        Assert.Equal(30, papers.All("select[name=measure] option").Count());
        Assert.Equal("計画の資料", papers.One(".desk-nav [aria-current]").TextContent.Trim());    // and not "DX計画" above it as well
        var answer = await jimu.Open("desk/plan/papers/council?measure=I-1-1");
        Assert.Equal("オンライン申請の拡充", answer.One("h1").TextContent);
        // The same numbers as residents read, target beside actual.
        var visitors = await town.Visitor().Open("plan/measures/I-1-1");
        foreach (var target in new[] { "40", "64", "88", "112" }) Assert.Contains(target, answer.One("#indicator-0-caption").ParentElement!.TextContent);
        Assert.Contains("118", answer.One("#indicator-0-caption").ParentElement!.TextContent);
        foreach (var actual in visitors.All(".chart tbody td").Select(c => c.TextContent.Trim()).Where(c => c is not "–" and not "-")) Assert.Contains(actual, answer.Text);
        using var pdf = await jimu.Send(HttpMethod.Get, "desk/plan/papers/council.pdf?measure=I-1-1");
        Assert.Equal("application/pdf", pdf.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.NotFound, (await jimu.Open("desk/plan/papers/council?measure=none")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Staff("koho")).Open("desk/plan/papers")).Status);
    }

    [Fact]
    public async Task Answers_to_the_national_survey_come_as_a_sheet_and_say_what_the_plan_cannot_know()
    {
        foreach (var slug in new[] { "komaki", "onojo", "katano" })
        {
            var town = await program.NewTown(slug, livedIn: true);
            var jimu = await town.Staff("jimu");
            var page = await jimu.Open("desk/plan/papers/survey");
            Assert.Equal(HttpStatusCode.OK, page.Status);
            var shown = page.All("#survey-caption ~ tbody tr").Count();
            var book = SheetFile.Read(await (await jimu.Send(HttpMethod.Get, "desk/plan/papers/survey.xlsx")).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), "survey.xlsx");
            var rows = book.Sheets.Single().Rows.Skip(1).ToArray();
            Assert.Equal(shown, rows.Length);
            Assert.Contains(rows, r => r[3].Text.StartsWith("定めている：", StringComparison.Ordinal));
            // Of each item of the state's plan the measures that serve it, and of what a plan cannot know that somebody must write it.
            var plan = PlanYaml.Read(File.ReadAllText(Path.Combine(TestProgram.TownsFolder, slug, "plan", "dx.yaml")), "dx.yaml");
            foreach (var measure in plan.Measures.Where(m => m.National.Count > 0)) Assert.Contains(rows, r => r[3].Text.Contains($"{measure.Code} "));
            Assert.All(rows.Where(r => r[3].Text.Length == 0), r => Assert.Equal("要記入", r[5].Text));
            Assert.Contains(rows, r => r[5].Text == "要記入");
            var csv = SheetFile.Read(await (await jimu.Send(HttpMethod.Get, "desk/plan/papers/survey.csv")).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), "survey.csv");
            Assert.Equal(rows.Select(r => r[3].Text), csv.Sheets.Single().Rows.Skip(1).Select(r => r[3].Text));
        }
    }

    [Fact]
    public async Task What_was_granted_on_sheets_comes_into_the_draft_in_one_step_and_only_once()
    {
        var town = await program.NewTown("katano", livedIn: true);
        var plan = PlanYaml.Read(File.ReadAllText(Path.Combine(TestProgram.TownsFolder, "katano", "plan", "dx.yaml")), "dx.yaml");
        var jimu = await town.Staff("jimu");
        await town.Tell($"""
            UPDATE plan.sheets SET measure = '{plan.Measures[0].Code}', adopted_at = now() WHERE number = (SELECT min(s.number) FROM plan.sheets s JOIN plan.sheet_money m ON m.sheet_id = s.id WHERE s.state = 'Open');
            UPDATE plan.sheet_money SET adopted = 4321 WHERE sheet_id = (SELECT id FROM plan.sheets WHERE adopted_at IS NOT NULL AND measure = '{plan.Measures[0].Code}' ORDER BY number LIMIT 1)
            """);
        await jimu.Submit(await jimu.Open("desk/plan"), form: "form[action$='draft/begin']");
        var taken = await jimu.Submit(await jimu.Open("desk/plan/draft"), form: "form[action$='draft/sheets']");
        Assert.Contains("決定したシートを原案に取り込みました", taken.Text);
        Assert.Contains("4321", await town.Ask<string>("SELECT document::text FROM plan.revisions WHERE published_at IS NULL"));
        var again = await jimu.Submit(taken, form: "form[action$='draft/sheets']");
        Assert.Contains("原案にまだない内容のシートはありませんでした", again.Text);
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'plan.take_sheets'"));
        Assert.DoesNotContain("4,321", (await town.Visitor().Open($"plan/measures/{plan.Measures[0].Code}")).Text);
    }
}
