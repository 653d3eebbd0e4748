using System.CommandLine;
using System.Globalization;
using Komachi.Platform.Audit;
using Komachi.Platform.Jobs;

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
            await using var db = operation.Databases.Open(at);
            var jobs = await WatchJobs.List(db, onlyTroubled: false, most: 1000, stop);
            if (given.GetValue(parked)) jobs = [.. jobs.Where(j => j.Parked)];
            if (given.GetValue(json)) Say.Json(jobs.Select(j => new { j.Id, j.Kind, State = StateOf(j), j.Attempt, j.RunAt, j.LastError }));
            else if (jobs.Count == 0) Say.Line("No jobs.");
            else
                Say.Table([["JOB", "KIND", "STATE", "ATTEMPT", "DUE", "LAST ERROR"], .. jobs.Select(j => (IReadOnlyList<string>)
                    [j.Id.ToString(), j.Kind, StateOf(j), j.Attempt.ToString(CultureInfo.InvariantCulture), j.RunAt.ToString("u", CultureInfo.InvariantCulture), (j.LastError ?? "").ReplaceLineEndings(" ")])]);
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
            await using var db = operation.Databases.Open(at);
            var now = TimeProvider.System.GetUtcNow();
            var back = await WatchJobs.Restart(db, given.GetValue(all) ? null : wanted, now, (job, _) => AuditEntry.ByOperator("jobs.retry", job, "komachi jobs retry", now), stop);
            await db.Save(stop: stop);
            await operation.Ring(at, stop);
            Say.Line($"{back} {(back == 1 ? "job is" : "jobs are")} in the queue again.");
            return back < wanted.Length ? Exit.Failed : Exit.Done;
        });
        return command;
    }

    static string StateOf(WatchJobs.Row job) => job.Parked ? "parked" : job.Running ? "runs" : "waits";
}
