using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Sheets;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Plan;

/// <summary>Papers that offices ask of those who keep a plan, made of what stands in it: nobody copies a number by hand.</summary>
static class Papers
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("papers", async (TownDb db, TimeProvider time, HttpContext http) => await Read(db, time, http) is { } far ? Page.Show<PapersPage>(new { Far = far }) : Page.Show<NoPlanPage>());
        to.MapGet("papers/council", async (string? measure, TownDb db, TimeProvider time, HttpContext http) =>
            await Read(db, time, http) is { } far && far.Plan.Find(measure ?? far.Plan.Measures.FirstOrDefault()?.Code ?? "") is { } one ? Page.Show<CouncilAnswerPage>(new { Far = far, Measure = one }) : Page.NotFound);
        to.MapGet("papers/council.pdf", async (string? measure, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
            await Read(db, time, http) is { } far && far.Plan.Find(measure ?? "") is { } one ? Page.Pdf<CouncilAnswerPaper>(new { Far = far, Measure = one }, $"{visit.Town.Slug}-{one.Code}.pdf") : Page.NotFound);
        to.MapGet("papers/survey", async (TownDb db, TimeProvider time, HttpContext http) => await Read(db, time, http) is { } far ? Page.Show<NationalSurveyPage>(new { Far = far }) : Page.Show<NoPlanPage>());
        to.MapGet("papers/survey.pdf", async (Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
            await Read(db, time, http) is { } far ? Page.Pdf<NationalSurveyPaper>(new { Far = far }, $"{visit.Town.Slug}-survey.pdf") : Page.NotFound);
        to.MapGet("papers/survey.xlsx", async (Visit visit, House house, TownDb db, TimeProvider time, HttpContext http) =>
            await Read(db, time, http) is { } far ? Results.File(SheetFile.ToXlsx(NationalSurvey.AsSheets(far, house.Words)), SheetFile.Xlsx, $"{visit.Town.Slug}-survey.xlsx") : Page.NotFound);
        to.MapGet("papers/survey.csv", async (Visit visit, House house, TownDb db, TimeProvider time, HttpContext http) =>
            await Read(db, time, http) is { } far ? Results.File(SheetFile.ToCsv(NationalSurvey.AsSheets(far, house.Words).Sheets[0]), "text/csv", $"{visit.Town.Slug}-survey.csv") : Page.NotFound);
    }

    static async Task<HowFar?> Read(TownDb db, TimeProvider time, HttpContext http) =>
        await Revision.Asked(db, http) is { } plan ? await HowFar.Of(db, plan, time.Today(), http.RequestAborted) : null;
}
