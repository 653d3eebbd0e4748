using System.Text;
using Komachi.Host;
using Komachi.Host.Backup;
using Komachi.Host.Commands;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.MyNumbers;
using Komachi.Platform.OpenId;
using Komachi.Platform.OpenId.Jose;
using Komachi.Platform.Operator;
using Komachi.Platform.People;
using Komachi.Platform.Systems;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using System.Xml.Linq;

namespace Komachi.Tests.Host;

/// <summary>Newer keys by a command, also when it is ended in the middle.</summary>
[Trait("Category", "long")]
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
            Assert.Equal((false, 2, 4), Told(await SecretRotation.Run(first, TimeProvider.System, steps.Add, default)));
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
    public async Task What_older_keys_sealed_is_sealed_anew_opens_as_before_and_the_old_keys_seal_nothing()
    {
        await using var place = await Place.Make();
        var (one, two) = (await place.Add("komaki"), await place.Add("oyabe"));
        var (keys, now) = (KeysOf(place.Operation), TimeProvider.System.GetUtcNow());
        // Each kind of thing that the house seals, by the code that seals it.
        Guid file, accountId;
        Protection protection;
        KeptNumber number;
        await using (var db = place.Operation.Databases.Open(one))
        {
            var account = await db.Set<Account>().FirstAsync(a => a.Kind == AccountKind.Resident);
            account.UseAuthenticator(await keys.Seal(one, "people", "totp", $"accounts/{account.Id}/totp"), 1);
            accountId = account.Id;
            db.Add(protection = Protection.Of(account.PersonId!.Value, "見本", new(2026, 1, 1), new(2026, 12, 31), account.Id, now));
            protection.Note = await keys.Seal(one, "people", "note", protection.BoundTo("note"));
            protection.End(await keys.Seal(one, "people", "end", protection.BoundTo("end")), account.Id, now);
            db.Add(number = KeptNumber.For("story", account.PersonId.Value, "cases/1"));
            number.Keep(await keys.Seal(one, MyNumberSafe.Purpose, "983205673214", number.Bound), now, 30);
            var directory = new DirectoryProvider();
            directory.Change(SetUpDirectory.Usual with { Issuer = "https://directory.example.jp" }, now);
            await directory.Keep("secret", keys, db, default);
            await directory.Keep(SigningKey.New(), keys, db, default);
            db.Add(directory);
            var system = OtherSystem.Named(new("見本のシステム", "見本の課", "system@example.jp", ["procedures.read"], [], 60, 1000), now);
            var (subscription, _) = await Subscription.To(new("https://system.example.jp/hook"), ["procedures.case_moved"], system, db, keys, now, default);
            await subscription.ChangeSecret(db, keys, now, default);
            var answered = new OnceAnswer { SystemId = system.Id, Key = "見本", RequestHash = new byte[32], BegunAt = now, Status = 201 };
            answered.SealedBody = await keys.Seal(one, OnceAnswer.Purpose, "{}", answered.Bound);
            db.AddRange(system, subscription, answered);
            file = Id.New();
            db.Add(StoredFile.Begin(file, "story", "here", "a.pdf", 10, null, await keys.Seal(one, "files", new byte[32], $"files/{file}"), now));
            await db.Save();
        }
        await place.Do(one, $"UPDATE files.stored SET received = 7, tail = '\\x{Convert.ToHexString(await keys.Seal(one, "files", "tail", $"files/{file}/tail/7"))}' WHERE id = '{file}'");
        foreach (var column in place.Operation.House.All<SealedColumn>())
            Assert.True(await place.Ask<long>(one, $"SELECT count({column.Column}) FROM {column.Table}") > 0, $"{column.Table}.{column.Column} holds nothing: what seals it belongs into this test");
        var sealedAtFirst = (await KeysCommands.RingsOf(place.Operation, one, default)).Sum(r => r.Used.Sum(u => u.Values));
        Assert.Equal(11L, sealedAtFirst);

        await KeysCommands.RotateTowns(place.Operation, [one, two], null, default);
        await KeysCommands.RotateTowns(place.Operation, [one], "people", default);
        Assert.Equal([1], (await Ring("people")).Used.Select(u => u.Key));
        Assert.Equal((11, 0), await KeysCommands.ResealTowns(place.Operation, [one, two], null, default));
        foreach (var (ring, used) in await KeysCommands.RingsOf(place.Operation, one, default))
            Assert.All(used, u => Assert.Equal(ring.Newest, u.Key));
        Assert.Equal((new KeysCommands.InUse(3, 3), 3), ((await Ring("people")).Used.Single(), (await Ring("people")).Ring.Keys));

        var after = KeysOf(place.Operation);
        await using (var db = place.Operation.Databases.Open(one))
        {
            Assert.Equal("totp", await after.OpenText(one, "people", (await db.Set<Account>().SingleAsync(a => a.Id == accountId)).TotpSecret!, $"accounts/{accountId}/totp"));
            var kept = await db.Set<Protection>().SingleAsync();
            Assert.Equal(("note", "end"), (await after.OpenText(one, "people", kept.Note!, protection.BoundTo("note")), await after.OpenText(one, "people", kept.EndReason!, protection.BoundTo("end"))));
            Assert.Equal("983205673214", await after.OpenText(one, MyNumberSafe.Purpose, (await db.Set<KeptNumber>().SingleAsync()).Sealed!, number.Bound));
            Assert.NotNull(await (await db.Set<DirectoryProvider>().SingleAsync()).OpenKey(after, db, default));
            Assert.Equal("tail", await after.OpenText(one, "files", (await db.Set<StoredFile>().SingleAsync()).Tail!, $"files/{file}/tail/7"));
        }
        // Once more changes nothing, and of what was done there is one line.
        Assert.Equal((0, 0), await KeysCommands.ResealTowns(place.Operation, [one, two], null, default));
        Assert.Equal(1L, await place.Ask<long>(one, "SELECT count(*) FROM audit.entries WHERE action = 'house.reseal' AND details ->> 'people' = '3'"));
        Assert.Equal(0L, await place.Ask<long>(two, "SELECT count(*) FROM audit.entries WHERE action = 'house.reseal'"));
        // What does not open is left as it is, and said.
        await place.Do(one, "UPDATE people.protections SET note = set_byte(set_byte(note, 4, 1), 20, 0)");
        Assert.Equal((0, 1), await KeysCommands.ResealTowns(place.Operation, [one], "people", default));

        async Task<(TownKeyRing Ring, IReadOnlyList<KeysCommands.InUse> Used)> Ring(string purpose) => (await KeysCommands.RingsOf(place.Operation, one, default)).Single(r => r.Ring.Purpose == purpose);
    }

    [Fact]
    public async Task Sealing_anew_that_is_ended_in_the_middle_goes_on_where_it_was()
    {
        await using var place = await Place.Make();
        var town = await place.Add("katano");
        var (keys, now) = (KeysOf(place.Operation), TimeProvider.System.GetUtcNow());
        await using (var db = place.Operation.Databases.Open(town))
        {
            for (var i = 0; i < 250; i++)
            {
                var id = Id.New();
                db.Add(StoredFile.Begin(id, "story", "here", $"{i}.pdf", 10, null, await keys.Seal(town, "files", new byte[32], $"files/{id}"), now));
            }
            await db.Save();
        }
        await KeysCommands.RotateTowns(place.Operation, [town], null, default);

        // Somebody holds a row of the second hundred: there it waits, and there it is ended.
        await using (var holder = await place.Operation.Databases.Connect(town))
        await using (var held = await holder.BeginTransactionAsync())
        {
            await using (var hold = new NpgsqlCommand("SELECT id FROM files.stored WHERE id = (SELECT id FROM files.stored ORDER BY ctid OFFSET 150 LIMIT 1) FOR UPDATE", holder, held)) await hold.ExecuteScalarAsync();
            using var end = new CancellationTokenSource();
            var running = KeysCommands.ResealTowns(place.Operation, [town], "files", end.Token);
            for (var until = Environment.TickCount64 + 30_000; await place.Ask<long>(town, "SELECT count(*) FROM files.stored WHERE get_byte(sealed_key, 4) = 2") < 100;) Assert.True(!running.IsCompleted && Environment.TickCount64 < until);
            await end.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        }
        Assert.Equal(100L, await place.Ask<long>(town, "SELECT count(*) FROM files.stored WHERE get_byte(sealed_key, 4) = 2"));
        Assert.Equal((150, 0), await KeysCommands.ResealTowns(place.Operation, [town], "files", default));
        Assert.Equal([new KeysCommands.InUse(2, 250)], (await KeysCommands.RingsOf(place.Operation, town, default)).Single(r => r.Ring.Purpose == "files").Used);
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
