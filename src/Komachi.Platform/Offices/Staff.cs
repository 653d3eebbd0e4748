using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>A title that people's posts have: 課長, 係長. The lower the rank, the higher it stands.</summary>
sealed class Post
{
    public const int LowestRank = 1_000_000;

    public Guid Id { get; init; } = Data.Id.New();
    public required Said Name { get; set; }
    public int Rank { get; set; }

    /// <summary>The last day on which it may be given; who has it keeps it.</summary>
    public DateOnly? UntilOn { get; private set; }
    public int Version { get; private set; } = 1;

    public void Write(Said name, int rank, DateOnly? until)
    {
        (Name, Rank, UntilOn) = (name, rank, until);
        Version++;
    }

    /// <summary>Whether somebody may have it from that day on.</summary>
    public bool MayBeGiven(DateOnly from) => UntilOn is null || UntilOn >= from;

    internal static void Map(ModelBuilder model) => model.Entity<Post>(e =>
    {
        e.ToTable("posts");
        e.Property(p => p.Name).InJson();
        e.Property(p => p.Version).IsConcurrencyToken();
    });
}

/// <summary>What somebody may do where they are assigned. There is no "everything": a permission that comes later is given by a person.</summary>
sealed class Role
{
    Role() { }

    public Guid Id { get; private init; } = Data.Id.New();

    /// <summary>How files name it; it never changes.</summary>
    public string Key { get; private init; } = "";
    public Said Name { get; private set; } = [];
    public string[] Permissions { get; private set; } = [];
    public int Version { get; private set; }

    public static Role Of(string key, Said name, IEnumerable<string> permissions)
    {
        var role = new Role { Key = key };
        role.Write(name, permissions);
        return role;
    }

    public void Write(Said name, IEnumerable<string> permissions)
    {
        (Name, Permissions) = (name, [.. permissions.Distinct().Order(StringComparer.Ordinal)]);
        Version++;
    }

    internal static void Map(ModelBuilder model) => model.Entity<Role>(e =>
    {
        e.ToTable("roles");
        e.Property(r => r.Name).InJson();
        e.Property(r => r.Version).IsConcurrencyToken();
        e.HasIndex(r => r.Key).IsUnique().HasDatabaseName("roles_key");
    });
}

/// <summary>Main: where somebody belongs (本務); concurrent: what they do besides (兼務).</summary>
public enum AssignmentKind { Main, Concurrent }

/// <summary>Somebody works somewhere, from a day until a day; the role's permissions hold there and below.</summary>
sealed class Assignment : IDated
{
    Assignment() { }

    public Guid Id { get; private init; } = Data.Id.New();
    public Guid AccountId { get; private init; }
    public Guid DepartmentId { get; private init; }
    public Guid? PostId { get; private init; }
    public Guid? RoleId { get; private init; }
    public AssignmentKind Kind { get; private init; }

    /// <summary>Where colleagues reach them: an extension, mostly.</summary>
    public string Telephone { get; private init; } = "";
    public DateOnly FromOn { get; private init; }
    public DateOnly? UntilOn { get; private set; }
    public Guid? ChangeSetId { get; private init; }
    public int Version { get; private set; }

    public static Assignment Begin(Guid account, Guid department, Guid? post, Guid? role, AssignmentKind kind, string telephone, DateOnly from, DateOnly? until = null, Guid? changeSet = null) => new()
    {
        AccountId = account, DepartmentId = department, PostId = post, RoleId = role, Kind = kind, Telephone = telephone,
        FromOn = from, UntilOn = until, ChangeSetId = changeSet, Version = 1,
    };

    /// <summary>The same work under another department.</summary>
    public Assignment CarriedOnIn(Guid department, DateOnly from, Guid? changeSet) =>
        Begin(AccountId, department, PostId, RoleId, Kind, Telephone, from, UntilOn, changeSet);

    /// <summary>What had not begun by then has been no day at all.</summary>
    public void End(DateOnly lastDay)
    {
        UntilOn = lastDay < FromOn ? FromOn.AddDays(-1) : lastDay;
        Version++;
    }

    public void Restore(DateOnly? until)
    {
        UntilOn = until;
        Version++;
    }

    internal static void Map(ModelBuilder model) => model.Entity<Assignment>(e =>
    {
        e.ToTable("assignments");
        e.Property(a => a.Version).IsConcurrencyToken();
        e.HasIndex(a => new { a.AccountId, a.FromOn }).HasDatabaseName("assignments_account");
        e.HasIndex(a => new { a.DepartmentId, a.FromOn }).HasDatabaseName("assignments_department");
    });
}

/// <summary>Somebody exercises another person's duties for a period: all of them, or one assignment.</summary>
sealed class Deputy : IDated
{
    public Guid Id { get; private init; } = Data.Id.New();

    /// <summary>Whose duties they are.</summary>
    public Guid AccountId { get; init; }
    public Guid DeputyId { get; init; }
    public Guid? AssignmentId { get; init; }
    public DateOnly FromOn { get; init; }
    public DateOnly UntilOn { get; set; }
    public required string Reason { get; init; }
    public Guid GivenById { get; init; }
    public DateTimeOffset GivenAt { get; init; }
    public int Version { get; private set; } = 1;

    DateOnly? IDated.UntilOn => UntilOn;

    public void End(DateOnly lastDay)
    {
        UntilOn = lastDay < FromOn ? FromOn.AddDays(-1) : lastDay;
        Version++;
    }

    internal static void Map(ModelBuilder model) => model.Entity<Deputy>(e =>
    {
        e.ToTable("deputies");
        e.Property(d => d.Version).IsConcurrencyToken();
        e.HasIndex(d => new { d.DeputyId, d.UntilOn }).HasDatabaseName("deputies_deputy");
        e.HasIndex(d => new { d.AccountId, d.UntilOn }).HasDatabaseName("deputies_account");
    });
}
