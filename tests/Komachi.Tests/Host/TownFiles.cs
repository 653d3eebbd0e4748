using System.Formats.Tar;
using System.Text;
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
        var backup = await TownBackup.Write(place.Operation, town, null, TimeProvider.System, default);

        var copy = await TownRestore.Read(place.Operation, backup, "onojo-copy", null, replace: false, default);

        Assert.NotEqual(town.Database, copy.Database);
        Assert.Equal(town.Name["ja"], copy.Name["ja"]);
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
        File(place, "oyabe", "a.txt", new string('a', 3000));
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
