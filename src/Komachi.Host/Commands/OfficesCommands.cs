using System.CommandLine;
using System.Globalization;
using Komachi.Platform.Days;
using Komachi.Platform.Offices;

namespace Komachi.Host.Commands;

/// <summary><c>komachi offices …</c>: brings a reorganisation that was prepared elsewhere.</summary>
static class OfficesCommands
{
    public static Command Make() => new("offices", "Departments and people") { Import() };

    static Command Import()
    {
        var town = new Argument<string>("town") { Description = "The town's slug" };
        var folder = new Argument<string>("folder") { Description = "Holds departments.csv, moves.csv, or both, in UTF-8" };
        var on = new Option<string>("--on") { Description = "The day from which it is in force, like 2027-04-01", Required = true };
        var title = new Option<string?>("--title") { Description = "What it is called at the desk" };
        var json = new Option<bool>("--json") { Description = "One JSON document instead of lines" };
        var command = new Command("import", "Check a reorganisation and keep it as a draft; somebody at the desk looks at it and confirms it") { town, folder, on, title, json };
        command.SetAction(async (given, stop) =>
        {
            if (!DateOnly.TryParseExact(given.GetRequiredValue(on), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) throw Refused.WrongUse("--on takes a day like 2027-04-01.");
            var now = TimeProvider.System.GetUtcNow();
            if (day < JapanTime.DayOf(now)) throw Refused.WrongUse("--on lies in the past: what was, stays as it was.");
            var from = given.GetRequiredValue(folder);
            if (!Directory.Exists(from)) throw Refused.Failed($"There is no folder {from}.");
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            await using var db = operation.Databases.Open(operation.Town(given.GetRequiredValue(town)));
            var outcome = await ImportChanges.FromFolder(db, from, given.GetValue(title) ?? $"{day:yyyy-MM-dd}", day, now, stop);
            if (given.GetValue(json)) Say.Json(outcome);
            else
            {
                foreach (var mistake in outcome.Mistakes) Say.Error(mistake);
                Say.Line(outcome.Id is { } id ? $"Kept as a draft ({outcome.People} people concerned): look at it at desk/offices/changes/{id}" : $"{outcome.Mistakes.Count} mistakes; nothing was kept.");
            }
            return outcome.Id is null ? Exit.Failed : Exit.Done;
        });
        return command;
    }
}
