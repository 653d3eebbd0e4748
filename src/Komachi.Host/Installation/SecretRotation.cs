using System.Security.Cryptography;
using System.Text;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Npgsql;

namespace Komachi.Host;

/// <summary>
/// Exchanges the installation's secret. The new one stands beside the old (<c>secrets/serving.next</c>) until everything is
/// under it, then takes its place, and the old one (<c>serving.before</c>) goes when nothing needs it any more. Ended at
/// any moment, the next run goes on: each step changes only what is not yet changed. Processes that serve open what is under
/// either, and end to be started anew when another secret stands in the folder.
/// </summary>
static class SecretRotation
{
    public const string Current = "serving", Next = "serving.next", Before = "serving.before";

    public sealed record Outcome(bool WentOn, int Towns, int Keys);

    /// <param name="step">Told before each step; tests end it there.</param>
    public static async Task<Outcome> Run(Operation operation, TimeProvider time, Action<string>? step, CancellationToken stop)
    {
        var where = operation.Where;
        await using var control = await where.Servers.OpenOwner(Servers.Main, where.Servers.Control, stop);
        await using (var alone = new NpgsqlCommand("SELECT pg_try_advisory_lock(7264, 3)", control))
            if (await alone.ExecuteScalarAsync(stop) is not true) throw Refused.Failed("Another command is just exchanging the secret.");

        var keys = 0;
        var wentOn = where.Found(Next) is not null || where.Found(Before) is not null;
        if (!wentOn)
        {
            step?.Invoke("new secret");
            Write(Next, RandomNumberGenerator.GetBytes(32));
        }
        var former = where.Found(Current)!;
        if (where.Found(Next) is { } next)
        {
            var entry = AuditEntry.ByOperator("house.rotate_installation_secret", "installation/" + NameOf(next), "komachi keys rotate --installation", time.GetUtcNow());
            foreach (var town in operation.Registry.Towns)
            {
                step?.Invoke(town.Slug);
                await using var owner = await where.Servers.OpenOwner(town.Server, town.Database, stop);
                keys += await InstallationSeal.MoveTown(owner, former, next, entry, stop);
            }
            step?.Invoke("control");
            await InstallationSeal.MoveControl(control, former, next, stop);
            if (where.Found("demo") is null) Write("demo", Encoding.ASCII.GetBytes(where.DemoPassword));

            // From here until the last file has its name, what serves cannot open new connections: it takes as long as this.
            var migrator = new Migrator(operation.House, where.Servers.With(next));
            foreach (var server in where.Servers.Names)
            {
                step?.Invoke("passwords on " + server);
                var databases = operation.Registry.Towns.Where(t => t.Server == server).Select(t => t.Database);
                await migrator.SetPasswords(server, [.. databases, .. server == Servers.Main ? [where.Servers.Control] : Array.Empty<string>()], CancellationToken.None);
            }
            step?.Invoke("keep the former secret");
            Write(Before, former);
            step?.Invoke("exchange");
            File.Move(Path.Combine(where.Secrets, Next), Path.Combine(where.Secrets, Current), overwrite: true);
        }

        // A process may have made a key under the former secret while its town was behind us already.
        var (now, before) = (where.Found(Current)!, where.Found(Before)!);
        foreach (var town in operation.Registry.Towns)
        {
            step?.Invoke("once more " + town.Slug);
            await using var owner = await where.Servers.OpenOwner(town.Server, town.Database, stop);
            keys += await InstallationSeal.MoveTown(owner, before, now, null, stop);
        }
        await InstallationSeal.MoveControl(control, before, now, stop);
        step?.Invoke("forget the former secret");
        File.Delete(Path.Combine(where.Secrets, Before));
        return new(wentOn, operation.Registry.Towns.Count, keys);

        void Write(string name, byte[] secret) => Unix.WriteWhole(Path.Combine(where.Secrets, name), secret, secret: true);
    }

    /// <summary>Tells two secrets apart without telling anything of them.</summary>
    public static string NameOf(byte[] secret) => Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 6, info: "komachi secret name"u8.ToArray()));
}
