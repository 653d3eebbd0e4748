using System.Text.Json;
using System.Text.RegularExpressions;
using Komachi.Platform.Audit;
using Komachi.Platform.Jobs;
using Komachi.Platform.Towns;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Komachi.Platform.Data;

/// <summary>
/// One town's database: the tables of all modules together. There is no town column anywhere, so no query can
/// forget it. What a request changes, its audit entry and the jobs that it starts are saved by one <c>Save</c>.
/// </summary>
public sealed partial class TownDb(DbContextOptions<TownDb> options, House house, Town town, Doorbell bell, TimeProvider time) : DbContext(options)
{
    bool _jobsAdded;

    public Town Town => town;

    /// <summary>Starts a job when what is being changed has been saved.</summary>
    public void Enqueue<T>(T job, DateTimeOffset? at = null) where T : class
    {
        if (!house.JobsOf.TryGetValue(typeof(T), out var kind))
            throw new InvalidOperationException($"{typeof(T).Name} is no job of any module: m.Job<{typeof(T).Name}>() is missing.");
        Add(QueuedJob.Of(kind, JsonSerializer.Serialize(job, JobKind.Json), at ?? time.GetUtcNow(), time.GetUtcNow()));
        _jobsAdded = true;
    }

    /// <summary>Tells the modules that hear this event, each by a job of its own.</summary>
    public void Raise<T>(T happened) where T : class
    {
        foreach (var hearer in house.Hearers.GetValueOrDefault(typeof(T)) ?? [])
        {
            if (!house.Has(town, hearer)) continue;
            Add(QueuedJob.Of(hearer, JsonSerializer.Serialize(happened, JobKind.Json), time.GetUtcNow(), time.GetUtcNow()));
            _jobsAdded = true;
        }
    }

    /// <summary>Jobs of the queue were changed by hand: tell the workers when that is saved.</summary>
    internal void RingAfterSave() => _jobsAdded = true;

    public void Audit(AuditEntry entry) => Add(entry);

    /// <summary>
    /// Saves everything in one transaction. With the form's once-only key a repeated post of the same form changes
    /// nothing and is sent where the first one went.
    /// </summary>
    public async Task Save(Guid? once = null, string location = "", CancellationToken stop = default)
    {
        if (once is { } key) Add(new OnceKey { Key = key, Location = location, UsedAt = time.GetUtcNow() });
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
        var rows = await base.SaveChangesAsync(acceptAllChangesOnSuccess, stop);
        if (_jobsAdded) bell.Ring(town.Slug);
        _jobsAdded = false;
        return rows;
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        conventions.Properties<Yen>().HaveConversion<YenConverter>();
        conventions.Properties<Enum>().HaveConversion<string>();
    }

    protected override void OnModelCreating(ModelBuilder model)
    {
        foreach (var module in house.Modules)
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
