using System.Text.Json;
using Komachi.Host;
using Komachi.Host.Backup;
using Komachi.Platform.Audit;
using Komachi.Platform.Towns;
using Komachi.Tests.Harness;
using Komachi.Tests.Host;
using Microsoft.Extensions.Logging.Abstractions;

namespace Komachi.Tests.Audit;

[Trait("Category", "long")]
public sealed class RestoringATown
{
    static async Task Write(Place place, Town town, string action)
    {
        await using var db = place.Operation.Databases.Open(town);
        db.Audit(AuditEntry.ByOperator(action, "restoring", "test", TimeProvider.System.GetUtcNow()));
        await db.Save();
    }

    static async Task Seal(Place place, Town town)
    {
        var sealer = new Sealer(place.Operation.Databases, place.Operation.Anchors, TimeProvider.System, NullLogger<Sealer>.Instance);
        while (await sealer.Seal(town) is { Busy: true } or { WaitingSince: not null }) await Task.Delay(20);
    }

    static Task<ChainState> Check(Place place, Town town) => new ChainCheck(place.Operation.Databases, place.Operation.Anchors).Run(town);

    [Fact]
    public async Task Its_chain_goes_on_in_another_era_and_what_the_backup_does_not_have_is_no_alarm()
    {
        await using var place = await Place.Make();
        var town = await place.Add("oyabe");
        await Write(place, town, "restoring.sealed");
        await Seal(place, town);
        await Write(place, town, "restoring.unsealed");
        var backup = await TownBackup.Write(place.Operation, town, null, TimeProvider.System, default);
        // Sealed and anchored after the backup: left behind by it.
        await Write(place, town, "restoring.lost");
        await Seal(place, town);
        await Write(place, town, "restoring.lost");
        await Seal(place, town);

        var copy = await TownRestore.Read(place.Operation, backup, "oyabe-copy", null, replace: false, default);
        var back = await TownRestore.Read(place.Operation, backup, null, null, replace: true, default);
        foreach (var restored in new[] { copy, back })
        {
            var atOnce = await Check(place, restored);
            Assert.True(atOnce.Whole, atOnce.Kinds());
            Assert.Equal((1L, 1L), (atOnce.Blocks, atOnce.Waiting));
            await Write(place, restored, "restoring.after");
            await Seal(place, restored);
            var state = await Check(place, restored);
            Assert.True(state.Whole, state.Kinds());
            Assert.Equal("1,1,2", await place.Ask<string>(restored, "SELECT string_agg(era::text, ',' ORDER BY number) FROM audit.blocks"));
            Assert.Equal("restoring.sealed restoring.unsealed restoring.after",
                await place.Ask<string>(restored, "SELECT string_agg(action, ' ' ORDER BY era, xid, id) FROM audit.entries WHERE subject = 'restoring'"));
        }
        // One that is taken out of its old era afterwards is missed there.
        await place.Do(back, "UPDATE audit.entries SET era = 2 WHERE action = 'restoring.sealed'");
        Assert.Contains("Moved:1", (await Check(place, back)).Kinds());
    }

    [Fact]
    public async Task The_command_says_what_is_wrong_and_ends_with_one()
    {
        await using var place = await Place.Make();
        var town = await place.Add("katano");
        await Write(place, town, "restoring.told");
        await Seal(place, town);

        var whole = await Command(place, "audit", "verify", "katano");
        Assert.Equal(0, whole.ExitCode);
        Assert.Matches("^katano: whole; 1 entries in 1 blocks, 1 anchored heads compared", whole.Output);

        await place.Do(town, "UPDATE audit.entries SET reason = 'forged' WHERE action = 'restoring.told'");
        var broken = await Command(place, "audit", "verify", "katano", "--json");
        Assert.Equal(1, broken.ExitCode);
        using var json = JsonDocument.Parse(broken.Output);
        Assert.Equal("changed", json.RootElement[0].GetProperty("findings")[0].GetProperty("kind").GetString());
        Assert.Matches("^Block 1: the entry [0-9a-f-]{36} was changed after it had been sealed.$", json.RootElement[0].GetProperty("findings")[0].GetProperty("text").GetString());
    }

    static Task<Tool.Outcome> Command(Place place, params string[] arguments) =>
        Tool.Run(Path.Combine(Environment.GetEnvironmentVariable("KOMACHI_TEST_PROGRAM") ?? AppContext.BaseDirectory, "komachi"), arguments, place.Folder, new Dictionary<string, string>
        {
            ["KOMACHI_DATA"] = place.Folder, ["KOMACHI_POSTGRES"] = place.Operation.Where.Servers.OwnerString("main", place.Operation.Where.Servers.Control),
        }, default);
}
