using Npgsql;

namespace Komachi.Platform.Data;

/// <summary>Brings databases to this program's schema: each migration in a transaction of its own, one process at a time.</summary>
public sealed class Migrator(House house, Servers servers)
{
    static readonly IReadOnlyList<Migration> ControlMigrations =
        Migration.From(typeof(Migrator).Assembly, "Towns/Schema/", "registry");

    /// <summary>The registry of towns; made when it is not there.</summary>
    public async Task MigrateControl(CancellationToken stop = default)
    {
        await Create(Servers.Main, servers.Control, null, stop);
        await Apply(Servers.Main, servers.Control, ControlMigrations, stop);
        await MakeLogin(Servers.Main, servers.Control, stop);
    }

    /// <summary>The untouched town of which every new town is a copy: nobody ever connects to it but this.</summary>
    public async Task MigrateTemplate(string server, CancellationToken stop = default)
    {
        await Create(server, servers.Template, null, stop);
        await Apply(server, servers.Template, house.Migrations, stop);
    }

    public Task MigrateTown(string server, string database, CancellationToken stop = default) =>
        Apply(server, database, house.Migrations, stop);

    /// <summary>A new town's database: a copy of the template, and a login that may enter nothing else. True when it was made now.</summary>
    public async Task<bool> MakeTown(string server, string database, CancellationToken stop = default)
    {
        var made = await Create(server, database, servers.Template, stop);
        await MakeLogin(server, database, stop);
        return made;
    }

    /// <summary>The newest migration of each module that this program knows.</summary>
    public IReadOnlyDictionary<string, int> Knows => house.Migrations.GroupBy(m => m.Module).ToDictionary(g => g.Key, g => g.Max(m => m.Number));

