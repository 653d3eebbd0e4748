using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Data;

/// <summary>What is saved together is saved whole or not at all, also where it goes in one message without BEGIN and COMMIT.</summary>
public sealed class SavedTogether(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static void Write(TownDb db, int entries, string action)
    {
        for (var n = 0; n < entries; n++) db.Audit(new AuditEntry { Action = action, At = db.Now });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(150)]    // more than go in one message
    public async Task What_is_only_added_comes_whole_or_not_at_all(int entries)
    {
        var town = await program.NewTown();
        var once = Id.New();
        await using (var db = town.Open())
        {
            Write(db, entries, "together.first");
            await db.Save(once, "/there", Stop);
        }
        await using (var db = town.Open())
        {
            Write(db, entries, "together.again");
            Assert.Equal("/there", (await Assert.ThrowsAsync<AlreadyDone>(() => db.Save(once, "/elsewhere", Stop))).Location);
        }
        Assert.Equal((1, 0), (await town.Ask<long>("SELECT count(*) FROM house.once_keys"), await town.Ask<long>($"SELECT count(*) FROM house.once_keys WHERE key = '{once}'")));    // whoever reads the table cannot send it again
        Assert.Equal(entries, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'together.first'"));
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'together.again'"));
    }

    [Fact]
    public async Task Within_a_transaction_of_its_own_a_save_that_fails_leaves_the_rest_to_go_on()
    {
        var town = await program.NewTown();
        var once = Id.New();
        await using (var db = town.Open()) await db.Save(once, "/there", Stop);
        await using (var db = town.Open())
        {
            await using var transaction = await db.Database.BeginTransactionAsync(Stop);
            Write(db, 1, "together.again");
            await Assert.ThrowsAsync<AlreadyDone>(() => db.Save(once, "/elsewhere", Stop));
            Write(db, 1, "together.other");
            await db.Save(stop: Stop);
            await transaction.CommitAsync(Stop);
        }
        Assert.Equal("together.other", await town.Ask<string>("SELECT string_agg(action, ' ') FROM audit.entries WHERE action LIKE 'together.%'"));
    }
}
