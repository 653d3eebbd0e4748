using System.CommandLine;
using Komachi.Host.Backup;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Towns;

namespace Komachi.Host.Commands;

/// <summary><c>komachi town …</c></summary>
static class TownCommands
{
    public static Command Make() => new("town", "Add, list, suspend, back up, restore and remove towns")
    {
        Add(), Train(), List(), SetState("suspend", "Close a town's doors for a while: its pages say so kindly", TownState.Suspended),
        SetState("open", "Open a suspended town again", TownState.Open), Backup(), Restore(), Remove(),
    };

    static Argument<string> Slug() => new("town") { Description = "The town's slug, as in its address" };

    static Command Add()
    {
        var from = new Argument<string>("folder") { Description = "The town's folder, or its town.yaml" };
        var slug = new Option<string?>("--slug") { Description = "Another address than the file says" };
        var server = new Option<string>("--server") { Description = "The database server, of KOMACHI_POSTGRES_<NAME>", DefaultValueFactory = _ => Servers.Main };
        var demo = new Option<bool>("--demo") { Description = "With the made-up people of accounts.yaml; prints their password" };
        var json = new Option<bool>("--json") { Description = "One JSON document instead of lines" };
        var command = new Command("add", "Make a new town") { from, slug, server, demo, json };
        command.SetAction(async (given, stop) =>
        {
            var path = Path.GetFullPath(given.GetRequiredValue(from));
            var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(path)!;
            var file = TownFile.Read(Directory.Exists(path) ? Path.Combine(path, "town.yaml") : path);
            var name = given.GetValue(slug) ?? file.Slug;
            file.Slug = name;
            if (file.Problems().FirstOrDefault() is { } problem) throw Refused.Failed($"{path}: {problem}");

            var where = Installation.Open();
            var home = given.GetRequiredValue(server);
            if (!where.Servers.Names.Contains(home)) throw Refused.WrongUse($"No server is called \"{home}\": name it with KOMACHI_POSTGRES_{home.ToUpperInvariant()}.");
            await using var operation = await Operation.Begin(where, Modules.House(), Operation.Needs.Registry, stop);
            if (operation.Registry.Find(name) is not null) throw Refused.Failed($"There is a town \"{name}\" already.");
            foreach (var host in file.Hosts)
                if (operation.Registry.ByHost(host) is { } other) throw Refused.Failed($"{path}: the host name {host} leads to \"{other.Slug}\" already.");
            await operation.Migrator.MigrateTemplate(home, stop);

            var began = Environment.TickCount64;
            var people = given.GetValue(demo) ? where.DemoPassword : null;
            Town town;
            try
            {
                // Not interrupted half-way: it takes a second.
                town = await operation.Loader.Add(folder, name, home, people, CancellationToken.None);
            }
            catch
            {
                if (operation.Registry.Find(name) is { } half)
                {
                    await operation.Registry.Remove(name, CancellationToken.None);
                    await operation.Migrator.DropTown(half.Server, half.Database, CancellationToken.None);
                }
                throw;
            }
            var took = Environment.TickCount64 - began;
            if (given.GetValue(json)) Say.Json(new { town.Slug, town.Code, Name = town.Name, town.Server, town.Database, Milliseconds = took, DemoPassword = people });
            else
            {
                Say.Line($"{town.Slug} ({town.Name.GetValueOrDefault("ja")}) was made in {took} ms.");
                if (people is not null) Say.Line($"Password of its made-up people: {people}");
            }
            return Exit.Done;
        });
        return command;
    }

    static Command Train()
    {
        var town = Slug();
        var slug = new Option<string?>("--slug") { Description = "Its address; otherwise <town>-training" };
        var folder = new Option<string?>("--folder") { Description = "The town's folder, if it is not one of those that come with the program" };
        var fresh = new Option<bool>("--fresh") { Description = "Anew: what was done in it is gone" };
        var json = new Option<bool>("--json") { Description = "One JSON document instead of lines" };
        var command = new Command("train", "Make a town to learn on, like a town and with made-up people; every page says so and no mail leaves it") { town, slug, folder, fresh, json };
        command.SetAction(async (given, stop) =>
        {
            var like = given.GetRequiredValue(town);
            var path = given.GetValue(folder) is { } named ? Path.GetFullPath(named) : Path.Combine(Installation.TownsFolder, like);
            if (!File.Exists(Path.Combine(path, "town.yaml"))) throw Refused.Failed($"There is no {Path.Combine(path, "town.yaml")}: name the town's folder with --folder.");
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            var began = Environment.TickCount64;
            var made = await TrainingTown.Make(operation, path, given.GetValue(slug) ?? TrainingTown.SlugFor(like), given.GetValue(fresh), stop);
            var (took, password) = (Environment.TickCount64 - began, operation.Where.DemoPassword);
            if (given.GetValue(json)) Say.Json(new { made.Slug, made.Name, Milliseconds = took, DemoPassword = password });
            else
            {
                Say.Line($"{made.Slug} ({made.Name.GetValueOrDefault("ja")}), a town to learn on, was made in {took} ms.");
                Say.Line($"Password of its made-up people: {password}");
            }
            return Exit.Done;
        });
        return command;
    }

