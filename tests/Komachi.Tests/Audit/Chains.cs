using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Tests.Harness;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Komachi.Tests.Audit;

/// <summary>A town whose audit is written, sealed, tampered with and read again.</summary>
static class Chains
{
    public static readonly Anchors NoAnchors = new((string?)null, NullLogger<Anchors>.Instance);

    public static Anchors In(string folder) => new(folder, NullLogger<Anchors>.Instance);

    public static Sealer SealerOf(TestProgram program, Anchors? anchors = null) =>
        new(program.Service<TownDatabases>(), anchors ?? NoAnchors, TimeProvider.System, NullLogger<Sealer>.Instance);

    public static async Task Write(this TestTown town, int entries = 4, string action = "chains.write", Guid? actor = null, Guid? about = null, DateTimeOffset? at = null)
    {
        await using var db = town.Open();
        for (var i = 0; i < entries; i++)
            db.Audit(new()
            {
                At = at ?? TimeProvider.System.GetUtcNow(), Action = action, ActorId = actor, AboutId = about,
                Subject = "chains/1", Reason = "見本の理由", RequestId = "r-1", FromAddress = "192.0.2.7", Details = """{"b": 2, "a": "𠮷"}""",
            });
        await db.Save();
    }

    /// <summary>Until nothing waits: transactions of other tests are in the same cluster, and may hold it back for a moment.</summary>
    public static async Task<Sealing> Seal(this TestTown town, Anchors? anchors = null)
    {
        var (sealer, all) = (SealerOf(town.Program, anchors), 0);
        for (var i = 0; i < 1000; i++)
        {
            var outcome = await sealer.Seal(town.Town);
            all += outcome.Sealed;
            if (!outcome.Busy && outcome.WaitingSince is null) return outcome with { Sealed = all };
            await Task.Delay(20);
        }
        throw new TimeoutException("Something is open for long.");
    }

    /// <summary>Three blocks of four entries each.</summary>
    public static async Task<TestTown> Sealed(this TestProgram program, Anchors? anchors = null)
    {
        var town = await program.NewTown();
        for (var i = 0; i < 3; i++)
        {
            await town.Write();
            await town.Seal(anchors);
        }
        return town;
    }

    public static Task<ChainState> Check(this TestTown town, Anchors? anchors = null) =>
        new ChainCheck(town.Program.Service<TownDatabases>(), anchors ?? NoAnchors).Run(town.Town);

    /// <summary>As the owner of the database, who may do anything there.</summary>
    public static async Task Tamper(this TestTown town, string sql)
    {
        await using var owner = await town.Program.Servers.OpenOwner(town.Town.Server, town.Town.Database);
        await using var command = new NpgsqlCommand(sql, owner);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<T> Ask<T>(this TestTown town, string sql)
    {
        await using var ask = town.Source.CreateCommand(sql);
        return (T)(await ask.ExecuteScalarAsync())!;
    }

    public static string Kinds(this ChainState state) => string.Join(' ', state.Findings.Select(f => $"{f.Kind}:{f.Block}"));
}
