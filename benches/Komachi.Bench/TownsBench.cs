using System.Diagnostics;
using System.Globalization;
using Komachi.Platform.Data;

namespace Komachi.Bench;

/// <summary>Many towns in one process: what they cost when nobody asks for them, and how long the first visitor waits.</summary>
static class TownsBench
{
    static readonly int[] Counts = [5, 50, 200];

    public static async IAsyncEnumerable<Figure> Run(string owner)
    {
        await using var stage = await Stage.Open(owner);
        // The first five come with all that they bring; the others are there to be many.
        var full = Directory.GetDirectories(Stage.TownsFolder).Where(f => File.Exists(Path.Combine(f, "town.yaml"))).Order().ToArray();
        var bare = Directory.CreateTempSubdirectory("komachi-bench");
        File.Copy(Path.Combine(full[0], "town.yaml"), Path.Combine(bare.FullName, "town.yaml"));
        var slugs = new List<string>();
        try
        {
            foreach (var count in Counts)
            {
                var adds = new List<double>();
                while (slugs.Count < count)
                {
                    var began = Stopwatch.GetTimestamp();
                    var (slug, folder) = slugs.Count < full.Length ? (Path.GetFileName(full[slugs.Count]), full[slugs.Count]) : (string.Create(CultureInfo.InvariantCulture, $"town-{slugs.Count}"), bare.FullName);
                    await stage.Add(slug, folder);
                    slugs.Add(slug);
                    adds.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
                }
                yield return Of(count, count <= full.Length ? "town add, slowest, with what it brings" : "town add, slowest", adds.Max(), 5, "s");

                await using (var ours = await stage.StartOurs())
                {
                    using var http = new HttpClient { BaseAddress = ours.Url };
                    yield return Of(count, "first page of the process", await First(http, slugs[0]), null, "s");
                    // It looks for jobs in every town when it starts.
                    var most = 0;
                    for (var i = 0; i < 40; i++)
                    {
                        most = Math.Max(most, await stage.Connections());
                        await Task.Delay(100);
                    }
                    yield return Of(count, "connections, most in a sweep", most, null, "");
                    var idle = int.MaxValue;
                    for (var i = 0; i < 60; i++)
                    {
                        idle = Math.Min(idle, await stage.Connections());
                        await Task.Delay(200);
                    }
                    yield return Of(count, "connections, idle", idle, null, "");
                    yield return Of(count, "memory, no town opened", ours.Memory(), null, "MB");
                    var cold = new List<double>();
                    foreach (var slug in slugs.Skip(1)) cold.Add(await First(http, slug));
                    yield return Of(count, "first page of a cold town, slowest", cold.Max(), 1, "s");
                    yield return Of(count, "first page of a cold town, median", Measure.Median(cold), 1, "s");
                    yield return Of(count, "memory, every town opened", ours.Memory(), null, "MB");
                }
                if (count != Counts[^1]) continue;

                var later = new Migrator(Stage.HouseOfLater(), stage.Servers);
                var migrating = Stopwatch.GetTimestamp();
                await later.MigrateTemplate(Servers.Main);
                await Parallel.ForEachAsync(stage.Registry.Towns, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (town, stop) => await later.MigrateTown(town.Server, town.Database, stop));
                yield return Of(count, "one more migration in all of them", Stopwatch.GetElapsedTime(migrating).TotalSeconds, null, "s");
            }
        }
        finally
        {
            bare.Delete(recursive: true);
        }
    }

    static async Task<double> First(HttpClient http, string slug)
    {
        var began = Stopwatch.GetTimestamp();
        await http.GetStringAsync("/" + slug);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    static Figure Of(int count, string what, double value, double? aim, string unit) => new("towns", string.Create(CultureInfo.InvariantCulture, $"{count}: {what}"), value, null, null, aim, unit);
}
