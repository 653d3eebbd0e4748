using System.Text.Json.Nodes;
using Komachi.Platform.Addresses;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>Before the first page: what one needs, who may, for whom it is. Whoever began already is asked whether to go on.</summary>
static class StartFiling
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("{key}/start", async (string key, Visit visit, TownDb db, TimeProvider time, HttpContext http) => await Show(key, Form.Empty, visit, db, time, http.RequestAborted));
        to.MapPost("{key}/start", Begin);
    }

    static async Task<IResult> Show(string key, Form form, Visit visit, TownDb db, TimeProvider time, CancellationToken stop)
    {
        var today = time.Today();
        // Whom to ask is whose procedure it is, also where nothing can be sent at present.
        async Task<Guid> DepartmentOf(Procedure procedure) => Catalog.DepartmentOf(procedure.Definition.Department, await DepartmentTrees.Today(db, stop));
        async Task<IResult> Shut(Closed why, Procedure procedure) => Page.Show<ClosedPage>(new { Why = why, Procedure = procedure, Department = await DepartmentOf(procedure) });
        if (await Catalog.Find(db, key, today, stop) is not { } offered)
            return await db.Set<Published>().AnyAsync(d => d.Key == key && d.PublishedAt != null, stop) ? await Shut(Closed.NotOffered, await Newest(db, key, stop)) : Page.NotFound;
        if (await Closing.Of(offered.Procedure, db, today, stop) is { } closed) return await Shut(closed, offered.Procedure);
        var me = visit.Visitor is { IsStaff: false } resident ? resident : null;
        return Page.Show<StartFilingPage>(new { Form = form, Offered = offered, Department = await DepartmentOf(offered.Procedure), Under = await Mine(key, visit, db, time.GetUtcNow(), stop), MustSignIn = MustSignIn(offered.Procedure) && me is null, OutOfReach = me?.For is { } other && !other.Reaches("procedures") }, form.Wrong ? 422 : 200);
    }

    internal static bool MustSignIn(Procedure procedure) => Procedure.AssuranceOf(procedure.Definition.Assurance) >= Assurance.SignedIn;

    static async Task<Procedure> Newest(TownDb db, string key, CancellationToken stop) =>
        await Catalog.Version(db, await db.Set<Published>().Where(d => d.Key == key && d.PublishedAt != null).OrderByDescending(d => d.Number).Select(d => d.Id).FirstAsync(stop), stop);

    /// <summary>What this account has begun already, for whom they act now.</summary>
    static async Task<Draft?> Mine(string key, Visit visit, TownDb db, DateTimeOffset now, CancellationToken stop)
    {
        if (visit.Visitor is not { IsStaff: false } me) return null;
        return await Drafts.Of(me, db, now).Where(d => d.Procedure == key && d.Stage == "").OrderByDescending(d => d.ChangedAt).FirstOrDefaultAsync(stop);
    }

    static async Task<IResult> Begin(string key, Form form, Visit visit, TownDb db, Persons persons, TimeProvider time, HttpContext http)
    {
        var (now, today, stop) = (time.GetUtcNow(), time.Today(), http.RequestAborted);
        // The button of the service page asks nothing yet.
        if (form.Typed("do") != "begin") return Page.Go(visit, $"procedures/{Uri.EscapeDataString(key)}/start");
        if (await Catalog.Find(db, key, today, stop) is not { } offered || await Closing.Of(offered.Procedure, db, today, stop) is not null) return await Show(key, form, visit, db, time, stop);
        var (procedure, me) = (offered.Procedure, visit.Visitor is { IsStaff: false } resident ? resident : null);
        if (MustSignIn(procedure) && me is null) return Page.Go(visit, "sign-in?then=" + Uri.EscapeDataString($"procedures/{key}/start"));
        if (me is { For: not null } && me.PersonFor("procedures") is null) return await Show(key, form, visit, db, time, stop);

        // Whose behalf it is on: a mandate says it by itself.
        string? ground = null;
        if (me?.For is null && procedure.Definition.By.Agent)
        {
            var whom = procedure.Definition.By.Person ? form.Choice("for", ["self", "other"]) : "other";
            if (whom == "other") ground = form.Text("ground", most: 500, required: true);
        }
        if (form.Wrong) return await Show(key, form, visit, db, time, stop);

        var person = me?.PersonFor("procedures");
        var draft = Draft.Begin(offered.Id, procedure, procedure.First, Way.Online, visit.Lang.Code, now, me?.AccountId, person, me?.For?.MandateId);
        var answers = new JsonObject();
        if (ground is not null) answers[Agent.Key] = ground;
        // For somebody else without a mandate nothing is known: what this account knows is about another.
        else if (person is { } known && await persons.See(known, draft.Place) is { Hidden: false } seen) answers = Known.Into(procedure.First.Form, answers, seen);
        draft.Take(answers);
        var held = me is null ? draft.Holds(HeldKeys.New(http, visit, db, form.Once, draft.Id, Draft.Kept)) : null;
        db.Add(draft);
        await db.Save(form.Once, visit.Link(Filling.PathOf(draft)), stop);
        if (held is not null) HeldKeys.Give(http, visit, draft.Id, held, Draft.Kept);
        return Page.Go(visit, Filling.PathOf(draft));
    }
}

