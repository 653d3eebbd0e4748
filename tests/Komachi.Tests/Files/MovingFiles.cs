using System.Security.Cryptography;
using Komachi.Host;
using Komachi.Host.Backup;
using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Komachi.Tests.Files;

/// <summary>A town moves with its files: out of a folder or S3 into a backup, and back under another address.</summary>
[Collection(GuardedFilesProgram.Guarded), Trait("Category", "long")]
public sealed class MovingFiles(GuardedFilesProgram program)
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_backup_brings_the_files_along_sealed_and_they_open_under_another_address(bool inS3)
    {
        var folder = Directory.CreateTempSubdirectory("komachi-moving").FullName;
        var control = "m" + Guid.CreateVersion7().ToString("N")[^12..];
        var environment = new Dictionary<string, string> { ["KOMACHI_POSTGRES"] = new NpgsqlConnectionStringBuilder(TestProgram.OwnerString) { Database = control }.ConnectionString };
        if (inS3)
            foreach (var (name, value) in new[] { ("URL", new Uri(program.World.Url, "s3").ToString()), ("BUCKET", control), ("KEY", "sandbox"), ("SECRET", "sandbox-secret") }) environment["KOMACHI_S3_" + name] = value;
        var where = Installation.Open(folder, name => environment.GetValueOrDefault(name));
        var house = Modules.House(new Papers());
        await using var operation = await Operation.Begin(where, house, Operation.Needs.Server, default);
        try
        {
            await operation.MigrateAll(default);
            var town = await operation.Loader.Add(Path.Combine(TestProgram.TownsFolder, "oyabe"), null, demoPassword: TestProgram.Password);
            var file = Samples.Pdf(5_000_000, inside: "ひみつ words that nobody sees");
            var id = await Send(operation, where, town, file);

            var backup = await TownBackup.Write(operation, town, null, TimeProvider.System, default);
            Assert.Equal(-1, (await File.ReadAllBytesAsync(backup)).AsSpan().IndexOf("words that nobody sees"u8));
            var copy = await TownRestore.Read(operation, backup, "oyabe-copy", null, replace: false, default);
            Assert.Equal(file, await Read(operation, where, copy, id));
            // The copy's files are its own: what goes in one stays in the other.
            await where.Files.OpenStore().Remove("oyabe-copy", $"{id:N}/", default);
            Assert.Equal(file, await Read(operation, where, town, id));
            await Assert.ThrowsAnyAsync<Exception>(() => Read(operation, where, copy, id));
            // And in place: what came after the backup is gone, what it holds is back.
            var later = await Send(operation, where, town, Samples.Pdf());
            await where.Files.OpenStore().Remove("oyabe", $"{id:N}/", default);
            var back = await TownRestore.Read(operation, backup, null, null, replace: true, default);
            Assert.Equal(file, await Read(operation, where, back, id));
            var names = new List<string>();
            await foreach (var name in where.Files.OpenStore().List("oyabe", default)) names.Add(name);
            Assert.DoesNotContain(names, n => n.StartsWith($"{later:N}", StringComparison.Ordinal));
            Assert.Equal(2, names.Count);
        }
        finally
        {
            NpgsqlConnection.ClearAllPools();
            await operation.Registry.Refresh();
            foreach (var database in operation.Registry.Towns.Select(t => t.Database).Append(where.Servers.Template)) await operation.Migrator.DropTown(Servers.Main, database);
            await operation.Migrator.DropTown(Servers.Main, where.Servers.Control);
            Directory.Delete(folder, recursive: true);
        }
    }

    static (Receiving Receiving, TownKeys Keys) Desk(Operation operation, Installation where)
    {
        var keys = new TownKeys(operation.Databases, where.Servers, TimeProvider.System);
        return (new(operation.Databases, keys, where.Files.OpenStore(), new(operation.Databases, where.Servers, TimeProvider.System),
            new(operation.Databases, operation.Registry, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<Komachi.Platform.Audit.Refusals>.Instance), where.Files, TimeProvider.System), keys);
    }

    static async Task<Guid> Send(Operation operation, Installation where, Town town, byte[] bytes)
    {
        var (receiving, keys) = Desk(operation, where);
        await using var db = operation.Databases.Open(town);
        var id = Id.New();
        var file = StoredFile.Begin(id, "papers.paper", "here", "a.pdf", bytes.Length, null, await keys.Seal(town, "files", RandomNumberGenerator.GetBytes(32), $"files/{id}"), TimeProvider.System.GetUtcNow());
        db.Add(file);
        await db.Save();
        var taken = await receiving.Take(town, file, new MemoryStream(bytes), bytes.Length, default);
        Assert.Equal((bytes.Length, true), (taken.Received, taken.Ended));
        return id;
    }

    static async Task<byte[]> Read(Operation operation, Installation where, Town town, Guid id)
    {
        var (receiving, _) = Desk(operation, where);
        await using var db = operation.Databases.Open(town);
        await using var content = await receiving.Open(town, db, await db.Set<StoredFile>().SingleAsync(f => f.Id == id), clean: false, default);
        var read = new MemoryStream();
        await content.CopyToAsync(read);
        return read.ToArray();
    }
}
