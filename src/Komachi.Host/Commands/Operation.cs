using System.Collections.Concurrent;
using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Komachi.Host;

/// <summary>
/// What a command works with: the databases as their owner. When the private PostgreSQL does not run, it runs for as long
/// as the command does.
/// </summary>
public sealed class Operation : IAsyncDisposable
{
    public enum Needs { Server, Registry }

    readonly FileStream? _alone;
    readonly ProcessMark? _started;
    readonly ConcurrentDictionary<string, bool> _toSeal = new();

    Operation(Installation where, House house, FileStream? alone, ProcessMark? started)
    {
        (Where, House, _alone, _started) = (where, house, alone, started);
        Control = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(where.Servers.OwnerString(Servers.Main, where.Servers.Control))
        {
            Pooling = true, MinPoolSize = 0, MaxPoolSize = 4,
        });
        Registry = new(Control);
        Migrator = new(house, where.Servers);
        var bell = new Doorbell(Control, Registry, TimeProvider.System, NullLogger<Doorbell>.Instance);
        bell.WaitsForSeal += slug => _toSeal[slug] = true;
        Databases = new(house, where.Servers, bell, TimeProvider.System);
        Anchors = new(where.Anchors, NullLogger<Anchors>.Instance);
        Loader = new(house, where.Servers, Migrator, Registry, Databases, TimeProvider.System);
    }

    public Installation Where { get; }
    public House House { get; }
    public NpgsqlDataSource Control { get; }
    public Registry Registry { get; }
    public Migrator Migrator { get; }
    public TownDatabases Databases { get; }
    public TownLoader Loader { get; }
    public Anchors Anchors { get; }

    public static async Task<Operation> Begin(Installation where, House house, Needs needs, CancellationToken stop)
    {
        FileStream? alone = null;
        ProcessMark? started = null;
        if (where.Postgres is { } postgres && !await postgres.Serves(stop))
        {
            alone = where.TryLock() ?? throw Refused.CannotRunHere($"The PostgreSQL of {where.Folder} is just being started or ended by another Komachi: try again in a moment.");
            started = await postgres.Start([], _ => { }, stop);
        }
        var operation = new Operation(where, house, alone, started);
        try
        {
            if (needs == Needs.Registry) await operation.ReadRegistry(stop);
            return operation;
        }
        catch
        {
            await operation.DisposeAsync();
            throw;
        }
    }

    public Town Town(string slug) => Registry.Find(slug) ?? throw Refused.Failed($"There is no town \"{slug}\": komachi town list says which there are.");

    /// <summary>Tells the processes that serve that a town has something to do.</summary>
    public async Task Ring(Town town, CancellationToken stop)
    {
        await using var ring = Control.CreateCommand("SELECT pg_notify('komachi', $1)");
        ring.Parameters.Add(new() { Value = town.Slug });
        await ring.ExecuteNonQueryAsync(stop);
    }

    async Task ReadRegistry(CancellationToken stop)
    {
        try
        {
            await Registry.Refresh(stop);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            throw Refused.CannotRunHere("There is no Komachi in this database yet: komachi migrate makes it.");
        }
    }

    public sealed record Outcome(string What, string? Error, double Seconds);

    /// <summary>
    /// Control, template, then all towns, four at once. What fails in one is its own: each migration is a transaction, so
    /// the town stays as it was and the others go on.
    /// </summary>
    public async Task<IReadOnlyList<Outcome>> MigrateAll(CancellationToken stop, Action<Outcome>? each = null)
    {
        var outcomes = new List<Outcome>();
        // Without the registry there is nothing to go on with: this one may throw.
        await Migrator.MigrateControl(stop);
        await Registry.Refresh(stop);
        foreach (var server in Where.Servers.Names) Add(await Try($"template on {server}", () => Migrator.MigrateTemplate(server, stop), stop));
        await Parallel.ForEachAsync(Registry.Towns, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = stop }, async (town, _) =>
            Add(await Try(town.Slug, () => Migrator.MigrateTown(town.Server, town.Database, stop), stop)));
        return outcomes;

        void Add(Outcome outcome)
        {
            lock (outcomes)
            {
                outcomes.Add(outcome);
                each?.Invoke(outcome);
            }
        }
    }

    static async Task<Outcome> Try(string what, Func<Task> migrate, CancellationToken stop)
    {
        var began = Environment.TickCount64;
        string? error = null;
        try
        {
            await migrate();
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            error = $"{what}: {Sentences.Of(e)}";
        }
        return new(what, error, (Environment.TickCount64 - began) / 1000.0);
    }

    /// <summary>What the command wrote into the audit is sealed at its end: perhaps nothing serves that would do it. If it cannot be now, the sweep does.</summary>
    async Task Seal()
    {
        var sealer = new Sealer(Databases, Anchors, TimeProvider.System, NullLogger<Sealer>.Instance);
        foreach (var slug in _toSeal.Keys)
            try
            {
                if (Registry.Find(slug) is { } town) await sealer.Seal(town);
            }
            catch (Exception e) when (e is NpgsqlException or IOException or UnauthorizedAccessException or TimeoutException) { }
    }

    public async ValueTask DisposeAsync()
    {
        await Seal();
        await Databases.DisposeAsync();
        await Control.DisposeAsync();
        if (_started is { } postmaster) await Where.Postgres!.Stop(postmaster, TimeSpan.FromSeconds(30));
        if (_alone is not null) await _alone.DisposeAsync();
    }
}
