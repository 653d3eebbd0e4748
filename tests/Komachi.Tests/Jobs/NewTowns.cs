using Komachi.Platform.Towns;
using Komachi.Tests.Audit;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;

namespace Komachi.Tests.Jobs;

/// <summary>A town that was made a moment ago has no day behind it.</summary>
[Trait("Category", "long")]
public sealed class NewTowns(ProgramWithClock program) : IClassFixture<ProgramWithClock>
{
    static string DailyJobs(TestProgram program) => string.Join(", ", program.House.Schedules.Where(s => s.Rhythm.IsDaily).Select(s => $"'{s.Job}'"));

    [Fact]
    public async Task What_is_done_once_a_day_begins_with_the_next_one_and_what_is_done_every_so_often_at_once()
    {
        program.Clock.Set(TimeProvider.System.GetUtcNow());
        var town = await program.NewTown();
        var daily = program.House.Schedules.Count(s => s.Rhythm.IsDaily);
        Assert.True(daily >= 10);
        await town.Until("EXISTS (SELECT FROM jobs.slots WHERE kind = 'files.tidy') AND NOT EXISTS (SELECT FROM jobs.queue)");
        Assert.Equal((long)daily, await Chains.Ask<long>(town, $"SELECT count(*) FROM jobs.slots WHERE kind IN ({DailyJobs(program)})"));
        // These leave something behind when they run.
        Assert.Equal(0, await Chains.Ask<long>(town, "SELECT (SELECT count(*) FROM figures.snapshots) + (SELECT count(*) FROM audit.checks) + (SELECT count(*) FROM rights.runs)"));

        program.Clock.Set(TimeProvider.System.GetUtcNow().AddDays(1));
        program.Service<Doorbell>().Ring(town.Slug, DateTimeOffset.MinValue);
        await town.Until($"(SELECT count(*) = {2 * daily} FROM jobs.slots WHERE kind IN ({DailyJobs(program)})) AND NOT EXISTS (SELECT FROM jobs.queue)", 60);
        await town.Until("EXISTS (SELECT FROM figures.snapshots) AND EXISTS (SELECT FROM audit.checks) AND EXISTS (SELECT FROM rights.runs)");
    }

    [Fact]
    public async Task A_town_that_is_loaded_again_does_not_skip_a_day()
    {
        program.Clock.Set(TimeProvider.System.GetUtcNow());
        var town = await program.NewTown();
        await town.Until("EXISTS (SELECT FROM jobs.slots WHERE kind = 'files.tidy')");    // the workers have looked
        await using (var none = town.Source.CreateCommand("DELETE FROM jobs.slots WHERE kind = 'figures.take'")) await none.ExecuteNonQueryAsync();
        await program.Loader.Add(Path.Combine(TestProgram.TownsFolder, "komaki"), town.Slug);
        Assert.Equal(0, await Chains.Ask<long>(town, "SELECT count(*) FROM jobs.slots WHERE kind = 'figures.take'"));
    }
}
