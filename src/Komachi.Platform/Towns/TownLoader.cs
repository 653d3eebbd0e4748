using Komachi.Platform.Data;
using Komachi.Platform.Jobs;

namespace Komachi.Platform.Towns;

/// <summary>Makes a town from its folder: a copy of the template, the registry's entry, and what each module loads.</summary>
public sealed class TownLoader(House house, Servers servers, Migrator migrator, Registry registry, TownDatabases databases, TimeProvider time)
{
    public async Task<Town> Add(string folder, string? slug = null, string server = Servers.Main, string? demoPassword = null, CancellationToken stop = default)
    {
        var file = Read(folder);
        return await Add(file, folder, slug ?? file.Slug, registry.Find(slug ?? file.Slug)?.Database ?? servers.DatabaseOf(slug ?? file.Slug), server, demoPassword, stop);
    }

    /// <summary>A town to learn on, of the same folder, with made-up people: never of the real one's data.</summary>
    public async Task<Town> AddTraining(string folder, string slug, string server, string demoPassword, CancellationToken stop = default)
    {
        var file = Read(folder);
        // The real town's host names lead to the real town.
        (file.Slug, file.Training, file.Hosts) = (slug, true, []);
        // A name that never was before: processes that still know the one before it mix up nothing.
        var database = $"{servers.DatabaseOf(slug)}.{time.GetUtcNow().ToUnixTimeMilliseconds():x}";
        return await Add(file, folder, slug, database, server, demoPassword, stop);
    }

    TownFile Read(string folder)
    {
        var file = TownFile.Read(Path.Combine(folder, "town.yaml"));
        var unknown = file.Modules.Except(house.Modules.Select(m => m.Slug)).ToArray();
        if (unknown.Length > 0) throw new BadTown($"{folder}: no module is called {string.Join(", ", unknown)}.");
        return file;
    }

    async Task<Town> Add(TownFile file, string folder, string slug, string database, string server, string? demoPassword, CancellationToken stop)
    {
        if (await migrator.MakeTown(server, database, stop))
            await using (var owner = await servers.OpenOwner(server, database, stop)) await JobQueue.BeginWithNextDay(owner, house, time.GetUtcNow(), stop);
        await registry.Enter(file, slug, server, database, stop);
        var town = registry.Find(slug)!;
        var receipts = new Receipts(databases, servers, new(databases, servers, time));
        foreach (var module in house.Modules.Where(m => house.Has(town, m)))
            foreach (var load in module.Loads)
            {
                await using var db = databases.Open(town);
                await load(new(town, db, folder, time, demoPassword) { Receipts = receipts });
                await db.Save(stop: stop);
            }
        return town;
    }
}
