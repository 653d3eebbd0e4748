using Komachi.Host;
using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Tests.Harness;
using Npgsql;

namespace Komachi.Tests.Towns;

/// <summary>Bringing many towns to a new schema: each on its own, resumed where it stopped, whoever else does the same.</summary>
[Trait("Category", "long")]
public sealed class Migrations : IAsyncLifetime
{
    readonly Servers _servers = TestProgram.NewServers();
    readonly Migrator _today, _tomorrow;

    public Migrations() => (_today, _tomorrow) = (new(Modules.House(), _servers), new(Modules.House(new Trouble()), _servers));

    sealed class Trouble : IModule
    {
        public void Define(ModuleBuilder m) => m.Name("trouble", "Trouble").Platform("Trouble");
    }

    string[] Towns => ["a", "b", "c"];

    public async ValueTask InitializeAsync()
    {
        await _today.MigrateControl();
        await _today.MigrateTemplate(Servers.Main);
        foreach (var town in Towns) await _today.MakeTown(Servers.Main, _servers.DatabaseOf(town));
    }

    [Fact]
    public async Task One_failing_town_neither_blocks_nor_corrupts_the_others_and_is_resumed_where_it_stopped()
    {
        await Do("b", "CREATE SCHEMA trouble; CREATE TABLE trouble.second (mine text)");
        var outcomes = await Task.WhenAll(Towns.Select(async town =>
        {
            try { await _tomorrow.MigrateTown(Servers.Main, _servers.DatabaseOf(town)); return null; }
            catch (InvalidOperationException e) { return e.Message; }
        }));
        Assert.Null(outcomes[0]);
        Assert.Contains("trouble/002_second.sql failed and left nothing behind", outcomes[1]);
        Assert.Null(outcomes[2]);

        // The town that failed holds what went through, its own table untouched, and is served by the program of today.
        Assert.Equal(1, (await _tomorrow.Holds(Servers.Main, _servers.DatabaseOf("b")))["trouble"]);
        Assert.Equal("mine", await Ask("b", "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'trouble' AND table_name = 'second'"));
        await using (var source = NpgsqlDataSource.Create(_servers.ServingString(Servers.Main, _servers.DatabaseOf("b"))))
        {
            await using var connection = await source.OpenConnectionAsync();
            Assert.True(await SchemaRange.Fits(connection, Modules.House().Migrations, default));
            Assert.False(await SchemaRange.Fits(connection, Modules.House(new Trouble()).Migrations, default));
            // What went through can be used: its rights came with it, not after everything else.
            await using var use = source.CreateCommand("INSERT INTO trouble.first VALUES (1)");
            Assert.Equal(1, await use.ExecuteNonQueryAsync());
        }

        await Do("b", "DROP TABLE trouble.second");
        await _tomorrow.MigrateTown(Servers.Main, _servers.DatabaseOf("b"));
        foreach (var town in Towns) Assert.Equal(2, (await _tomorrow.Holds(Servers.Main, _servers.DatabaseOf(town)))["trouble"]);
        Assert.Equal(1L, await Ask("b", "SELECT count(*) FROM trouble.first"));
    }

    [Fact]
    public async Task Programs_that_migrate_at_once_do_each_thing_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            var migrator = new Migrator(Modules.House(new Trouble()), _servers);
            await migrator.MigrateControl();
            await migrator.MigrateTemplate(Servers.Main);
            foreach (var town in Towns) await migrator.MigrateTown(Servers.Main, _servers.DatabaseOf(town));
        }));
        foreach (var town in Towns) Assert.Equal(2L, await Ask(town, "SELECT count(*) FROM house.migrations WHERE module = 'trouble'"));
    }

    [Fact]
    public async Task Programs_that_begin_at_once_on_an_empty_server_make_one_of_everything()
    {
        for (var round = 0; round < 2; round++)
        {
            var servers = TestProgram.NewServers();
            try
            {
                await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
                {
                    var migrator = new Migrator(Modules.House(), servers);
                    await migrator.MigrateControl();
                    await migrator.MigrateTemplate(Servers.Main);
                    await migrator.MakeTown(Servers.Main, servers.DatabaseOf("a"));
                }));
                await using var source = NpgsqlDataSource.Create(servers.ServingString(Servers.Main, servers.DatabaseOf("a")));
                await using var connection = await source.OpenConnectionAsync();
                Assert.True(await SchemaRange.Fits(connection, Modules.House().Migrations, default));
            }
            finally
            {
                await Drop(servers, "a");
            }
        }
    }

    [Fact]
    public async Task A_town_that_was_left_half_made_is_closed_to_others_when_it_is_made_again()
    {
        // As if the program was killed between making the database and closing it.
        await using (var owner = await _servers.OpenOwner(Servers.Main, "postgres"))
        await using (var make = new NpgsqlCommand($"CREATE DATABASE \"{_servers.DatabaseOf("half")}\" TEMPLATE \"{_servers.Template}\"", owner))
            await make.ExecuteNonQueryAsync();
        await _today.MakeTown(Servers.Main, _servers.DatabaseOf("half"));
        var way = new NpgsqlConnectionStringBuilder(_servers.ServingString(Servers.Main, _servers.DatabaseOf("a"))) { Database = _servers.DatabaseOf("half"), Pooling = false };
        await using var connection = new NpgsqlConnection(way.ConnectionString);
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync())).SqlState);
        await _today.DropTown(Servers.Main, _servers.DatabaseOf("half"));
    }

    [Fact]
    public async Task A_migration_that_was_edited_after_it_landed_is_refused()
    {
        await Do("c", "UPDATE house.migrations SET checksum = 'another' WHERE module = 'jobs' AND number = 1");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _today.MigrateTown(Servers.Main, _servers.DatabaseOf("c")));
        Assert.Contains("jobs/001_queue.sql was changed after it had been applied", refused.Message);
    }

    async Task Do(string town, string sql)
    {
        await using var owner = await _servers.OpenOwner(Servers.Main, _servers.DatabaseOf(town));
        await using var command = new NpgsqlCommand(sql, owner);
        await command.ExecuteNonQueryAsync();
    }

    async Task<object?> Ask(string town, string sql)
    {
        await using var owner = await _servers.OpenOwner(Servers.Main, _servers.DatabaseOf(town));
        await using var command = new NpgsqlCommand(sql, owner);
        return await command.ExecuteScalarAsync();
    }

    async Task Drop(Servers servers, params string[] towns)
    {
        var migrator = new Migrator(Modules.House(), servers);
        foreach (var database in towns.Select(servers.DatabaseOf).Append(servers.Template).Append(servers.Control)) await migrator.DropTown(Servers.Main, database);
    }

    public async ValueTask DisposeAsync() => await Drop(_servers, Towns);
}
