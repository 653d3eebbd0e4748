namespace Komachi.Platform.Web;

/// <summary>Which of the town's two doors an endpoint stands behind. They can listen on separate addresses and run as separate processes.</summary>
public enum Side
{
    Resident,
    Desk,
    /// <summary>With the residents' pages.</summary>
    Api,
    /// <summary>What pages of both sides need: signing out, the town's colour.</summary>
    Both,
}

/// <summary>Who may use an endpoint. Every endpoint names one; <c>AccessDoor</c> asks it before anything else happens.</summary>
public sealed record Access
{
    public static readonly Access Anyone = new() { Name = "anyone" };
    public static readonly Access Resident = new() { Name = "resident" };
    public static readonly Access Staff = new() { Name = "staff" };

    /// <summary>Who gave the first proof of who they are, and nobody else.</summary>
    internal static readonly Access AtTheDoor = new() { Name = "at the door" };
    /// <summary>Who runs the house: asked at a door of their own, and nobody of a town's.</summary>
    public static readonly Access Operator = new() { Name = "operator" };

    /// <summary>Another system that holds a key of this town, whatever it may do.</summary>
    public static readonly Access AnySystem = new() { Name = "system", Scope = "" };

    public required string Name { get; init; }

    public static Access Permission(string key) => new() { Name = "permission " + key, Key = key };

    /// <summary>Another system that may do this.</summary>
    public static Access OfSystem(string scope) => new() { Name = "system " + scope, Scope = scope };

    public string? Key { get; private init; }

    /// <summary>What a system's key has to allow; null for people's doors.</summary>
    public string? Scope { get; private init; }

    internal bool Allows(Visit visit) => Scope is { } scope ? visit.System?.Holds(scope) == true : this == AtTheDoor ? visit.AtTheDoor is not null : Allows(visit.Visitor);

    public bool Allows(Visitor? visitor) =>
        this == Anyone ||
        this != AtTheDoor && this != Operator && Scope is null &&
        visitor is not null && (this == Resident ? visitor.IsResident : visitor.IsStaff && (Key is null || visitor.May(Key)));
}

/// <summary>What the house knows of an endpoint.</summary>
sealed record EndpointPlace(ModuleBuilder Module, Side Side);

/// <summary>This page is the same for everybody who is not signed in, and shows no token: it may be kept for a second.</summary>
public sealed class KeptPage
{
    public static readonly KeptPage Mark = new();
}

/// <summary>Front: where no town was named.</summary>
public enum MenuPlace { Portal, Desk, Front }

/// <summary>Under which heading of the desk's menu a line stands, in this order.</summary>
public enum DeskGroup { Services, Residents, Office, Records, Mine }

/// <summary>A line in a menu; shown to those who may follow it. The key is the letter after <c>g</c> that leads there.</summary>
public sealed record MenuEntry(MenuPlace Place, string Title, string Href, string? Permission, DeskGroup Group, char? Key, ModuleBuilder Module)
{
    /// <summary>What this visitor may follow in this town: the services first, what the house itself brings after them.</summary>
    public static IReadOnlyList<MenuEntry> For(Visit visit, House house, MenuPlace place) =>
        [.. house.All<MenuEntry>().Where(e => e.Place == place && house.Has(visit.Town, e.Module) && (e.Permission is null || visit.Visitor?.May(e.Permission) == true))
            .OrderBy(e => e.Module.AlwaysOn)];

    /// <summary>The heading of a group; a key of the words.</summary>
    internal static string TitleOf(DeskGroup group) => group switch
    {
        DeskGroup.Services => "Services|desk",
        DeskGroup.Residents => "Residents",
        DeskGroup.Office => "Our office|desk",
        DeskGroup.Records => "Records and safety|desk",
        _ => "For myself|desk",
    };

    /// <summary>Of those that lead towards this page the nearest: <c>desk/plan/papers</c>, and not <c>desk/plan</c> as well.</summary>
    internal bool IsHere(Visit visit, IEnumerable<MenuEntry> among) => LeadsTo(visit) && !among.Any(e => e.Href.Length > Href.Length && e.LeadsTo(visit));

    bool LeadsTo(Visit visit) => visit.Path.TrimStart('/') is var path && (path == Href || path.StartsWith(Href + "/", StringComparison.Ordinal));
}
