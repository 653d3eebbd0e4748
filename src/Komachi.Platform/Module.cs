using System.Reflection;
using Komachi.Platform.Data;
using Komachi.Platform.Figures;
using Komachi.Platform.Jobs;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform;

/// <summary>One module of the house. Everything that it brings stands in <see cref="Define"/>: read it first.</summary>
public interface IModule
{
    /// <summary>Pure: no I/O, so it is safe at design time and in every test.</summary>
    void Define(ModuleBuilder m);
}

/// <summary>
/// What a module says of itself. Texts are English keys of the module's <c>words.yaml</c>.
/// </summary>
public sealed class ModuleBuilder(Assembly assembly)
{
    internal Assembly Assembly => assembly;
    internal string SchemaFolder { get; private set; } = "Schema/";
    internal List<Action<ModelBuilder>> Maps { get; } = [];
    internal List<Permission> Permissions { get; } = [];
    internal List<RouteSet> RouteSets { get; } = [];
    internal List<Routes> FrontRoutes { get; } = [];
    internal List<JobKind> Jobs { get; } = [];
    internal List<Schedule> Schedules { get; } = [];
    internal List<Figure> Figures { get; } = [];
    internal List<Func<TownLoad, Task>> Loads { get; } = [];
    internal List<object> Offers { get; } = [];

    public string Slug { get; private set; } = "";
    public string Title { get; private set; } = "";

    /// <summary>Part of the house itself: every town has it.</summary>
    public bool AlwaysOn { get; private set; }

    /// <summary>Its segment in URLs and its database schema; and its name on screens.</summary>
    public ModuleBuilder Name(string slug, string title)
    {
        (Slug, Title) = (slug, title);
        return this;
    }

    /// <summary>A part of the Platform: no town can switch it off, and its migrations stand in a folder of its own.</summary>
    internal ModuleBuilder Platform(string folder)
    {
        (AlwaysOn, SchemaFolder) = (true, folder + "/Schema/");
        return this;
    }

    public ModuleBuilder Tables(params Action<ModelBuilder>[] maps) { Maps.AddRange(maps); return this; }

    public ModuleBuilder Permission(string key, string title) { Permissions.Add(new(key, title)); return this; }

    /// <summary>Pages that anyone may open.</summary>
    public ModuleBuilder Public(params Routes[] routes) => Add(Side.Resident, Access.Anyone, routes);

    /// <summary>Pages for anyone at the front door, where no town was named: they speak of several towns.</summary>
    public ModuleBuilder Front(params Routes[] routes) { FrontRoutes.AddRange(routes); return this; }

    /// <summary>Pages for a signed-in resident.</summary>
    public ModuleBuilder Resident(params Routes[] routes) => Add(Side.Resident, Access.Resident, routes);

    /// <summary>Pages for staff who hold a permission.</summary>
    public ModuleBuilder Desk(string permission, params Routes[] routes) => Add(Side.Desk, Access.Permission(permission), routes);

    /// <summary>Pages for any signed-in member of staff.</summary>
    public ModuleBuilder Desk(params Routes[] routes) => Add(Side.Desk, Access.Staff, routes);

    /// <summary>JSON for anyone, described in OpenAPI.</summary>
    public ModuleBuilder Api(params Routes[] routes) => Add(Side.Api, Access.Anyone, routes);

    /// <summary>JSON for other systems whose key holds this scope, declared with <c>m.Scope</c>; an endpoint takes <see cref="Systems.OnceOnly"/> for what may be done once only.</summary>
    public ModuleBuilder SystemApi(string scope, params Routes[] routes) => Add(Side.Api, Access.OfSystem(scope), routes);

    /// <summary>JSON for any system that holds a key.</summary>
    public ModuleBuilder SystemApi(params Routes[] routes) => Add(Side.Api, Access.AnySystem, routes);

    /// <summary>Pages of the Platform whose path or access is their own: the home page, signing in.</summary>
    internal ModuleBuilder Pages(Side side, Access access, string prefix, params Routes[] routes)
    {
        foreach (var set in routes) RouteSets.Add(new(side, access, set, prefix));
        return this;
    }

    public ModuleBuilder Job<T>() where T : IJob<T> { Jobs.Add(JobKind.Of<T>()); return this; }

    /// <summary>A job that starts by itself, once per interval counted from midnight UTC.</summary>
    public ModuleBuilder Every<T>(TimeSpan interval) where T : IJob<T>, new() => Scheduled<T>(Rhythm.Every(interval));

    /// <summary>A job that starts by itself each day at this time in Japan.</summary>
    public ModuleBuilder Daily<T>(TimeOnly at) where T : IJob<T>, new() => Scheduled<T>(Rhythm.Daily(at));

    /// <summary>An event of another module's contract: heard as a job of the transaction that raised it.</summary>
    /// <param name="title">How people at the desk read that job, as a key of the words.</param>
    public ModuleBuilder Hears<T>(string title, Func<T, JobRun, Task> hearer) where T : class
    {
        Jobs.Add(JobKind.Hearer(Slug, title, hearer));
        return this;
    }

    /// <summary>The same without a title: the desk shows its key, and a rule of the house asks for one.</summary>
    public ModuleBuilder Hears<T>(Func<T, JobRun, Task> hearer) where T : class => Hears("", hearer);

    /// <summary>A number that the town watches: measured each day, kept, drawn and published.</summary>
    public ModuleBuilder Figure(string key, string title, Func<TownDb, TimeProvider, CancellationToken, Task<decimal?>> measure)
    {
        Figures.Add(new(key, title, measure));
        return this;
    }

    /// <summary>What a new town brings along: reads <c>towns/&lt;town&gt;/…</c>. Loading twice changes nothing.</summary>
    public ModuleBuilder Town(Func<TownLoad, Task> load) { Loads.Add(load); return this; }

    /// <summary>A line in a menu; at the desk under a heading, and with <paramref name="key"/> it is one letter away: <c>g</c>, then that.</summary>
    public ModuleBuilder Menu(MenuPlace place, string title, string href, string? permission = null, DeskGroup group = DeskGroup.Services, char? key = null)
    {
        Offers.Add(new MenuEntry(place, title, href, permission, group, key, this));
        return this;
    }

    /// <summary>
    /// Fills a registration that a lower module owns; that module wraps this in an extension method
    /// of its own (<c>m.Portal(…)</c>), and asks <see cref="House.All{T}"/> for what was offered.
    /// </summary>
    public ModuleBuilder Offer<T>(T offer) where T : class { Offers.Add(offer); return this; }

    ModuleBuilder Add(Side side, Access access, Routes[] routes)
    {
        var prefix = side switch { Side.Desk => "/desk/", Side.Api => "/api/v1/", _ => "/" } + Slug;
        foreach (var set in routes) RouteSets.Add(new(side, access, set, prefix));
        return this;
    }

    ModuleBuilder Scheduled<T>(Rhythm rhythm) where T : IJob<T>, new()
    {
        var kind = JobKind.Of<T>();
        if (Jobs.All(j => j.Name != kind.Name)) Jobs.Add(kind);
        Schedules.Add(new(kind.Name, rhythm));
        return this;
    }
}

public delegate void Routes(IEndpointRouteBuilder to);

public sealed record Permission(string Key, string Title);

internal sealed record RouteSet(Side Side, Access Access, Routes Map, string Prefix);
