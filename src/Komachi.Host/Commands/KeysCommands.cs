using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;

namespace Komachi.Host.Commands;

/// <summary><c>komachi keys …</c></summary>
static class KeysCommands
{
    public static Command Make() => new("keys", "List and rotate keys: of the towns, of backups, of the installation; and seal anew what older ones sealed") { List(), Rotate(), Reseal() };

    static Command List()
    {
        var json = new Option<bool>("--json") { Description = "One JSON document instead of lines" };
        var command = new Command("list", "Which keys there are and how old they are; never the keys themselves") { json };
        command.SetAction(async (given, stop) =>
        {
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            var where = operation.Where;
            var secrets = new List<(string Name, string Id, DateTimeOffset MadeAt)> { ("installation", SecretRotation.NameOf(where.Found(SecretRotation.Current)!), Written(SecretRotation.Current)) };
            foreach (var (key, n) in where.BackupKeys.Select((k, i) => (k, i + 1))) secrets.Add(($"backup {n}", Convert.ToHexStringLower(key.Id), Written(n == 1 ? "backup" : $"backup.{n}")));
            var unfinished = where.Found(SecretRotation.Next) is not null || where.Found(SecretRotation.Before) is not null;
            var towns = new List<(string Town, TownKeyRing Ring, IReadOnlyList<InUse> Used)>();
            foreach (var town in operation.Registry.Towns) towns.AddRange((await RingsOf(operation, town, stop)).Select(r => (town.Slug, r.Ring, r.Used)));
            if (given.GetValue(json))
                Say.Json(new { Secrets = secrets.Select(s => new { s.Name, s.Id, s.MadeAt }), RotationUnfinished = unfinished, Towns = towns.Select(t => new { t.Town, t.Ring.Purpose, t.Ring.Newest, t.Ring.Keys, t.Ring.MadeAt, t.Used }) });
            else
            {
                Say.Table([["SECRET", "ID", "MADE"], .. secrets.Select(s => (IReadOnlyList<string>)[s.Name, s.Id, Day(s.MadeAt)])]);
                if (unfinished) Say.Line("A rotation of the installation's secret was not finished: komachi keys rotate --installation goes on.");
                Say.Line("");
                if (towns.Count == 0) Say.Line("No town has keys yet: they are made when something is first encrypted.");
                else Say.Table([["TOWN", "PURPOSE", "NEWEST", "KEYS", "MADE", "OLDER KEYS STILL SEAL"], .. towns.Select(t => (IReadOnlyList<string>)[t.Town, t.Ring.Purpose, Text(t.Ring.Newest), Text(t.Ring.Keys), Day(t.Ring.MadeAt), Older(t.Ring, t.Used)])]);
            }
            return Exit.Done;

            DateTimeOffset Written(string name) => File.GetLastWriteTimeUtc(Path.Combine(where.Secrets, name));
        });
        return command;
    }

    /// <summary>So many values of a town are sealed by this key.</summary>
    internal sealed record InUse(int Key, long Values);

    internal static async Task<IReadOnlyList<(TownKeyRing Ring, IReadOnlyList<InUse> Used)>> RingsOf(Operation operation, Platform.Towns.Town town, CancellationToken stop)
    {
        await using var db = operation.Databases.Open(town);
        var counted = await new Resealing(operation.Databases, KeysOf(operation)).Count(town, operation.House.All<SealedColumn>(), stop);
        return [.. (await TownKeys.List(db, stop)).Select(ring => (ring, (IReadOnlyList<InUse>)[.. counted.Where(c => c.Key.Purpose == ring.Purpose).OrderBy(c => c.Key.Number).Select(c => new InUse(c.Key.Number, c.Value))]))];
    }

    static string Older(TownKeyRing ring, IReadOnlyList<InUse> used) =>
        ring.Keys == 1 ? "–" : used.Where(u => u.Key < ring.Newest).ToArray() is { Length: > 0 } older ? string.Join(", ", older.Select(u => $"key {u.Key}: {u.Values}")) : "nothing";

    static TownKeys KeysOf(Operation operation) => new(operation.Databases, operation.Where.Servers, TimeProvider.System);

    static Command Reseal()
    {
        var town = new Option<string?>("--town") { Description = "One town; otherwise all" };
        var purpose = new Option<string?>("--purpose") { Description = "What keys of one purpose sealed, as komachi keys list says; otherwise all" };
        var command = new Command("reseal", "Seal anew with the newest key what older keys of a town sealed. May run while towns are served, and be ended and begun anew at any time") { town, purpose };
        command.SetAction(async (given, stop) =>
        {
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            var (again, lost) = await ResealTowns(operation, given.GetValue(town) is { } slug ? [operation.Town(slug)] : operation.Registry.Towns, given.GetValue(purpose), stop);
            Say.Line(again == 0 ? "Nothing was sealed by older keys." : $"{again} {(again == 1 ? "value was" : "values were")} sealed anew.");
            if (lost > 0) Say.Line($"{lost} {(lost == 1 ? "value does" : "values do")} not open and {(lost == 1 ? "was" : "were")} left: the key was thrown away, or the value was changed.");
            Say.Line("Processes that serve use a newer key within a minute after it was made: what they sealed until then, another run seals anew. komachi keys list says what older keys still seal.");
            return Exit.Done;
        });
        return command;
    }

