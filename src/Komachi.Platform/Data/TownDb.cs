using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Komachi.Platform.Audit;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Komachi.Platform.Towns;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Komachi.Platform.Data;

/// <summary>
/// One town's database: the tables of all modules together. There is no town column anywhere, so no query can
/// forget it. What a request changes, its audit entry and the jobs that it starts are saved by one <c>Save</c>.
/// </summary>
public sealed partial class TownDb(DbContextOptions<TownDb> options) : DbContext(options)
{
    House _house = null!;
    Doorbell _bell = null!;
    TimeProvider _time = null!;
    readonly List<AuditEntry> _withReason = [];
    DateTimeOffset? _jobsDue;
    bool _audited, _saved;
    Guid? _edition;
    (Guid To, TimeSpan Lasts)? _key;

    public Town Town { get; private set; } = null!;

    /// <summary>By the house's clock.</summary>
    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>The day in Japan, by the house's clock.</summary>
    public DateOnly Today => _time.Today();

    /// <summary>Begins anew: contexts of one town serve one visit after another (<see cref="TownDatabases.Open"/>).</summary>
    internal TownDb For(Town town, House house, Doorbell bell, TimeProvider time)
    {
        (Town, _house, _bell, _time, _jobsDue, _audited, _saved, _edition, _key) = (town, house, bell, time, null, false, false, null, null);
        _withReason.Clear();
        return this;
    }

    /// <summary>The door has read it along with the session or key.</summary>
    internal TownDb Knowing(Guid? edition)
    {
        _edition = edition;
        return this;
    }

    /// <summary>
    /// Another one after each change of what is rarely changed and often read, by whatever hand (Schema/004_edition.sql). What was read after it was asked for
    /// holds as long as it stands, in every process.
    /// </summary>
    public async ValueTask<Guid> Edition(CancellationToken stop = default) => _edition ??= await Standing(this, stop);

    static readonly Func<TownDb, CancellationToken, Task<Guid>> Standing = EF.CompileAsyncQuery((TownDb db, CancellationToken stop) => db.Set<TownEdition>().AsNoTracking().Select(e => e.Edition).Single());

    /// <summary>Starts a job when what is being changed has been saved.</summary>
    public void Enqueue<T>(T job, DateTimeOffset? at = null) where T : class
    {
        if (!_house.JobsOf.TryGetValue(typeof(T), out var kind))
            throw new InvalidOperationException($"{typeof(T).Name} is no job of any module: m.Job<{typeof(T).Name}>() is missing.");
        Add(kind, JsonSerializer.Serialize(job, JobKind.Json), at);
    }

    /// <summary>Tells the modules that hear this event, each by a job of its own.</summary>
    public void Raise<T>(T happened) where T : class
    {
        foreach (var hearer in _house.Hearers.GetValueOrDefault(typeof(T)) ?? [])
            if (_house.Has(Town, hearer))
                Add(hearer, JsonSerializer.Serialize(happened, JobKind.Json), at: null);
    }

    void Add(JobKind kind, string payload, DateTimeOffset? at)
    {
        var now = _time.GetUtcNow();
        Add(QueuedJob.Of(kind, payload, at ?? now, now));
        RingAfterSave(at ?? now);
    }

    /// <summary>Jobs of the queue were changed by hand: tell the workers when that is saved.</summary>
    internal void RingAfterSave(DateTimeOffset due) => _jobsDue = _jobsDue < due ? _jobsDue : due;

    public void Audit(AuditEntry entry)
    {
        Add(entry);
        _audited = true;
        if (entry is { AboutId: not null, Reason: not null }) _withReason.Add(entry);
    }

    /// <summary>
    /// Saves everything in one transaction. With the form's once-only key a repeated post of the same form changes
    /// nothing and is sent where the first one went.
    /// </summary>
    public async Task Save(Guid? once = null, string location = "", CancellationToken stop = default)
    {
        if (once is { } key) Add(new OnceKey { Key = OnceKey.Kept(key), Location = location, UsedAt = _time.GetUtcNow(), KeyTo = _key?.To, KeyLasts = _key?.Lasts });
        try
        {
            await SaveChangesAsync(stop);
            _saved = true;
        }
        // Of two presses of one button the second may also stumble over what the first one changed, before it comes to its
        // key; by then the first is saved, since the database made the second wait for it.
        catch (DbUpdateException) when (once is not null)
        {
            ChangeTracker.Clear();
            if (await Find(once.Value, stop) is { } used) throw new AlreadyDone(used.Location) { Key = once.Value, Used = used };
            throw;
        }
    }

    /// <summary>With what is saved next this browser gets a key (<see cref="Web.HeldKeys.New"/>).</summary>
    internal void GivesKey(Guid to, TimeSpan lasts) => _key = (to, lasts);

    /// <summary>
    /// Goes where the form went if it was sent before. Every page asks it after a handler that saved nothing (Web/SentTwice.cs); a handler only where it does
    /// something that is not part of its save.
    /// </summary>
    public async Task NotTwice(Guid? once, CancellationToken stop = default)
    {
        if (once is { } key && !_saved && await Find(key, stop) is { } used && (used.KeyTo is null || Now - used.UsedAt < Web.HeldKeys.Again)) throw new AlreadyDone(used.Location) { Key = key, Used = used };
    }

