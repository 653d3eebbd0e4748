using Komachi.Platform.Audit;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Audit;

/// <summary>What the database alone cannot tell, since its owner can make it all anew: the heads that were kept elsewhere do.</summary>
public sealed class AnchoringHeads(TestProgram program) : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("komachi-anchors").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Each_head_is_a_line_and_a_chain_that_goes_on_agrees_with_all_of_them()
    {
        var anchors = Chains.In(_folder);
        var town = await program.Sealed(anchors);
        var lines = File.ReadAllLines(Directory.EnumerateFiles(Path.Combine(_folder, town.Slug)).Single());
        Assert.Equal(3, lines.Length);
        Assert.All(lines, (line, n) => Assert.Matches($"^20[0-9T:.-]+Z {town.Slug} era 1 block {n + 1} [0-9a-f]{{64}}$", line));
        // Another process, which remembers nothing, adds no line twice.
        await town.Seal(Chains.In(_folder));
        Assert.Equal(3, (await anchors.Read(town.Slug)).Heads.Count);
        var state = await town.Check(anchors);
        Assert.True(state.Whole, state.Kinds());
        Assert.Equal(3, state.Anchored);
    }

    [Fact]
    public async Task An_end_that_was_cut_off_is_found_also_when_the_chain_has_grown_again()
    {
        var anchors = Chains.In(_folder);
        var town = await program.Sealed(anchors);
        await town.Tamper("DELETE FROM audit.entries WHERE xid >= (SELECT from_xid FROM audit.blocks WHERE number = 2); DELETE FROM audit.blocks WHERE number >= 2");
        Assert.True((await town.Check()).Whole, "By itself it looks whole.");
        var cut = (await town.Check(anchors)).Findings.Single();
        Assert.Equal((FindingKind.CutOff, 1L, 3L), (cut.Kind, cut.Block, cut.ToBlock));

        for (var i = 0; i < 3; i++)
        {
            await town.Write();
            await town.Seal(Chains.In(_folder));
        }
        Assert.True((await town.Check()).Whole);
        Assert.Equal("Rewritten:2", (await town.Check(anchors)).Kinds());
    }

    [Fact]
    public async Task A_chain_that_was_forged_anew_from_the_middle_is_found()
    {
        var anchors = Chains.In(_folder);
        var town = await program.Sealed(anchors);
        // Changed, and then sealed again by the program's own means: nothing in the database contradicts it.
        await town.Tamper("UPDATE audit.entries SET reason = 'forged' WHERE xid = (SELECT from_xid FROM audit.blocks WHERE number = 2); DELETE FROM audit.blocks WHERE number >= 2");
        await town.Seal();
        Assert.True((await town.Check()).Whole);
        Assert.Equal("Rewritten:2", (await town.Check(anchors)).Kinds().Split(' ')[0]);
    }

    [Fact]
    public async Task A_line_that_was_spoilt_is_said_and_a_mailed_head_stands_in_for_a_folder()
    {
        var anchors = Chains.In(_folder);
        var town = await program.Sealed(anchors);
        var head = (await town.Check()).Head!;
        var path = Directory.EnumerateFiles(Path.Combine(_folder, town.Slug)).Single();
        File.WriteAllText(path, File.ReadAllText(path).Replace("block 2", "block two"));
        Assert.Equal("Anchor:0", (await town.Check(anchors)).Kinds());

        await town.Tamper("DELETE FROM audit.entries WHERE xid = (SELECT from_xid FROM audit.blocks WHERE number = 3); DELETE FROM audit.blocks WHERE number = 3");
        var check = new ChainCheck(program.Service<Komachi.Platform.Data.TownDatabases>(), Chains.NoAnchors);
        Assert.Equal("CutOff:2", (await check.Run(town.Town, [head])).Kinds());
    }
}
