using System.ComponentModel;
using Komachi.Platform.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>Every value of the plan's indicators as data, with what it corrects.</summary>
public static class ActualsApi
{
    const int UsualPage = 100, LargestPage = 1000;

    /// <param name="Next">What to give as <c>after</c> for the page behind this one; null at the end of the list.</param>
    public sealed record ActualList(ActualItem[] Items, string? Next);

    /// <param name="Of">The code of the measure or policy at which the indicator stands.</param>
    /// <param name="Source">typed, survey or figure.</param>
    /// <param name="Asked">Of a survey: how many answered it, and how many of them in the way that is counted.</param>
    /// <param name="Corrects">The value whose place this one takes.</param>
    public sealed record ActualItem(Guid Id, string Of, string Indicator, DateOnly On, decimal? Value, string? Text, string Source, int? Asked, int? Answered, string? Evidence, DateTimeOffset GivenAt, Guid? Corrects, string? Reason);

    internal static void Routes(IEndpointRouteBuilder to) =>
        to.MapGet("actuals", List).WithName("planActuals").WithSummary("Every value of the plan's indicators, the one given last first; a correction names the value whose place it takes");

    static async Task<Results<Ok<ActualList>, NotFound, ValidationProblem>> List(
        [Description("The next of the page before")] string? after,
        [Description("1 to 1000; 100 if not given")] string? limit,
        [Description("The key of an earlier plan; the plan that runs if not given"), FromQuery(Name = "plan")] string? key,
        TownDb db, HttpContext http)
    {
        if (await Revision.Shown(db, http.RequestAborted, key) is not { } plan) return TypedResults.NotFound();
        var wrong = new Dictionary<string, string[]>();
        var from = Cursor.Read(after);
        if (after is not null && from is null) wrong["after"] = ["The \"next\" of another answer, as it was."];
        var size = UsualPage;
        if (limit is not null && (!int.TryParse(limit, out size) || size is < 1 or > LargestPage)) wrong["limit"] = [$"A number from 1 to {LargestPage}."];
        if (wrong.Count > 0) return TypedResults.ValidationProblem(wrong);

        var some = db.Set<Actual>().AsNoTracking().Where(a => a.Plan == plan.Plan.Key);
        if (from is { } end) some = some.Where(a => EF.Functions.LessThan(ValueTuple.Create(a.At, a.Id), ValueTuple.Create(end.At, end.Id)));
        var rows = await some.OrderByDescending(a => a.At).ThenByDescending(a => a.Id).Take(size + 1).ToListAsync(http.RequestAborted);
        var next = rows.Count > size ? new Cursor(rows[size - 1].At, rows[size - 1].Id) : (Cursor?)null;
        return TypedResults.Ok(new ActualList([.. rows.Take(size).Select(a =>
            new ActualItem(a.Id, a.Of, a.Indicator, a.OnDay, a.Value, a.Text, a.Source.ToString().ToLowerInvariant(), a.Asked, a.Answered, a.Evidence, a.At, a.Corrects, a.Reason))], next?.ToString()));
    }
}
