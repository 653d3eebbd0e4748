using System.Text;
using Komachi.Host;
using Komachi.Host.Backup;
using Komachi.Host.Commands;
using Komachi.Platform.Data;
using Komachi.Platform.Operator;
using Komachi.Platform.Web;
using Npgsql;
using System.Xml.Linq;

namespace Komachi.Tests.Host;

/// <summary>Newer keys by a command, also when it is ended in the middle.</summary>
public sealed class RotatingKeys
{
    sealed class Ended : Exception;

    static TownKeys KeysOf(Operation operation) => new(operation.Databases, operation.Where.Servers, TimeProvider.System);

    [Fact]
    public async Task However_often_the_exchange_of_the_secret_is_ended_the_next_run_finishes_it_and_everything_opens()
    {
        await using var place = await Place.Make();
        var (one, two) = (await place.Add("komaki"), await place.Add("oyabe"));
        var locked = await KeysOf(place.Operation).Seal(one, "people", "ひみつ", "x");
        await KeysOf(place.Operation).Seal(two, "files", "もうひとつ", "x");
        Forms(place.Operation).StoreElement(new XElement("key", "form"), "form-key");
        await using (var owner = await place.Operation.Where.Servers.OpenOwner(Servers.Main, place.Operation.Where.Servers.Control))
            Assert.True(await Operators.Set(owner, place.Operation.Where.Servers, "unten", null, "x", [1, 2, 3], isNew: true, TimeProvider.System.GetUtcNow()));
        var demo = place.Operation.Where.DemoPassword;
        var steps = new List<string>();
        await using (var first = await place.Again())
            Assert.Equal((false, 2, 2), Told(await SecretRotation.Run(first, TimeProvider.System, steps.Add, default)));
        Assert.True(steps.Count >= 10, string.Join(", ", steps));
        var rotations = 1;

        foreach (var last in steps)
        {
            var opener = await place.Again();    // a process that serves meanwhile, with the secret from before
            await using (var ended = await place.Again())
                await Assert.ThrowsAsync<Ended>(() => SecretRotation.Run(ended, TimeProvider.System, step => { if (step == last) throw new Ended(); }, default));
            // Whatever is half done: until the passwords change it goes on, and so does one that is started now.
            if (steps.IndexOf(last) <= steps.IndexOf("passwords on main"))
                foreach (var operation in new[] { opener, await place.Again() })
                {
                    Assert.Equal("ひみつ", await KeysOf(operation).OpenText(one, "people", locked, "x"));
                    Assert.Equal("form", Forms(operation).GetAllElements().Single().Value);
                    await KeysOf(operation).Seal(two, $"made while {last}", "new", "x");
                    if (operation != opener) await operation.DisposeAsync();
                }
            await opener.DisposeAsync();

            NpgsqlConnection.ClearAllPools();
            await using (var again = await place.Again())
                Assert.Equal(last != "new secret", (await SecretRotation.Run(again, TimeProvider.System, null, default)).WentOn);
            rotations++;
            await using var after = await place.Again();
            Assert.Equal("ひみつ", await KeysOf(after).OpenText(one, "people", locked, "x"));
            foreach (var ring in await Rings(after, two)) Assert.NotEmpty(await KeysOf(after).Seal(two, ring, "y", "y"));
            Assert.Equal("form", Forms(after).GetAllElements().Single().Value);
            Assert.Equal([1, 2, 3], await Authenticator(after));
            Assert.Equal(demo, after.Where.DemoPassword);
            Assert.Equal(["demo", "serving"], Directory.EnumerateFiles(after.Where.Secrets).Select(Path.GetFileName).Where(f => f != "owner" && f != "backup").Order());
            await using var said = after.Databases.Source(one).CreateCommand("SELECT count(*) FROM audit.entries WHERE action = 'house.rotate_installation_secret'");
            Assert.Equal((long)rotations, await said.ExecuteScalarAsync());
        }

        // The secret from before opens no database any more.
        NpgsqlConnection.ClearAllPools();
        await using var door = new NpgsqlConnection(place.Operation.Where.Servers.ServingString(one.Server, one.Database));
        Assert.Equal("28P01", (await Assert.ThrowsAsync<PostgresException>(() => door.OpenAsync())).SqlState);
    }

