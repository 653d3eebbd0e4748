using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;

namespace Komachi.Tests.Data;

/// <summary>Counts of attempts are of the last while, whatever the clock shows when it begins; and who waits as long as told finds room.</summary>
public sealed class RecentCounts(TestProgram program)
{
    static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(0), InlineData(1), InlineData(4), InlineData(10)]
    public async Task Where_one_window_ends_and_the_next_begins_nobody_has_more_tries(int before)
    {
        var clock = new SettableTime();
        var (town, counters) = (await program.NewTown(), new SharedCounters(program.Service<TownDatabases>(), program.Service<Servers>(), clock));
        Task<(bool Within, TimeSpan Wait)> Try() => counters.Count(town.Town, "story", "somebody", 10, Window, TestContext.Current.CancellationToken);

        clock.Stand("2026-05-08 10:09:58");
        for (var n = 0; n < before; n++) Assert.True((await Try()).Within);
        clock.Stand("2026-05-08 10:10:02");
        for (var n = before; n < 10; n++) Assert.True((await Try()).Within);
        var (within, wait) = await Try();
        Assert.False(within);
        Assert.InRange(wait, TimeSpan.FromSeconds(1), 2 * Window);
        clock.Stand(clock.GetUtcNow() + wait);
        Assert.True((await Try()).Within);
    }

    [Fact]
    public void Who_waits_as_long_as_told_finds_room_and_a_moment_earlier_there_was_none()
    {
        const int Limit = 10;
        for (var running = 0; running <= 40; running++)
            for (var before = 0; before <= 40; before++)
                for (var gone = 0.0; gone < 1; gone += 0.125)
                    for (var more = 1; more <= Limit; more += 3)
                    {
                        var wait = new RecentCount(running, before, gone, Window).Wait(Limit, more);
                        Assert.True(After(wait + TimeSpan.FromMilliseconds(1)));
                        if (wait > TimeSpan.Zero) Assert.False(After(wait - TimeSpan.FromMilliseconds(1)));

                        bool After(TimeSpan passed) => gone + passed / Window is var at && (at < 1 ? new(running + more, before, at, Window)
                            : at < 2 ? new(more, running, at - 1, Window) : new RecentCount(more, 0, at - 2, Window)).Within(Limit);
                    }
    }
}
