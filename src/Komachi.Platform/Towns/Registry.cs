using System.Collections.Frozen;
using System.Text.Json;
using Komachi.Platform.Data;
using Npgsql;

namespace Komachi.Platform.Towns;

/// <summary>Somebody who was forgotten; or, while a hold stops it, who asked to be.</summary>
public readonly record struct ErasedPerson(Guid PersonId, DateOnly AskedOn, bool Held);

/// <summary>
/// The registry of towns in the control database. What pages ask (<see cref="Find"/>) is a picture in memory, taken
/// again when the doorbell rings for the registry and at every slow sweep.
/// </summary>
public sealed class Registry(NpgsqlDataSource control)
{
    readonly SemaphoreSlim _one = new(1);    // of two that read, the one that began first must not have the last word
    volatile Picture _picture = new([]);

    /// <summary>A town is new, open again, closed, or somewhere else.</summary>
    internal event Action<Town>? Changed;

    public IReadOnlyList<Town> Towns => _picture.Towns;

    public Town? Find(ReadOnlySpan<char> slug) => _picture.BySlug.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(slug, out var town) ? town : null;

    public Town? ByHost(string host) => _picture.ByHost.GetValueOrDefault(host);

    public async Task Refresh(CancellationToken stop = default)
    {
        await _one.WaitAsync(stop);
        try
        {
            var before = Towns.Select(Where).ToHashSet();
            _picture = await Read(stop);
            foreach (var town in Towns)
                if (!before.Contains(Where(town))) Changed?.Invoke(town);
        }
        finally
        {
            _one.Release();
        }

        static (string, TownState, string, string) Where(Town town) => (town.Slug, town.State, town.Server, town.Database);
    }

    async Task<Picture> Read(CancellationToken stop)
    {
        var towns = new List<Town>();
        await using var read = control.CreateCommand("SELECT slug, code, profile, hosts, modules, server, database, state FROM registry.towns ORDER BY code, slug");
        await using var rows = await read.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
            towns.Add(new(rows.GetString(0), rows.GetString(1),
                JsonSerializer.Deserialize<TownProfile>(rows.GetString(2), Json)!,
                rows.GetFieldValue<string[]>(3).ToFrozenSet(StringComparer.OrdinalIgnoreCase),
                rows.GetFieldValue<string[]>(4).ToFrozenSet(),
                rows.GetString(5), rows.GetString(6),
                rows.GetString(7) == "suspended" ? TownState.Suspended : TownState.Open));
        return new(towns);
    }

    /// <summary>Enters a town, or brings its entry up to what its file says now.</summary>
    public async Task Enter(TownFile file, string slug, string server, string database, CancellationToken stop = default)
    {
        await using var connection = await control.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await using (var alone = new NpgsqlCommand("SELECT pg_advisory_xact_lock(7264, 2)", connection)) await alone.ExecuteNonQueryAsync(stop);
        await using (var taken = new NpgsqlCommand("SELECT slug FROM registry.towns WHERE slug <> $1 AND EXISTS (SELECT FROM unnest(hosts) h WHERE lower(h) = ANY ($2)) LIMIT 1", connection)
        {
            Parameters = { new() { Value = slug }, new() { Value = file.Hosts.Select(h => h.ToLowerInvariant()).ToArray() } },
        })
            if (await taken.ExecuteScalarAsync(stop) is string other) throw new BadTown($"{slug}: one of its host names leads to \"{other}\" already.");
        await using var write = new NpgsqlCommand("""
            INSERT INTO registry.towns (slug, code, profile, hosts, modules, server, database, state)
            VALUES ($1, $2, $3::jsonb, $4, $5, $6, $7, 'open')
            ON CONFLICT (slug) DO UPDATE SET code = $2, profile = $3::jsonb, hosts = $4, modules = $5
            """, connection);
        var profile = new TownProfile { Name = file.Name, Prefecture = file.Prefecture, Colour = file.Colour, Pattern = file.Pattern, Office = file.Office, Training = file.Training };
        foreach (object value in new object[] { slug, file.Code, JsonSerializer.Serialize(profile, Json), file.Hosts.ToArray(), file.Modules.ToArray(), server, database })
            write.Parameters.Add(new() { Value = value });
        await write.ExecuteNonQueryAsync(stop);
        await transaction.CommitAsync(stop);
        await Announce(stop);
    }