/// <summary>On what ground somebody files for another who has given no mandate at the town: kept among the answers, and shown to the clerk.</summary>
static class Agent
{
    public const string Key = "_agent";

    public static string? GroundOf(JsonObject answers) => answers[Key] is JsonValue said && said.TryGetValue<string>(out var ground) ? ground : null;
}

/// <summary>What the town knows already, as answers: nobody writes their name a second time.</summary>
static class Known
{
    public static JsonObject Into(CompiledForm form, JsonObject answers, PersonSeen person) => FormPages.Prefilled(form, answers, from => from switch
    {
        "person.name" => NameOf(person),
        "person.kana" => person.Kana,
        "person.birthday" => person.BornOn?.ForInput(),
        "person.telephone" => person.Phone,
        "person.email" => person.Email,
        "person.address" => AddressOf(person),
        _ => null,
    });

    /// <summary>What they wrote where the form asks for what is their own: an address of somebody else who is named in it is no address of theirs.</summary>
    public static string? In(CompiledForm form, JsonObject answers, string what) =>
        form.Fields.Where(f => f.Field.Prefill == what).Select(f => answers[f.Key] is JsonValue said ? said.ToString() : null).FirstOrDefault(said => !string.IsNullOrEmpty(said));

    static JsonObject NameOf(PersonSeen person)
    {
        var (name, kana) = (Parts(person.Name), Parts(person.Kana ?? ""));
        var parts = new JsonObject { ["family"] = name.Family, ["given"] = name.Given };
        if (kana.Family.Length > 0) (parts["familyKana"], parts["givenKana"]) = (kana.Family, kana.Given);
        return parts;
    }

    static (string Family, string Given) Parts(string whole) => whole.Split([' ', '　'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) switch
    {
        [var family, var given] => (family, given),
        [var one] => (one, ""),
        _ => ("", ""),
    };

    /// <summary>The register keeps one line; the postcode tells its first parts, and the rest is the number.</summary>
    static JsonObject? AddressOf(PersonSeen person)
    {
        if (person.Address is not { Length: > 0 } line) return null;
        var address = new JsonObject();
        if (person.Postcode is { } code) address["postcode"] = code;
        var place = person.Postcode is { } known ? Postcodes.Of(known).FirstOrDefault(p => line.StartsWith(p.ToString(), StringComparison.Ordinal)) : null;
        if (place is null) return null;
        (address["prefecture"], address["city"], address["town"], address["number"]) = (place.Prefecture, place.City, place.Area, line[place.ToString().Length..].Trim());
        return address;
    }
}