    internal static async Task<(int Sealed, int Lost)> ResealTowns(Operation operation, IReadOnlyList<Platform.Towns.Town> towns, string? purpose, CancellationToken stop)
    {
        var resealing = new Resealing(operation.Databases, KeysOf(operation));
        var (all, lost) = (0, 0);
        foreach (var one in towns)
        {
            var done = new SortedDictionary<string, int>();
            foreach (var at in operation.House.All<SealedColumn>().Where(c => purpose is null || c.Purpose == purpose))
            {
                var (again, gone) = await resealing.Run(one, at, stop);
                if (again > 0) done[at.Purpose] = done.GetValueOrDefault(at.Purpose) + again;
                (all, lost) = (all + again, lost + gone);
            }
            if (done.Count == 0) continue;
            await using var db = operation.Databases.Open(one);
            db.Audit(new() { At = TimeProvider.System.GetUtcNow(), Action = "house.reseal", Subject = "keys", Reason = "komachi keys reseal", Details = AuditEntry.DetailsOf(done) });
            await db.Save(stop: stop);
        }
        return (all, lost);
    }

    static Command Rotate()
    {
        var town = new Option<string?>("--town") { Description = "One town's keys; otherwise all towns'" };
        var purpose = new Option<string?>("--purpose") { Description = "One purpose's keys, as komachi keys list says; otherwise all" };
        var installation = new Option<bool>("--installation") { Description = "The installation's secret, under which the towns' keys, the form keys and the logins of the databases stand" };
        var backup = new Option<bool>("--backup") { Description = "The key for backups: those that are written from now on need the newer one" };
        var command = new Command("rotate", "Make newer keys. What the older keys of a town sealed stays readable; what is sealed from now on has the newer one") { town, purpose, installation, backup };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(installation) ? 1 : 0) + (result.GetValue(backup) ? 1 : 0) + (result.GetValue(town) is null && result.GetValue(purpose) is null ? 0 : 1) > 1)
                result.AddError("Rotate one kind at a time: towns' keys, --installation, or --backup.");
        });
        command.SetAction(async (given, stop) =>
        {
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            if (given.GetValue(backup))
            {
                var n = operation.Where.BackupKeys.Count + 1;
                Unix.WriteWhole(Path.Combine(operation.Where.Secrets, $"backup.{n}"), RandomNumberGenerator.GetBytes(32), secret: true);
                Say.Line($"Backups are from now on encrypted with secrets/backup.{n}: keep a copy in a safe. The older ones open what they sealed: keep them as long as those backups.");
                return Exit.Done;
            }
            if (given.GetValue(installation))
            {
                var outcome = await SecretRotation.Run(operation, TimeProvider.System, null, stop);
                if (outcome.WentOn) Say.Line("Went on with a rotation that had been begun and not finished.");
                Say.Line($"The installation has a new secret: {outcome.Keys} keys of {outcome.Towns} towns were sealed anew, and the databases' logins have new passwords.");
                Say.Line("komachi up starts the web process anew by itself, within seconds. Processes that were started otherwise, or on another machine with a copy of secrets/, end or answer 503: give them the new secrets/serving and start them again.");
                return Exit.Done;
            }
            var made = await RotateTowns(operation, given.GetValue(town) is { } slug ? [operation.Town(slug)] : operation.Registry.Towns, given.GetValue(purpose), stop);
            if (made == 0) throw Refused.Failed(given.GetValue(purpose) is { } p ? $"No town has a key for \"{p}\": komachi keys list says which there are." : "There are no keys yet: they are made when something is first encrypted.");
            Say.Line($"{made} {(made == 1 ? "key was" : "keys were")} made. Processes that serve use them within a minute; komachi keys reseal then seals anew what the older ones sealed.");
            return Exit.Done;
        });
        return command;
    }

    internal static async Task<int> RotateTowns(Operation operation, IReadOnlyList<Platform.Towns.Town> towns, string? purpose, CancellationToken stop)
    {
        var keys = KeysOf(operation);
        var made = 0;
        foreach (var one in towns)
        {
            await using var db = operation.Databases.Open(one);
            foreach (var ring in (await TownKeys.List(db, stop)).Where(r => r.Purpose != TownKeys.Receipts && (purpose is null || r.Purpose == purpose)))
            {
                var number = await keys.Rotate(db, ring.Purpose, stop);
                db.Audit(AuditEntry.ByOperator("house.rotate_key", $"keys/{ring.Purpose}/{number}", "komachi keys rotate", TimeProvider.System.GetUtcNow()));
                made++;
            }
            await db.Save(stop: stop);
        }
        return made;
    }

    static string Day(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
