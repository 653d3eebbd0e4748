using Komachi.Platform.Data;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Komachi.Rules;

/// <summary>What the program believes of its tables is what the migrations made, column by column.</summary>
public sealed class Tables(TestProgram program)
{
    sealed record Column(string Table, string Name, string Type, bool Nullable, string? Default);

    [Fact]
    public async Task The_mapped_model_matches_the_migrated_tables()
    {
        var town = await program.NewTown();
        await using var db = town.Open();
        var there = (await Read(town, """
            SELECT n.nspname || '.' || c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
            """, r => new Column(r.GetString(0), r.GetString(1), r.GetString(2), r.GetBoolean(3), r.IsDBNull(4) ? null : r.GetString(4))))
            .Where(c => c.Table != "house.migrations").OrderBy(c => c.Table).ThenBy(c => c.Name).ToArray();

        var mapped = db.Model.GetRelationalModel().Tables.SelectMany(t => t.Columns.Select(c =>
                new Column($"{t.Schema}.{t.Name}", c.Name, c.StoreType.Replace("timestamptz", "timestamp with time zone"), c.IsNullable, c.DefaultValueSql)))
            .OrderBy(c => c.Table).ThenBy(c => c.Name).ToArray();
        // A default that the program never leans on (it always writes the column) may stand in the table alone.
        Assert.Equal(mapped.Select(c => c with { Default = null }), there.Select(c => c with { Default = null }));
        Assert.All(mapped.Where(c => c.Default is not null), c => Assert.Contains(there, t => t.Table == c.Table && t.Name == c.Name && t.Default is not null));
    }

    [Fact]
    public async Task Every_mapped_index_and_key_stands_in_the_database()
    {
        var town = await program.NewTown();
        await using var db = town.Open();
        var there = await Read(town, """
            SELECT n.nspname || '.' || c.relname, i.relname, x.indisunique,
                array(SELECT a.attname::text FROM unnest(x.indkey) WITH ORDINALITY k (n, o) JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.n WHERE k.o <= x.indnkeyatts ORDER BY k.o)
            FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
            """, r => $"{r.GetString(0)} {r.GetString(1)} {(r.GetBoolean(2) ? "unique " : "")}({string.Join(", ", r.GetFieldValue<string[]>(3))})");
        foreach (var table in db.Model.GetRelationalModel().Tables)
        {
            foreach (var index in table.Indexes)
                Assert.Contains($"{table.Schema}.{table.Name} {index.Name} {(index.IsUnique ? "unique " : "")}({string.Join(", ", index.Columns.Select(c => c.Name))})", there);
            Assert.Contains($"{table.Schema}.{table.Name} {table.PrimaryKey!.Name} unique ({string.Join(", ", table.PrimaryKey.Columns.Select(c => c.Name))})", there);
        }
    }

    [Fact]
    public async Task Every_table_has_a_modules_schema_a_comment_and_a_primary_key()
    {
        var town = await program.NewTown();
        var schemas = program.House.Modules.Select(m => m.Slug).ToHashSet();
        var tables = await Read(town, """
            SELECT n.nspname, c.relname, obj_description(c.oid, 'pg_class'), EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
            """, r => (Schema: r.GetString(0), Name: r.GetString(1), Comment: r.IsDBNull(2) ? "" : r.GetString(2), Key: r.GetBoolean(3)));
        Assert.NotEmpty(tables);
        Assert.All(tables, t =>
        {
            Assert.Contains(t.Schema, schemas);
            Assert.True(t.Comment.Length > 5, $"{t.Schema}.{t.Name} has no comment");
            Assert.True(t.Key, $"{t.Schema}.{t.Name} has no primary key");
        });
    }

    /// <summary>What is only added is saved by one message: a key that the database makes would have to come back before the rows that name it.</summary>
    [Fact]
    public async Task No_row_names_a_key_that_the_database_makes()
    {
        var town = await program.NewTown();
        await using var db = town.Open();
        var named = db.Model.GetEntityTypes().SelectMany(t => t.GetForeignKeys()).SelectMany(k => k.PrincipalKey.Properties).Distinct().ToArray();
        Assert.NotEmpty(named);
        Assert.Equal([], named.Where(p => p.ValueGenerated != ValueGenerated.Never && p.ClrType != typeof(Guid)).Select(p => $"{p.DeclaringType.DisplayName()}.{p.Name}"));
        Assert.Equal([], named.Where(p => p.GetDefaultValueSql() is not null || p.GetComputedColumnSql() is not null).Select(p => $"{p.DeclaringType.DisplayName()}.{p.Name}"));
    }

    /// <summary>Bytes are a hash, something public, or sealed: and what is sealed says so with m.Seals, or an old key could never go.</summary>
    [Fact]
    public async Task Every_column_that_is_sealed_can_be_sealed_anew()
    {
        string[] notSealed = ["house.counters.subject", "house.keys.sealed_key", "people.passkeys.credential_id", "people.passkeys.public_key", "files.stored.sha256", "audit.blocks.register", "rights.reason_keys.key", "look.pictures.bytes", "procedures.own_form_backgrounds.bytes", "procedures.seals.bytes"];
        var town = await program.NewTown();
        await using var db = town.Open();
        var bytes = db.Model.GetRelationalModel().Tables.SelectMany(t => t.Columns.Where(c => c.StoreType == "bytea").Select(c => $"{t.Schema}.{t.Name}.{c.Name}")).Where(c => !c.EndsWith("hash"));
        Assert.Equal(bytes.Except(notSealed).Order(), program.House.All<SealedColumn>().Select(c => $"{c.Table}.{c.Column}").Order());
    }

    [Fact]
    public async Task Every_figure_can_be_measured_in_an_empty_town()
    {
        var town = await program.NewTown();
        await using var db = town.Open();
        foreach (var figure in program.House.Figures) await figure.Measure(db, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    static async Task<List<T>> Read<T>(TestTown town, string sql, Func<NpgsqlDataReader, T> row)
    {
        // As the owner: the serving role does not see everything.
        await using var owner = await town.Program.Servers.OpenOwner(Servers.Main, town.Town.Database);
        await using var command = new NpgsqlCommand(sql, owner);
        await using var rows = await command.ExecuteReaderAsync();
        var read = new List<T>();
        while (await rows.ReadAsync()) read.Add(row(rows));
        return read;
    }
}
