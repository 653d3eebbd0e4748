using System.Security.Cryptography;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Data;

/// <summary>What a town keeps secret even from who reads its database.</summary>
public sealed class KeysOfTowns(TestProgram program)
{
    TownKeys Keys => program.Service<TownKeys>();

    /// <summary>Another process: it knows nothing of what this one read before.</summary>
    TownKeys Elsewhere => new(program.Service<TownDatabases>(), program.Servers, TimeProvider.System);

    [Fact]
    public async Task What_is_sealed_opens_in_every_process_and_is_never_written_twice_the_same()
    {
        var town = (await program.NewTown()).Town;
        var one = await Keys.Seal(town, "people", "ひみつ 𠮷", "accounts/1");
        var two = await Elsewhere.Seal(town, "people", "ひみつ 𠮷", "accounts/1");
        Assert.NotEqual(one, two);
        Assert.Equal("ひみつ 𠮷", await Elsewhere.OpenText(town, "people", one, "accounts/1"));
        Assert.Equal("ひみつ 𠮷", await Keys.OpenText(town, "people", two, "accounts/1"));
        Assert.Equal(-1, one.AsSpan().IndexOf(Encoding.UTF8.GetBytes("ひみつ")));
    }

    [Fact]
    public async Task It_opens_only_where_it_belongs()
    {
        var (town, other) = ((await program.NewTown()).Town, (await program.NewTown()).Town);
        var locked = await Keys.Seal(town, "people", "secret", "accounts/1");
        await Keys.Seal(other, "people", "their own", "accounts/1");
        await Refused(() => Keys.Open(town, "people", locked, "accounts/2"));
        await Refused(() => Keys.Open(other, "people", locked, "accounts/1"));
        await Refused(() => Keys.Open(town, "files", locked, "accounts/1"));
        await Refused(() => Keys.Open(town, "people", locked[..20], "accounts/1"));
        for (var i = 0; i < locked.Length; i++)
        {
            var changed = locked.ToArray();
            changed[i] ^= 1;
            await Refused(() => Keys.Open(town, "people", changed, "accounts/1"));
        }

        static async Task Refused(Func<ValueTask<byte[]>> open) => await Assert.ThrowsAnyAsync<CryptographicException>(async () => await open());
    }

    [Fact]
    public async Task After_a_rotation_what_is_old_opens_and_what_is_new_has_the_newer_key()
    {
        var town = (await program.NewTown()).Town;
        var old = await Keys.Seal(town, "people", "before", "x");
        Assert.Equal(2, await Elsewhere.Rotate(town, "people"));
        var fresh = await Elsewhere.Seal(town, "people", "after", "x");
        Assert.Equal((1, 2), (old[4], fresh[4]));
        Assert.Equal("after", await Keys.OpenText(town, "people", fresh, "x"));    // a process that knew the older key only
        Assert.Equal("before", await Elsewhere.OpenText(town, "people", old, "x"));
    }

    [Fact]
    public async Task Processes_that_make_the_first_key_together_make_one()
    {
        var town = (await program.NewTown()).Town;
        var sealedByMany = await Task.WhenAll(Enumerable.Range(0, 8).Select(async n => await Elsewhere.Seal(town, "people", $"{n}", "x")));
        for (var n = 0; n < sealedByMany.Length; n++) Assert.Equal($"{n}", await Keys.OpenText(town, "people", sealedByMany[n], "x"));
        await using var db = program.Service<TownDatabases>().Open(town);
        Assert.Equal(1, await db.Set<TownKey>().CountAsync());
    }
}
