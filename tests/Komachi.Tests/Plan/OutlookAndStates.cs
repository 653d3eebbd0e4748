using Komachi.Plan;

namespace Komachi.Tests.Plan;

/// <summary>How an indicator stands, in one word, and where a straight line leads: the rules that residents read on every page of the plan.</summary>
public sealed class OutlookAndStates
{
    // 令和4年度 to 令和8年度; most stories are told in November of 令和6年度 (2024), when two years are over.
    static readonly DateOnly Now = new(2024, 11, 26), AfterTheEnd = new(2027, 5, 1);

    static PlanDocument Plan() => new() { Plan = { Key = "dx", From = "R4", Until = "R8" } };

    static Indicator Indicator(string of = "state", string direction = "up", string unit = "件", (string At, decimal Value)? baseline = null, params (string Year, string Target)[] targets) => new()
    {
        Title = "件数", Unit = unit, Of = of, Direction = direction, Baseline = baseline is { } b ? new() { At = b.At, Value = Amount.Of(b.Value) } : null,
        Targets = targets.ToDictionary(t => t.Year, t => Amount.Read(t.Target)),
    };

    static readonly (string, string)[] Rising = [("R4", "40"), ("R5", "60"), ("R6", "80"), ("R7", "100"), ("R8", "120")];

    static Standing? Values(params (string On, decimal Value)[] values) =>
        values.Length == 0 ? null : Standing.With(new("dx", "1", "件数"), [.. values.Select(v => (DateOnly.Parse(v.On, System.Globalization.CultureInfo.InvariantCulture), v.Value))]);

    static Track On(DateOnly today, Indicator indicator, params (string On, decimal Value)[] values) => HowFar.Of(indicator, Values(values), Plan(), today);

    [Fact]
    public void Nobody_measured_it() => Assert.Equal(Track.NotMeasured, On(Now, Indicator(targets: Rising)));

    [Fact]
    public void It_is_held_against_the_last_year_that_is_over()
    {
        Assert.Equal(Track.OnTrack, On(Now, Indicator(targets: Rising), ("2024-03-31", 60)));
        Assert.Equal(Track.Behind, On(Now, Indicator(targets: Rising), ("2024-03-31", 59)));
        // This year's target has not fallen due: what is below it is not late.
        Assert.Equal(Track.OnTrack, On(Now, Indicator(targets: Rising), ("2024-03-31", 60), ("2024-10-31", 66)));
        // But it has when the year is over, for the last value that the year has.
        Assert.Equal(Track.Behind, On(new(2025, 4, 1), Indicator(targets: Rising), ("2024-03-31", 60), ("2024-10-31", 66)));
    }

    [Fact]
    public void A_value_of_the_year_before_counts_until_the_next_is_there_and_after_two_years_nobody_knows()
    {
        Assert.Equal(Track.OnTrack, On(new(2025, 6, 1), Indicator(targets: Rising), ("2024-03-31", 61)));
        Assert.Equal(Track.OnTrack, On(new(2026, 3, 31), Indicator(targets: Rising), ("2024-03-31", 61)));
        Assert.Equal(Track.NotMeasured, On(new(2026, 4, 1), Indicator(targets: Rising), ("2024-03-31", 61)));
    }

    [Fact]
    public void Reached_before_its_time_it_is_done_unless_each_year_counts_anew_or_it_is_to_be_kept()
    {
        Assert.Equal(Track.Done, On(Now, Indicator(targets: Rising), ("2024-03-31", 120)));
        Assert.Equal(Track.Done, On(Now, Indicator("total", targets: Rising), ("2022-09-30", 121)));
        Assert.Equal(Track.OnTrack, On(Now, Indicator("year", targets: Rising), ("2024-03-31", 130)));
        Assert.Equal(Track.OnTrack, On(Now, Indicator("state", "keep", targets: [("R5", "50"), ("R8", "50")]), ("2024-03-31", 50)));
        // Done stays done, however long ago it was looked at.
        Assert.Equal(Track.Done, On(new(2026, 12, 1), Indicator(targets: Rising), ("2022-12-31", 125)));
    }