    /// <summary>The newest migration of each module that a database holds.</summary>
    public async Task<IReadOnlyDictionary<string, int>> Holds(string server, string database, CancellationToken stop = default)
    {
        await using var owner = await servers.OpenOwner(server, database, stop);
        var held = new Dictionary<string, int>();
        await using var read = new NpgsqlCommand("SELECT module, max(number) FROM house.migrations GROUP BY module", owner);
        await using var rows = await read.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) held[rows.GetString(0)] = rows.GetInt32(1);
        return held;
    }

    /// <summary>An empty database for what a backup brings. False when one of that name is there.</summary>
    public Task<bool> MakeEmpty(string server, string database, CancellationToken stop = default) => Create(server, database, null, stop);

    /// <summary>
    /// Makes a database whose tables came from a backup one of ours: brings it to this program's schema and gives it a login
    /// and all rights anew, since a backup carries neither roles nor grants. Says which era of the audit begins, and where its chain stands.
    /// </summary>
    public async Task<(int Era, Audit.Head? Head)> TakeIn(string server, string database, CancellationToken stop = default)
    {
        await Apply(server, database, house.Migrations, stop);
        await using (var owner = await servers.OpenOwner(server, database, stop))
        {
            await Grant(owner, house.Migrations.Select(m => m.Module).Append("house").Distinct(), stop);
            await BeginEra(owner, stop);
        }
        await MakeLogin(server, database, stop);
        await using var audit = await servers.OpenOwner(server, database, stop);
        await using var ask = new NpgsqlCommand("SELECT (SELECT max(number) FROM audit.eras), era, number, hash, sealed_at FROM (SELECT) one LEFT JOIN audit.blocks ON true ORDER BY number DESC NULLS LAST LIMIT 1", audit);
        await using var row = await ask.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        return (row.GetInt32(0), row.IsDBNull(2) ? null : new(row.GetInt32(1), row.GetInt64(2), row.GetFieldValue<byte[]>(3), row.GetFieldValue<DateTimeOffset>(4)));
    }

    /// <summary>
    /// Gives the logins of these databases the passwords that this installation's secret says, all at once, and ends what
    /// is signed in with the former ones.
    /// </summary>
    public async Task SetPasswords(string server, IReadOnlyCollection<string> databases, CancellationToken stop = default)
    {
        await using var owner = await servers.OpenOwner(server, Maintenance, stop);
        await using (var transaction = await owner.BeginTransactionAsync(stop))
        {
            foreach (var database in databases)
                await Execute(owner, $"ALTER ROLE {Quoted(servers.LoginOf(database))} LOGIN PASSWORD '{servers.PasswordOf(database)}'", stop);
            await transaction.CommitAsync(stop);
        }
        try
        {
            await using var end = new NpgsqlCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY ($1)", owner) { Parameters = { new() { Value = databases.Select(servers.LoginOf).ToArray() } } };
            await end.ExecuteNonQueryAsync(stop);
        }
        // An owner who may not: then they end with the processes that hold them.
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege) { }
    }

    public async Task DropTown(string server, string database, CancellationToken stop = default)
    {
        await using var owner = await servers.OpenOwner(server, Maintenance, stop);
        await Execute(owner, $"DROP DATABASE IF EXISTS {Quoted(database)} WITH (FORCE)", stop);
        await Execute(owner, $"DROP ROLE IF EXISTS {Quoted(servers.LoginOf(database))}", stop);
    }

    async Task<bool> Create(string server, string database, string? template, CancellationToken stop)
    {
        await using var owner = await servers.OpenOwner(server, Maintenance, stop);
        // One at a time: two that make the same database, or change the rights of one, would trip over each other's rows.
        await using (var alone = new NpgsqlCommand("SELECT pg_advisory_lock(7264, hashtext($1))", owner) { Parameters = { new() { Value = database } }, CommandTimeout = 600 })
            await alone.ExecuteNonQueryAsync(stop);    // ends with the connection
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", owner) { Parameters = { new() { Value = database } } };
        if (await exists.ExecuteScalarAsync(stop) is not null)
        {
            // Closed again, since whoever made it may have been killed before this.
            await Execute(owner, $"REVOKE ALL ON DATABASE {Quoted(database)} FROM PUBLIC", stop);
            return false;
        }
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await Execute(owner, $"CREATE DATABASE {Quoted(database)} ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' TEMPLATE {Quoted(template ?? "template0")}" +
                    (template is null ? "" : " STRATEGY wal_log"), stop);
                break;
            }
            // The template can be copied only while nobody is in it: a migration of it may be just ending.
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && attempt < 40)
            {
                await Task.Delay(250, stop);
            }
        }
        await Execute(owner, $"REVOKE ALL ON DATABASE {Quoted(database)} FROM PUBLIC", stop);
        return true;
    }

    async Task MakeLogin(string server, string database, CancellationToken stop)
    {
        var login = servers.LoginOf(database);
        await using var owner = await servers.OpenOwner(server, Maintenance, stop);
        await using (var alone = new NpgsqlCommand("SELECT pg_advisory_lock(7264, hashtext($1))", owner) { Parameters = { new() { Value = database } }, CommandTimeout = 600 })
            await alone.ExecuteNonQueryAsync(stop);
        await MakeRole(owner, login, stop);
        // The password is hexadecimal, so it needs no quoting of its own.
        await Execute(owner, $"ALTER ROLE {Quoted(login)} LOGIN PASSWORD '{servers.PasswordOf(database)}'", stop);
        await Execute(owner, $"GRANT {Quoted(servers.AppRole)} TO {Quoted(login)}", stop);
        await Execute(owner, $"GRANT CONNECT ON DATABASE {Quoted(database)} TO {Quoted(login)}", stop);
    }

    static async Task MakeRole(NpgsqlConnection owner, string role, CancellationToken stop)
    {
        await using (var exists = new NpgsqlCommand("SELECT 1 FROM pg_roles WHERE rolname = $1", owner) { Parameters = { new() { Value = role } } })
            if (await exists.ExecuteScalarAsync(stop) is not null) return;
        try
        {
            await Execute(owner, $"CREATE ROLE {Quoted(role)}", stop);
        }
        // Roles belong to the server, so two processes may make the same one at the same moment.
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation) { }
    }

    async Task Apply(string server, string database, IReadOnlyList<Migration> migrations, CancellationToken stop)
    {
        await using var owner = await servers.OpenOwner(server, database, stop);
        await Execute(owner, "SELECT pg_advisory_lock(7264, 1)", stop);    // ends with the connection
        await MakeRole(owner, servers.AppRole, stop);
        await Execute(owner, """
            CREATE SCHEMA IF NOT EXISTS house;
            CREATE TABLE IF NOT EXISTS house.migrations (
                module text NOT NULL,
                number int NOT NULL,
                name text NOT NULL,
                checksum text NOT NULL,
                serves_from int NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (module, number));
            COMMENT ON TABLE house.migrations IS 'Which schema files this database holds';
            """, stop);

        var applied = new Dictionary<(string, int), string>();
        await using (var read = new NpgsqlCommand("SELECT module, number, checksum FROM house.migrations", owner))
        await using (var rows = await read.ExecuteReaderAsync(stop))
            while (await rows.ReadAsync(stop)) applied[(rows.GetString(0), rows.GetInt32(1))] = rows.GetString(2);

        if (applied.Count == 0) await Grant(owner, ["house"], stop);
        foreach (var migration in migrations)
        {
            if (applied.TryGetValue((migration.Module, migration.Number), out var checksum))
            {
                if (checksum != migration.Checksum)
                    throw new InvalidOperationException($"{database}: {migration.Module}/{migration.Number:000}_{migration.Name}.sql was changed after it had been applied. A landed migration is never edited: write a new one.");
                continue;
            }
            await using var transaction = await owner.BeginTransactionAsync(stop);
            await Execute(owner, $"CREATE SCHEMA IF NOT EXISTS {Quoted(migration.Module)}", stop);
            try
            {
                await Execute(owner, migration.Sql, stop);
            }
            catch (PostgresException e)
            {
                throw new InvalidOperationException($"{database}: {migration.Module}/{migration.Number:000}_{migration.Name}.sql failed and left nothing behind: {e.MessageText} ({e.SqlState}).", e);
            }
            await using (var note = new NpgsqlCommand("INSERT INTO house.migrations (module, number, name, checksum, serves_from) VALUES ($1, $2, $3, $4, $5)", owner)
            {
                Parameters =
                {
                    new() { Value = migration.Module }, new() { Value = migration.Number }, new() { Value = migration.Name },
                    new() { Value = migration.Checksum }, new() { Value = migration.ServesFrom },
                },
            })
                await note.ExecuteNonQueryAsync(stop);
            // In the same transaction: a program that is killed between a table and its rights would leave one that nobody may use.
            await Grant(owner, [migration.Module], stop);
            await transaction.CommitAsync(stop);
        }
    }

    /// <summary>What serves may change rows everywhere, but of the audit it may only add and read.</summary>
    async Task Grant(NpgsqlConnection owner, IEnumerable<string> schemas, CancellationToken stop)
    {
        var app = Quoted(servers.AppRole);
        foreach (var schema in schemas)
        {
            var rights = schema == "audit" ? "SELECT, INSERT" : "SELECT, INSERT, UPDATE, DELETE";
            await Execute(owner, $"""
                GRANT USAGE ON SCHEMA {Quoted(schema)} TO {app};
                GRANT {rights} ON ALL TABLES IN SCHEMA {Quoted(schema)} TO {app};
                GRANT USAGE ON ALL SEQUENCES IN SCHEMA {Quoted(schema)} TO {app};
                {(schema == "house" ? $"REVOKE INSERT, UPDATE, DELETE ON house.migrations FROM {app};" : "")}
                {(schema == "audit" ? OfAudit(app) : "")}
                {(schema == "registry" ? $"""
                    DO $$ BEGIN
                        IF to_regclass('registry.operators') IS NOT NULL THEN
                            REVOKE INSERT, UPDATE, DELETE ON registry.operators, registry.backups FROM {app};
                            GRANT UPDATE (used_step) ON registry.operators TO {app};
                            REVOKE UPDATE, DELETE ON registry.operator_audit FROM {app};
                        END IF;
                        IF to_regclass('registry.erasures') IS NOT NULL THEN
                            REVOKE DELETE ON registry.erasures FROM {app};
                        END IF;
                    END $$;
                    """ : "")}
                """, stop);
        }

        // Which transaction wrote an entry, and in which era, the database says itself: what serves cannot slip one in among the sealed.
        static string OfAudit(string app) => $"""
            REVOKE INSERT ON audit.entries FROM {app};
            GRANT INSERT (id, at, actor_id, action, subject, about_id, reason, request_id, from_address, details) ON audit.entries TO {app};
            DO $$ BEGIN IF to_regclass('audit.eras') IS NOT NULL THEN REVOKE INSERT ON audit.eras FROM {app}; END IF; END $$;
            """;
    }

    /// <summary>
    /// From here on the entries of the audit belong to another era: another cluster counts its transactions anew, and sealing goes by
    /// their numbers. Entries that came along stay in theirs.
    /// </summary>
    static Task BeginEra(NpgsqlConnection owner, CancellationToken stop) => Execute(owner, """
        DO $$
        DECLARE next int;
        BEGIN
            INSERT INTO audit.eras (number, began_at, reason) SELECT max(number) + 1, now(), 'restored' FROM audit.eras RETURNING number INTO next;
            EXECUTE format('ALTER TABLE audit.entries ALTER COLUMN era SET DEFAULT %s', next);
        END $$
        """, stop);

    /// <summary>A database that is there before ours are.</summary>
    const string Maintenance = "postgres";

    internal static string Quoted(string name) => "\"" + name.Replace("\"", "\"\"") + "\"";

    static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync(stop);
    }
}
