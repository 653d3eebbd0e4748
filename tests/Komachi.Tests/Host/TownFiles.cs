using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using Komachi.Host;
using Komachi.Host.Backup;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Komachi.Tests.Harness;
using Npgsql;

namespace Komachi.Tests.Host;

/// <summary>A data folder and a control database for one test.</summary>
sealed class Place : IAsyncDisposable
{
    public required string Folder { get; init; }
    public required Operation Operation { get; init; }

    public static async Task<Place> Make()
    {
        var folder = Directory.CreateTempSubdirectory("komachi-place").FullName;
        var control = "p" + Guid.CreateVersion7().ToString("N")[^12..];
        var owner = new NpgsqlConnectionStringBuilder(TestProgram.OwnerString) { Database = control }.ConnectionString;
        var where = Installation.Open(folder, name => name == "KOMACHI_POSTGRES" ? owner : null);
        var operation = await Operation.Begin(where, Modules.House(), Operation.Needs.Server, default);
        Assert.All(await operation.MigrateAll(default), o => Assert.Null(o.Error));
        return new() { Folder = folder, Operation = operation };
    }

    /// <summary>As another command on the same folder finds it.</summary>
    public Task<Operation> Again()
    {
        var owner = new NpgsqlConnectionStringBuilder(TestProgram.OwnerString) { Database = Operation.Where.Servers.Control }.ConnectionString;
        return Operation.Begin(Installation.Open(Folder, name => name == "KOMACHI_POSTGRES" ? owner : null), Modules.House(), Operation.Needs.Registry, default);
    }

    public Task<Town> Add(string like, string? slug = null) =>
        Operation.Loader.Add(Path.Combine(TestProgram.TownsFolder, like), slug, demoPassword: TestProgram.Password);

    public async Task<T> Ask<T>(Town town, string sql)
    {
        await using var ask = Operation.Databases.Source(town).CreateCommand(sql);
        return (T)(await ask.ExecuteScalarAsync())!;
    }

