using Komachi.Plan;
using Komachi.Platform.Towns;

namespace Komachi.Tests.Plan;

/// <summary>A plan that contradicts itself is not taken, and says every place at once.</summary>
public sealed class WrongPlans
{
    const string Head = "plan: { key: dx, title: { ja: 計画 }, vision: { ja: 目 }, summary: { ja: 要 }, from: R4, until: R7 }\n";

    [Theory]
    [InlineData("plan: { key: dx, title: { ja: 計画 }, vision: { ja: 目 }, summary: { ja: 要 }, from: R44x, until: R7 }\npolicies: [ { code: '1', title: { ja: 方針 } } ]", "\"R44x\" is no fiscal year")]
    [InlineData(Head + "policies: []", "policies: there is none.")]
    [InlineData(Head + "policies: [ { code: '1', title: { ja: 方針 } }, { code: '1', title: { ja: 方針 } } ]", "policy 1: stands twice.")]
    [InlineData(Head + "policies: [ { code: '1', title: { ja: 方針 } } ]\nmeasures: [ { code: 1-1, policy: '2', title: { ja: 施策 }, summary: { ja: 要 } } ]", "measure 1-1: there is no policy 2.")]
    [InlineData(Head + "policies: [ { code: '1', title: { ja: 方針 } } ]\nmeasures: [ { code: 1-1, policy: '1', title: { en: Measure }, summary: { ja: 要 } } ]", "measure 1-1: title has no Japanese.")]
    [InlineData(Head + "policies: [ { code: '1', title: { ja: 方針 } } ]\nmeasures: [ { code: 1-1, policy: '1', title: { ja: 施策 }, summary: { ja: 要 }, costs: { R4: 多い } } ]", "measure 1-1, costs: R4: \"多い\" is no number")]
    [InlineData(Head + "policies: [ { code: '1', title: { ja: 方針 }, costs: { R4: 100 } } ]\nmeasures: [ { code: 1-1, policy: '1', title: { ja: 施策 }, summary: { ja: 要 }, costs: { R4: 90 } } ]", "policy 1, costs R4: its measures add up to 90, and it states 100.")]
    [InlineData(Head + "policies: [ { code: '1', title: { ja: 方針 } } ]\nmeasures: [ { code: 1-1, policy: '1', title: { ja: 施策 }, summary: { ja: 要 }, actions: [ { title: 検討, bars: [ { from: R4-7, until: R5 } ] } ] } ]", "\"R4-7\" is no column of the schedule.")]
    [InlineData(Head + "policies: [ { code: '1', title: { ja: 方針 } } ]\nmeasures: [ { code: 1-1, policy: '1', title: { ja: 施策 }, summary: { ja: 要 }, links: [ 9-9 ] } ]", "measure 1-1: its link 9-9 leads nowhere.")]
    [InlineData(Head + "policies: [ { code: '1', title: { ja: 方針 }, indicators: [ { title: 率, unit: '%', direction: sideways, of: state } ] } ]", "direction \"sideways\" is none of up, down, keep.")]
    [InlineData(Head + "polices: []", "line 2, column 1")]
    public void It_says_where_and_what(string yaml, string expected) => Assert.Contains(expected, Assert.Throws<BadTown>(() => PlanYaml.Read(yaml, "dx.yaml")).Message);

    [Fact]
    public void It_says_every_problem_at_once()
    {
        var message = Assert.Throws<BadTown>(() => PlanYaml.Read(Head + "policies: [ { code: '1', title: { ja: 方針 } } ]\nmeasures: [ { code: 1-1, policy: '2', title: {}, summary: {} }, { code: 1-1, policy: '1', title: { ja: 施策 }, summary: { ja: 要 } } ]", "dx.yaml")).Message;
        Assert.Equal(4, message.Split('\n').Length);
    }

    [Theory]
    [InlineData("40", AmountIs.Number)]
    [InlineData("66.8", AmountIs.Number)]
    [InlineData("none", AmountIs.None)]
    [InlineData("lost", AmountIs.Lost)]
    [InlineData("1（試行）", AmountIs.Text)]
    public void What_stands_there_is_a_number_a_text_nothing_or_lost(string written, AmountIs expected)
    {
        Assert.Equal(expected, Amount.Read(written).Is);
        Assert.Equal(written, Amount.Read(written).ToString());
    }
}
