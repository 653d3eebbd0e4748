using System.Collections.Frozen;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Rights;
using Komachi.Platform.Towns;
using Npgsql;

namespace Komachi.Host.Backup;

/// <summary>
/// Brings a town back from its file: everything is read and checked first, then goes into a database beside, and the
/// registry is told last. Until that moment whatever was there before stays as it is.
/// </summary>
static class TownRestore
{
    /// <param name="said">What whoever restores should know, a sentence each.</param>
    public static async Task<Town> Read(Operation operation, string path, string? asSlug, string? server, bool replace, CancellationToken stop, string? keyFile = null, Action<string>? said = null)
    {
        path = Path.GetFullPath(path);
        if (!File.Exists(path)) throw Refused.Failed($"There is no file {path}.");
        var staging = Path.Combine(operation.Where.Scratch, $"restore-{Environment.ProcessId}");
        if (Directory.Exists(staging)) Directory.Delete(staging, recursive: true);
        Directory.CreateDirectory(staging, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            // Held from here to the end: what is restored is what was checked.
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
            var (manifest, keys) = await Verify(operation, file, keyFile, staging, stop);
            CheckSchema(operation, path, manifest);
            return await Place(operation, file, keyFile, manifest, keys, staging, asSlug, server, replace, stop, said ?? (_ => { }));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused.Failed($"{path} could not be restored ({e.Message.TrimEnd('.')}); nothing was changed.");
        }
        finally
        {
            Directory.Delete(staging, recursive: true);
        }
    }

    /// <summary>The tar in the file, from its beginning: opened if it is encrypted, as it stands if it is an old one.</summary>
    static async Task<Stream> Tar(Operation operation, FileStream file, string? keyFile, CancellationToken stop)
    {
        file.Position = 0;
        return await SealedFile.Open(file, operation.Where.BackupKeys, keyFile, stop) ?? (Stream)file;
    }

    /// <summary>Unpacks the files into the staging folder and compares every part with the manifest; the dump is read and not kept.</summary>
    static async Task<(Manifest, byte[]? Keys)> Verify(Operation operation, FileStream file, string? keyFile, string staging, CancellationToken stop)
    {
        var path = file.Name;
        var found = new Dictionary<string, Manifest.Part>(StringComparer.Ordinal);
        byte[]? json = null, keys = null;
        string? seal = null;
        try
        {
            var content = await Tar(operation, file, keyFile, stop);
            await using var tar = new TarReader(content, leaveOpen: true);
            while (await tar.GetNextEntryAsync(copyData: false, stop) is { } entry)
            {
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || seal is not null) throw Not(path);
                if (entry.Name == Manifest.Name) json = await Small(entry, path, 64 << 20, stop);
                else if (entry.Name == Manifest.SealName) seal = Encoding.ASCII.GetString(await Small(entry, path, 4096, stop));
                else
                {
                    if (json is not null || !MayBe(entry.Name) || found.ContainsKey(entry.Name)) throw Not(path);
                    if (entry.Name == Manifest.Keys)
                    {
                        keys = await Small(entry, path, 16 << 20, stop);
                        found[entry.Name] = new(entry.Name, keys.Length, Convert.ToHexStringLower(SHA256.HashData(keys)));
                    }
                    else if (entry.Name == Manifest.Dump) found[entry.Name] = await Copy(entry, Stream.Null, stop);
                    else found[entry.Name] = await Unpack(entry, Path.Combine(staging, entry.Name), stop);
                }
            }
            // Behind the end of a tar stand zeros only.
            var rest = new byte[1 << 16];
            for (int read; (read = await content.ReadAsync(rest, stop)) > 0;)
                if (rest.AsSpan(0, read).ContainsAnyExcept((byte)0)) throw Changed(path, "what stands behind its end");
        }
        catch (BrokenSeal)
        {
            throw Cut(path);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException)
        {
            throw found.Count == 0 ? Not(path) : Cut(path);
        }

