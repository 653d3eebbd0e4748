using System.Globalization;
using Komachi.Plan;
using Komachi.Platform;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;

namespace Komachi.Tests.Plan;

/// <summary>Whoever's turn it is is told a week before the day, and once a week when it is past: one mail for all of their sheets.</summary>
public sealed class Reminders(TestProgram program)
{
    static readonly DateOnly Due = new(2030, 8, 30);

    [Fact]
    public async Task A_week_before_and_every_week_after_and_never_twice_a_day()
    {
        var town = await program.NewTown("katano", livedIn: true);
        await town.Do($"UPDATE people.accounts SET email = sign_in_name || '@{town.Slug}.example.jp'");
        await town.Do($"UPDATE plan.sheets SET due_on = NULL; UPDATE plan.sheets SET due_on = '{AtHand.Day(Due)}' WHERE number IN ('{Number(1)}', '{Number(4)}')");    // a draft of 0301, and one that the committee has

        await Morning(town, Due.AddDays(-8));
        Assert.Equal(0, await Told(town));
        await Morning(town, Due.AddDays(-7));
        await Morning(town, Due.AddDays(-7));
        Assert.Equal(2, await Told(town));
        await Morning(town, Due.AddDays(-1));
        await Morning(town, Due);
        Assert.Equal(2, await Told(town));
        await Morning(town, Due.AddDays(1));
        Assert.Equal(4, await Told(town));
        await Morning(town, Due.AddDays(7));
        Assert.Equal(4, await Told(town));
        await Morning(town, Due.AddDays(8));
        Assert.Equal(6, await Told(town));

        // The mail says which; the committee hears of its own alone, and who only checks hears of none that is not theirs.
        Assert.Equal(Number(1), await program.World.CodeFor($"tanto@{town.Slug}.example.jp", new(@"R\d+-\d{3}")));
        Assert.Equal(Number(4), await program.World.CodeFor($"iin@{town.Slug}.example.jp", new(@"R\d+-\d{3}")));
        Assert.Equal(6, await town.Ask<long>($"SELECT count(*) FROM plan.sheet_events e JOIN plan.sheets s ON s.id = e.sheet_id WHERE e.kind = 'Reminded' AND s.number IN ('{Number(1)}', '{Number(4)}') AND e.by_id IS NULL AND e.day_on IS NOT NULL"));
        Assert.Contains("期限をお知らせしました", (await (await town.Staff("tanto")).Sheet(Number(1))).Text);
    }

    [Fact]
    public async Task A_new_stage_begins_anew_and_a_closed_round_reminds_nobody()
    {
        var town = await program.NewTown("katano", livedIn: true);
        await town.Do($"UPDATE plan.sheets SET due_on = NULL; UPDATE plan.sheets SET due_on = '{AtHand.Day(Due)}' WHERE number = '{Number(3)}'; UPDATE plan.rounds SET days = jsonb_set(days, '{{decide}}', '\"{AtHand.Day(Due.AddDays(2))}\"')");
        await Morning(town, Due.AddDays(-2));
        Assert.Equal(1, await Told(town));
        await (await town.Staff("jimu")).Press(Number(3), "次へ進める：委員会の決定");
        await Morning(town, Due.AddDays(-1));
        Assert.Equal(2, await Told(town));
        Assert.Equal("decide", await town.Ask<string>("SELECT to_stage FROM plan.sheet_events WHERE kind = 'Reminded' ORDER BY day_on DESC LIMIT 1"));
        await town.Do("UPDATE plan.rounds SET closed_at = now()");
        await Morning(town, Due.AddDays(30));
        Assert.Equal(2, await Told(town));
    }

    static string Number(int n) => $"{AtTheRound.Label()}-{n.ToString("000", CultureInfo.InvariantCulture)}";

    static Task<long> Told(TestTown town) => town.Ask<long>("SELECT count(*) FROM plan.sheet_events WHERE kind = 'Reminded'");

    async Task Morning(TestTown town, DateOnly day)
    {
        var time = new SettableTime();
        time.Stand($"{AtHand.Day(day)} 08:00");
        await using var db = town.Open();
        await RemindOfSheets.Run(new(), new JobRun(Komachi.Platform.Data.Id.New(), 1, town.Town, db, new AtEight(time, program.House), default));
        await db.Save();
    }

    sealed class AtEight(TimeProvider time, House house) : IServiceProvider
    {
        public object? GetService(Type type) => type == typeof(TimeProvider) ? time : type == typeof(House) ? house : null;
    }
}
