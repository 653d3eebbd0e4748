using Komachi.Platform.Data;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Procedures;

/// <summary>A file that the form asks for; sometimes: only after some answers.</summary>
public sealed record ToHave(Said Label, Said Help, bool Sometimes, bool Later);

/// <summary>What somebody reads before they begin: what it is, for whom, what it takes, what it costs, how long it takes, and the one button.</summary>
static class ReadProcedure
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("{key}", Show).WithMetadata(KeptPage.Mark);

    static async Task<IResult> Show(string key, Visit visit, TownDb db, OfficesToAsk offices, TimeProvider time, HttpContext http)
    {
        var all = await Catalog.Of(db, db.Today, http.RequestAborted);
        if (all.FirstOrDefault(o => o.Key == key) is not { } offered) return Page.NotFound;
        var of = offered.Procedure.Definition;
        var department = Catalog.DepartmentOf(of.Department, await DepartmentTrees.Today(db, http.RequestAborted));
        var by = (await offices.Of(visit.Town)).Of(department)?.Calendar.AnswerBy(time.GetUtcNow(), of.Days);
        return Page.Show<ReadProcedurePage>(new
        {
            Offered = offered, Department = department, AnsweredBy = by, Files = FilesOf(offered.Procedure.First.Form), HasAccount = Fields(offered.Procedure.First.Form).Any(f => f.Field.Field.Kind == "account"),
            Titles = all.ToDictionary(o => o.Key, o => o.Procedure.Title),
        });
    }

    /// <summary>Told from the form, so that it never says anything else than what is asked.</summary>
    static IReadOnlyList<ToHave> FilesOf(CompiledForm form) =>
        [.. Fields(form).Where(f => f.Field.Field.Kind == "file").Select(f => new ToHave(f.Field.Field.Label, f.Field.Field.Help, f.Sometimes || f.Field.When is not null || f.Field.Field.Required is not "true", f.Field.Field.Later))];

    static IEnumerable<(CompiledField Field, bool Sometimes)> Fields(CompiledForm form) =>
        form.Pages.SelectMany(p => p.Fields.SelectMany(f => f.Repeats ? f.Rows.Select(r => (r, p.When is not null || f.When is not null)) : [(f, p.When is not null)]));
}
