using System.ComponentModel;
using Komachi.Platform.Data;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Procedures;

/// <summary>What can be filed with the town, as data: for portals, chats and other systems. How something is filed by another system is <see cref="FilingsApi"/>.</summary>
public static class ProceduresApi
{
    /// <param name="Version">Grows with every published change.</param>
    /// <param name="Days">Standard period (標準処理期間) in working days of the department.</param>
    /// <param name="Assurance">How sure the town must be of who files: none, code, signedIn or card.</param>
    /// <param name="FeeNote">Null: it is free.</param>
    /// <param name="Url">The page on which residents begin.</param>
    public sealed record ProcedureItem(string Key, int Version, Said Title, Said Summary, string[] Life, DepartmentItem? Department, int Days, string Assurance, Said? FeeNote, bool Online, string Url, string Self, string Schema);

    /// <param name="Code">As the town counts its departments.</param>
    public sealed record DepartmentItem(string Code, Said Name, string Telephone);

    /// <param name="Stages">Filings that may follow in the same matter, in their order: a report, a claim.</param>
    public sealed record ProcedureAnswer(ProcedureItem Procedure, Said For, Said? Must, BasisItem[] Basis, DateOnly? From, DateOnly? Until, Said Paper, Said? DaysNote, Said? AssuranceNote, bool ForOneself, bool ForOthers, Said? Ground, NeededItem[] Needed, StageItem[] Stages, NextItem[] Next);

    public sealed record BasisItem(string Law, string Article, string? Url);

    /// <summary>A paper or picture that is sent along.</summary>
    /// <param name="When">Needed only then; null: always asked for.</param>
    public sealed record NeededItem(string Field, Said Label, Said? Help, bool Required, bool Later, string? When);

    public sealed record StageItem(string Key, Said Title, string Opens, bool Optional, string Schema);

    public sealed record NextItem(Said Text, string? Procedure);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", List).WithName("procedures").WithSummary("What can be filed with the town today, in the order of titles");
        to.MapGet("{key}", One).WithName("procedure").WithSummary("One procedure: who may file it, what is needed, on which law it stands, what comes after it");
        to.MapGet("{key}/schema", Schema).WithName("procedureSchema").Produces<object>(contentType: "application/schema+json").WithSummary("The answers of its form as JSON Schema 2020-12; conditions are told as text under x-when, and the town's own check has the last word");
    }

    static async Task<Ok<ProcedureItem[]>> List(Visit visit, TownDb db, HttpContext http)
    {
        var offered = await Catalog.Of(db, db.Today, http.RequestAborted);
        var tree = await DepartmentTrees.Today(db, http.RequestAborted);
        return TypedResults.Ok(offered.Select(o => Item(o, tree, visit, http)).ToArray());
    }

    static async Task<Results<Ok<ProcedureAnswer>, NotFound>> One(string key, Visit visit, TownDb db, HttpContext http)
    {
        if (await Catalog.Find(db, key, db.Today, http.RequestAborted) is not { } offered) return TypedResults.NotFound();
        var (of, tree) = (offered.Procedure.Definition, await DepartmentTrees.Today(db, http.RequestAborted));
        var fields = offered.Procedure.First.Form.Pages.SelectMany(p => p.Fields.SelectMany(f => f.Rows.Prepend(f)).Select(f => (Page: p, Field: f)));
        return TypedResults.Ok(new ProcedureAnswer(Item(offered, tree, visit, http), of.For, Some(of.Must), [.. of.Basis.Select(b => new BasisItem(b.Law, b.Article, b.Url.Length > 0 ? b.Url : null))], of.From, of.Until, of.Paper, Some(of.DaysNote), Some(of.AssuranceNote),
            of.By.Person, of.By.Agent, Some(of.By.Ground),
            [.. fields.Where(f => f.Field.Field.Kind == "file").Select(f => new NeededItem(f.Field.Key, f.Field.Field.Label, Some(f.Field.Field.Help), f.Field.Field.Required == "true", f.Field.Field.Later, FormSchema.When(f.Page, f.Field)))],
            [.. of.Stages.Select(s => new StageItem(s.Key, s.Title, s.Opens, s.Optional, Whole(visit, http, $"api/v1/procedures/{key}/schema".With(("stage", s.Key)))))], [.. of.Next.Select(n => new NextItem(n.Text, n.Procedure))]));
    }

    static async Task<IResult> Schema(string key, [Description("The key of a later filing of the same matter; the first one if not given")] string? stage, Visit visit, TownDb db, HttpContext http) =>
        await Catalog.Find(db, key, db.Today, http.RequestAborted) is { } offered && offered.Procedure.Stages.FirstOrDefault(s => s.Key == (stage ?? "")) is { } asked
            ? Results.Text(FormSchema.Of(asked, visit.Lang, Whole(visit, http, $"api/v1/procedures/{key}/schema".With(("stage", stage)))).ToJsonString(), "application/schema+json; charset=utf-8")
            : Page.NotFound;

    static ProcedureItem Item(Offered offered, DepartmentTree tree, Visit visit, HttpContext http)
    {
        var of = offered.Procedure.Definition;
        return new(of.Key, offered.Number, of.Title, of.Summary, [.. of.Life], tree.Find(Catalog.DepartmentOf(of.Department, tree)) is { } d ? new(d.Code, d.Name, d.Telephone) : null, of.Days, of.Assurance, Some(of.Fee?.Note), Online: true,
            Whole(visit, http, $"procedures/{of.Key}"), Whole(visit, http, $"api/v1/procedures/{of.Key}"), Whole(visit, http, $"api/v1/procedures/{of.Key}/schema"));
    }

    static Said? Some(Said? said) => said is { Count: > 0 } ? said : null;

    static string Whole(Visit visit, HttpContext http, string path) => http.Whole(visit.LinkIn(Lang.Japanese, path));
}
