using Komachi.Platform.Data;
using Komachi.Procedures;
using Komachi.Tests.Announcements;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>A town that is shown begins with made-up filings in every state, made by the same verbs as real ones.</summary>
public sealed partial class SamplesOfTheDemo(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("onojo")]
    [InlineData("katano")]
    public async Task A_shown_town_has_filings_in_every_state_of_every_procedure(string like)
    {
        var town = await program.NewTown(like, livedIn: true);
        await using var db = town.Open();
        var cases = await db.Set<Case>().AsNoTracking().ToListAsync(Stop);
        Assert.InRange(cases.Count, 100, 300);
        Assert.All(cases, c => Assert.True(c.Sample));
        Assert.Equal(Enum.GetValues<CaseState>().Order(), cases.Select(c => c.State).Distinct().Order());
        Assert.Equal(10, cases.Select(c => c.Procedure).Distinct().Count());
        Assert.Contains(cases, c => c.Stage.Length > 0);
        Assert.Contains(cases, c => c.IsLate(db.Today));
        Assert.All(cases, c => Assert.Contains("見本", c.Title + c.Answers.ToJsonString()));

        // Moves, steps, corrections and letters fit the cases, as if people had done all of it.
        Assert.All(cases, c => Assert.True(c.ArrivedAt <= c.MovedAt && c.MovedAt <= db.Now));
        Assert.Equal(cases.Sum(c => c.Moves), await db.Set<Move>().CountAsync(Stop));
        Assert.Equal(cases.Count(c => c.State == CaseState.Correcting), await db.Set<Correction>().CountAsync(c => c.AnsweredAt == null && c.LeftAt == null, Stop));
        var open = cases.Where(c => c.IsOpen).Select(c => c.Id).ToHashSet();
        var steps = await db.Set<Step>().AsNoTracking().ToListAsync(Stop);
        Assert.All(open, id => Assert.Contains(steps, s => s.CaseId == id && s.State == StepState.Open));
        Assert.All(steps.Where(s => !open.Contains(s.CaseId)), s => Assert.True(s.State is StepState.Done or StepState.Left));
        var letters = await db.Set<Letter>().AsNoTracking().ToListAsync(Stop);
        Assert.Contains(letters, l => l.Delivery == Delivery.Electronic);
        Assert.All(letters, l => Assert.DoesNotContain("{", string.Concat(l.Body.Values)));
        Assert.Equal(letters.Count(l => l.Number is not null), await db.Set<DocumentNumber>().SumAsync(n => n.Last, Stop));

        // Nobody gets a mail, somebody has them to work on, and the numbers show something on the first day.
        Assert.Equal(0, await town.Count("jobs.queue WHERE kind = 'procedures.tell_applicant'"));
        Assert.Contains(cases, c => c.AssigneeId is not null && c.IsOpen);
        Assert.NotNull(await CountProcedures.DaysMedian(db, TimeProvider.System, Stop));
        Assert.InRange((await CountProcedures.OnlineShare(db, TimeProvider.System, Stop))!.Value, 40, 95);
        Assert.NotEmpty((await (await town.Resident()).Open("my")).All("main ol.timeline a, main details a"));
    }

    [Fact]
    public async Task A_shown_town_prints_on_a_form_of_its_own_from_the_first_day()
    {
        var town = await program.NewTown("oyabe", livedIn: true);
        await using var db = town.Open();
        var form = await db.Set<OwnForm>().AsNoTracking().SingleAsync(Stop);
        Assert.Equal(("park-use", "様式第1号（見本）", false), (form.Procedure, form.Name, form.IsDraft));
        // Each place is one that the form knows, and lies on its page.
        var published = await db.Set<Published>().AsNoTracking().SingleAsync(d => d.Key == "park-use", Stop);
        var known = Placeable.Of(published.Procedure.First, new(Ui.Words.Lang.Japanese, program.House.Words)).Select(p => p.What).ToHashSet();
        Assert.All(form.Fields, f => Assert.Contains(Rows().Replace(f.What, "/#/"), known));
        Assert.All(form.Fields, f => Assert.Equal(f, f.Within(form.Pages[0])));

        var empty = await Printed(await town.Resident(), "procedures/park-use/paper");
        foreach (var word in new[] { "様式第1号（見本）", "都市公園内行為許可申請書", "使う日と時間" }) Assert.Contains(word, empty);
        var of = await db.Set<Case>().AsNoTracking().FirstAsync(c => c.Procedure == "park-use" && c.Stage == "" && c.PersonId == null, Stop);
        var filled = await Printed(await town.Staff("jimu"), $"desk/procedures/cases/{of.Id}/paper");
        Assert.Contains(of.Answers["parkName"]!.ToString(), filled);
        Assert.Contains("様式第1号（見本）", filled);
        // What the sample has a place for fits there; the rest stands behind it.
        Assert.DoesNotContain("別紙のとおり", filled);
        Assert.Contains(of.Answers["emergency"]!.ToString()[..8], filled[filled.IndexOf("別紙", StringComparison.Ordinal)..]);
    }

    static async Task<string> Printed(Person who, string path)
    {
        using var answer = await who.Send(HttpMethod.Get, path);
        Assert.Equal((System.Net.HttpStatusCode.OK, "application/pdf"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        return (await SamplePaper.Look("pdftotext", await answer.Content.ReadAsByteArrayAsync(Stop), "-layout", "-")).Replace(" ", "");
    }

    [System.Text.RegularExpressions.GeneratedRegex("/[0-9]+/")]
    private static partial System.Text.RegularExpressions.Regex Rows();

    [Theory]
    [InlineData("komaki")]
    [InlineData("omitama")]
    [InlineData("onojo")]
    [InlineData("oyabe")]
    [InlineData("katano")]
    public async Task Nurseries_are_chosen_from_the_towns_own_list_and_a_filing_keeps_that_of_its_day(string like)
    {
        var town = await program.NewTown(like, livedIn: true);
        await using var db = town.Open();
        var published = await db.Set<Published>().AsNoTracking().SingleAsync(d => d.Key == "childcare-place", Stop);
        var list = published.Procedure.First.Form.Fields.Single(f => f.Key == "wished").Rows.Single(f => f.Key == "nursery").Field.Options;
        Assert.Equal(Origin.Town, published.Origin);
        Assert.All(list.SkipLast(1), o => Assert.StartsWith("見本" + town.Town.Name.In(Ui.Words.Lang.Japanese)[..2], o.Text.In(Ui.Words.Lang.Japanese)));
        Assert.Equal(("outside", list.Count), (list[^1].Value, list.Select(o => o.Value).Distinct().Count()));
        // What made-up filings wish for is in it.
        foreach (var of in await db.Set<Case>().AsNoTracking().Where(c => c.Procedure == "childcare-place").ToListAsync(Stop))
            Assert.All(of.Answers["wished"]!.AsArray(), w => Assert.Contains(list, o => o.Value == w!["nursery"]?.ToString()));
    }

    [Fact]
    public async Task A_list_that_hangs_on_nothing_is_told_with_its_file()
    {
        foreach (var (name, text, why) in new[] { ("no-such-thing", "lists:\n  nurseries: []\n", "there is no procedure"), ("tax-certificate", "lists:\n  taxes: []\n", "so does a part of the procedure"), ("tax-certificate", "constants:\n  residentTax: a\nform: {}\n", "holds nothing else"), ("tax-certificate", "constants:\n  residentTax: a\nconstants:\n  residentTax: b\n", "holds nothing else"), ("childcare-place", "nurseries:\n- { value: a }\n", "begins with"), ("childcare-place", "lists:\n  nurseries: []\n", "nothing in it"), ("childcare-place", "lists:\n  schools:\n  - { value: a, text: { ja: 見本 } }\n", "no list nurseries") })
        {
            var folder = Directory.CreateTempSubdirectory("komachi-town").FullName;
            foreach (var file in new[] { "town.yaml", "accounts.yaml", "offices.yaml" }) File.Copy(Path.Combine(TestProgram.TownsFolder, "katano", file), Path.Combine(folder, file));
            Directory.CreateDirectory(Path.Combine(folder, "procedures", "lists"));
            await File.WriteAllTextAsync(Path.Combine(folder, "procedures", "lists", name + ".yaml"), text, Stop);
            var wrong = await Assert.ThrowsAsync<Platform.Towns.BadTown>(() => program.NewTownFrom(folder, $"lists-{Guid.CreateVersion7().ToString("N")[^8..]}"));
            Assert.Contains(why, wrong.Message);
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Loading_a_town_again_makes_no_more_of_them()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        var before = await town.Count("procedures.cases");
        await program.Loader.Add(Path.Combine(TestProgram.TownsFolder, "onojo"), town.Slug, demoPassword: TestProgram.Password, stop: Stop);
        Assert.Equal(before, await town.Count("procedures.cases"));
        Assert.Equal(10, await town.Count("procedures.definitions"));
    }

    [Fact]
    public async Task A_town_that_is_not_shown_begins_empty()
    {
        var town = await program.NewTown("onojo");
        Assert.Equal(0, await town.Count("procedures.cases"));
    }
}