    public async Task Do(Town town, string sql)
    {
        await using var owner = await Operation.Where.Servers.OpenOwner(town.Server, town.Database);
        await using var command = new NpgsqlCommand(sql, owner);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Every database of this place, and every file of its towns: what "nothing was changed" is measured by.</summary>
    public async Task<string> Picture()
    {
        await using var databases = Operation.Control.CreateCommand("SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE starts_with(datname, $1)");
        databases.Parameters.Add(new() { Value = Operation.Where.Servers.Control });
        await Operation.Registry.Refresh();
        var towns = Operation.Registry.Towns.Select(t => $"{t.Slug}={t.Database}");
        var files = Directory.EnumerateFileSystemEntries(Path.Combine(Folder, "towns"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
        return string.Join('\n', [(string)(await databases.ExecuteScalarAsync())!, .. towns, .. files, .. Directory.EnumerateFileSystemEntries(Path.Combine(Folder, "scratch"))]);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        var servers = Operation.Where.Servers;
        await Operation.Registry.Refresh();
        foreach (var database in Operation.Registry.Towns.Select(t => t.Database).Append(servers.Template)) await Operation.Migrator.DropTown(Servers.Main, database);
        var migrator = Operation.Migrator;
        await Operation.DisposeAsync();
        await migrator.DropTown(Servers.Main, servers.Control);
        Directory.Delete(Folder, recursive: true);
    }
}

[Trait("Category", "long")]
public sealed class BackingUpATown
{
    static async Task<string> Refusal(Func<Task> act) => (await Assert.ThrowsAsync<Refused>(act)).Message;

    static void File(Place place, string slug, string name, string content)
    {
        var path = Path.Combine(place.Operation.Where.FilesOf(slug), name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, content);
    }

    [Fact]
    public async Task A_town_comes_back_under_another_address_with_its_people_and_files()
    {
        await using var place = await Place.Make();
        var town = await place.Add("onojo");
        File(place, "onojo", "申請/𠮷田.txt", "見本");
        await place.Do(town, "UPDATE look.saved SET colour = '#7a1f5c', version = 2");
        var backup = await TownBackup.Write(place.Operation, town, null, TimeProvider.System, default);

        var copy = await TownRestore.Read(place.Operation, backup, "onojo-copy", null, replace: false, default);

        Assert.NotEqual(town.Database, copy.Database);
        Assert.Equal(town.Name["ja"], copy.Name["ja"]);
        // How it looks is the town's own, and moves with it.
        Assert.Equal("#7a1f5c", await place.Ask<string>(copy, "SELECT colour FROM look.saved"));
        // Asked as the role that serves: so its login and rights are there again.
        var people = await place.Ask<long>(town, "SELECT count(*) FROM people.accounts");
        Assert.True(people > 0);
        Assert.Equal(people, await place.Ask<long>(copy, "SELECT count(*) FROM people.accounts"));
        Assert.Equal("見本", System.IO.File.ReadAllText(Path.Combine(place.Operation.Where.FilesOf("onojo-copy"), "申請/𠮷田.txt")));
        await using var add = place.Operation.Databases.Source(copy).CreateCommand("DELETE FROM audit.entries");
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => add.ExecuteNonQueryAsync())).SqlState);
        // The original's role enters the original alone.
        var servers = place.Operation.Where.Servers;
        var stranger = new NpgsqlConnectionStringBuilder(servers.ServingString(town.Server, town.Database)) { Database = copy.Database, Pooling = false };
        await using var door = new NpgsqlConnection(stranger.ConnectionString);
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => door.OpenAsync())).SqlState);
    }

    [Fact]
    public async Task A_restore_in_place_puts_everything_back_and_drops_what_was_there()
    {
        await using var place = await Place.Make();
        var town = await place.Add("komaki");
        File(place, "komaki", "kept.txt", "then");
        var backup = await TownBackup.Write(place.Operation, town, Path.Combine(place.Folder, "komaki.komachi"), TimeProvider.System, default);
        var before = await place.Ask<long>(town, "SELECT count(*) FROM people.accounts");
        await place.Do(town, "DELETE FROM people.accounts");
        File(place, "komaki", "kept.txt", "now");
        File(place, "komaki", "later.txt", "now");

        Assert.Contains("already", await Refusal(() => TownRestore.Read(place.Operation, backup, null, null, replace: false, default)));
        var back = await TownRestore.Read(place.Operation, backup, null, null, replace: true, default);

        Assert.Equal(before, await place.Ask<long>(back, "SELECT count(*) FROM people.accounts"));
        Assert.Equal("then", System.IO.File.ReadAllText(Path.Combine(place.Operation.Where.FilesOf("komaki"), "kept.txt")));
        Assert.False(System.IO.File.Exists(Path.Combine(place.Operation.Where.FilesOf("komaki"), "later.txt")));
        Assert.DoesNotContain(town.Database + " ", await place.Picture() + " ");
    }

    [Fact]
    public async Task A_backup_that_is_not_as_it_was_written_is_refused_and_nothing_changes()
    {
        await using var place = await Place.Make();
        var town = await place.Add("oyabe");
        File(place, "oyabe", "a.txt", Convert.ToBase64String(new Random(1).GetItems(Enumerable.Range(0, 256).Select(b => (byte)b).ToArray(), 150_000)));
        var good = await TownBackup.Write(place.Operation, town, null, TimeProvider.System, default);
        var bytes = await System.IO.File.ReadAllBytesAsync(good);
        var before = await place.Picture();
        var bad = Path.Combine(place.Folder, "backups", "bad.komachi");

        async Task<string> Try(byte[] content)
        {
            await System.IO.File.WriteAllBytesAsync(bad, content);
            var why = await Refusal(() => TownRestore.Read(place.Operation, bad, "elsewhere", null, replace: false, default));
            Assert.Equal(before, await place.Picture());
            Assert.Contains("nothing was changed", why);
            Assert.DoesNotContain('\n', why);
            return why;
        }

        const int Head = 18 + 69;    // with one slot
        // Cut anywhere, also just before the end, and between two pieces.
        foreach (var length in new[] { 0, 15, 60, Head - 1, 100, 511, bytes.Length / 3, bytes.Length / 2, bytes.Length - SealedPieces.Whole, bytes.Length - 1 }) await Try(bytes[..length]);
        for (var at = Head; at < bytes.Length; at += SealedPieces.Whole) await Try(bytes[..at]);
        // One bit, anywhere.
        var random = new Random(11);
        for (var i = 0; i < 40; i++)
        {
            var edited = bytes.ToArray();
            edited[i < 10 ? random.Next(Head) : random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            await Try(edited);
        }
        // Two pieces in each other's place, one twice, one left out, and another backup's behind this one's head.
        Assert.True(bytes.Length > Head + 2 * SealedPieces.Whole, "The backup has too few pieces for this.");
        var (start, one, two, rest) = (bytes[..Head], bytes[Head..(Head + SealedPieces.Whole)], bytes[(Head + SealedPieces.Whole)..(Head + 2 * SealedPieces.Whole)], bytes[(Head + 2 * SealedPieces.Whole)..]);
        await Try([.. start, .. two, .. one, .. rest]);
        await Try([.. start, .. one, .. one, .. two, .. rest]);
        await Try([.. start, .. two, .. rest]);
        var other = await System.IO.File.ReadAllBytesAsync(await TownBackup.Write(place.Operation, town, Path.Combine(place.Folder, "other.komachi"), TimeProvider.System, default));
        await Try([.. start, .. other[Head..]]);
        await Try([.. other[..Head], .. bytes[Head..]]);
        await Try([.. bytes, 1]);
        await Try(Encoding.UTF8.GetBytes("This is no backup.".PadRight(2000)));

        await TownRestore.Read(place.Operation, good, "elsewhere", null, replace: false, default);
    }

    [Fact]
    public async Task A_backup_from_before_they_were_encrypted_still_comes_back_and_is_checked_as_before()
    {
        await using var place = await Place.Make();
        var town = await place.Add("oyabe");
        File(place, "oyabe", "a.txt", new string('a', 3000));
        var good = await Plain(place, await TownBackup.Write(place.Operation, town, null, TimeProvider.System, default));
        var bytes = await System.IO.File.ReadAllBytesAsync(good);
        var before = await place.Picture();
        var bad = Path.Combine(place.Folder, "backups", "bad.komachi");

        async Task<string> Try(byte[] content)
        {
            await System.IO.File.WriteAllBytesAsync(bad, content);
            var why = await Refusal(() => TownRestore.Read(place.Operation, bad, "elsewhere", null, replace: false, default));
            Assert.Equal(before, await place.Picture());
            Assert.Contains("nothing was changed", why);
            Assert.DoesNotContain('\n', why);
            return why;
        }

        // Cut anywhere, also just before the end.
        foreach (var length in new[] { 0, 100, 511, 600, bytes.Length / 3, bytes.Length / 2, bytes.Length - 3000, bytes.Length - 1025 }) await Try(bytes[..length]);
        // One bit, anywhere where something stands: in the dump, in a file, in a header, in the manifest and its seal.
        var random = new Random(11);
        for (var i = 0; i < 60; i++)
        {
            int at;
            do at = random.Next(bytes.Length);
            while (bytes[at] == 0);
            var edited = bytes.ToArray();
            edited[at] ^= 1;
            if (await Harmless(edited)) continue;
            await Try(edited);
        }
        await Try([.. bytes, 1]);
        await Try(Encoding.UTF8.GetBytes("This is no backup.".PadRight(2000)));

        await TownRestore.Read(place.Operation, good, "elsewhere", null, replace: false, default);

        // What a tar says of owners and times is in no checksum, and nothing is made of it.
        async Task<bool> Harmless(byte[] edited) => await Contents(edited) == await Contents(bytes);
    }

    /// <summary>The same backup as an older program wrote it: a bare tar, without the town's keys.</summary>
    static async Task<string> Plain(Place place, string backup)
    {
        var path = Path.Combine(place.Folder, "plain.komachi");
        await using var file = System.IO.File.OpenRead(backup);
        await using var content = (await SealedFile.Open(file, place.Operation.Where.BackupKeys, null, default))!;
        await using var from = new TarReader(content);
        await using var to = new TarWriter(System.IO.File.Create(path));
        byte[] json = [];
        while (await from.GetNextEntryAsync() is { } entry)
        {
            if (entry.Name == Manifest.Keys) continue;
            var part = new MemoryStream();
            if (entry.DataStream is not null) await entry.DataStream.CopyToAsync(part);
            if (entry.Name == Manifest.Name)
            {
                var manifest = JsonSerializer.Deserialize<Manifest>(part.ToArray(), Manifest.Json)!;
                json = JsonSerializer.SerializeToUtf8Bytes(manifest with { Format = 1, Parts = [.. manifest.Parts.Where(p => p.Name != Manifest.Keys)] }, Manifest.Json);
                part = new(json);
            }
            if (entry.Name == Manifest.SealName) part = new(Encoding.ASCII.GetBytes(Manifest.SealOf(json)));
            part.Position = 0;
            await to.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, entry.Name) { DataStream = part });
        }
        return path;
    }

    static async Task<string?> Contents(byte[] tar)
    {
        try
        {
            var text = new StringBuilder();
            await using var reader = new TarReader(new MemoryStream(tar));
            while (await reader.GetNextEntryAsync() is { } entry)
            {
                var content = new MemoryStream();
                if (entry.DataStream is not null) await entry.DataStream.CopyToAsync(content);
                text.Append(entry.Name).Append(entry.EntryType).Append(Convert.ToBase64String(content.ToArray()));
            }
            return text.ToString();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    [Fact]
    public async Task A_backup_of_a_newer_program_is_refused_and_nothing_changes()
    {
        await using var place = await Place.Make();
        var town = await place.Add("katano");
        await place.Do(town, "INSERT INTO house.migrations VALUES ('jobs', 900, 'later', 'x', 0)");
        var backup = await TownBackup.Write(place.Operation, town, null, TimeProvider.System, default);
        var before = await place.Picture();

        var refused = await Assert.ThrowsAsync<Refused>(() => TownRestore.Read(place.Operation, backup, "elsewhere", null, replace: false, default));

        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("jobs/900", refused.Message);
        Assert.Equal(before, await place.Picture());
    }

    static TownKeys KeysOf(Place place) => new(place.Operation.Databases, place.Operation.Where.Servers, TimeProvider.System);

    static async Task<string> NextReceipt(Place place, Town town) =>
        (await new Receipts(place.Operation.Databases, place.Operation.Where.Servers, KeysOf(place)).Next(town)).Digits;

    static string KeyFile(Place place, string name, string content)
    {
        var path = Path.Combine(place.Folder, name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    [Fact]
    public async Task With_its_recovery_key_a_town_moves_to_another_installation_and_its_secrets_open_there()
    {
        await using var home = await Place.Make();
        await using var elsewhere = await Place.Make();
        var town = await home.Add("komaki");
        var keys = KeysOf(home);
        var old = await keys.Seal(town, "people", "ひみつ", "accounts/1");
        await keys.Rotate(town, "people");
        await NextReceipt(home, town);
        var fresh = await keys.Seal(town, "people", "もうひとつ", "accounts/2");
        var key = KeyFile(home, "recovery", "correct horse battery staple 小町\n");
        var backup = await TownBackup.Write(home.Operation, town, null, TimeProvider.System, default, SealedFile.ReadRecoveryKey(key));

        var before = await elsewhere.Picture();
        Assert.Contains("--key-file", await Refusal(() => TownRestore.Read(elsewhere.Operation, backup, null, null, false, default)));
        Assert.Contains("does not open", await Refusal(() => TownRestore.Read(elsewhere.Operation, backup, null, null, false, default, KeyFile(home, "wrong", "correct horse battery staples 小町"))));
        Assert.Contains("cannot be read", await Refusal(() => TownRestore.Read(elsewhere.Operation, backup, null, null, false, default, Path.Combine(home.Folder, "nowhere"))));
        Assert.Equal(before, await elsewhere.Picture());

        var moved = await TownRestore.Read(elsewhere.Operation, backup, null, null, false, default, key);

        // Receipt numbers go on where they were: under another key they would come by ones that were given.
        Assert.Equal(await NextReceipt(home, town), await NextReceipt(elsewhere, moved));
        Assert.Equal("ひみつ", await KeysOf(elsewhere).OpenText(moved, "people", old, "accounts/1"));
        Assert.Equal("もうひとつ", await KeysOf(elsewhere).OpenText(moved, "people", fresh, "accounts/2"));
        Assert.Equal(2, (await KeysOf(elsewhere).Seal(moved, "people", "x", "y"))[4]);    // the newer one stayed the newest
    }

    [Fact]
    public async Task After_the_loss_of_a_machine_the_copy_of_its_backup_key_is_enough()
    {
        await using var home = await Place.Make();
        await using var elsewhere = await Place.Make();
        var town = await home.Add("oyabe");
        var locked = await KeysOf(home).Seal(town, "people", "ひみつ", "x");
        var backup = await TownBackup.Write(home.Operation, town, null, TimeProvider.System, default);
        Assert.Contains("secrets/backup", await Refusal(() => TownRestore.Read(elsewhere.Operation, backup, null, null, false, default)));

        var moved = await TownRestore.Read(elsewhere.Operation, backup, null, null, false, default, Path.Combine(home.Folder, "secrets/backup"));

        Assert.Equal("ひみつ", await KeysOf(elsewhere).OpenText(moved, "people", locked, "x"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(Path.Combine(home.Folder, "secrets/backup")));
    }

    [Fact]
    public async Task A_backup_shows_nothing_of_the_town_and_nothing_is_left_beside_it()
    {
        await using var place = await Place.Make();
        var town = await place.Add("katano");
        File(place, "katano", "letter.txt", string.Concat(Enumerable.Repeat("hidden-words ", 10_000)));
        var backup = await TownBackup.Write(place.Operation, town, null, TimeProvider.System, default);

        var text = Encoding.Latin1.GetString(await System.IO.File.ReadAllBytesAsync(backup));
        foreach (var word in new[] { "hidden-words", "letter.txt", "manifest", "katano", "PGDMP", "ustar" }) Assert.DoesNotContain(word, text);
        Assert.Equal([backup], Directory.GetFileSystemEntries(place.Operation.Where.Backups));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(backup));
    }

    [Fact]
    public async Task What_would_be_unpacked_elsewhere_is_refused()
    {
        await using var place = await Place.Make();
        var path = Path.Combine(place.Folder, "foreign.komachi");
        foreach (var name in new[] { "files/../../../evil", "/etc/evil", "files//evil", "evil" })
        {
            await using (var tar = new TarWriter(System.IO.File.Create(path)))
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1]) });
            Assert.Contains("not a backup", await Refusal(() => TownRestore.Read(place.Operation, path, null, null, false, default)));
        }
    }
}

