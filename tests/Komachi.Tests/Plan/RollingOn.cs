using System.Net;
using Komachi.Plan;
using Komachi.Platform.Days;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;

namespace Komachi.Tests.Plan;

/// <summary>A three-year plan goes through its later years anew each year; what was decided is offered to the plan itself.</summary>
public sealed class RollingOn(TestProgram program)
{
    [Fact]
    public async Task Last_years_sheets_become_sheets_of_this_round_with_their_later_years()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        var jimu = await town.Staff("jimu");
        var (last, next) = (AtTheRound.Label(1), AtTheRound.Label(2));
        var opened = await jimu.Submit(await jimu.Open($"desk/plan/rounds/new?year={next}"));
        Assert.Contains("取りまとめを開きました", opened.One(".notice").TextContent);
        var offered = opened.All("input[name=sheet]").Select(i => i.GetAttribute("value")!).ToArray();
        Assert.Equal([2, 3, 4, 5, 6], offered.Select(n => int.Parse(n.Split('-')[1], System.Globalization.CultureInfo.InvariantCulture)).Order());    // the first asks for no money yet

        var none = await jimu.Submit(opened, new() { ["sheet"] = null }, form: "form[action$='/roll']");
        Assert.Equal(["#sheet"], none.All(".error-summary a").Select(a => a.GetAttribute("href")!));
        var roll = jimu.Ready(opened, new() { ["sheet"] = $"{last}-002" }, form: "form[action$='/roll']");
        Assert.All(await Task.WhenAll(roll(), roll()), seen => Assert.Equal(HttpStatusCode.OK, seen.Status));
        Assert.Contains("done=rolled", (await roll()).Url);    // the sheet is no longer there to be chosen, and still this is the same press
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM plan.sheets WHERE rolled_from_id IS NOT NULL"));
        Assert.Equal("Open draft Department", await town.StateOf($"{next}-001"));

