using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Tests.Harness;
using Npgsql;

namespace Komachi.Tests.Data;

/// <summary>What the database itself forbids, whatever a program or a person at its console tries.</summary>
public sealed class Walls(TestProgram program)
{
    [Theory]
    [InlineData("UPDATE audit.entries SET action = 'nothing happened'")]
    [InlineData("DELETE FROM audit.entries")]
    [InlineData("TRUNCATE audit.entries")]
    [InlineData("DROP TABLE audit.entries")]
    [InlineData("ALTER TABLE audit.entries DISABLE TRIGGER ALL")]
    [InlineData("INSERT INTO house.migrations (module, number, name, checksum, serves_from) VALUES ('x', 1, '', '', 0)")]
    [InlineData("CREATE TABLE house.mine (id int)")]
    [InlineData("CREATE SCHEMA mine")]
    [InlineData("CREATE ROLE mine")]
    [InlineData("SET ROLE OWNER")]
    public async Task What_serves_pages_may_not(string sql)
    {
        var town = await program.NewTown();
        await using (var db = town.Open())
        {
            db.Audit(new AuditEntry { Action = "walls.try", At = TimeProvider.System.GetUtcNow() });
            await db.Save();
        }
        await using var command = town.Source.CreateCommand(sql.Replace("OWNER", new NpgsqlConnectionStringBuilder(TestProgram.OwnerString).Username));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync())).SqlState);
        await town.Until("EXISTS (SELECT FROM audit.entries WHERE action = 'walls.try')");
    }

    [Fact]
    public async Task A_towns_login_enters_no_other_towns_database_nor_the_registry_nor_the_template()
    {
        var (komaki, onojo) = (await program.NewTown("komaki"), await program.NewTown("onojo"));
        var servers = program.Servers;
        foreach (var other in new[] { onojo.Town.Database, servers.Control, servers.Template })
        {
            var way = new NpgsqlConnectionStringBuilder(servers.ServingString(Servers.Main, komaki.Town.Database)) { Database = other, Pooling = false };
            await using var connection = new NpgsqlConnection(way.ConnectionString);
            var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync());
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [Fact]
    public void Every_login_has_a_password_of_its_own()
    {
        var servers = program.Servers;
        Assert.NotEqual(servers.PasswordOf("a"), servers.PasswordOf("b"));
        Assert.NotEqual(servers.KeyFor("a"), servers.KeyFor("b"));
    }
}
