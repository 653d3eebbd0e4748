using System.Text.Json.Nodes;
using System.Threading.Channels;
using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Komachi.Platform.Audit;

/// <summary>What was refused to one account, or to one network, in one quarter of an hour.</summary>
sealed class RefusalCount
{
    public required string Action { get; init; }

    /// <summary>The account that asked or that was aimed at, else the network; empty for all who come when there are too many to tell apart.</summary>
    public required string Whose { get; init; }
    public DateTimeOffset WindowAt { get; init; }
    public Guid? ActorId { get; init; }
    public string? Subject { get; init; }
    public string? FromAddress { get; init; }
    public int Count { get; init; }

    /// <summary>So many stand in the first entry.</summary>
    public int Told { get; init; }

    /// <summary>Routes and names of counts: words of ours, nothing that was typed.</summary>
    public string[] Places { get; init; } = [];

    public static void Map(ModelBuilder model) => model.Entity<RefusalCount>(e =>
    {
        e.ToTable("refusals");
        e.HasKey(r => new { r.Action, r.Whose, r.WindowAt });
    });
}

/// <summary>
/// Puts on record what was refused, without letting anybody flood the record: the first of a kind by an account or network is an entry
/// at once, all others of its quarter of an hour are one more entry at its end. Answers do not wait for it: it is noted in memory,
/// counted there while much comes, and written beside them.
/// </summary>
sealed class Refusals(TownDatabases databases, Registry registry, TimeProvider time, ILogger<Refusals> log) : BackgroundService
{
    public const string NoRight = "house.no_right", WrongToken = "house.wrong_token", TooOften = "house.too_often", WrongCode = "people.code_refused";

    /// <summary>Whatever says no, those that stand one by one included.</summary>
    internal static readonly string[] Kinds = [NoRight, WrongToken, TooOften, WrongCode, Systems.SystemDoor.KeyRefused, "people.sign_in_refused", "people.second_factor_refused"];

    internal static readonly TimeSpan Window = TimeSpan.FromMinutes(15);
    static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(250), Patience = TimeSpan.FromSeconds(5), AfterTrouble = TimeSpan.FromSeconds(5);

    /// <summary>In one town, of one kind, told apart by account or network; whoever comes then is counted with all others.</summary>
    const int MostOfAKind = 100;
    const int MostInMemory = 5000, MostPlaces = 20, MostTries = 100, TriesAtTheEnd = 3;

    readonly record struct Key(string Town, string Action, string Whose, DateTimeOffset WindowAt);

    sealed record Noted(DateTimeOffset At, Guid? ActorId, string? Subject, string RequestId, string From)
    {
        public int Count { get; set; }
        public int Tries { get; set; }
        public HashSet<string> Places { get; } = [];
    }

    readonly Lock _one = new();
    readonly Channel<bool> _some = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    Dictionary<Key, Noted> _noted = [];

    /// <param name="place">Where, or which count, in words of ours.</param>
    /// <param name="account">The account that was aimed at, where there is one.</param>
    public void Note(Visit visit, string action, string place, Guid? account = null)
    {
        if (!visit.HasTown) return;    // operators have a record of their own
        var (now, actor) = (time.GetUtcNow(), (visit.Visitor ?? visit.AtTheDoor?.Who)?.AccountId);
        var key = new Key(visit.Town.Slug, action, (actor ?? account)?.ToString() ?? visit.Network, RecentCount.Begun(now, Window));
        lock (_one)
        {
            if (!_noted.ContainsKey(key) && _noted.Count >= MostInMemory) key = key with { Whose = "" };
            if (!_noted.TryGetValue(key, out var noted)) _noted[key] = noted = new(now, actor, account is { } aimed && aimed != actor ? $"accounts/{aimed}" : null, visit.RequestId, visit.From);
            noted.Count++;
            if (noted.Places.Count < MostPlaces) noted.Places.Add(place);
        }
        _some.Writer.TryWrite(true);
    }

