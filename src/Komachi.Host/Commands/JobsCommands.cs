using System.CommandLine;
using System.Globalization;
using Npgsql;

namespace Komachi.Host.Commands;

/// <summary><c>komachi jobs …</c>: what a town has still to do, and what is parked because it failed too often.</summary>
static class JobsCommands
{
    public static Command Make() => new("jobs", "See a town's jobs and try parked ones again") { List(), Retry() };

    static Argument<string> Town() => new("town") { Description = "The town's slug" };

    static Command List()
    {
        var town = Town();
        var parked = new Option<bool>("--parked") { Description = "Only those that failed too often" };
        var json = new Option<bool>("--json") { Description = "One JSON document instead of lines" };
        var command = new Command("list", "The jobs that wait, run or are parked; at most 1000, the next due first") { town, parked, json };
        command.SetAction(async (given, stop) =>
        {
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            var at = operation.Town(given.GetRequiredValue(town));
            await using var owner = await operation.Where.Servers.OpenOwner(at.Server, at.Database, stop);
            // The payload is left out: it may hold what a resident wrote.
            await using var read = new NpgsqlCommand("""
                SELECT id, kind, CASE WHEN dead_at IS NOT NULL THEN 'parked' WHEN lease IS NOT NULL THEN 'runs' ELSE 'waits' END, attempt, run_at, last_error
                FROM jobs.queue WHERE dead_at IS NOT NULL OR NOT $1 ORDER BY dead_at IS NULL, run_at, id LIMIT 1000
                """, owner) { Parameters = { new() { Value = given.GetValue(parked) } } };
            var jobs = new List<(Guid Id, string Kind, string State, int Attempt, DateTime RunAt, string? LastError)>();
            await using (var rows = await read.ExecuteReaderAsync(stop))
                while (await rows.ReadAsync(stop))
                    jobs.Add((rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetInt32(3), rows.GetDateTime(4), rows.IsDBNull(5) ? null : rows.GetString(5)));
            if (given.GetValue(json)) Say.Json(jobs.Select(j => new { j.Id, j.Kind, j.State, j.Attempt, j.RunAt, j.LastError }));
            else if (jobs.Count == 0) Say.Line("No jobs.");
            else
                Say.Table([["JOB", "KIND", "STATE", "ATTEMPT", "DUE", "LAST ERROR"], .. jobs.Select(j => (IReadOnlyList<string>)
                    [j.Id.ToString(), j.Kind, j.State, j.Attempt.ToString(CultureInfo.InvariantCulture), j.RunAt.ToString("u", CultureInfo.InvariantCulture), (j.LastError ?? "").ReplaceLineEndings(" ")])]);
            return Exit.Done;
        });
        return command;
    }

    static Command Retry()
    {
        var town = Town();
        var ids = new Argument<Guid[]>("job") { Description = "Which ones; none: see --all", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "Every parked job of the town" };
        var command = new Command("retry", "Put parked jobs back into the queue") { town, ids, all };
        command.SetAction(async (given, stop) =>
        {
            var wanted = given.GetValue(ids) ?? [];
            if (wanted.Length == 0 != given.GetValue(all)) throw Refused.WrongUse("Name the jobs, or say --all.");
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            var at = operation.Town(given.GetRequiredValue(town));
            await using var owner = await operation.Where.Servers.OpenOwner(at.Server, at.Database, stop);
            await using var retry = new NpgsqlCommand("""
                UPDATE jobs.queue SET run_at = now(), attempt = 0, lease = NULL, dead_at = NULL
                WHERE dead_at IS NOT NULL AND ($2 OR id = ANY ($1))
                """, owner) { Parameters = { new() { Value = wanted }, new() { Value = given.GetValue(all) } } };
            var back = await retry.ExecuteNonQueryAsync(stop);
            await operation.Ring(at, stop);
            Say.Line($"{back} {(back == 1 ? "job is" : "jobs are")} in the queue again.");
            return back < wanted.Length ? Exit.Failed : Exit.Done;
        });
        return command;
    }
}
