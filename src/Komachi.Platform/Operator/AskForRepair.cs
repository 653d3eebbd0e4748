using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Mail;
using Komachi.Platform.Offices;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Operator;

/// <summary>
/// The operator's side of repair access. What is shown of a town here is what operators asked of it and what it answered. Each
/// step stands in the operators' record first and in the town's audit with the change.
/// </summary>
static class AskForRepair
{
    static readonly string[] Hours = ["1", "2", "4", "8"];

    public static void Map(IEndpointRouteBuilder within)
    {
        within.MapGet("towns/{slug}", (string slug, Visit visit, Registry registry, TownDatabases databases, House house, TimeProvider time, HttpContext http) => Show(slug, Form.Empty, registry, databases, house, time, http));
        within.MapPost("towns/{slug}/ask", Ask);
        within.MapPost("towns/{slug}/repair/{id:guid}/enter", Enter);
        within.MapPost("towns/{slug}/repair/{id:guid}/end", End);
    }

    static async Task<IResult> Show(string slug, Form form, Registry registry, TownDatabases databases, House house, TimeProvider time, HttpContext http, int status = 200)
    {
        if (registry.Find(slug) is not { } town) return Page.NotFound;
        if (!await databases.Fits(town, http.RequestAborted)) return Page.Show<OperatorTownPage>(new { OfTown = town, Fits = false, Form = form });
        await using var db = databases.Open(town);
        var asked = await RepairAccess.Newest(db, http.RequestAborted);
        var may = house.Modules.Where(m => house.Has(town, m)).SelectMany(m => m.Permissions).Where(p => RepairRequest.MayBeAsked(p.Key)).ToArray();
        return Page.Show<OperatorTownPage>(new { OfTown = town, Fits = true, Requests = asked, Permissions = may, Hours, Now = time.GetUtcNow(), Form = form }, status);
    }

    static async Task<IResult> Ask(string slug, Form form, Visit visit, Registry registry, TownDatabases databases, House house, Operators operators, TimeProvider time, HttpContext http)
    {
        if (registry.Find(slug) is not { } town || !await databases.Fits(town, http.RequestAborted)) return Page.NotFound;
        var reason = form.Text("reason", most: 500, required: true);
        var hours = form.Choice("hours", Hours);
        var wanted = form.Many("permission").Intersect(house.Permissions.Select(p => p.Key)).Where(RepairRequest.MayBeAsked).ToArray();
        if (wanted.Length == 0) form.Wrongly("permission", "Please choose one.");
        if (form.Wrong) return await Show(slug, form, registry, databases, house, time, http, 422);

        var now = time.GetUtcNow();
        var request = RepairRequest.Ask(visit.Operator!, reason, wanted, TimeSpan.FromHours(int.Parse(hours, CultureInfo.InvariantCulture)), now);
        var page = visit.Link("operator/towns/" + slug);
        await using var db = databases.Open(town);
        await db.NotTwice(form.Once);
        await operators.Audit("operator.asked", visit, slug, reason, new { request.Id, request.Permissions, request.EndsAt }, http.RequestAborted);
        db.Add(request);
        db.Audit(RepairAccess.Entry("operator.asked", request, now, visit.RequestId, visit.From));
        await TellTown(town, db, house, http, now);
        await db.Save(form.Once, page);
        return Results.Redirect(page);
    }

    /// <summary>Who may consent is told with the request itself. Who asks and why stands at the desk alone: a mail is read by whoever has the mailbox.</summary>
    static async Task TellTown(Town town, TownDb db, House house, HttpContext http, DateTimeOffset now)
    {
        var words = new Words(Lang.Japanese, house.Words);
        var page = AddressOf(town, http) is var at && at.StartsWith('/') ? $"{http.Request.Scheme}://{http.Request.Host}{at}/desk/repair" : at + "/desk/repair";
        foreach (var email in await db.HoldersOf(RepairModule.Permission, JapanTime.DayOf(now)).Where(a => a.Email != null).Select(a => a.Email!).ToListAsync(http.RequestAborted))
            db.Enqueue(new SendMail(email, words["{0}: the operator asks for repair access", town.Name.In(Lang.Japanese)], string.Join("\n\n",
                words["Who runs the server asks to see inside the town for a repair. Nothing is opened before the town consents. Reason, end and permissions are at the desk:"], page)));
    }

    /// <summary>Where the town is found from here: its own host, or a path of this one.</summary>
    static string AddressOf(Town town, HttpContext http) => town.Hosts.Order(StringComparer.Ordinal).FirstOrDefault() is { } host
        ? $"{http.Request.Scheme}://{host}{(http.Request.Host.Port is { } port ? ":" + port.ToString(CultureInfo.InvariantCulture) : "")}" : "/" + town.Slug;

    /// <summary>The link is shown and not followed: from a form, a browser goes nowhere but to our own address.</summary>
    static async Task<IResult> Enter(string slug, Guid id, Visit visit, Registry registry, TownDatabases databases, Operators operators, TimeProvider time, HttpContext http)
    {
        if (registry.Find(slug) is not { } town) return Page.NotFound;
        await using var db = databases.Open(town);
        // Who asked enters; another operator asks for themselves.
        if (await db.Set<RepairRequest>().SingleOrDefaultAsync(r => r.Id == id) is not { } request || request.OperatorId != visit.Operator!.Id) return Page.NotFound;
        var (secret, hash) = SessionDoor.NewSecret();
        if (!request.Admit(hash, time.GetUtcNow())) return Page.Conflict;
        await operators.Audit("operator.enter", visit, slug, request.Reason, new { request.Id }, http.RequestAborted);
        await db.Save();
        return Page.Show<OperatorEnterPage>(new { OfTown = town, Address = $"{AddressOf(town, http)}/desk/repair-entry?key={secret}" });
    }

    static async Task<IResult> End(string slug, Guid id, Visit visit, Registry registry, TownDatabases databases, Operators operators, TimeProvider time, HttpContext http)
    {
        if (registry.Find(slug) is not { } town) return Page.NotFound;
        await using var db = databases.Open(town);
        if (await db.Set<RepairRequest>().SingleOrDefaultAsync(r => r.Id == id) is not { } request) return Page.NotFound;
        var now = time.GetUtcNow();
        if (!await RepairAccess.End(db, request, "operator", RepairAccess.Entry("operator.ended", request, now, visit.RequestId, visit.From), now)) return Page.Conflict;
        await operators.Audit("operator.ended", visit, slug, request.Reason, new { request.Id }, http.RequestAborted);
        await db.Save();
        return Page.Go(visit, "operator/towns/" + slug);
    }
}
