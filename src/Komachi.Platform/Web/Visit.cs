using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Komachi.Platform.Audit;
using Komachi.Platform.Systems;
using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.Web;

/// <summary>One request as its page sees it: which town, in which language, and who is there.</summary>
public sealed class Visit
{
    Town? _town;

    /// <summary>The town whose door the request came through.</summary>
    public Town Town => _town ?? throw new InvalidOperationException("This request came through no town's door.");
    public bool HasTown => _town is not null;

    public Lang Lang { get; private set; } = Lang.Japanese;

    /// <summary>What the town itself says in this language, where it is one that the town added.</summary>
    internal IReadOnlyDictionary<string, string>? OwnWords { get; set; }

    /// <summary>Whether whoever reads wants readings above kanji (ふりがな).</summary>
    internal bool Readings { get; set; } = true;

    /// <summary>What the browser sent along; see <see cref="HeldKeys"/>.</summary>
    internal HttpContext? Cookies { get; init; }

    internal Words WordsOf(House house) => new(Lang, house.Words, OwnWords) { Readings = Readings };

    public Visitor? Visitor { get; internal set; }

    /// <summary>The other system that asks, at a door of systems: then there is no visitor.</summary>
    public VisitingSystem? System { get; internal set; }

    /// <summary>The town's edition (<c>TownDb.Edition</c>), read along with the session or key; null for whoever has neither.</summary>
    internal Guid? Edition { get; set; }

    /// <summary>Somebody who gave one proof and owes another: not signed in.</summary>
    internal AtTheDoor? AtTheDoor { get; set; }
    internal Operator.OperatorAccount? Operator { get; set; }
    internal Guid OperatorSession { get; set; }
    public string RequestId { get; internal set; } = "";
    public string From { get; private set; } = "";

    /// <summary>Whose counts the request goes on: its address, or in IPv6, where everybody has addresses without number, its /64.</summary>
    public string Network { get; private set; } = "";

    internal void CameFrom(IPAddress? address)
    {
        if (address is null) return;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        From = Network = address.ToString();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return;
        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        Network = new IPAddress(bytes) + "/64";
    }

    /// <summary>What stands before a town's own paths: <c>/onojo</c>, or nothing where the town has a host of its own.</summary>
    public string Base { get; private set; } = "";

    /// <summary>The path within the town, without language and query.</summary>
    public string Path { get; private set; } = "/";

    internal void Enter(Town? town, string @base, Lang lang, string path) => (_town, Base, Lang, Path) = (town, @base, lang, path);

    /// <summary>An address within this town, in the reader's language: <c>Link("announcements")</c>.</summary>
    public string Link(string path = "") => LinkIn(Lang, path);

    public string LinkIn(Lang lang, string path)
    {
        path = path.TrimStart('/');
        var before = Base + lang.Segment;
        return path.Length == 0 && before.Length > 0 ? before : before + "/" + path;
    }

    public AuditEntry Did(string action, string? subject = null, object? details = null, Guid? about = null, string? reason = null, DateTimeOffset? at = null) => new()
    {
        At = at ?? TimeProvider.System.GetUtcNow(),
        ActorId = (Visitor ?? AtTheDoor?.Who)?.AccountId,
        Action = action,
        Subject = subject,
        // Who acts for somebody does it about them, whoever wrote the page.
        AboutId = about ?? Visitor?.For?.PersonId,
        Reason = reason,
        RequestId = RequestId,
        FromAddress = From,
        Details = DetailsOf(details),
    };

    string? DetailsOf(object? details)
    {
        var text = details is null ? null : AuditEntry.DetailsOf(details);
        if (Visitor?.For is null && System is null) return text;
        var all = (text is null ? null : JsonNode.Parse(text) as JsonObject) ?? [];
        if (Visitor?.For is { } other) all["mandate"] = other.MandateId;
        // No account acted. Its name as it was then: so the record can be read when the system is long gone.
        if (System is { } system) all[AuditEntry.BySystem] = new JsonObject { ["id"] = system.Id, ["name"] = system.Name };
        return all.ToJsonString();
    }
}

/// <summary>Who is signed in.</summary>
public sealed record Visitor(Guid AccountId, Guid SessionId, string Name, string? Email, bool IsStaff, string[] Permissions)
{
    /// <summary>Whom the town knows them as: always there for a resident.</summary>
    public Guid? PersonId { get; init; }

    /// <summary>When they showed last who they are.</summary>
    public DateTimeOffset ProvedAt { get; init; }

    /// <summary>For whom they act on this device, if they do: shown above every page, and asked of the database with each request.</summary>
    public ActingFor? For { get; init; }

    /// <summary>
    /// Whose data a page of this module is about: their own, or those of whom they act for; null where the mandate does not
    /// reach that far, and then the page is for neither.
    /// </summary>
    public Guid? PersonFor(string module) => For is null ? PersonId : For.Reaches(module) ? For.PersonId : null;

    public bool IsResident => !IsStaff;

    /// <summary>What they hold today by assignment or as a deputy, each in its department.</summary>
    public IReadOnlyList<Grant> Grants { get; init; } = [];

    /// <summary>Single letters lead somewhere at the desk.</summary>
    internal bool UsesKeys { get; init; }

    /// <summary>Held anywhere today; a module asks <c>May(permission, department, tree)</c> where it matters for whom.</summary>
    public bool May(string permission) => IsStaff && (Array.IndexOf(Permissions, permission) >= 0 || Grants.Any(g => g.Permission == permission));
}

/// <summary>For whom somebody acts, on what ground, and how far that reaches.</summary>
/// <param name="Scope">Modules' slugs; none: everything.</param>
public sealed record ActingFor(Guid MandateId, Guid PersonId, string Name, People.MandateGround Ground, string[] Scope)
{
    public bool Reaches(string module) => Scope.Length == 0 || Array.IndexOf(Scope, module) >= 0;
}

/// <summary>Who stands at the door, and what is still missing.</summary>
sealed record AtTheDoor(Visitor Who, People.Waiting For);

public static class VisitOfContext
{
    internal static readonly object Key = new();

    public static Visit Visit(this HttpContext http)
    {
        if (http.Items.TryGetValue(Key, out var visit)) return (Visit)visit!;
        var made = new Visit { RequestId = http.TraceIdentifier, Cookies = http };
        http.Items[Key] = made;
        return made;
    }
}
