using Komachi.Platform.People;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.Operator;

/// <summary>The operator's pages, at addresses that belong to no town: how the towns are, and what operators did.</summary>
static class OperatorPages
{
    public static void Map(IEndpointRouteBuilder to)
    {
        var open = to.MapGroup("/operator").WithMetadata(new OperatorPlace(SignedIn: false), Access.Operator);
        open.MapGet("sign-in", () => Page.Show<OperatorSignInPage>(new { Form = Form.Empty }));
        open.MapPost("sign-in", SignIn);

        var within = to.MapGroup("/operator").WithMetadata(new OperatorPlace(SignedIn: true), Access.Operator);
        within.MapGet("", async (TownHealth health, HttpContext http) => Page.Show<OperatorHealthPage>(new { Rows = await health.Read(http.RequestAborted) }));
        within.MapGet("health.json", async (TownHealth health, HttpContext http) => Results.Json((await health.Read(http.RequestAborted)).Select(Told)));
        within.MapPost("look", async (Visit visit, TownHealth health, HttpContext http) =>
        {
            await health.LookAtAll(TimeSpan.FromSeconds(2), http.RequestAborted);
            return Page.Go(visit, "operator");
        });
        within.MapGet("audit", async (Operators operators, HttpContext http) => Page.Show<OperatorAuditPage>(new { Entries = await operators.Newest(200, http.RequestAborted) }));
        AskForRepair.Map(within);
        within.MapPost("sign-out", async (Visit visit, Operators operators, HttpContext http) =>
        {
            await operators.Audit("operator.sign_out", visit);
            await operators.SignOut(visit.OperatorSession, http.RequestAborted);
            OperatorDoor.Take(http);
            return Page.Go(visit, "operator/sign-in");
        });
    }

    static async Task<IResult> SignIn(Form form, Visit visit, Operators operators, HttpContext http, TimeProvider time)
    {
        var name = form.Text("name", most: 100, required: true);
        var code = form.Text("code", most: 20, required: true);
        if (form.Typed("password").Length == 0) form.Wrongly("password", "Please fill this in.");
        if (form.Wrong) return Page.Show<OperatorSignInPage>(new { Form = form }, 422);
        var (outcome, secret, until) = await operators.SignIn(name, form.Typed("password"), code, visit, http.RequestAborted);
        if (outcome == Operators.SignedIn.Yes)
        {
            OperatorDoor.Give(http, secret, until);
            return Page.Go(visit, "operator");
        }
        if (outcome == Operators.SignedIn.TooOften)
        {
            return Page.Show<OperatorSignInPage>(new { Form = form }, Attempts.Later(until - time.GetUtcNow(), form, http));
        }
        form.Wrongly("", "The name, the password or the code is not right. A code can be used once: wait for the next one.");
        return Page.Show<OperatorSignInPage>(new { Form = form }, 422);
    }

    /// <summary>A row as data: what the page shows, nothing more.</summary>
    static object Told(TownHealth.Row row) => new
    {
        town = row.Town.Slug, row.Town.Code, state = row.Town.State == TownState.Suspended ? "suspended" : "open", training = row.Town.IsTraining, address = AddressOf(row.Town),
        row.TakenAt, row.NeedsALook, row.Numbers, row.LastBackupAt,
    };

    internal static string AddressOf(Town town) => town.Hosts.Order(StringComparer.Ordinal).FirstOrDefault() is { } host ? "https://" + host : "/" + town.Slug;
}