        if (json is null || seal is null) throw found.ContainsKey(Manifest.Dump) ? Cut(path) : Not(path);
        if (seal != Manifest.SealOf(json)) throw Changed(path, Manifest.Name);
        Manifest manifest;
        try
        {
            using var loose = JsonDocument.Parse(json);
            if (!loose.RootElement.TryGetProperty("what", out var what) || what.GetString() != Manifest.Kind) throw Not(path);
            if (loose.RootElement.GetProperty("format").GetInt32() > Manifest.NewestFormat) throw Refused.CannotRunHere($"{path} was made by a newer Komachi: use that one; nothing was changed.");
            manifest = loose.Deserialize<Manifest>(Manifest.Json)!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw Not(path);
        }
        foreach (var part in manifest.Parts)
        {
            if (!found.Remove(part.Name, out var there)) throw Changed(path, $"{part.Name} is missing");
            if (there != part) throw Changed(path, part.Name);
        }
        if (found.Count > 0) throw Changed(path, found.Keys.First());
        if (manifest.Parts.All(p => p.Name != Manifest.Dump)) throw Not(path);
        if (manifest.Format >= 2 && keys is null) throw Not(path);
        return (manifest, keys);
    }

    static void CheckSchema(Operation operation, string path, Manifest manifest)
    {
        var knows = operation.Migrator.Knows;
        foreach (var (module, number) in manifest.Migrations)
            if (!knows.TryGetValue(module, out var newest) || newest < number)
                throw Refused.CannotRunHere($"{path} was made by a newer Komachi: it holds {module}/{number:000}, and this program {(newest == 0 ? "does not know that module" : $"knows only {newest:000}")}; nothing was changed.");
    }

    static async Task<Town> Place(Operation operation, FileStream file, string? keyFile, Manifest manifest, byte[]? keys, string staging, string? asSlug, string? server, bool replace, CancellationToken stop, Action<string> said)
    {
        var path = file.Name;
        var (where, registry, migrator) = (operation.Where, operation.Registry, operation.Migrator);
        var slug = asSlug ?? manifest.Slug;
        var before = registry.Find(slug);
        if (before is not null && !replace) throw Refused.Failed($"There is a town \"{slug}\" already: --replace puts this backup in its place, --slug gives another address; nothing was changed.");
        if (before is not null && server is not null && server != before.Server) throw Refused.WrongUse($"The town \"{slug}\" is on the server \"{before.Server}\": a backup replaces it there.");
        server ??= before?.Server ?? Servers.Main;
        if (!where.Servers.Names.Contains(server)) throw Refused.WrongUse($"No server is called \"{server}\".");
        // Host names lead to one town: a copy under another address leaves them to the first.
        var hosts = before?.Hosts ?? (slug == manifest.Slug ? manifest.Hosts.Where(h => registry.ByHost(h) is null) : []);
        var entered = manifest.AsTownFile(slug, hosts);
        if (entered.Problems().FirstOrDefault() is { } problem) throw Refused.Failed($"{path}: {problem}");

        var database = await FreeDatabase(operation, server, slug, stop);
        var files = where.FilesOf(slug);
        var aside = files + ".before";
        var moved = false;
        int era;
        Head? head;
        int again;
        using var objects = where.Files.S3 is { } s3 ? new Objects(new S3Store(s3), slug) : null;
        try
        {
            await RestoreDump(operation, file, keyFile, manifest, server, database, stop);
            (era, head) = await migrator.TakeIn(server, database, stop);
            if (keys is not null)
                await using (var owner = await where.Servers.OpenOwner(server, database, stop))
                    await TownKeys.Adopt(owner, where.Servers, JsonSerializer.Deserialize<List<TownKeyInClear>>(keys, Manifest.Json)!, stop);
            again = await ForgetAgain(operation, before, new(slug, entered.Code, manifest.Profile, entered.Hosts.ToFrozenSet(), entered.Modules.ToFrozenSet(), server, database, manifest.State), stop);

            var brought = Path.Combine(staging, "files");
            Directory.CreateDirectory(brought);
            if (objects is not null) await objects.Bring(brought, stop);
            Directory.CreateDirectory(Path.GetDirectoryName(files)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
            // From here on it is quick and not interrupted.
            if (Directory.Exists(files)) Directory.Move(files, aside);
            moved = true;
            Directory.Move(brought, files);
            await registry.Enter(entered, slug, server, database, CancellationToken.None);
            if (before is not null) await registry.PointTo(slug, database, CancellationToken.None);
            else if (manifest.State == TownState.Suspended) await registry.SetState(slug, TownState.Suspended, CancellationToken.None);
        }
        catch (Exception e)
        {
            if (objects is not null) await objects.TakeBack();
            if (moved)
            {
                if (Directory.Exists(files)) Directory.Delete(files, recursive: true);
                if (Directory.Exists(aside)) Directory.Move(aside, files);
            }
            await migrator.DropTown(server, database, CancellationToken.None);
            if (e is FileStoreTrouble) throw Refused.Failed($"The files could not be brought back: {e.Message} Nothing was changed.");
            throw;
        }
        if (again > 0) said($"{again} {(again == 1 ? "person" : "persons")} who had been forgotten since this backup was made: forgotten again.");
        if (TimeProvider.System.GetUtcNow().AddDays(-where.BackupsKeptDays) > manifest.CreatedAt)
            said($"This backup is older than {where.BackupsKeptDays} days (KOMACHI_BACKUPS_KEPT_DAYS), and who was forgotten before that is not known any more: somebody may stand in the town who was.");
        else if (keyFile is not null)
            said("Who was forgotten in another installation after this backup was made is known here only from a newer backup of the town: if there is one, restore that first.");
        // The town stands now, whatever becomes of this line.
        var unkept = await KeepAnchor(operation, slug, era, head);
        if (before is not null && before.Database != database)
        {
            // Every process has heard of the new one by now; what still runs in the old one may end.
            await Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None);
            await migrator.DropTown(before.Server, before.Database, CancellationToken.None);
        }
        if (objects is not null) await objects.DropOthers();
        if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
        if (unkept is not null)
            throw Refused.Failed($"{slug} was restored, but {operation.Anchors.Folder} could not be written ({unkept.TrimEnd('.')}): komachi audit verify will miss there what was sealed after the backup.");
        return operation.Town(slug);
    }

    /// <summary>
    /// Who was forgotten since is forgotten again, before anybody can see the town. Known from the control database; from the town in whose
    /// place it comes, which may have done it a moment ago; and from what the backup itself says, which another installation may have written.
    /// </summary>
    static async Task<int> ForgetAgain(Operation operation, Town? before, Town restored, CancellationToken stop)
    {
        var (registry, databases) = (operation.Registry, operation.Databases);
        try
        {
            if (before is not null && await databases.Fits(before, stop))
                await using (var old = databases.Open(before)) await ErasedBefore.Tell(old, registry, stop);
        }
        // It is being replaced for a reason: maybe it cannot be read.
        catch (NpgsqlException) { }
        try
        {
            await using var db = databases.Open(restored);
            await ErasedBefore.Tell(db, registry, stop);
            return await ErasedBefore.Repeat(db, operation.House, registry, TimeProvider.System.GetUtcNow(), stop);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            throw Refused.CannotRunHere("The control database waits for its migrations, and cannot say who was forgotten since: komachi migrate; nothing was changed.");
        }
    }

    static async Task<string?> KeepAnchor(Operation operation, string slug, int era, Head? head)
    {
        try
        {
            await operation.Anchors.KeepRestore(slug, era, head, TimeProvider.System.GetUtcNow(), CancellationToken.None);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    static async Task RestoreDump(Operation operation, FileStream file, string? keyFile, Manifest manifest, string server, string database, CancellationToken stop)
    {
        await using var tar = new TarReader(await Tar(operation, file, keyFile, stop), leaveOpen: true);
        while (await tar.GetNextEntryAsync(copyData: false, stop) is { } entry)
        {
            if (entry.Name != Manifest.Dump) continue;
            await using var content = new HashedStream(entry.DataStream ?? Stream.Null);
            await DatabaseTools.Restore(operation.Where, server, database, content, stop);
            await content.CopyToAsync(Stream.Null, stop);    // what pg_restore had no need of
            // Nobody should have been able to change it since it was checked.
            if (content.Sha256() != manifest.Parts.Single(p => p.Name == Manifest.Dump).Sha256) throw Changed(file.Name, Manifest.Dump);
            return;
        }
        throw Changed(file.Name, Manifest.Dump);
    }

    /// <summary>A town's files in S3. An object is written once and never changed, so what is there already under its name is the same.</summary>
    sealed class Objects(S3Store store, string slug) : IDisposable
    {
        readonly HashSet<string> _before = [], _brought = [];

        public async Task Bring(string folder, CancellationToken stop)
        {
            await foreach (var name in store.List(slug, stop)) _before.Add(name);
            foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            {
                var name = Path.GetRelativePath(folder, path);
                if (!_before.Contains(name)) await store.Put(slug, name, await File.ReadAllBytesAsync(path, stop), stop);
                _brought.Add(name);
            }
            Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(folder);
        }

        public async Task TakeBack()
        {
            foreach (var name in _brought.Except(_before)) await store.Remove(slug, name, CancellationToken.None);
        }

        /// <summary>What was there and is not in the backup: no row knows it any more.</summary>
        public async Task DropOthers()
        {
            foreach (var name in _before.Except(_brought)) await store.Remove(slug, name, CancellationToken.None);
        }

        public void Dispose() => store.Dispose();
    }

    static async Task<string> FreeDatabase(Operation operation, string server, string slug, CancellationToken stop)
    {
        var name = operation.Where.Servers.DatabaseOf(slug);
        for (var n = 1; ; n++)
        {
            // No slug has a dot: so this is never the name that another town would get.
            var database = n == 1 ? name : $"{name}.{n}";
            if (operation.Registry.Towns.All(t => t.Database != database) && await operation.Migrator.MakeEmpty(server, database, stop)) return database;
        }
    }

    /// <summary>Only what a backup holds, and nothing that would be unpacked elsewhere.</summary>
    static bool MayBe(string name) => name is Manifest.Dump or Manifest.Keys ||
        (name.StartsWith(Manifest.Files, StringComparison.Ordinal) && !name.Contains('\0') && name.Split('/').All(s => s is not ("" or "." or "..")));

    static async Task<Manifest.Part> Unpack(TarEntry entry, string to, CancellationToken stop)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        await using var into = new FileStream(to, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, Options = FileOptions.Asynchronous });
        return await Copy(entry, into, stop);
    }

    static async Task<Manifest.Part> Copy(TarEntry entry, Stream into, CancellationToken stop)
    {
        await using var content = new HashedStream(entry.DataStream ?? Stream.Null);
        await content.CopyToAsync(into, stop);
        return new(entry.Name, content.Count, content.Sha256());
    }

    static async Task<byte[]> Small(TarEntry entry, string path, int most, CancellationToken stop)
    {
        if (entry.Length > most || entry.DataStream is null) throw Not(path);
        var content = new MemoryStream();
        await entry.DataStream.CopyToAsync(content, stop);
        return content.ToArray();
    }

    static Refused Not(string path) => Refused.Failed($"{path} is not a backup of a town; nothing was changed.");
    static Refused Cut(string path) => Refused.Failed($"{path} is cut off or damaged: it does not come to its end; nothing was changed.");
    static Refused Changed(string path, string what) => Refused.Failed($"{path} is not as it was written ({what}); nothing was changed.");
}