    static (bool, int, int) Told(SecretRotation.Outcome outcome) => (outcome.WentOn, outcome.Towns, outcome.Keys);

    static ProtectionKeys Forms(Operation operation) => new(operation.Control, operation.Where.Servers);

    static async Task<byte[]> Authenticator(Operation operation)
    {
        await using var read = operation.Control.CreateCommand("SELECT id, sealed_authenticator FROM registry.operators");
        await using var rows = await read.ExecuteReaderAsync();
        await rows.ReadAsync();
        return InstallationSeal.Open(operation.Where.Servers.OpeningKeysFor(InstallationSeal.Operators), rows.GetGuid(0).ToString(), rows.GetFieldValue<byte[]>(1));
    }

    static async Task<IEnumerable<string>> Rings(Operation operation, Komachi.Platform.Towns.Town town)
    {
        await using var db = operation.Databases.Open(town);
        return (await TownKeys.List(db)).Select(r => r.Purpose);
    }

    [Fact]
    public async Task A_towns_keys_are_rotated_each_with_its_line_in_the_audit_and_the_old_ones_go_on_opening()
    {
        await using var place = await Place.Make();
        var (one, two) = (await place.Add("komaki"), await place.Add("oyabe"));
        var keys = KeysOf(place.Operation);
        var old = await keys.Seal(one, "people", "before", "x");
        await keys.Seal(one, "files", "before", "x");
        await keys.Seal(two, "people", "before", "x");

        Assert.Equal(1, await KeysCommands.RotateTowns(place.Operation, [one], "people", default));
        Assert.Equal(0, await KeysCommands.RotateTowns(place.Operation, [one], "nothing", default));
        Assert.Equal(3, await KeysCommands.RotateTowns(place.Operation, place.Operation.Registry.Towns, null, default));

        Assert.Equal("before", await KeysOf(place.Operation).OpenText(one, "people", old, "x"));
        Assert.Equal(3, (await KeysOf(place.Operation).Seal(one, "people", "after", "x"))[4]);
        // The key of receipt numbers is not among those: under a newer one they would come twice.
        await new Receipts(place.Operation.Databases, place.Operation.Where.Servers, keys).Next(one);
        Assert.Equal(0, await KeysCommands.RotateTowns(place.Operation, [one], TownKeys.Receipts, default));
        Assert.Equal(3L, await place.Ask<long>(one, "SELECT count(*) FROM audit.entries WHERE action = 'house.rotate_key'"));
        Assert.Equal("keys/people/2", await place.Ask<string>(two, "SELECT subject FROM audit.entries WHERE action = 'house.rotate_key'"));
    }

    [Fact]
    public async Task A_backup_from_before_its_key_was_rotated_still_opens()
    {
        await using var place = await Place.Make();
        var town = await place.Add("katano");
        var old = await TownBackup.Write(place.Operation, town, null, TimeProvider.System, default);
        await File.WriteAllBytesAsync(Path.Combine(place.Folder, "secrets/backup.2"), Encoding.ASCII.GetBytes(new string('k', 32)));
        var fresh = await TownBackup.Write(place.Operation, town, Path.Combine(place.Folder, "fresh.komachi"), TimeProvider.System, default);

        await TownRestore.Read(place.Operation, old, "from-old", null, replace: false, default);
        await TownRestore.Read(place.Operation, fresh, "from-fresh", null, replace: false, default);
        Assert.NotEqual((await File.ReadAllBytesAsync(old))[19..27], (await File.ReadAllBytesAsync(fresh))[19..27]);
    }
}
