using System.CommandLine;

namespace Komachi.Host.Commands;

static class ServeCommand
{
    public static Command Make()
    {
        var url = new Option<string[]>("--url") { Description = "Address for both sides, like http://localhost:8080; may stand several times" };
        var resident = new Option<string[]>("--resident-url") { Description = "Address for the residents' pages alone" };
        var desk = new Option<string[]>("--desk-url") { Description = "Address for the desk alone: for an office network" };
        var command = new Command("serve", "Serve the towns' pages, and run their jobs, until told to stop") { url, resident, desk };
        command.Validators.Add(result =>
        {
            foreach (var option in new[] { url, resident, desk })
                foreach (var given in result.GetValue(option) ?? [])
                    if (!given.StartsWith("http://", StringComparison.Ordinal) && !given.StartsWith("https://", StringComparison.Ordinal)) result.AddError($"{option.Name}: \"{given}\" is not an address like http://localhost:8080.");
            if (result.GetValue(url) is { Length: > 0 } && (result.GetValue(resident) is { Length: > 0 } || result.GetValue(desk) is { Length: > 0 }))
                result.AddError("--url is for both sides: give either it, or --resident-url and --desk-url.");
        });
        command.SetAction((given, stop) => Serving.Run(Installation.Open(), new ServeOptions
        {
            Urls = given.GetValue(url) ?? [], ResidentUrls = given.GetValue(resident) ?? [], DeskUrls = given.GetValue(desk) ?? [],
        }, stop));
        return command;
    }
}
