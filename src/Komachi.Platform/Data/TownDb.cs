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
    bool _audited;

    public Town Town { get; private set; } = null!;

    /// <summary>The day in Japan, by the house's clock.</summary>
    public DateOnly Today => _time.Today();

    /// <summary>Begins anew: contexts of one town serve one visit after another (<see cref="TownDatabases.Open"/>).</summary>
    internal TownDb For(Town town, House house, Doorbell bell, TimeProvider time)
    {
        (Town, _house, _bell, _time, _jobsDue, _audited) = (town, house, bell, time, null, false);
        _withReason.Clear();
        return this;
    }

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
        if (once is { } key) Add(new OnceKey { Key = key, Location = location, UsedAt = _time.GetUtcNow() });
        try
        {
            await SaveChangesAsync(stop);
        }
        // Of two presses of one button the second may also stumble over what the first one changed, before it comes to its
        // key; by then the first is saved, since the database made the second wait for it.
        catch (DbUpdateException) when (once is not null)
        {
            ChangeTracker.Clear();
            if (await Set<OnceKey>().AsNoTracking().SingleOrDefaultAsync(k => k.Key == once, stop) is { } used) throw new AlreadyDone(used.Location);
            throw;
        }
    }

    /// <summary>
    /// Goes where the form went if it was sent before. Asked after reading what the form is held against, so that of two
    /// presses of one button the second does not take the first one's change for somebody else's.
    /// </summary>
    public async Task NotTwice(Guid? once, CancellationToken stop = default)
    {
        if (once is { } key && await Set<OnceKey>().AsNoTracking().FirstOrDefaultAsync(k => k.Key == key, stop) is { } used) throw new AlreadyDone(used.Location);
    }

    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken stop = default)
    {
        if (_withReason.Count > 0)
        {
            await Reasons.Seal(this, _withReason, stop);
            _withReason.Clear();
        }
        var rows = await base.SaveChangesAsync(acceptAllChangesOnSuccess, stop);
        if (_jobsDue is { } due) _bell.Ring(Town.Slug, due);
        _jobsDue = null;
        if (_audited) _bell.ToSeal(Town.Slug);
        _audited = false;
        return rows;
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
}

/// <summary>A form that was sent; its key was made with the page.</summary>
sealed class OnceKey
{
    public const string Constraint = "once_keys_pkey";

    public Guid Key { get; init; }
    public required string Location { get; init; }
    public DateTimeOffset UsedAt { get; init; }

    public static void Map(ModelBuilder model) => model.Entity<OnceKey>(e =>
    {
        e.ToTable("once_keys");
        e.HasKey(k => k.Key);
    });
}
