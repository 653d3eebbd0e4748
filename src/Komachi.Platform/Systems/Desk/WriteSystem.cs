using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using IPNetwork = System.Net.IPNetwork;

namespace Komachi.Platform.Systems;

/// <summary>The list of systems; the form in which one is named and changed.</summary>
public static class WriteSystem
{
    const int MostNetworks = 50, MostAMinute = 6_000, MostADay = 5_000_000;

    /// <summary>A system in the list.</summary>
    public sealed record Line(Guid Id, string Name, string WhomToAsk, bool Open, int Keys, DateTimeOffset? UsedAt, int Failing, int Parked);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (string? done, TownDb db) => Page.Show<SystemsPage>(new { Lines = await List(db), Done = done }));
        to.MapGet("new", () => Show(Form.With(("aMinute", "60"), ("aDay", "10000")), null));
        to.MapPost("new", (Form form, Visit visit, TownDb db, House house, TimeProvider time) => Write(null, form, visit, db, house, time));
        to.MapGet("{id:guid}/change", async (Guid id, TownDb db) => await Find(db, id) is { IsOpen: true } system ? Show(Filled(system), system) : Page.NotFound);
        to.MapPost("{id:guid}/change", async (Guid id, Form form, Visit visit, TownDb db, House house, TimeProvider time) =>
            await Find(db, id) is { IsOpen: true } system ? await Write(system, form, visit, db, house, time) : Page.NotFound);
    }

    internal static Task<OtherSystem?> Find(TownDb db, Guid id) => db.Set<OtherSystem>().FirstOrDefaultAsync(s => s.Id == id);

    static async Task<IReadOnlyList<Line>> List(TownDb db) =>
        await db.Set<OtherSystem>().AsNoTracking().OrderBy(s => s.ClosedAt != null).ThenBy(s => s.Name).ThenBy(s => s.Id).Take(500).Select(s => new Line(s.Id, s.Name, s.WhomToAsk, s.ClosedAt == null,
            db.Set<SystemKey>().Count(k => k.SystemId == s.Id && k.EndedAt == null),
            db.Set<SystemKey>().Where(k => k.SystemId == s.Id).Max(k => k.UsedAt),
            db.Set<Subscription>().Count(one => one.SystemId == s.Id && one.FailingSince != null),
            db.Set<Subscription>().Where(one => one.SystemId == s.Id).SelectMany(one => db.Set<Delivery>().Where(d => d.SubscriptionId == one.Id && d.State == DeliveryState.Parked)).Count())).ToListAsync();

    static async Task<IResult> Write(OtherSystem? system, Form form, Visit visit, TownDb db, House house, TimeProvider time)
    {
        var settings = Read(form, system, visit, house);
        if (form.Wrong) return Show(form, system);
        if (system is not null && form.Typed("version") != Invariant(system.Version)) return await Overtaken(form, system.Id, db);
        var (now, before) = (time.GetUtcNow(), system?.Settings);
        if (system is null) db.Add(system = OtherSystem.Named(settings, now));
        else system.Change(settings, now);
        // Whom to ask is a person: that stays out.
        db.Audit(visit.Did(before is null ? "systems.name" : "systems.change", system.Subject, new { settings.Name, settings.Scopes, settings.Networks, settings.PerMinute, settings.PerDay, FormerScopes = before?.Scopes }, at: now));
        var path = $"desk/systems/{system.Id}?done={(before is null ? "named" : "changed")}";
        try
        {
            await db.Save(form.Once, visit.Link(path));
        }
        catch (Exception e) when (e.IsOvertaken())
        {
            return await Overtaken(form, system.Id, db);
        }
        return Page.Go(visit, path);
    }

    static SystemSettings Read(Form form, OtherSystem? system, Visit visit, House house)
    {
        var known = house.All<Scope>().Where(s => house.Has(visit.Town, s.Module)).Select(s => s.Key).ToHashSet();
        // What a module brought that is switched off now stays; nobody ticked it off.
        var scopes = form.Many("scope").Where(known.Contains).Concat(system?.Scopes.Where(s => !known.Contains(s)) ?? []).Distinct().Order(StringComparer.Ordinal).ToArray();
        var networks = form.Typed("networks").Split(['\n', ',', ' ', '　', '、'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var read = new List<string>();
        foreach (var typed in networks)
            if (IPNetwork.TryParse(typed, out var network) || System.Net.IPAddress.TryParse(typed, out var one) && IPNetwork.TryParse($"{one}/{(one.GetAddressBytes().Length == 4 ? 32 : 128)}", out network)) read.Add(network.ToString());
            else form.Wrongly("networks", "\"{0}\" is no network. Write one like 203.0.113.0/24, or a single address.", typed.Length > 60 ? typed[..60] : typed);
        if (networks.Length > MostNetworks) form.Wrongly("networks", "Please write at most {0} networks.", MostNetworks);
        return new(form.Text("name", 60, required: true), form.Text("whomToAsk", 120, required: true), form.Email("email", required: true) ?? "", scopes, [.. read.Distinct()],
            form.Number("aMinute", 1, MostAMinute), form.Number("aDay", 1, MostADay));
    }

    static Form Filled(OtherSystem s) => Form.With(
        [("version", Invariant(s.Version)), ("name", s.Name), ("whomToAsk", s.WhomToAsk), ("email", s.Email), ("networks", string.Join('\n', s.Networks)), ("aMinute", Invariant(s.PerMinute)), ("aDay", Invariant(s.PerDay)), .. s.Scopes.Select(one => ("scope", (string?)one))]);

    static async Task<IResult> Overtaken(Form form, Guid id, TownDb db)
    {
        db.ChangeTracker.Clear();
        return await Find(db, id) is { } now ? Show(form, now, overtaken: true) : Page.NotFound;
    }

    static IResult Show(Form form, OtherSystem? system, bool overtaken = false) =>
        Page.Show<WriteSystemPage>(new { Form = form, Id = system?.Id, Name = system?.Name, Version = system?.Version ?? 0, Overtaken = overtaken }, overtaken ? 409 : form.Wrong ? 422 : 200);

    static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);
}
