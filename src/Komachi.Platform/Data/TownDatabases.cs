using System.Collections.Concurrent;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Komachi.Platform.Data;

/// <summary>
/// Opens towns' databases. Each town has a data source and a pool of contexts of its own, which know no other database: a
/// pool for all towns was seen to ask the previous one's.
/// </summary>
public sealed class TownDatabases : IAsyncDisposable
{
    const int ContextsKept = 32;

    readonly ConcurrentDictionary<(string Server, string Database), Way> _ways = new();
    readonly House _house;
    readonly Servers _servers;
    readonly Doorbell _bell;
    readonly TimeProvider _time;
    readonly IModel _model;

    public TownDatabases(House house, Servers servers, Doorbell bell, TimeProvider time)
    {
        (_house, _servers, _bell, _time) = (house, servers, bell, time);
        // One model for all towns, made here: left to itself, EF looks for it anew with each context.
        _model = ModelOf(house);
        bell.Broke += LetGo;
    }

    public TownDb Open(Town town) => To(town).Pool.CreateDbContext().For(town, _house, _bell, _time);

    internal TownDb Open(Visit visit) => Open(visit.Town).Knowing(visit.Edition);

    /// <summary>A connection for a statement by hand.</summary>
    public async ValueTask<NpgsqlConnection> Connect(Town town, CancellationToken stop = default)
    {
        var way = To(town);
        var connection = way.Source.CreateConnection();
        await way.Room.Open(connection, stop);
        return connection;
    }

    /// <summary>For who asks again anyway when there is no room.</summary>
    internal NpgsqlDataSource Source(Town town) => To(town).Source;

    /// <summary>Whether this program and that database fit each other; asked once, and again while they do not.</summary>
    public async ValueTask<bool> Fits(Town town, CancellationToken stop)
    {
        var way = To(town);
        if (way.Fits) return true;
        await using var connection = await Connect(town, stop);
        return way.Fits = await SchemaRange.Fits(connection, _house.Migrations, stop);
    }

    Way To(Town town) => _ways.GetOrAdd((town.Server, town.Database), static (key, all) =>
    {
        var source = new NpgsqlDataSourceBuilder(all._servers.ServingString(key.Server, key.Database)).Build();
        var room = new RoomOnServer(() => all.LetGo(key));
        var options = new DbContextOptionsBuilder<TownDb>().UseNpgsql(source).UseModel(all._model).AddInterceptors(room).EnableThreadSafetyChecks(false).Options;
        return new(source, room, new(options, ContextsKept));
    }, this);

    static IModel ModelOf(House house)
    {
        using var db = new TownDb(new DbContextOptionsBuilder<TownDb>().UseNpgsql().Options).For(null!, house, null!, null!);
        return db.Model;
    }

    /// <summary>Closes what the other towns of the server keep open and do not use.</summary>
    void LetGo((string Server, string Database) forWhom)
    {
        foreach (var (key, way) in _ways)
            if (key.Server == forWhom.Server && key != forWhom) way.Source.Clear();
    }

    void LetGo()
    {
        foreach (var way in _ways.Values) way.Source.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        _bell.Broke -= LetGo;
        foreach (var way in _ways.Values) await way.Source.DisposeAsync();
    }

    sealed class Way(NpgsqlDataSource source, RoomOnServer room, PooledDbContextFactory<TownDb> pool)
    {
        public readonly NpgsqlDataSource Source = source;
        public readonly RoomOnServer Room = room;
        public readonly PooledDbContextFactory<TownDb> Pool = pool;
        public volatile bool Fits;
    }
}