[Trait("Category", "long")]
public sealed class MigratingTowns
{
    [Fact]
    public async Task A_town_whose_migration_fails_leaves_the_others_done_and_is_done_later()
    {
        await using var place = await Place.Make();
        var (broken, edited, behind) = (await place.Add("komaki"), await place.Add("oyabe"), await place.Add("katano"));
        // The same table twice: fails. A changed checksum: refused. Without its jobs: made again.
        await place.Do(broken, "DELETE FROM house.migrations WHERE module = 'jobs'");
        await place.Do(edited, "UPDATE house.migrations SET checksum = 'x' WHERE module = 'jobs'");
        await place.Do(behind, "DELETE FROM house.migrations WHERE module = 'jobs'; DROP SCHEMA jobs CASCADE");

        var outcomes = (await place.Operation.MigrateAll(default)).ToDictionary(o => o.What, o => o.Error);

        Assert.Contains("jobs/001_queue.sql failed", outcomes["komaki"]);
        Assert.Contains("never edited", outcomes["oyabe"]);
        Assert.Null(outcomes["katano"]);
        Assert.Equal(0L, await place.Ask<long>(behind, "SELECT count(*) FROM jobs.queue"));
        Assert.True(await place.Ask<long>(broken, "SELECT count(*) FROM people.accounts") > 0);

        await place.Do(broken, "DROP SCHEMA jobs CASCADE");
        Assert.Null((await place.Operation.MigrateAll(default)).Single(o => o.What == "komaki").Error);
    }
}

