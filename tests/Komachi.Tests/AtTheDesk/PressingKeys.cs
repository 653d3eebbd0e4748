using Komachi.Platform.Web;
using Komachi.Tests.Harness;

namespace Komachi.Tests.AtTheDesk;

/// <summary>Keys are learnt from the page and are off where somebody wants that; what they do in a browser shows the journey at the desk.</summary>
public sealed class PressingKeys(TestProgram program)
{
    [Fact]
    public async Task They_stand_in_the_menu_until_somebody_switches_them_off_for_their_account()
    {
        var town = await program.NewTown();
        var koho = await town.Staff("koho");
        var page = await koho.Open("desk");
        Assert.Equal("g n", page.One(".desk-nav a[href$='desk/announcements'] kbd").TextContent);
        Assert.Contains("お知らせ", page.One("dialog#keys").TextContent);

        var off = await koho.Submit(await koho.Open("desk/keys"));
        Assert.Empty(off.All("[data-keys], .desk-nav kbd, dialog#keys"));
        Assert.Contains("お知らせ", off.One(".key-list").TextContent);    // still to be read
        Assert.Empty((await (await town.Staff("koho")).Open("desk")).All("[data-keys]"));    // on another device too
        Assert.NotEmpty((await koho.Submit(off)).All("[data-keys]"));
    }

    [Fact]
    public void No_two_places_have_one_key()
    {
        var keys = program.House.All<MenuEntry>().Where(e => e.Place == MenuPlace.Desk && e.Key is not null).Select(e => e.Key!.Value).ToArray();
        Assert.Equal(keys.Distinct(), keys);
        Assert.DoesNotContain('h', keys);    // the first page's
        Assert.All(keys, k => Assert.InRange(k, 'a', 'z'));
    }
}