    [Fact]
    public void Where_each_year_counts_by_itself_half_a_year_says_nothing_unless_it_is_enough_or_too_much_already()
    {
        Assert.Equal(Track.OnTrack, On(Now, Indicator("year", targets: Rising), ("2024-03-31", 64), ("2024-10-31", 31)));
        Assert.Equal(Track.Behind, On(Now, Indicator("year", targets: Rising), ("2024-03-31", 50), ("2024-10-31", 31)));
        Assert.Equal(Track.OnTrack, On(Now, Indicator("year", targets: Rising), ("2024-03-31", 50), ("2024-10-31", 81)));
        (string, string)[] none = [("R4", "0"), ("R5", "0"), ("R6", "0"), ("R7", "0"), ("R8", "0")];
        Assert.Equal(Track.OnTrack, On(Now, Indicator("year", "down", targets: none), ("2024-03-31", 0), ("2024-10-31", 0)));
        Assert.Equal(Track.Behind, On(Now, Indicator("year", "down", targets: none), ("2024-03-31", 0), ("2024-10-31", 1)));
    }

    [Fact]
    public void Before_anything_falls_due_it_is_held_against_the_line_to_the_first_target()
    {
        var indicator = Indicator(baseline: ("R3", 20), targets: [("R4", "none"), ("R5", "none"), ("R6", "none"), ("R8", "120")]);
        // From 20 at the end of 令和3年度 to 120 at the end of 令和8年度: after two and a half years about 70.
        Assert.Equal(Track.OnTrack, On(Now, indicator, ("2024-09-30", 72)));
        Assert.Equal(Track.Behind, On(Now, indicator, ("2024-09-30", 65)));
        // Without a baseline the line begins at the first value, which lies on it.
        Assert.Equal(Track.OnTrack, On(Now, Indicator(targets: [("R8", "120")]), ("2024-09-30", 1)));
    }

    [Fact]
    public void A_target_in_words_is_held_against_nothing_and_years_before_it_are()
    {
        Assert.Equal(Track.Measured, On(Now, Indicator(targets: [("R5", "1（試行）"), ("R8", "全窓口")]), ("2024-03-31", 1)));
        Assert.Equal(Track.Behind, On(Now, Indicator(targets: [("R5", "3"), ("R8", "全窓口")]), ("2024-03-31", 1)));
    }

    [Theory]
    [InlineData("up", 130, Track.OnTrack)]
    [InlineData("up", 110, Track.Behind)]
    [InlineData("up", 122, Track.Behind)]    // it was to rise, and has not
    [InlineData("down", 110, Track.OnTrack)]
    [InlineData("down", 130, Track.Behind)]
    [InlineData("keep", 122.5, Track.OnTrack)]
    [InlineData("keep", 130, Track.Behind)]
    public void Komakis_indicators_have_a_baseline_and_a_direction(string direction, double value, Track expected) =>
        Assert.Equal(expected, On(Now, Indicator(direction: direction, baseline: ("R4", 122)), ("2024-03-31", (decimal)value)));

    [Fact]
    public void What_ended_is_reached_or_not_reached_or_was_not_measured_and_never_late()
    {
        Assert.Equal(Track.Done, On(AfterTheEnd, Indicator(targets: Rising), ("2027-03-31", 120)));
        Assert.Equal(Track.Behind, On(AfterTheEnd, Indicator(targets: Rising), ("2027-03-31", 119)));
        Assert.Equal(Track.NotMeasured, On(AfterTheEnd, Indicator(targets: Rising), ("2026-03-31", 100)));    // of its last year nobody knows
        Assert.Equal(Track.Done, On(AfterTheEnd, Indicator(targets: Rising), ("2026-03-31", 140)));
        Assert.Equal(Track.Done, On(AfterTheEnd, Indicator(baseline: ("R4", 10)), ("2026-03-31", 11)));
        Assert.Equal(Track.NotMeasured, On(AfterTheEnd, Indicator(targets: Rising)));
    }