    public async Task<bool> SetState(string slug, TownState state, CancellationToken stop = default)
    {
        await using var write = control.CreateCommand("UPDATE registry.towns SET state = $2 WHERE slug = $1");
        write.Parameters.Add(new() { Value = slug });
        write.Parameters.Add(new() { Value = state == TownState.Suspended ? "suspended" : "open" });
        var found = await write.ExecuteNonQueryAsync(stop) == 1;
        await Announce(stop);
        return found;
    }

    /// <summary>The same town in another database: after a restore has been verified.</summary>
    public async Task PointTo(string slug, string database, CancellationToken stop = default)
    {
        await using var write = control.CreateCommand("UPDATE registry.towns SET database = $2 WHERE slug = $1");
        write.Parameters.Add(new() { Value = slug });
        write.Parameters.Add(new() { Value = database });
        await write.ExecuteNonQueryAsync(stop);
        await Announce(stop);
    }

    /// <summary>For the operator's page: when the town was last saved.</summary>
    public async Task NoteBackup(string slug, DateTimeOffset at, long bytes, CancellationToken stop = default)
    {
        await using var note = control.CreateCommand("INSERT INTO registry.backups (id, town, at, bytes) VALUES ($1, $2, $3, $4)");
        foreach (object value in new object[] { Id.New(), slug, at, bytes }) note.Parameters.Add(new() { Value = value });
        await note.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Keeps in mind, outside of the towns' own backups, who was forgotten. Once something of somebody is gone, no later word says that it is not.</summary>
    public async Task NoteErasures(IReadOnlyCollection<ErasedPerson> persons, CancellationToken stop = default)
    {
        if (persons.Count == 0) return;
        await using var note = control.CreateCommand("""
            INSERT INTO registry.erasures AS known (person_id, asked_on, held) SELECT * FROM unnest($1, $2, $3)
            ON CONFLICT (person_id) DO UPDATE SET held = known.held AND excluded.held
            """);
        foreach (object value in new object[] { persons.Select(p => p.PersonId).ToArray(), persons.Select(p => p.AskedOn).ToArray(), persons.Select(p => p.Held).ToArray() }) note.Parameters.Add(new() { Value = value });
        await note.ExecuteNonQueryAsync(stop);
    }

    /// <summary>All of them, of whichever town: a person's number is theirs alone.</summary>
    public async Task<IReadOnlyList<ErasedPerson>> Erasures(CancellationToken stop = default)
    {
        var known = new List<ErasedPerson>();
        await using var read = control.CreateCommand("SELECT person_id, asked_on, held FROM registry.erasures");
        await using var rows = await read.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) known.Add(new(rows.GetGuid(0), rows.GetFieldValue<DateOnly>(1), rows.GetBoolean(2)));
        return known;
    }

    /// <summary>Of whom no backup can hold anything any more. As the owner: what serves pages may not forget a forgetting.</summary>
    public async Task ForgetErasures(DateOnly before, CancellationToken stop = default)
    {
        await using var forget = control.CreateCommand("DELETE FROM registry.erasures WHERE asked_on < $1");
        forget.Parameters.Add(new() { Value = before });
        await forget.ExecuteNonQueryAsync(stop);
    }

    public async Task Remove(string slug, CancellationToken stop = default)
    {
        await using var write = control.CreateCommand("DELETE FROM registry.towns WHERE slug = $1");
        write.Parameters.Add(new() { Value = slug });
        await write.ExecuteNonQueryAsync(stop);
        await Announce(stop);
    }

    async Task Announce(CancellationToken stop)
    {
        await using var ring = control.CreateCommand("SELECT pg_notify($1, '')");
        ring.Parameters.Add(new() { Value = Doorbell.Channel });
        await ring.ExecuteNonQueryAsync(stop);
        await Refresh(stop);
    }

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    sealed class Picture(List<Town> towns)
    {
        public readonly IReadOnlyList<Town> Towns = towns;
        public readonly FrozenDictionary<string, Town> BySlug = towns.ToFrozenDictionary(t => t.Slug);
        public readonly FrozenDictionary<string, Town> ByHost = towns.SelectMany(t => t.Hosts.Select(h => (h, t)))
            // Enter sees to it that a host leads to one town; a row written by hand must not end every program.
            .DistinctBy(p => p.h, StringComparer.OrdinalIgnoreCase).ToFrozenDictionary(p => p.h, p => p.t, StringComparer.OrdinalIgnoreCase);
    }
}