    /// <summary>The route that was asked for, as the program names it.</summary>
    public static string PlaceOf(HttpContext http) => $"{http.Request.Method} {(http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText?.TrimEnd('/')}";

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var _ in _some.Reader.ReadAllAsync(stop))
            {
                var written = await WriteAll();
                await Task.Delay(written ? Breath : AfterTrouble, stop);
                if (!written) _some.Writer.TryWrite(true);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
    }

    /// <summary>What is still in memory is written here: a program that ends at once may never have come to <see cref="ExecuteAsync"/>.</summary>
    public override async Task StopAsync(CancellationToken stop)
    {
        await base.StopAsync(stop);
        for (var tries = 0; tries < TriesAtTheEnd && !await WriteAll(); tries++) { }
    }

    /// <summary>False: something could not be written, and is kept for another time.</summary>
    async Task<bool> WriteAll()
    {
        Dictionary<Key, Noted> all;
        lock (_one) (all, _noted) = (_noted, []);
        var written = true;
        foreach (var (key, noted) in all)
            try
            {
                using var patience = new CancellationTokenSource(Patience);
                if (registry.Find(key.Town) is { State: TownState.Open } town) await Write(town, key, noted, patience.Token);
            }
            catch (Exception e)
            {
                if (noted.Tries is 0 or MostTries) log.LogWarning("{Town}: {Count} refusals ({Action}) could not be put on record ({Error}).", key.Town, noted.Count, key.Action, e.GetType().Name);
                if (noted.Tries++ == MostTries) continue;
                written = false;
                lock (_one)
                    if (_noted.TryGetValue(key, out var newer)) newer.Count += noted.Count;
                    else if (_noted.Count < MostInMemory) _noted[key] = noted;
            }
        return written;
    }

    async Task Write(Town town, Key key, Noted noted, CancellationToken stop)
    {
        await using var db = databases.Open(town);
        await using var whole = await db.Database.BeginTransactionAsync(stop);
        string[] places = [.. noted.Places];
        var (count, apart, first) = (0, false, false);
        await using (var add = new NpgsqlCommand("""
            WITH there AS (SELECT count(*) AS all_kinds, count(*) FILTER (WHERE action = $1) AS of_kind, bool_or(action = $1 AND whose = $2) AS known FROM house.refusals WHERE window_at = $3),
            mine AS (SELECT all_kinds = 0 AS first, CASE WHEN known OR of_kind < $9 THEN $2 ELSE '' END AS whose FROM there),
            counted AS (
                INSERT INTO house.refusals AS r (action, whose, window_at, actor_id, subject, from_address, count, told, places)
                SELECT $1, whose, $3, CASE WHEN whose <> '' THEN $4 END, CASE WHEN whose <> '' THEN $5 END, CASE WHEN whose <> '' THEN $6 END, $7, $7, $8 FROM mine
                ON CONFLICT (action, whose, window_at) DO UPDATE SET count = r.count + excluded.count,
                    places = array(SELECT DISTINCT p FROM unnest(r.places || excluded.places) p ORDER BY p LIMIT $10)
                RETURNING count, whose <> '' AS apart)
            SELECT count, apart, first FROM counted, mine
            """, (NpgsqlConnection)db.Database.GetDbConnection())
        {
            Parameters =
            {
                new() { Value = key.Action }, new() { Value = key.Whose }, new() { Value = key.WindowAt },
                new() { Value = noted.ActorId ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid }, new() { Value = noted.Subject ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = noted.From }, new() { Value = noted.Count }, new() { Value = places }, new() { Value = MostOfAKind }, new() { Value = MostPlaces },
            },
        })
        await using (var row = await add.ExecuteReaderAsync(stop))
            if (await row.ReadAsync(stop)) (count, apart, first) = (row.GetInt32(0), row.GetBoolean(1), row.GetBoolean(2));
        if (count == noted.Count)
            db.Audit(new() { At = noted.At, ActorId = apart ? noted.ActorId : null, Action = key.Action, Subject = apart ? noted.Subject : null, RequestId = noted.RequestId, FromAddress = noted.From, Details = Told(noted.Count, null, places) });
        // One sum for all that this quarter brings.
        if (first) db.Enqueue(new TellRefusals(), key.WindowAt + Window + TimeSpan.FromSeconds(30));
        await db.Save(stop: stop);
        await whole.CommitAsync(stop);
    }

    internal static int TimesOf(string action, string? details) =>
        details is not null && Kinds.Contains(action) && JsonNode.Parse(details)?["times"] is JsonValue times && times.TryGetValue<int>(out var number) ? number : 1;

    internal static string Told(int times, DateTimeOffset? since, string[] places) => AuditEntry.DetailsOf(new { times, since, places });
}

/// <summary>A quarter of an hour is over: what came after the first entries is one more entry each.</summary>
sealed record TellRefusals : IJob<TellRefusals>
{
    const int AtOnce = 500;

    public static string Name => "audit.tell_refusals";
    public static string Title => "Tell of many refused requests";

    public static async Task Run(TellRefusals job, JobRun run)
    {
        var now = run.Time.GetUtcNow();
        var over = now - Refusals.Window;
        foreach (var counted in await run.Db.Set<RefusalCount>().Where(r => r.WindowAt <= over).OrderBy(r => r.WindowAt).Take(AtOnce).ToListAsync(run.Stop))
        {
            if (counted.Count > counted.Told)
                run.Db.Audit(new()
                {
                    At = now, ActorId = counted.ActorId, Action = counted.Action, Subject = counted.Subject, FromAddress = counted.FromAddress,
                    Details = Refusals.Told(counted.Count - counted.Told, counted.WindowAt, counted.Places),
                });
            run.Db.Remove(counted);
        }
        if (await run.Db.Set<RefusalCount>().CountAsync(r => r.WindowAt <= over, run.Stop) > AtOnce) run.Db.Enqueue(new TellRefusals());
    }
}
