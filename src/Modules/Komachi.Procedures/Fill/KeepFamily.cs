using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Forms;
using Komachi.Platform.People;
using Komachi.Platform.Rights;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>The people of a household, kept by whoever asked for it: the next form offers them. Nobody else sees them, and one button takes all of it away.</summary>
static class KeepFamily
{
    internal const int Most = 20;
    internal static readonly string[] Relations = ["spouse", "child", "parent", "grandparent", "sibling", "other"];

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("family", async (string? done, Visit visit, TownDb db, HttpContext http) => await Show(Form.Empty, visit, db, http.RequestAborted, done));
        to.MapPost("family", Add);
        to.MapGet("family/{key:guid}", async (Guid key, Visit visit, TownDb db, HttpContext http) =>
            await Mine(visit, db, http.RequestAborted) is { } family && family.Find(key.ToString()) is { } member ? Page.Show<FamilyMemberPage>(new { Key = key, Form = FormOf(member) }) : Page.NotFound);
        to.MapPost("family/{key:guid}", Change);
        to.MapPost("family/{key:guid}/remove", Remove);
        to.MapPost("family/remove", RemoveAll);
    }

    static Guid Me(Visit visit) => visit.Visitor!.PersonId!.Value;

    static Task<Family?> Mine(Visit visit, TownDb db, CancellationToken stop)
    {
        var me = Me(visit);
        return db.Set<Family>().SingleOrDefaultAsync(f => f.PersonId == me, stop);
    }

    static async Task<IResult> Show(Form form, Visit visit, TownDb db, CancellationToken stop, string? done = null) =>
        Page.Show<FamilyPage>(new { Family = await Mine(visit, db, stop), Form = form, Done = done }, form.Wrong ? 422 : 200);

    static JsonObject Read(Form form, DateOnly today, string key)
    {
        var name = form.Name("name", required: true);
        var born = form.Day("birthday", least: new(1900, 1, 1), most: today);
        var relation = form.Choice("relation", Relations);
        var (place, phone) = (form.Text("place", most: 100), form.Telephone("telephone"));
        var member = new JsonObject { ["key"] = key, ["relation"] = relation };
        if (name is not null)
        {
            member["name"] = new JsonObject { ["family"] = name.Family, ["given"] = name.Given, ["familyKana"] = name.FamilyKana, ["givenKana"] = name.GivenKana };
            if (name.FamilyKana is not null || name.GivenKana is not null) member["kana"] = $"{name.FamilyKana} {name.GivenKana}".Trim();
        }
        if (born is { } on) member["birthday"] = on.ForInput();
        if (place.Length > 0) member["place"] = place;
        if (phone is { } number) member["telephone"] = number.Digits;
        return member;
    }

    static Form FormOf(JsonObject member)
    {
        string? Part(string key) => (member["name"] as JsonObject)?[key]?.ToString();
        return Form.With(
            ("name-family", Part("family")), ("name-given", Part("given")), ("name-family-kana", Part("familyKana")), ("name-given-kana", Part("givenKana")), ("name-no-kana", Part("familyKana") is null ? "true" : null),
            ("birthday", member["birthday"]?.ToString()), ("relation", member["relation"]?.ToString()), ("place", member["place"]?.ToString()), ("telephone", member["telephone"]?.ToString()));
    }

    static async Task<IResult> Add(Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var stop = http.RequestAborted;
        var family = await Mine(visit, db, stop);
        var member = Read(form, time.Today(), Id.New().ToString());
        if (family is not null && family.All.Count() >= Most) form.Wrongly("", "So many people can be kept at most: {0}. Please take somebody away first.", Most);
        if (form.Wrong) return await Show(form, visit, db, stop);
        if (family is null) db.Add(family = new() { PersonId = Me(visit) });
        family.Put(member, time.GetUtcNow());
        return await Save("add", form, visit, db, stop);
    }

    static async Task<IResult> Change(Guid key, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var stop = http.RequestAborted;
        if (await Mine(visit, db, stop) is not { } family || family.Find(key.ToString()) is null) return Page.NotFound;
        var member = Read(form, time.Today(), key.ToString());
        if (form.Wrong) return Page.Show<FamilyMemberPage>(new { Key = key, Form = form }, 422);
        family.Put(member, time.GetUtcNow());
        return await Save("change", form, visit, db, stop);
    }

    static async Task<IResult> Remove(Guid key, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var stop = http.RequestAborted;
        if (await Mine(visit, db, stop) is { } family) family.TakeAway(key.ToString(), time.GetUtcNow());
        return await Save("remove", form, visit, db, stop);
    }

    static async Task<IResult> RemoveAll(Form form, Visit visit, TownDb db, HttpContext http)
    {
        if (await Mine(visit, db, http.RequestAborted) is { } family) db.Remove(family);
        return await Save("remove", form, visit, db, http.RequestAborted);
    }

    static async Task<IResult> Save(string done, Form form, Visit visit, TownDb db, CancellationToken stop)
    {
        db.Audit(visit.Did("procedures.keep_family", about: Me(visit)));
        await db.Save(form.Once, visit.Link("procedures/family?done=" + done), stop);
        return Page.Go(visit, "procedures/family?done=" + done);
    }

    /// <summary>The people whom a form names, as the next one would ask for them; without those who are kept already.</summary>
    internal static IReadOnlyList<JsonObject> PeopleIn(CompiledForm form, JsonObject answers, Family? kept)
    {
        var people = new List<JsonObject>();
        foreach (var group in form.Fields.Where(f => f.Repeats && (f.Field.Kind == "people" || f.Field.Prefill == "family")))
            foreach (var row in (answers[group.Key] as JsonArray ?? []).OfType<JsonObject>())
            {
                var person = new JsonObject { ["key"] = Id.New().ToString(), ["relation"] = "other" };
                foreach (var field in group.Rows)
                    if (field.Field.Prefill is { } from && from.StartsWith("family.", StringComparison.Ordinal) && row[field.Key] is { } answer) person[from["family.".Length..]] = answer.DeepClone();
                if (person["name"] is JsonObject && kept?.All.Any(m => Family.CalledOf(m) == Family.CalledOf(person)) != true) people.Add(person);
            }
        return [.. people.Take(Most - (kept?.All.Count() ?? 0))];
    }

    /// <summary>After filing: kept for the next form because somebody asked for it.</summary>
    internal static async Task Take(FiledCopy copy, Visit visit, TownDb db, DateTimeOffset now, CancellationToken stop)
    {
        var family = await Mine(visit, db, stop);
        var people = PeopleIn(copy.State.Form, copy.Case.Answers, family);
        if (people.Count == 0) return;
        if (family is null) db.Add(family = new() { PersonId = Me(visit) });
        foreach (var person in people) family.Put(person, now);
        db.Audit(visit.Did("procedures.keep_family", about: Me(visit)));
    }

    // ── rights ───────────────────────────────────────────────────────────────────────────────────────────────────────

    /// <summary>About them, and what their account began without saying about whom. What they fill in for another is the other's.</summary>
    static IQueryable<Draft> DraftsOf(AboutPerson about)
    {
        var accounts = about.Accounts;
        return about.Db.Set<Draft>().Where(d => d.PersonId == about.PersonId || d.PersonId == null && d.AccountId != null && accounts.Contains(d.AccountId.Value));
    }

    public static async Task<IReadOnlyList<HeldRecord>> Tell(AboutPerson about)
    {
        var told = new List<HeldRecord>();
        if (await about.Db.Set<Family>().AsNoTracking().SingleOrDefaultAsync(f => f.PersonId == about.PersonId, about.Stop) is { } family)
            told.AddRange(family.All.Select(m => new HeldRecord(about.Words["Family kept for forms"], family.ChangedAt,
            [
                new("name", about.Words["Name"], Family.CalledOf(m)),
                new("birthday", about.Words["Birthday"], m["birthday"]?.ToString()),
                new("place", about.Words["School, nursery or work"], m["place"]?.ToString()),
                new("telephone", about.Words["Telephone"], m["telephone"]?.ToString()),
            ], Because: about.Words["You asked us to keep it for your next form"])));
        foreach (var draft in await DraftsOf(about).AsNoTracking().Where(d => d.CaseId == null).OrderBy(d => d.CreatedAt).ToListAsync(about.Stop))
            told.Add(new(about.Words["Form that you began"], draft.CreatedAt, [new("procedure", about.Words["Procedure|fill"], draft.Procedure), new("answers", about.Words["What was filled in"], draft.Answers.ToJsonString(CasesEnd.Readable))],
                Until: draft.EndsAt, Because: about.Words["So that you can go on with it"]));
        return told;
    }

    public static async Task<IReadOnlyList<Fate>> Look(AboutPerson about) =>
    [
        new(about.Words["Family kept for forms"], await about.Db.Set<Family>().CountAsync(f => f.PersonId == about.PersonId, about.Stop)),
        new(about.Words["Forms that were begun"], await DraftsOf(about).CountAsync(d => d.CaseId == null, about.Stop)),
    ];

    public static async Task Forget(AboutPerson about)
    {
        await about.Db.Set<Family>().Where(f => f.PersonId == about.PersonId).ExecuteDeleteAsync(about.Stop);
        await TidyDrafts.Remove(await DraftsOf(about).ToListAsync(about.Stop), about.Db, about.Stop);
    }

    /// <summary>For the test that looks for leaks.</summary>
    public static async Task Plant(CanaryNest nest)
    {
        if (await Catalog.Find(nest.Db, "dog-registration", nest.Db.Today) is not { } offered) return;
        foreach (var assistedBy in new Guid?[] { null, nest.AccountId })
        {
            var draft = Draft.Begin(offered.Id, offered.Procedure, offered.Procedure.First, assistedBy is null ? Way.Online : Way.Counter, "ja", nest.Now, assistedBy is null ? nest.AccountId : null, nest.PersonId, assistedBy: assistedBy);
            draft.Keep(new() { ["dogName"] = nest.Sing("犬の名前") }, "ja", nest.Now);
            nest.Is(draft.Id);
            nest.Db.Add(draft);
        }
        var family = new Family { PersonId = nest.PersonId };
        var key = nest.Is(Id.New());
        family.Put(new() { ["key"] = key.ToString(), ["relation"] = "child", ["name"] = new JsonObject { ["family"] = nest.Sing("家族"), ["given"] = "" } }, nest.Now);
        nest.Db.Add(family);
    }
}
