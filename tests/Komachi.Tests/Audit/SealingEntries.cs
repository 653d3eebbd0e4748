using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Komachi.Tests.Audit;

public sealed class SealingEntries(TestProgram program)
{
    [Fact]
    public async Task An_entry_is_sealed_within_five_seconds_by_the_program_itself()
    {
        var town = await program.NewTown();
        // A restore in another test is one long transaction of the same cluster, and may hold it back: not four times.
        for (var entries = 1; ; entries++)
        {
            await town.Write(1);
            try
            {
                await town.Until($"coalesce((SELECT max(total) FROM audit.blocks), 0) >= {entries}", 5);
                break;
            }
            catch (TimeoutException) when (entries < 4) { }
        }
        Assert.True((await town.Check()).Whole);
    }

    [Fact]
    public async Task What_a_slow_transaction_commits_late_is_sealed_behind_what_came_before_and_nothing_is_lost()
    {
        var town = await program.NewTown();
        await using var slow = town.Open();
        await using (var transaction = await slow.Database.BeginTransactionAsync())
        {
            slow.Audit(new() { At = TimeProvider.System.GetUtcNow(), Action = "chains.slow" });
            await slow.Save();
            await town.Write(2);
            // Later by the clock, and by their ids; but the slow one is older, and nobody knows yet what it will bring.
            var held = await Chains.SealerOf(program).Seal(town.Town);
            Assert.Equal(0, held.Sealed);
            Assert.NotNull(held.WaitingSince);
            await transaction.CommitAsync();
        }
        await town.Seal();
        Assert.Equal(3, await town.Ask<long>("SELECT max(total) FROM audit.blocks"));
        Assert.Equal("chains.slow", await town.Ask<string>("SELECT action FROM audit.entries ORDER BY era, xid, id LIMIT 1"));
        Assert.True((await town.Check()).Whole);
    }

    [Fact]
    public async Task Who_writes_does_not_wait_while_another_seals_and_two_sealers_make_one_chain()
    {
        var town = await program.NewTown();
        await town.Write();
        await using (var other = await town.Source.OpenConnectionAsync())
        await using (var transaction = await other.BeginTransactionAsync())
        {
            await using (var alone = new NpgsqlCommand(Sealer.TakeLock, other)) Assert.True((bool)(await alone.ExecuteScalarAsync())!);
            await using (var quick = new NpgsqlCommand("SET statement_timeout = 500; INSERT INTO audit.entries (id, at, action) VALUES (gen_random_uuid(), now(), 'chains.quick')", await town.Source.OpenConnectionAsync()))
            await using (quick.Connection)
                await quick.ExecuteNonQueryAsync();
            Assert.True((await Chains.SealerOf(program).Seal(town.Town)).Busy);
        }
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async n =>
        {
            for (var i = 0; i < 5; i++)
            {
                await town.Write(2);
                await town.Seal();
            }
        }));
        await town.Seal();
        var state = await town.Check();
        Assert.True(state.Whole, state.Kinds());
        Assert.Equal(45, state.Entries);
    }

    [Fact]
    public async Task Many_entries_of_one_transaction_become_several_blocks()
    {
        var town = await program.NewTown();
        await town.Tamper("INSERT INTO audit.entries (id, at, action) SELECT gen_random_uuid(), now(), 'chains.many' FROM generate_series(1, 20500)");
        Assert.Equal(20_500, (await town.Seal()).Sealed);
        var state = await town.Check();
        Assert.True(state.Whole, state.Kinds());
        Assert.Equal((3L, 20_500L), (state.Blocks, state.Entries));
        await town.Tamper("UPDATE audit.entries SET reason = '' WHERE id = (SELECT id FROM audit.entries ORDER BY era, xid, id OFFSET 15000 LIMIT 1)");
        Assert.Equal("Changed:2", (await town.Check()).Kinds());
    }

    [Fact]
    public async Task What_serves_pages_can_neither_choose_an_entrys_place_nor_touch_a_block()
    {
        var town = await program.NewTown();
        foreach (var sql in new[]
        {
            "INSERT INTO audit.entries (id, at, action, xid) VALUES (gen_random_uuid(), now(), 'forged', '5')",
            "INSERT INTO audit.entries (id, at, action, era) VALUES (gen_random_uuid(), now(), 'forged', 0)",
            "INSERT INTO audit.eras (number, began_at, reason) VALUES (9, now(), '')",
            "UPDATE audit.blocks SET count = 0",
            "DELETE FROM audit.blocks",
            "DELETE FROM audit.checks",
        })
        {
            await using var command = town.Source.CreateCommand(sql);
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync())).SqlState);
        }
    }
}
