using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Desk;

/// <summary>
/// What can be pressed at the desk, learnt from the page itself. Single letters disturb those who speak to their computer,
/// so everybody can switch them off for their account.
/// </summary>
static class Keys
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("keys", () => Page.Show<KeysPage>());
        to.MapPost("keys", async (Form form, Visit visit, TownDb db) =>
        {
            var me = await db.Set<Account>().SingleAsync(a => a.Id == visit.Visitor!.AccountId);
            me.UseKeys(form.Typed("keys") == "on");
            await db.Save(form.Once, visit.Link("desk/keys"));
            return Page.Go(visit, "desk/keys");
        });
    }

    /// <summary>All keys of this visitor's pages, as they are listed.</summary>
    public static IReadOnlyList<KeyLine> For(Visit visit, House house, Words words) =>
    [
        new("/", words["Search|keys"]), new("j", words["Next line of the list"]), new("k", words["Line before in the list"]), new("Enter", words["Open the line"]),
        new("g h", words["Desk"]), .. MenuEntry.For(visit, house, MenuPlace.Desk).OrderBy(e => e.Group).Where(e => e.Key is not null).Select(e => new KeyLine($"g {e.Key}", words[e.Title])),
        new("?", words["Show this list"]),
    ];
}
