using Komachi.Tests.Harness;

namespace Komachi.Tests.Audit;

/// <summary>Whatever the owner of the database does to what was sealed, verifying says what and where.</summary>
[Trait("Category", "long")]
public sealed class Tampering(TestProgram program)
{
    // The third of the four entries of a block, in the order of sealing.
    static string Entry(int block, int nth = 3) => $"(SELECT e.id FROM audit.entries e JOIN audit.blocks b ON b.number = {block} AND e.xid = b.from_xid ORDER BY e.id OFFSET {nth - 1} LIMIT 1)";

    [Fact]
    public async Task A_chain_that_nobody_touched_is_whole_and_says_how_much_it_holds()
    {
        var town = await program.Sealed();
        await town.Write(2);
        var state = await town.Check();
        Assert.True(state.Whole, state.Kinds());
        // Entries that the background sealer took meanwhile are in a fourth block.
        Assert.InRange(state.Blocks, 3, 4);
        Assert.Equal(14, state.Entries + state.Waiting);
        Assert.Equal(state.Blocks, state.Head!.Number);
    }

    [Fact]
    public async Task Every_column_of_an_entry_is_sealed()
    {
        var town = await program.Sealed();
        var columns = (await town.Ask<string[]>("SELECT array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema = 'audit' AND table_name = 'entries'")).ToList();
        Assert.Equal(12, columns.Count);
        foreach (var column in columns)
        {
            var other = column switch
            {
                "id" or "actor_id" or "about_id" => "gen_random_uuid()", "at" => "at + interval '1 microsecond'", "xid" => "(xid::text::bigint + 1000000000)::text::xid8", "era" => "era + 1",
                "details" => "details || '{\"c\": 3}'", _ => $"{column} || ' '",
            };
            var id = await town.Ask<Guid>("SELECT " + Entry(2));
            await town.Tamper($"CREATE TABLE kept AS SELECT * FROM audit.entries; UPDATE audit.entries SET {column} = {other} WHERE id = '{id}'");
            var state = await town.Check();
            Assert.True(!state.Whole && state.Findings.Any(f => f.Entry == id && f.Block == 2), $"{column}: {state.Kinds()}");
            await town.Tamper("DELETE FROM audit.entries; INSERT INTO audit.entries SELECT * FROM kept; DROP TABLE kept");
            Assert.True((await town.Check()).Whole, column);
        }
    }

    static readonly (string Kinds, string Sql)[] Kinds =
    [
        ("Changed:2", "UPDATE audit.entries SET reason = NULL WHERE id = ENTRY2"),
        ("Changed:3", "UPDATE audit.entries SET reason = '' WHERE id = (SELECT id FROM audit.entries ORDER BY xid DESC, id DESC LIMIT 1)"),
        ("Removed:2", "DELETE FROM audit.entries WHERE id = ENTRY2"),
        ("Removed:1 Removed:1 Removed:1 Removed:1", "DELETE FROM audit.entries WHERE xid = (SELECT from_xid FROM audit.blocks WHERE number = 1)"),
        ("Added:2", "INSERT INTO audit.entries (id, at, action, xid) SELECT overlay(from_id::text placing 'ffff' from 33)::uuid, now(), 'forged', from_xid FROM audit.blocks WHERE number = 2"),
        // Between two blocks, by a transaction that never wrote one.
        ("Added:3", "INSERT INTO audit.entries (id, at, action, xid) SELECT gen_random_uuid(), now(), 'forged', (to_xid::text::bigint + 1)::text::xid8 FROM audit.blocks WHERE number = 2"),
        // Before the very first.
        ("Added:1", "INSERT INTO audit.entries (id, at, action, xid) VALUES (gen_random_uuid(), now(), 'forged', '3')"),
        // Two entries change places: what one says stands at the other's.
        ("Changed:2 Changed:2", "UPDATE audit.entries a SET (at, reason) = (SELECT b.at + interval '1 s', b.reason || '!' FROM audit.entries b WHERE b.id = CASE a.id WHEN ENTRY2 THEN OTHER2 ELSE ENTRY2 END) WHERE a.id IN (ENTRY2, OTHER2)"),
        // Reordered between blocks.
        ("Moved:2", "UPDATE audit.entries SET xid = (SELECT from_xid FROM audit.blocks WHERE number = 3) WHERE id = ENTRY2"),
        ("Missing:2", "DELETE FROM audit.blocks WHERE number = 2"),
        ("Missing:1", "DELETE FROM audit.blocks WHERE number = 1; DELETE FROM audit.entries WHERE xid = (SELECT min(xid::text::bigint)::text::xid8 FROM audit.entries)"),
        ("Block:2", "UPDATE audit.blocks SET sealed_at = sealed_at + interval '1 day' WHERE number = 2"),
        ("Block:2", "UPDATE audit.blocks SET count = 3 WHERE number = 2"),
        ("Block:2", "UPDATE audit.blocks SET register = register || '\\x00' WHERE number = 2"),
        ("Block:2", "UPDATE audit.blocks SET content_hash = sha256('x') WHERE number = 2"),
        ("Block:2", "UPDATE audit.blocks SET hash = sha256('x') WHERE number = 2"),
        ("Block:3", "UPDATE audit.blocks SET to_xid = (to_xid::text::bigint + 1)::text::xid8 WHERE number = 3"),
    ];

    [Fact]
    public async Task Each_kind_of_tampering_is_found()
    {
        var town = await program.Sealed();
        await town.Tamper("CREATE TABLE entries_kept AS SELECT * FROM audit.entries; CREATE TABLE blocks_kept AS SELECT * FROM audit.blocks");
        foreach (var (kinds, sql) in Kinds)
        {
            await town.Tamper(sql.Replace("ENTRY2", Entry(2)).Replace("OTHER2", Entry(2, 2)));
            var found = await town.Check();
            Assert.True(kinds == found.Kinds(), $"{found.Kinds()} instead of {kinds} after {sql}");
            await town.Tamper("DELETE FROM audit.entries; INSERT INTO audit.entries SELECT * FROM entries_kept; DELETE FROM audit.blocks; INSERT INTO audit.blocks SELECT * FROM blocks_kept");
        }
        Assert.True((await town.Check()).Whole);
    }
}
