using System.ComponentModel;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.Offices;

/// <summary>Departments and offices as data. People stand only in the staff directory.</summary>
public static class OfficesApi
{
    public sealed record Texts(string Ja, string? En, string? Plain);

    public sealed record OfficeItem(string Key, Texts Name, Texts Address, string Telephone, bool OpenNow, string? OpenUntil, OpenDay[] Days);

    /// <param name="Closed">Why, where it is not open: weekday, holiday, yearEnd or exception.</param>
    public sealed record OpenDay(DateOnly On, string[] Hours, string? Closed, string? Note);

    public sealed record DepartmentItem(Guid Id, string Code, Guid? ParentId, Texts Name, string Telephone, DateOnly? From, DateOnly? Until);

    internal static void Offices(IEndpointRouteBuilder to) => to.MapGet("", async (TownDb db, TimeProvider time, HttpContext http) =>
        (await ShowOffices.Read(db, time.GetUtcNow(), http.RequestAborted)).Select(o => new OfficeItem(o.Key, Of(o.Name), Of(o.Address), o.Telephone, o.OpenUntil is not null, o.OpenUntil is { } until ? Clock.Write(until) : null,
            [.. o.Days.Select(d => new OpenDay(d.On, [.. d.Hours.Select(h => Clock.Write(h.Opens, h.Closes))], d.Closed switch
            {
                ClosedBy.Weekday => "weekday", ClosedBy.Holiday => "holiday", ClosedBy.YearEnd => "yearEnd", ClosedBy.Exception => "exception", _ => null,
            }, d.Why?.In(Lang.Japanese)))])).ToArray())
        .WithName("offices").WithSummary("The town's offices, whether they are open now, and their next seven days");

    internal static void Departments(IEndpointRouteBuilder to) => to.MapGet("", async Task<Results<Ok<DepartmentItem[]>, ValidationProblem>> (
        [Description("Today, or a day before it, like 2026-04-01; today if not given")] string? on, TownDb db, TimeProvider time, HttpContext http) =>
    {
        var today = time.Today();
        var day = on is null ? today : Managing.ReadDay(on);
        // What is planned for a day to come is not for everybody before the town has said so.
        if (day is null || day > today) return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["on"] = ["Today, or a day before it, like 2026-04-01."] });
        var tree = await DepartmentTrees.On(day.Value, db, http.RequestAborted);
        return TypedResults.Ok<DepartmentItem[]>([.. tree.All.Select(n => new DepartmentItem(n.Id, n.Code, n.ParentId, Of(n.Name), n.Telephone, n.FromOn == OfficesYaml.Always ? null : n.FromOn, n.UntilOn))]);
    }).WithName("departments").WithSummary("The town's departments of a day, each before those below it");

    static Texts Of(Said said) => new(said.In(Lang.Japanese), said.GetValueOrDefault("en"), said.GetValueOrDefault("plain"));
}