    static Command List()
    {
        var json = new Option<bool>("--json") { Description = "One JSON document instead of lines" };
        var command = new Command("list", "The towns, in order of their codes") { json };
        command.SetAction(async (given, stop) =>
        {
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            var towns = operation.Registry.Towns;
            if (given.GetValue(json))
                Say.Json(towns.Select(t => new { t.Slug, t.Code, t.Name, State = State(t), t.Server, t.Database, Hosts = t.Hosts.Order(), Modules = t.Modules.Order() }));
            else if (towns.Count == 0) Say.Line("There are no towns yet: komachi town add makes one.");
            else
                Say.Table([["TOWN", "CODE", "NAME", "STATE", "SERVER", "DATABASE", "HOSTS"],
                    .. towns.Select(t => (IReadOnlyList<string>)[t.Slug, t.Code, t.Name.GetValueOrDefault("ja") ?? "", State(t), t.Server, t.Database, string.Join(' ', t.Hosts.Order())])]);
            return Exit.Done;
        });
        return command;
    }

    static string State(Town town) => town.State == TownState.Suspended ? "suspended" : "open";

    static Command SetState(string verb, string description, TownState state)
    {
        var slug = Slug();
        var command = new Command(verb, description) { slug };
        command.SetAction(async (given, stop) =>
        {
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            var town = operation.Town(given.GetRequiredValue(slug));
            await operation.Registry.SetState(town.Slug, state, stop);
            Say.Line($"{town.Slug} is {(state == TownState.Suspended ? "suspended" : "open")}.");
            return Exit.Done;
        });
        return command;
    }

    static Command Remove()
    {
        var slug = Slug();
        var yes = new Option<bool>("--yes") { Description = "Yes, with its database and its files" };
        var command = new Command("remove", "Remove a town with everything in it; take a backup first") { slug, yes };
        command.SetAction(async (given, stop) =>
        {
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            var town = operation.Town(given.GetRequiredValue(slug));
            if (!given.GetValue(yes)) throw Refused.WrongUse($"This removes {town.Slug} ({town.Name.GetValueOrDefault("ja")}) with its database and its files for good: say --yes.");
            await TrainingTown.Remove(operation, town);
            Say.Line($"{town.Slug} was removed.");
            return Exit.Done;
        });
        return command;
    }

    static Command Backup()
    {
        var slug = Slug();
        var to = new Option<string?>("--to") { Description = "The file to write; otherwise one by town and time in the data folder's backups/" };
        var json = new Option<bool>("--json") { Description = "One JSON document instead of lines" };
        var keyFile = new Option<string?>("--key-file") { Description = "A file with a recovery key (16 characters or more): it opens the backup elsewhere, where this installation's secrets are not" };
        var command = new Command("backup", "Write a town into one encrypted file: database, files, keys, and a manifest with checksums; the town goes on serving") { slug, to, keyFile, json };
        command.SetAction(async (given, stop) =>
        {
            var recovery = given.GetValue(keyFile) is { } key ? SealedFile.ReadRecoveryKey(key) : null;
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            var began = Environment.TickCount64;
            var path = await TownBackup.Write(operation, operation.Town(given.GetRequiredValue(slug)), given.GetValue(to), TimeProvider.System, stop, recovery);
            var (took, bytes) = (Environment.TickCount64 - began, new FileInfo(path).Length);
            if (given.GetValue(json)) Say.Json(new { File = path, Bytes = bytes, Milliseconds = took });
            else Say.Line($"{path} ({bytes:#,0} bytes, {took} ms)");
            return Exit.Done;
        });
        return command;
    }

    static Command Restore()
    {
        var file = new Argument<string>("file") { Description = "A backup of a town" };
        var keyFile = new Option<string?>("--key-file") { Description = "For a backup of another installation: a file with its recovery key, or a copy of that installation's secrets/backup" };
        var slug = new Option<string?>("--slug") { Description = "Another address than it had" };
        var server = new Option<string?>("--server") { Description = "The database server, of KOMACHI_POSTGRES_<NAME>" };
        var replace = new Option<bool>("--replace") { Description = "Put it in the place of the town that has this address; that one is dropped when the new one stands" };
        var json = new Option<bool>("--json") { Description = "One JSON document instead of lines" };
        var command = new Command("restore", "Bring a town back from its backup; everything is checked before anything is touched") { file, keyFile, slug, server, replace, json };
        command.SetAction(async (given, stop) =>
        {
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            var began = Environment.TickCount64;
            var said = new List<string>();
            var town = await TownRestore.Read(operation, given.GetRequiredValue(file), given.GetValue(slug), given.GetValue(server), given.GetValue(replace), stop, given.GetValue(keyFile), said.Add);
            var took = Environment.TickCount64 - began;
            if (given.GetValue(json)) Say.Json(new { town.Slug, town.Code, town.Server, town.Database, Milliseconds = took, Said = said });
            else
            {
                Say.Line($"{town.Slug} ({town.Name.GetValueOrDefault("ja")}) was restored in {took} ms.");
                said.ForEach(Say.Line);
            }
            return Exit.Done;
        });
        return command;
    }
}
