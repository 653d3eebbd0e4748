using Komachi.Platform.Audit;
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
    public Visitor? Visitor { get; internal set; }
    internal Operator.OperatorAccount? Operator { get; set; }
    internal Guid OperatorSession { get; set; }
    public string RequestId { get; internal set; } = "";
    public string From { get; internal set; } = "";

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
        ActorId = Visitor?.AccountId,
        Action = action,
        Subject = subject,
        AboutId = about,
        Reason = reason,
        RequestId = RequestId,
        FromAddress = From,
        Details = details is null ? null : AuditEntry.DetailsOf(details),
    };
}

/// <summary>Who is signed in.</summary>
public sealed record Visitor(Guid AccountId, Guid SessionId, string Name, string? Email, bool IsStaff, string[] Permissions)
{
    public bool IsResident => !IsStaff;
    public bool May(string permission) => IsStaff && Array.IndexOf(Permissions, permission) >= 0;
}

public static class VisitOfContext
{
    internal static readonly object Key = new();

    public static Visit Visit(this HttpContext http)
    {
        if (http.Items.TryGetValue(Key, out var visit)) return (Visit)visit!;
        var made = new Visit { RequestId = http.TraceIdentifier };
        http.Items[Key] = made;
        return made;
    }
}
