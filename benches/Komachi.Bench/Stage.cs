using System.Security.Cryptography;
using Komachi.Bench.Notes;
using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Komachi.Bench;

/// <summary>
/// The databases of one run: a control database, towns, and one database more with a town's tables that no town uses: there
/// the floor writes, under the same constraints. All of it goes when the run ends.
/// </summary>
sealed class Stage : IAsyncDisposable
{
    public const string Town = "onojo", Floor = "floor";
    public static readonly Guid Staff = Guid.Parse("01900000-0000-7000-8000-000000000001"), Resident = Guid.Parse("01900000-0000-7000-8000-000000000002");

    readonly string _owner;
    readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    readonly NpgsqlDataSource _control;
    readonly TownDatabases _databases;
    readonly List<string> _made = [];

    Stage(string owner)
    {
        _owner = owner;
        Servers = new(new Dictionary<string, string> { [Servers.Main] = owner }, "b" + Guid.CreateVersion7().ToString("N")[^12..], _secret);
        _control = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Servers.OwnerString(Servers.Main, Servers.Control)) { Pooling = true, MaxPoolSize = 2 });
        Registry = new(_control);
        Migrator = new(House(), Servers);
        _databases = new(House(), Servers, new Doorbell(_control, Registry, TimeProvider.System, NullLogger<Doorbell>.Instance), TimeProvider.System);
        Loader = new(House(), Servers, Migrator, Registry, _databases, TimeProvider.System);
        (ResidentSecret, ResidentHash) = SessionDoor.NewSecret();
        (StaffSecret, StaffHash) = SessionDoor.NewSecret();
    }

    public Servers Servers { get; }
    public Registry Registry { get; }
    public Migrator Migrator { get; }
    public TownLoader Loader { get; }

    public string ResidentSecret { get; }
    public string StaffSecret { get; }
    byte[] ResidentHash { get; }
    public byte[] StaffHash { get; }

    /// <summary>The program's own modules, and the one that is there to be measured.</summary>
    public static House House() => new([.. TheModules(), new NotesModule()]);

    public static House HouseOfLater() => new([.. TheModules(), new NotesModule(), new MoreModule()]);

    public static string TownsFolder => Path.Combine(AppContext.BaseDirectory, "towns");

    public static async Task<Stage> Open(string owner)
    {
        var stage = new Stage(owner);
        await stage.Migrator.MigrateControl();
        await stage.Migrator.MigrateTemplate(Servers.Main);
        return stage;
    }

    /// <summary>A town as it comes, with a signed-in resident and a member of staff, and the same in the floor's database.</summary>
    public async Task Furnish()
    {
        await Add(Town, Path.Combine(TownsFolder, Town));
        _made.Add(Servers.DatabaseOf(Floor));
        await Migrator.MakeTown(Servers.Main, Servers.DatabaseOf(Floor));
        foreach (var slug in new[] { Town, Floor })
        {
            await using var owner = await Owner(slug);
            await using var fill = new NpgsqlBatch(owner)
            {
                BatchCommands =
                {
                    new("INSERT INTO people.persons (id, kind, name, name_key, version, created_at) VALUES ($1, 'Human', '大野 測太', '大野測太 ', 1, now())") { Parameters = { new() { Value = Resident } } },
                    new("""
                        INSERT INTO people.accounts (id, sign_in_name, name, email, kind, password_hash, permissions, person_id, created_at)
                        VALUES ($1, 'bench-staff', '大野 測子', NULL, 'Staff', '', '{}', NULL, now()), ($2, 'bench-resident', '大野 測太', NULL, 'Resident', '', '{}', $2, now())
                        """) { Parameters = { new() { Value = Staff }, new() { Value = Resident } } },
                    new("INSERT INTO people.sessions (id, account_id, secret_hash, began_at, ends_at) SELECT gen_random_uuid(), unnest($1), unnest($2), now(), now() + interval '1 day'")
                        { Parameters = { new() { Value = new[] { Staff, Resident } }, new() { Value = new[] { StaffHash, ResidentHash } } } },
                    // Other people's sessions, and notes to choose the newest of.
                    new("INSERT INTO people.sessions (id, account_id, secret_hash, began_at, ends_at) SELECT gen_random_uuid(), $1, sha256(n::text::bytea), now(), now() + interval '1 day' FROM generate_series(1, 2000) n")
                        { Parameters = { new() { Value = Resident } } },
                    new("""
                        INSERT INTO notes.notes (id, title, body, urgent, written_by, written_at)
                        SELECT ('01900000-0000-7000-9000-' || lpad(n::text, 12, '0'))::uuid, '水道管の工事のお知らせ 第' || n || '号', '工事の間は水が濁ることがあります。', false, $1, timestamptz '2026-01-01' + n * interval '1 minute'
                        FROM generate_series(1, 2000) n
                        """) { Parameters = { new() { Value = Staff } } },
                },
            };
            await fill.ExecuteNonQueryAsync();
            await Run(slug, "VACUUM ANALYZE");
        }
    }

    public async Task Add(string slug, string folder)
    {
        _made.Add(Servers.DatabaseOf(slug));
        await Loader.Add(folder, slug, demoPassword: null);
    }

    public TownDb DbOf(string slug) => _databases.Open(Registry.Find(slug)!);

    public Task<NpgsqlConnection> Owner(string slug) => Servers.OpenOwner(Servers.Main, Servers.DatabaseOf(slug));

    public async Task Run(string slug, string sql)
    {
        await using var owner = await Owner(slug);
        await using var command = new NpgsqlCommand(sql, owner) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>As the program's own processes tell each other that a town has jobs.</summary>
    public async Task Ring(string slug)
    {
        await using var ring = _control.CreateCommand("SELECT pg_notify('komachi', $1)");
        ring.Parameters.Add(new() { Value = slug });
        await ring.ExecuteNonQueryAsync();
    }

    /// <summary>How many connections the program's processes hold.</summary>
    public async Task<int> Connections()
    {
        await using var count = _control.CreateCommand("SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'komachi' AND datname LIKE $1 || '%'");
        count.Parameters.Add(new() { Value = Servers.Control });
        return (int)(await count.ExecuteScalarAsync())!;
    }

    /// <summary>The program as it is, with its jobs.</summary>
    public Task<Child> StartOurs() => Child.Start(new("ours", _owner, Servers.Control, _secret));

    /// <summary>What is least to be done for the same answers.</summary>
    public Task<Child> StartFloor(Child ours) => Child.Start(new("floor", _owner, Servers.Control, _secret, ours.Url, ResidentSecret, StaffSecret));

    static IEnumerable<IModule> TheModules() => [.. Platform.PlatformModules.All, new Announcements.AnnouncementsModule(), new Plan.PlanModule(), new Procedures.ProceduresModule()];

    public async ValueTask DisposeAsync()
    {
        await _databases.DisposeAsync();
        await _control.DisposeAsync();
        foreach (var database in _made.Append(Servers.Template).Append(Servers.Control)) await Migrator.DropTown(Servers.Main, database);
        await using var owner = await Servers.OpenOwner(Servers.Main, "postgres");
        await using var drop = new NpgsqlCommand($"DROP ROLE IF EXISTS \"{Servers.AppRole}\"", owner);
        await drop.ExecuteNonQueryAsync();
    }
}
