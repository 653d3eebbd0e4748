using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.Portal;

/// <summary>
/// Something that happens in people's lives, and where they begin who do not know which department it is: <c>towns/common/life-events.yaml</c>.
/// </summary>
public sealed class LifeEvent
{
    /// <summary>Its address: <c>life/moving</c>.</summary>
    public string Key { get; set; } = "";
    public Said Title { get; set; } = [];
    public Said Line { get; set; } = [];

    /// <summary>What people type who look for it.</summary>
    public string Words { get; set; } = "";

    /// <summary>Categories of announcements, as their addresses name them.</summary>
    public List<string> Topics { get; set; } = [];

    /// <summary>Parts of names of departments, the nearest first.</summary>
    public List<string> Departments { get; set; } = [];

    string? _folded;

    /// <summary>Everything by which it is found.</summary>
    internal string Folded => _folded ??= Folding.Fold(string.Join('\n', [.. Title.Values, .. Line.Values, Words]));
}

/// <summary>What a module brings to the page of a life event: services, places, news. <paramref name="Title"/> is a key of the words.</summary>
public sealed record LifeBringer(int Order, string Title, Func<Visit, TownDb, LifeEvent, DateTimeOffset, Task<IReadOnlyList<Found>>> Bring, ModuleBuilder Module);

public static class LifeRegistration
{
    /// <summary>Brings something to the pages of life events: what can be done for them comes first (10), then places (30), then news (40).</summary>
    public static ModuleBuilder Life(this ModuleBuilder m, int order, string title, Func<Visit, TownDb, LifeEvent, DateTimeOffset, Task<IReadOnlyList<Found>>> bring) =>
        m.Offer(new LifeBringer(order, title, bring, m));
}

/// <summary>The life events, in the order in which the first page shows them, and the page of each.</summary>
public static class LifeEvents
{
    sealed class Yaml
    {
        public List<LifeEvent> Events { get; set; } = [];
    }

    public static readonly IReadOnlyList<LifeEvent> All = Read();

    internal static void Routes(IEndpointRouteBuilder to) => to.MapGet("life/{key}", Show).WithMetadata(KeptPage.Mark);

    static async Task<IResult> Show(string key, Visit visit, House house, TownDb db, OfficesToAsk offices, TimeProvider time)
    {
        if (All.FirstOrDefault(e => e.Key == key) is not { } life) return Page.NotFound;
        var brought = new List<(LifeBringer By, IReadOnlyList<Found> Items)>();
        foreach (var one in house.All<LifeBringer>().Where(b => house.Has(visit.Town, b.Module)).OrderBy(b => b.Order))
            if (await one.Bring(visit, db, life, time.GetUtcNow()) is { Count: > 0 } items) brought.Add((one, items));
        return Page.Show<LifePage>(new { Life = life, Brought = brought, Department = (await offices.Of(visit.Town)).For(life)?.Id });
    }

    /// <summary>Those that people look for: by title first, then by the words under which it is known.</summary>
    internal static IReadOnlyList<Found> Find(Asked asked, Lang lang, int n) =>
        [.. All.Where(e => asked.In(e.Folded)).OrderByDescending(e => asked.In(Folding.Fold(string.Join('\n', e.Title.Values)))).Take(n).Select(e => new Found(e.Title.In(lang), e.Line.In(lang), $"life/{e.Key}"))];

    static List<LifeEvent> Read()
    {
        using var reader = new StreamReader(typeof(LifeEvents).Assembly.GetManifestResourceStream("life-events.yaml")!);
        return TownFile.Reader().Deserialize<Yaml>(reader).Events;
    }
}
