using System.Diagnostics;
using Npgsql;

namespace Komachi.Bench;

/// <summary>Jobs that do nothing, from the bell to the last row deleted.</summary>
static class JobsBench
{
    const int Many = 20_000;

    public static async IAsyncEnumerable<Figure> Run(Stage stage, Child ours, Child floor)
    {
        using var http = new HttpClient { BaseAddress = floor.Url };
        Task<double> Ours() => Time(stage, Stage.Town, () => stage.Ring(Stage.Town));
        Task<double> Floor() => Time(stage, Stage.Floor, async () => (await http.PostAsync("/jobs", null)).EnsureSuccessStatusCode());
        await Ours();
        await Floor();
        yield return await Measure.InTurn("jobs", "empty jobs", 0.5, "jobs/s", Ours, Floor);
    }

    static async Task<double> Time(Stage stage, string slug, Func<Task> start)
    {
        await stage.Run(slug, "TRUNCATE jobs.queue");
        await stage.Run(slug, $"INSERT INTO jobs.queue (id, kind, payload, run_at, attempt, created_at) SELECT gen_random_uuid(), 'notes.nothing', '{{}}', now(), 0, now() FROM generate_series(1, {Many})");
        await stage.Run(slug, "VACUUM ANALYZE jobs.queue");
        await using var owner = await stage.Owner(slug);
        await using var left = new NpgsqlCommand("SELECT EXISTS (SELECT 1 FROM jobs.queue)", owner);
        var began = Stopwatch.GetTimestamp();
        var started = start();
        while (await left.ExecuteScalarAsync() is true)
        {
            if (Stopwatch.GetElapsedTime(began).TotalSeconds > 120) throw new TimeoutException("The jobs did not end.");
            await Task.Delay(10);
        }
        var took = Stopwatch.GetElapsedTime(began);
        await started;
        return Many / took.TotalSeconds;
    }
}