        var year = FiscalYear.Of(AtHand.Today).Year + 2;
        Assert.Equal($"{year} general 2000, {year} subsidy 1000, {year + 1} general 2000, {year + 1} subsidy 1000", await town.Ask<string>($"SELECT string_agg(m.year || ' ' || m.source || ' ' || m.requested, ', ' ORDER BY m.year, m.source) FROM plan.sheet_money m JOIN plan.sheets s ON s.id = m.sheet_id WHERE s.number = '{next}-001'"));
        var sheet = await jimu.Sheet($"{next}-001");
        Assert.Contains($"{last}-002", sheet.One(".timeline").TextContent);
        Assert.Equal("使用料を払うためだけに窓口へ来ている。", sheet.One("textarea[name=need]").TextContent.Trim());
        Assert.DoesNotContain($"{last}-002", (await jimu.Open($"desk/plan/rounds/{next}")).All("input[name=sheet]").Select(i => i.GetAttribute("value")));
    }

    [Fact]
    public async Task Where_a_sheet_asks_for_one_year_nothing_is_offered()
    {
        var town = await program.NewTown("katano", livedIn: true);
        var jimu = await town.Staff("jimu");
        Assert.Empty((await jimu.Submit(await jimu.Open($"desk/plan/rounds/new?year={AtTheRound.Label(2)}"))).All("input[name=sheet]"));
    }

    static readonly DateTimeOffset Now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    static PlanDocument Onojo => PlanYaml.Read(File.ReadAllText(Path.Combine(TestProgram.TownsFolder, "onojo", "plan", "dx.yaml")), "dx.yaml");

    /// <summary>A sheet that is through to its stage.</summary>
    static ActionSheet SheetOf(YearlyRound round, int n, string? measure, string until, params (string Step, int Year, string Source, long Amount)[] amounts)
    {
        var sheet = ActionSheet.Draft(Rounds.Numbered(round, n), round, $"シート{n}", measure, Komachi.Platform.Data.Id.New(), null, Now);
        while (sheet.Stage != until)
        {
            var answers = SheetForm.FieldsIn(sheet.Opens(round)).ToDictionary(f => f.Name, f => f.Kind == FieldKind.Day ? "2027-06-01" : "見本");
            sheet.Write(new(null, null, answers, [.. amounts.Where(a => SheetForm.StepsIn(sheet.Opens(round)).Contains(a.Step)).Select(a => new SheetAmount(a.Step, a.Year, a.Source, a.Amount))]), null, Now);
            sheet.Pass(round, null, null, Now);
        }
        return sheet;
    }

    [Fact]
    public void What_was_adopted_stands_in_the_plan_and_the_plan_that_was_given_stays()
    {
        var plan = Onojo;
        var round = YearlyRound.Open(plan, new(2027), null, null, Now);
        ActionSheet[] sheets =
        [
            SheetOf(round, 1, "I-6-1", "effect", ("requested", 2027, "general", 500), ("adopted", 2027, "general", 400), ("requested", 2028, "subsidy", 100)),
            SheetOf(round, 2, "I-6-1", "hearing", ("requested", 2027, "general", 50), ("adopted", 2027, "general", 50)),
            SheetOf(round, 3, "I-1-1", "mayor", ("requested", 2027, "general", 7)),    // not decided yet
            SheetOf(round, 4, null, "hearing", ("requested", 2027, "general", 9)),    // a new measure
            SheetOf(round, 5, "X-9-9", "hearing", ("requested", 2027, "general", 9)),    // one that the plan does not have any more
        ];
        plan.Find("I-6-1")!.Money.Add(new() { Year = "R9", Step = "adopted", Source = "general", Amount = 1 });
        plan.Find("I-6-1")!.Money.Add(new() { Year = "R8", Step = "adopted", Source = "general", Amount = 2 });
        var before = PlanYaml.Write(plan);

        var with = Komachi.Plan.Sheets.InPlan(plan, sheets);
        Assert.Equal(["R10 requested subsidy 100", "R8 adopted general 2", "R9 adopted general 450", "R9 requested general 550"],
            with.Find("I-6-1")!.Money.Select(m => $"{m.Year} {m.Step} {m.Source} {m.Amount}").Order(StringComparer.Ordinal));
        var contract = Assert.Single(with.Find("I-6-1")!.Contracts);
        Assert.Equal(("シート1", "見本", "2027-06-01"), (contract.Title, contract.With, contract.Until));
        Assert.Empty(with.Find("I-1-1")!.Money);
        Assert.Equal(before, PlanYaml.Write(plan));
        Assert.Empty(PlanCheck.Of(with));
        Assert.Equal(PlanYaml.Write(with), PlanYaml.Write(Komachi.Plan.Sheets.InPlan(with, sheets)));    // again changes nothing
    }

    [Fact]
    public void Of_a_sheet_that_was_rolled_on_the_later_round_speaks()
    {
        var plan = Onojo;
        var (first, second) = (YearlyRound.Open(plan, new(2027), null, null, Now), YearlyRound.Open(plan, new(2028), null, null, Now));
        var with = Komachi.Plan.Sheets.InPlan(plan,
        [
            SheetOf(first, 1, "I-6-1", "hearing", ("requested", 2027, "general", 500), ("requested", 2028, "general", 300)),
            SheetOf(second, 1, "I-6-1", "hearing", ("requested", 2028, "general", 350)),
        ]);
        Assert.Equal(["R10 requested general 350", "R9 requested general 500"], with.Find("I-6-1")!.Money.Select(m => $"{m.Year} {m.Step} {m.Source} {m.Amount}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_plan_that_does_not_say_how_it_is_carried_on_goes_the_way_of_most()
    {
        var plan = Onojo;
        plan.Plan.Round = null;
        var round = YearlyRound.Open(plan, new(2027), null, null, Now);
        Assert.Equal(["draft", "check", "decide", "budget", "introduce", "effect"], round.Stages.Select(s => s.Key));
        Assert.Equal((new DateOnly(2026, 8, 31), new DateOnly(2027, 3, 31), (DateOnly?)null), (round.DueOf("draft"), round.DueOf("budget"), round.DueOf("effect")));
    }
}
