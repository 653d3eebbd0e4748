using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Platform.Towns;
using Npgsql;

namespace Komachi.Host.Backup;

/// <summary>
/// One town in one file: its database, its files, its keys, and a manifest that says what they must be: a tar, encrypted
/// (<see cref="SealedFile"/>). The file is there whole or not at all, and nothing of the town stands unencrypted on the
/// disk meanwhile.
/// </summary>
static class TownBackup
{
    /// <param name="recoveryKey">Words that open it as well, wherever it is restored; the installation's own backup key always does.</param>
    public static async Task<string> Write(Operation operation, Town town, string? to, TimeProvider time, CancellationToken stop, string? recoveryKey = null)
    {
        var now = time.GetUtcNow();
        var path = Path.GetFullPath(to ?? Path.Combine(operation.Where.Backups, $"{town.Slug}-{now:yyyyMMdd-HHmmss}.komachi"));
        var folder = Path.GetDirectoryName(path)!;
        if (to is null) Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        else if (!Directory.Exists(folder)) throw Refused.Failed($"There is no folder {folder}.");
        if (Directory.Exists(path)) throw Refused.Failed($"{path} is a folder: name a file.");

        var work = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}");
        var (written, dump) = (work + ".new", work + ".dump");
        try
        {
            // The dump knows the database of one moment. Files are taken after it: each that it names was there before.
            // A tar must know how long a part is before it begins, so the dump waits in a file, under a key that nobody keeps.
            var dumpKey = RandomNumberGenerator.GetBytes(32);
            long dumped;
            await using (var aside = NewFile(dump))
            await using (var sealing = new SealingStream(aside, dumpKey))
            {
                await DatabaseTools.Dump(operation.Where, town.Server, town.Database, sealing, stop);
                await sealing.Finish(stop);
                dumped = sealing.Count;
            }
            await using (var file = NewFile(written))
            await using (var sealing = await SealedFile.Begin(file, operation.Where.BackupKeys[^1], recoveryKey, stop))
            {
                await using (var aside = new FileStream(dump, FileMode.Open, FileAccess.Read, FileShare.None, 1 << 16, useAsync: true))
                await using (var open = new OpeningStream(aside, dumpKey, dumped))
                    await WriteParts(operation, town, now, open, sealing, stop);
                await sealing.Finish(stop);
                file.Flush(flushToDisk: true);
            }
            File.Move(written, path, overwrite: true);
            // A registry that waits for its migrations has no place for it: the backup is good all the same.
            try
            {
                await operation.Registry.NoteBackup(town.Slug, now, new FileInfo(path).Length, CancellationToken.None);
                // As old backups go, so does the memory of who is not to come back with them.
                await operation.Registry.ForgetErasures(JapanTime.DayOf(now).AddDays(-operation.Where.BackupsKeptDays), CancellationToken.None);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable) { }
            return path;
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException && e is not FileNotFoundException))
        {
            throw Refused.Failed($"The backup could not be written to {folder} ({e.Message.TrimEnd('.')}).");
        }
        finally
        {
            TryDelete(written);
            TryDelete(dump);
        }
    }

    static async Task WriteParts(Operation operation, Town town, DateTimeOffset now, Stream dump, Stream to, CancellationToken stop)
    {
        var parts = new List<Manifest.Part>();
        await using var tar = new TarWriter(to, TarEntryFormat.Pax, leaveOpen: true);
        await Add(tar, parts, Manifest.Dump, dump, now, stop);
        // The town's keys are sealed under this installation's secret, which stays here: another one could not open them.
        // So they travel unsealed, within what is encrypted. Read after the dump, they are those that it holds and maybe newer ones.
        await using (var owner = await operation.Where.Servers.OpenOwner(town.Server, town.Database, stop))
            await Add(tar, parts, Manifest.Keys, new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(await TownKeys.InClear(owner, operation.Where.Servers, stop), Manifest.Json)), now, stop);
        var files = operation.Where.FilesOf(town.Slug);
        if (Directory.Exists(files))
            foreach (var path in Directory.EnumerateFiles(files, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                try
                {
                    await using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, useAsync: true);
                    await Add(tar, parts, Manifest.Files + Path.GetRelativePath(files, path), content, now, stop);
                }
                catch (FileNotFoundException) { }    // deleted meanwhile: so the town, too, does without it
            }
        if (operation.Where.Files.S3 is { } s3) await AddObjects(tar, parts, s3, town.Slug, now, stop);

        var manifest = new Manifest
        {
            What = Manifest.Kind, Format = Manifest.NewestFormat, CreatedAt = now, Program = typeof(TownBackup).Assembly.GetName().Version?.ToString(3) ?? "",
            Slug = town.Slug, Code = town.Code, Profile = town.Profile, Hosts = [.. town.Hosts.Order()], Modules = [.. town.Modules.Order()], State = town.State,
            Migrations = await operation.Migrator.Holds(town.Server, town.Database, stop), Parts = parts,
        };
        var json = JsonSerializer.SerializeToUtf8Bytes(manifest, Manifest.Json);
        await AddBytes(tar, Manifest.Name, json, now, stop);
        await AddBytes(tar, Manifest.SealName, Encoding.ASCII.GetBytes(Manifest.SealOf(json)), now, stop);
    }

    static async Task Add(TarWriter tar, List<Manifest.Part> parts, string name, Stream content, DateTimeOffset now, CancellationToken stop)
    {
        await using var counted = new HashedStream(content);
        var size = content.Length;
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = counted, ModificationTime = now, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite }, stop);
        if (counted.Count != size) throw new IOException($"{name} changed while it was read");
        parts.Add(new(name, size, counted.Sha256()));
    }

    /// <summary>What lies in S3 comes along, so that a backup is whole wherever the files are. They are sealed there, and so they are here.</summary>
    static async Task AddObjects(TarWriter tar, List<Manifest.Part> parts, S3Settings s3, string slug, DateTimeOffset now, CancellationToken stop)
    {
        using var store = new S3Store(s3);
        try
        {
            await foreach (var name in store.List(slug, stop))
                try
                {
                    var bytes = new MemoryStream();
                    await using (var content = await store.Open(slug, name, 0, stop)) await content.CopyToAsync(bytes, stop);
                    await AddBytes(tar, Manifest.Files + name, bytes.ToArray(), now, stop);
                    parts.Add(new(Manifest.Files + name, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()))));
                }
                catch (FileNotFoundException) { }    // deleted meanwhile
        }
        catch (FileStoreTrouble e)
        {
            throw Refused.Failed($"The files could not be read: {e.Message}");
        }
    }

    static Task AddBytes(TarWriter tar, string name, byte[] content, DateTimeOffset now, CancellationToken stop) =>
        tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content), ModificationTime = now, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite }, stop);

    // A backup holds everything about a town's people: nobody else on the machine may read it.
    static FileStream NewFile(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, BufferSize = 1 << 16,
    });

    static void TryDelete(string path)
    {
        try { File.Delete(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}

/// <summary>Passes a stream through and knows afterwards how much it was and its SHA-256.</summary>
sealed class HashedStream(Stream inner) : Stream
{
    readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Count { get; private set; }

    public string Sha256() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public override int Read(Span<byte> buffer) => Seen(inner.Read(buffer), buffer);
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop = default)
    {
        var read = await inner.ReadAsync(buffer, stop);
        return Seen(read, buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken stop) => ReadAsync(buffer.AsMemory(offset, count), stop).AsTask();

    int Seen(int read, ReadOnlySpan<byte> buffer)
    {
        _hash.AppendData(buffer[..read]);
        Count += read;
        return read;
    }

    public override bool CanRead => true;
    public override bool CanSeek => inner.CanSeek;    // the tar asks a seekable stream for its length
    public override bool CanWrite => false;
    public override long Length => inner.Length;
    public override long Position { get => inner.Position; set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _hash.Dispose();
        base.Dispose(disposing);
    }
}