    [Fact]
    public void A_measure_is_as_its_worst_indicator_of_those_that_are_measured()
    {
        Assert.Equal(Track.Behind, HowFar.Worst([Track.Done, Track.Behind, Track.OnTrack, Track.NotMeasured]));
        Assert.Equal(Track.OnTrack, HowFar.Worst([Track.Done, Track.OnTrack, Track.NotMeasured]));
        Assert.Equal(Track.Done, HowFar.Worst([Track.Done, Track.Measured, Track.NotMeasured]));
        Assert.Equal(Track.NotMeasured, HowFar.Worst([Track.NotMeasured]));
        Assert.Equal(Track.NotMeasured, HowFar.Worst([]));
    }

    static Outlook? Ahead(Indicator indicator, params (string On, decimal Value)[] values) => Outlook.Of(indicator, Values(values), Plan(), Now);

    [Fact]
    public void The_line_goes_from_the_baseline_or_the_first_value_over_the_last_one()
    {
        // 20 at the end of 令和3年度, 60 two years later: 20 a year, so 120 at the end.
        var line = Ahead(Indicator(baseline: ("R3", 20), targets: Rising), ("2023-01-01", 55), ("2024-03-31", 60))!;
        Assert.Equal((new DateOnly(2022, 3, 31), 20m, true, new DateOnly(2027, 3, 31), 120m), (line.From, line.FromValue, line.FromBaseline, line.End, line.Target));
        Assert.InRange(line.AtEnd, 119.9m, 120.1m);
        var first = Ahead(Indicator(targets: Rising), ("2023-03-31", 40), ("2024-03-31", 50))!;
        Assert.Equal((false, 80m, false), (first.FromBaseline, Math.Round(first.AtEnd), first.Reached));
        Assert.True(Ahead(Indicator(targets: Rising), ("2023-03-31", 40), ("2024-03-31", 70))!.Reached);
    }

    [Fact]
    public void One_value_makes_no_line_and_a_plan_that_ended_needs_none()
    {
        Assert.Null(Ahead(Indicator(targets: Rising), ("2024-03-31", 60)));
        Assert.Null(Ahead(Indicator(targets: Rising)));
        Assert.Null(Outlook.Of(Indicator(targets: Rising), Values(("2023-03-31", 40), ("2024-03-31", 60)), Plan(), AfterTheEnd));
        // Of what counts anew each year only whole years are points.
        Assert.Null(Ahead(Indicator("year", targets: Rising), ("2024-03-31", 60), ("2024-10-31", 20)));
        Assert.Equal(100m, Math.Round(Ahead(Indicator("year", targets: Rising), ("2023-03-31", 40), ("2024-03-31", 55), ("2024-10-31", 3))!.AtEnd));
    }

    [Fact]
    public void No_share_is_more_than_the_whole_and_nothing_is_less_than_nothing()
    {
        Assert.Equal(100, Ahead(Indicator(unit: "%", targets: [("R8", "95")]), ("2023-03-31", 40), ("2024-03-31", 80))!.AtEnd);
        var falling = Ahead(Indicator(direction: "down", targets: [("R8", "0")]), ("2023-03-31", 40), ("2024-03-31", 10))!;
        Assert.Equal((0m, true), (falling.AtEnd, falling.Reached));
    }

    [Fact]
    public void Without_a_number_to_reach_it_only_says_where_it_leads()
    {
        var line = Ahead(Indicator(baseline: ("R4", 122)), ("2024-03-31", 150))!;
        Assert.True(line is { Target: null, Reached: null, AtEnd: > 150 });
    }

    [Fact]
    public void A_year_waits_for_its_value_unless_nothing_was_to_be_reached_in_it()
    {
        var plan = Plan();
        bool Waits(Indicator indicator, Standing? standing = null) => new HowFar(plan, Now, standing is null ? [] : [standing]).Waits(new("1", null, [], indicator, 1));
        Assert.True(Waits(Indicator(targets: Rising)));
        Assert.True(Waits(Indicator(targets: Rising), Values(("2023-03-31", 40))));
        Assert.False(Waits(Indicator(targets: Rising), Values(("2024-03-31", 60))));
        Assert.True(Waits(Indicator(baseline: ("R4", 1))));
        Assert.False(Waits(Indicator(targets: [("R5", "none"), ("R8", "5")])));
    }
}
