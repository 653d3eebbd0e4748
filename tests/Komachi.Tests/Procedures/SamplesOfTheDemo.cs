using Komachi.Platform.Data;
using Komachi.Procedures;
using Komachi.Tests.Announcements;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>A town that is shown begins with made-up filings in every state, made by the same verbs as real ones.</summary>
public sealed class SamplesOfTheDemo(TestProgram program)
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
