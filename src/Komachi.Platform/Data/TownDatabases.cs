using System.Collections.Concurrent;
using Komachi.Platform.Towns;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql;

namespace Komachi.Platform.Data;

/// <summary>
/// Opens towns' databases. One data source and one set of options a town, and a fresh context each time: a pooled
/// context handed to the next town was seen to ask the previous one's database.
/// </summary>
public sealed class TownDatabases(House house, Servers servers, Doorbell bell, TimeProvider time) : IAsyncDisposable
{
    readonly ConcurrentDictionary<(string Server, string Database), Way> _ways = new();
    readonly Servers _servers = servers;

    // One model for all towns, made here: left to itself, EF looks for it anew with each context.
    readonly IModel _model = ModelOf(house);

    public TownDb Open(Town town) => new(To(town).Options, house, town, bell, time);

    public NpgsqlDataSource Source(Town town) => To(town).Source;

    /// <summary>Whether this program and that database fit each other; asked once, and again while they do not.</summary>
    public async ValueTask<bool> Fits(Town town, CancellationToken stop)
    {
        var way = To(town);
        if (way.Fits) return true;
        return way.Fits = await SchemaRange.Fits(way.Source, house.Migrations, stop);
    }

    Way To(Town town) => _ways.GetOrAdd((town.Server, town.Database), static (key, all) =>
    {
        var source = new NpgsqlDataSourceBuilder(all._servers.ServingString(key.Server, key.Database)).Build();
        var options = new DbContextOptionsBuilder<TownDb>().UseNpgsql(source).UseModel(all._model).ReplaceService<IModificationCommandBatchFactory, OneMessage>()
            .AddInterceptors(new RoomOnServer(() => all.LetGo(key))).EnableThreadSafetyChecks(false).Options;
        return new(source, options);
    }, this);

    static IModel ModelOf(House house)
    {
        using var db = new TownDb(new DbContextOptionsBuilder<TownDb>().UseNpgsql().Options, house, null!, null!, null!);
        return db.Model;
    }

    /// <summary>Closes what the other towns of the server keep open and do not use.</summary>
    void LetGo((string Server, string Database) forWhom)
    {
        foreach (var (key, way) in _ways)
            if (key.Server == forWhom.Server && key != forWhom) way.Source.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var way in _ways.Values) await way.Source.DisposeAsync();
    }

    sealed class Way(NpgsqlDataSource source, DbContextOptions<TownDb> options)
    {
        public readonly NpgsqlDataSource Source = source;
        public readonly DbContextOptions<TownDb> Options = options;
        public volatile bool Fits;
    }
}
