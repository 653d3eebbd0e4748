using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;

namespace Komachi.Platform.Portal;

/// <summary>What somebody looks for.</summary>
/// <param name="Text">As it was typed, cut to <see cref="Longest"/>.</param>
/// <param name="Words">Folded (<see cref="Folding.Fold"/>): all of them have to be there. A column made by <see cref="Folding.KeyOf"/> is asked for <c>Folding.WordsOf(Text)</c>.</param>
public sealed record Asked(string Text, IReadOnlyList<string> Words, DateTimeOffset Now, CancellationToken Stop)
{
    public const int Longest = 100;

    public static Asked Of(string? typed, DateTimeOffset now, CancellationToken stop)
    {
        var text = (typed ?? "").Trim();
        // Never between the halves of a pair.
        if (text.Length > Longest) text = text[..(char.IsHighSurrogate(text[Longest - 1]) ? Longest - 1 : Longest)];
        return new(text, [.. Folding.Words(text)], now, stop);
    }

    /// <summary>The one way to see persons, at the desk; a search of the portal finds none.</summary>
    public People.Persons? Persons { get; init; }

    public bool IsEmpty => Words.Count == 0;

    /// <summary>Every word stands in the folded text.</summary>
    public bool In(string folded) => Words.All(word => folded.Contains(word, StringComparison.Ordinal));
}

/// <summary>Something that was found, in the reader's language.</summary>
/// <param name="Line">One line that says what it is.</param>
/// <param name="Href">Within the town, like <c>offices</c>.</param>
/// <param name="Lang">The language of title and line where it is not the reader's.</param>
public sealed record Found(string Title, string? Line, string Href, DateTimeOffset? At = null, Lang? Lang = null);

/// <summary>
/// A kind of thing that a search finds. <paramref name="Group"/> is the key of the words that name the kind; <paramref name="All"/> the page that
/// lists all of it and takes <c>?q=</c>, where there is one.
/// </summary>
public sealed record Finds(MenuPlace Place, int Order, string Group, string? Permission, Func<Visit, TownDb, Asked, int, Task<IReadOnlyList<Found>>> Find, string? All, ModuleBuilder Module)
{
    /// <summary>What this visitor finds, by kind: up to <paramref name="n"/> of each, and whether there are more. Kinds of which nothing was found are left out.</summary>
    internal static async Task<IReadOnlyList<FoundKind>> On(MenuPlace place, Visit visit, TownDb db, House house, Asked asked, int n)
    {
        var kinds = new List<FoundKind>();
        if (asked.IsEmpty) return kinds;
        // One after the other, since they share the request's connection.
        foreach (var one in house.All<Finds>().Where(f => f.Place == place && house.Has(visit.Town, f.Module) && (f.Permission is null || visit.Visitor?.May(f.Permission) == true)).OrderBy(f => f.Order))
            if (await one.Find(visit, db, asked, n + 1) is { Count: > 0 } found)
                kinds.Add(new(one.Group, one.Order, one.All, [.. found.Take(n)], found.Count > n));
        return kinds;
    }
}

/// <summary>What was found of a kind; its title is a key of the words.</summary>
public sealed record FoundKind(string Title, int Order, string? All, IReadOnlyList<Found> Hits, bool More);

public static class FindsRegistration
{
    /// <summary>
    /// Lets the search of the portal or of the desk find what this module has: the best first, at most as many as it is asked for, with a
    /// statement that an index answers. On the portal 10 are services, 20 pages, 30 places, 40 announcements. With a permission only who holds it is answered.
    /// </summary>
    public static ModuleBuilder Finds(this ModuleBuilder m, MenuPlace place, int order, string group, Func<Visit, TownDb, Asked, int, Task<IReadOnlyList<Found>>> find, string? permission = null, string? all = null) =>
        m.Offer(new Finds(place, order, group, permission, find, all, m));
}
