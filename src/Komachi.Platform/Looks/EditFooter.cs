using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Looks;

/// <summary>What stands below every page: the office to ask, the town's own words and where else to go.</summary>
static class EditFooter
{
    public const int MostLinks = 8;

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("footer", async (string? done, Visit visit, TownDb db) =>
        {
            var (look, saved) = (await TownLooks.Read(db, visit.Town), await SavedLook.ToChange(db));
            return await Show(Form.With([.. look.Office.Name.Fields("name"), .. look.Office.Address.Fields("address"), ("telephone", look.Office.Telephone), .. look.Office.Hours.Fields("hours"), .. look.FooterText.Fields("text"),
                .. look.FooterLinks.SelectMany((l, i) => l.Text.Fields(TextOf(i)).Append((HrefOf(i), l.Href))), saved.VersionField()]), null, visit, db, done);
        });
        to.MapPost("footer", Post);
    }

    public static string TextOf(int link) => $"link{link + 1}";
    public static string HrefOf(int link) => $"link{link + 1}-href";

    /// <summary>Those that are filled, and one more.</summary>
    public static int RowsOf(Form form) => Math.Min(MostLinks, Enumerable.Range(0, MostLinks).Where(i => IsFilled(form, i)).Select(i => i + 1).DefaultIfEmpty().Max() + 1);

    static bool IsFilled(Form form, int link) => form.Typed(HrefOf(link)).Trim().Length > 0 || Lang.Shipped.Any(l => form.Typed($"{TextOf(link)}-{l.Code}").Trim().Length > 0);

    static async Task<IResult> Show(Form form, TownLook? chosen, Visit visit, TownDb db, string? done = null, bool overtaken = false) =>
        Page.Show<FooterPage>(new { Form = form, Chosen = chosen, Look = await TownLooks.Read(db, visit.Town), Done = done, Overtaken = overtaken, Version = (await SavedLook.ToChange(db)).Version, HasOffices = await db.Set<Office>().AnyAsync() },
            overtaken ? StatusCodes.Status409Conflict : form.Wrong ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);

    static async Task<IResult> Post(Form form, Visit visit, TownDb db, TownLooks looks)
    {
        var saved = await SavedLook.ToChange(db);
        var office = new TownOffice { Name = form.SaidIn("name", 100), Address = form.SaidIn("address", 200), Telephone = form.Text("telephone", most: 40, required: true), Hours = form.SaidIn("hours", 200) };
        var text = form.SaidIn("text", 400, required: false);
        if (text.Count > 0 && !text.ContainsKey(Lang.Japanese.Code)) form.Wrongly($"text-{Lang.Japanese.Code}", "Please fill this in.");
        var links = new List<FooterLink>();
        for (var i = 0; i < MostLinks; i++)
        {
            if (!IsFilled(form, i)) continue;
            var (says, href) = (form.SaidIn(TextOf(i), 60), form.Text(HrefOf(i), most: 500, required: true));
            if (href.Length > 0 && !IsAddress(href)) form.Wrongly(HrefOf(i), "Please write the whole address, like https://www.example.jp/.");
            links.Add(new(says, href));
        }
        var look = (await TownLooks.Read(db, visit.Town)) with { Office = office, FooterText = text, FooterLinks = links };
        if (form.Wrong) return await Show(form, null, visit, db);
        if (!form.Saves()) return await Show(form, look, visit, db);
        if (!form.SawThis(saved)) return await Show(form, look, visit, db, overtaken: true);
        saved.Sign(office, text, links);
        db.Audit(visit.Did("look.footer", details: new { office = office.Name.In(Lang.Japanese), links = links.Count }));
        const string then = "desk/look/footer?done=saved";
        return await db.Saved(form, visit, looks, then) ? Page.Go(visit, then) : await Show(form, look, visit, db, overtaken: true);
    }

    /// <summary>Of the web and nothing else: an address can also be a script.</summary>
    public static bool IsAddress(string href) =>
        Uri.TryCreate(href, UriKind.Absolute, out var address) && address.Scheme is "https" or "http" && address is { Host.Length: > 0, UserInfo.Length: 0 } && !href.Any(c => char.IsControl(c) || char.IsWhiteSpace(c));
}