    Task<OnceKey?> Find(Guid once, CancellationToken stop)
    {
        var kept = OnceKey.Kept(once);
        return Set<OnceKey>().AsNoTracking().FirstOrDefaultAsync(k => k.Key == kept, stop);
    }

    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken stop = default)
    {
        if (_withReason.Count > 0)
        {
            await Reasons.Seal(this, _withReason, stop);
            _withReason.Clear();
        }
        _edition = null;    // what is saved may make it another, and what was overtaken is told by what stands now
        var rows = await SaveAgain(acceptAllChangesOnSuccess, stop);
        if (_jobsDue is { } due) _bell.Ring(Town.Slug, due);
        _jobsDue = null;
        if (_audited) _bell.ToSeal(Town.Slug);
        _audited = false;
        return rows;
    }

    async Task<int> SaveAgain(bool acceptAllChangesOnSuccess, CancellationToken stop)
    {
        for (var tries = 1; ; tries++)
            try
            {
                // What is only added goes in one message, which the server takes as one transaction; BEGIN and COMMIT would be one way more. Not so what is changed
                // or removed: whether it stood as it was read is seen in the answer, before the commit.
                var adds = OnlyAdds();
                Database.AutoTransactionBehavior = adds && Database.CurrentTransaction is null ? AutoTransactionBehavior.Never : AutoTransactionBehavior.WhenNeeded;
                ChangeTracker.AutoDetectChangesEnabled = false;    // they have just been looked for
                return await base.SaveChangesAsync(acceptAllChangesOnSuccess, stop);
            }
            catch (DbUpdateConcurrencyException e) when (tries < MostTries && e.Entries.Count > 0 && e.Entries.All(x => x.Entity is IMayHoldStill))
            {
                foreach (var entry in e.Entries)
                    if (!await ((IMayHoldStill)entry.Entity).HoldsStill(entry, stop)) throw;
            }
            finally
            {
                ChangeTracker.AutoDetectChangesEnabled = true;
            }
    }

    const int MostTries = 4, MostInOneMessage = 100;

    bool OnlyAdds()
    {
        var (adds, others) = (0, 0);
        foreach (var entry in ChangeTracker.Entries())
            if (entry.State == EntityState.Added) adds++;
            else if (entry.State != EntityState.Unchanged) others++;
        return others == 0 && adds <= MostInOneMessage;
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        conventions.Properties<Yen>().HaveConversion<YenConverter>();
        conventions.Properties<Enum>().HaveConversion<string>();
    }

    protected override void OnModelCreating(ModelBuilder model)
    {
        foreach (var module in _house.Modules)
        {
            var before = model.Model.GetEntityTypes().ToHashSet();
            foreach (var map in module.Maps) map(model);
            foreach (var type in model.Model.GetEntityTypes().Except(before))
                if (type.GetSchema() is null) type.SetSchema(module.Slug);
        }
        foreach (var type in model.Model.GetEntityTypes()) NameAsSql(type);
    }

    static void NameAsSql(IMutableEntityType type)
    {
        foreach (var property in type.GetProperties()) property.SetColumnName(SnakeCase(property.Name));
        foreach (var key in type.GetKeys()) key.SetName($"{type.GetTableName()}_pkey");
    }

    internal static string SnakeCase(string name) => WordStart().Replace(name, "_$1").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z0-9])([A-Z])")]
    private static partial Regex WordStart();
}

/// <summary>This very form was sent before: go where it went then.</summary>
public sealed class AlreadyDone(string location) : Exception
{
    public string Location => location;

    internal Guid Key { get; init; }
    internal OnceKey? Used { get; init; }
}

/// <summary>The one row that triggers renew; nobody writes it otherwise.</summary>
sealed class TownEdition
{
    public int Id { get; private init; }
    public Guid Edition { get; private init; }

    public static void Map(ModelBuilder model) => model.Entity<TownEdition>(e =>
    {
        e.ToTable("edition");
        e.Property(o => o.Id).ValueGeneratedNever();
    });
}

/// <summary>A form that was sent; its key was made with the page.</summary>
sealed class OnceKey
{
    public const string Constraint = "once_keys_pkey";

    public Guid Key { get; init; }
    public required string Location { get; init; }
    public DateTimeOffset UsedAt { get; init; }

    /// <summary>What the browser was given a key to with the answer, and for how long.</summary>
    public Guid? KeyTo { get; init; }
    public TimeSpan? KeyLasts { get; init; }

    /// <summary>A form's key as it is kept: whoever reads the table cannot send the form again. What was made in one moment stays together in the index.</summary>
    public static Guid Kept(Guid key)
    {
        var bytes = key.ToByteArray(bigEndian: true);
        SHA256.HashData(bytes).AsSpan(0, 10).CopyTo(bytes.AsSpan(6));
        return new(bytes, bigEndian: true);
    }

    public static void Map(ModelBuilder model) => model.Entity<OnceKey>(e =>
    {
        e.ToTable("once_keys");
        e.HasKey(k => k.Key);
    });
}
