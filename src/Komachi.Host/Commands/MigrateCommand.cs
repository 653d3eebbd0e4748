using System.CommandLine;
using System.Globalization;

namespace Komachi.Host.Commands;

static class MigrateCommand
{
    public static Command Make()
    {
        var json = new Option<bool>("--json") { Description = "One JSON document instead of lines" };
        var command = new Command("migrate", "Bring the registry, the template and all towns to this program's schema; goes on where an earlier one stopped") { json };
        command.SetAction(async (given, stop) =>
        {
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Server, stop);
            var asJson = given.GetValue(json);
            var outcomes = await operation.MigrateAll(stop, asJson ? null : each =>
            {
                if (each.Error is { } error) Say.Error(error);
                else Say.Line(string.Create(CultureInfo.InvariantCulture, $"{each.What}: done ({each.Seconds:0.00} s)"));
            });
            if (asJson) Say.Json(outcomes.Select(o => new { o.What, Done = o.Error is null, o.Error, o.Seconds }));
            return outcomes.Any(o => o.Error is not null) ? Exit.Failed : Exit.Done;
        });
        return command;
    }
}