public sealed class OpeningADataFolder
{
    [Fact]
    public void One_of_a_newer_program_is_refused_and_left_as_it_is()
    {
        var folder = Directory.CreateTempSubdirectory("komachi-newer").FullName;
        File.WriteAllText(Path.Combine(folder, "version"), "2\n");

        var refused = Assert.Throws<Refused>(() => Installation.Open(folder, _ => null));

        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("newer", refused.Message);
        Assert.Equal(["version"], Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_folder_with_somebody_elses_files_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("komachi-foreign").FullName;
        File.WriteAllText(Path.Combine(folder, "letters.txt"), "");

        Assert.Equal(3, Assert.Throws<Refused>(() => Installation.Open(folder, _ => null)).ExitCode);
        Assert.Single(Directory.EnumerateFileSystemEntries(folder));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Its_secrets_are_its_owners_alone_and_stay()
    {
        var folder = Directory.CreateTempSubdirectory("komachi-secrets").FullName;

        var first = Installation.Open(folder, _ => null);

        Assert.Equal(first.DemoPassword, Installation.Open(folder, _ => null).DemoPassword);
        Assert.Matches("^[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}$", first.DemoPassword);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "secrets", "serving")));
        Assert.True(first.Postgres!.SocketFolder.Length < 60);
        Directory.Delete(folder, recursive: true);
    }
}
