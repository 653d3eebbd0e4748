using Komachi.Platform.Data;

namespace Komachi.Platform.Towns;

/// <summary>Makes a town from its folder: a copy of the template, the registry's entry, and what each module loads.</summary>
public sealed class TownLoader(House house, Servers servers, Migrator migrator, Registry registry, TownDatabases databases, TimeProvider time)
{
    public async Task<Town> Add(string folder, string? slug = null, string server = Servers.Main, string? demoPassword = null, CancellationToken stop = default)
    {
        var file = TownFile.Read(Path.Combine(folder, "town.yaml"));
        slug ??= file.Slug;
        var unknown = file.Modules.Except(house.Modules.Select(m => m.Slug)).ToArray();
        if (unknown.Length > 0) throw new BadTown($"{folder}: no module is called {string.Join(", ", unknown)}.");

        var database = registry.Find(slug)?.Database ?? servers.DatabaseOf(slug);
        await migrator.MakeTown(server, database, stop);
        await registry.Enter(file, slug, server, database, stop);
        var town = registry.Find(slug)!;
        foreach (var module in house.Modules.Where(m => house.Has(town, m)))
            foreach (var load in module.Loads)
            {
                await using var db = databases.Open(town);
                await load(new(town, db, folder, time, demoPassword));
                await db.Save(stop: stop);
            }
        return town;
    }
}
