using Komachi.Announcements;
using Komachi.Platform.Data;
using Komachi.Platform.Portal;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Komachi.Tests.Portal;

/// <summary>A search costs the same in a town that has announced things for fifty years as in one that began today.</summary>
[Trait("Category", "long")]
public sealed class SearchingAmongMany(TestProgram program)
{
    [Theory]
    [InlineData("竜宮城", "announcements_search")]
    [InlineData("竜宮 どこにもない", "announcements_search")]
    [InlineData("どこにもない", "announcements_search")]
    [InlineData("竜", "announcements_newest")]    // one letter: among the newest alone
    [InlineData("市役", null)]    // what stands in every second one is met at once, from either side
    public async Task An_index_answers_and_few_rows_are_looked_at(string words, string? index)
    {
        var town = await program.NewTown("onojo");
        await using (var owner = await program.Servers.OpenOwner(Servers.Main, town.Town.Database, TestContext.Current.CancellationToken))
        await using (var fill = new NpgsqlCommand("""
            INSERT INTO announcements.announcements (id, state, category, urgency, department, title, body, said_in, search_key, publish_at, created_at, changed_at, version)
            SELECT gen_random_uuid(), 'Published', 'Life', 'Normal', '広報課', '{"ja": "題"}', '{"ja": "文"}', '{ja}',
                CASE WHEN n % 2 = 0 THEN '市市役役所所' ELSE '公公民民館館' END || n || CASE WHEN n IN (9000, 18000) THEN '竜竜宮宮城城' ELSE '' END, now() - n * interval '1 minute', now(), now(), 1
            FROM generate_series(1, 20000) n;
            ANALYZE announcements.announcements;
            """, owner) { CommandTimeout = 120 })
            await fill.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        await using var db = town.Open();
        var asked = Asked.Of(words, TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken);
        await using var command = SearchAnnouncements.Saying(db, asked, 6).CreateDbCommand();
        command.CommandText = "EXPLAIN (ANALYZE, COSTS OFF) " + command.CommandText;
        await db.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var plan = new List<string>();
        await using (var read = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken))
            while (await read.ReadAsync(TestContext.Current.CancellationToken)) plan.Add(read.GetString(0));
        var said = string.Join('\n', plan);
        Assert.False(said.Contains("Seq Scan"), said);
        if (index is not null) Assert.True(said.Contains(index), said);
        foreach (var line in plan.Where(l => l.Contains("Rows Removed")))
            Assert.True(int.Parse(line.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture) <= 1000, said);
    }
}
