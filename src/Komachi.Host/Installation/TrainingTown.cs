using Komachi.Platform.Towns;

namespace Komachi.Host;

/// <summary>A town to learn on: of a town's folder, never of its data; made in one go, and made anew in one go.</summary>
static class TrainingTown
{
    public static string SlugFor(string town) => town + "-training";

    public static async Task<Town> Make(Operation operation, string folder, string slug, bool fresh, CancellationToken stop)
    {
        var file = TownFile.Read(Path.Combine(folder, "town.yaml"));
        file.Slug = slug;
        if (file.Problems().FirstOrDefault() is { } problem) throw Refused.Failed($"{folder}: {problem}");
        var before = operation.Registry.Find(slug);
        if (before is { IsTraining: false }) throw Refused.Failed($"\"{slug}\" is a town and not one to learn on: nothing was changed; --slug gives another address.");
        if (before is not null && !fresh) throw Refused.Failed($"There is a training town \"{slug}\" already: --fresh makes it anew, without what was done in it.");
        var server = before?.Server ?? Platform.Data.Servers.Main;
        await operation.Migrator.MigrateTemplate(server, stop);
        // Not interrupted from here on: it takes a second.
        if (before is not null) await Remove(operation, before);
        try
        {
            return await operation.Loader.AddTraining(folder, slug, server, operation.Where.DemoPassword, CancellationToken.None);
        }
        catch
        {
            if (operation.Registry.Find(slug) is { } half) await Remove(operation, half);
            throw;
        }
    }

    /// <summary>A town with everything that is its own.</summary>
    public static async Task Remove(Operation operation, Town town)
    {
        await operation.Registry.Remove(town.Slug, CancellationToken.None);
        await operation.Migrator.DropTown(town.Server, town.Database, CancellationToken.None);
        operation.Anchors.PutAside(town.Slug, TimeProvider.System.GetUtcNow());
        var files = Path.GetDirectoryName(operation.Where.FilesOf(town.Slug))!;
        if (Directory.Exists(files)) Directory.Delete(files, recursive: true);
        if (operation.Where.Files is { S3: { } s3 })
            using (var store = new Platform.Files.S3Store(s3)) await store.Remove(town.Slug, "", CancellationToken.None);
    }
}
