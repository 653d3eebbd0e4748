using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui;
using Komachi.Ui.Words;

namespace Komachi.Platform.Portal;

/// <summary>Somebody's own pages being made. Who acts for another sees what is the other's where the mandate reaches: ask <c>Visit.Visitor.PersonFor(…)</c>.</summary>
public sealed record Mine(Visit Visit, TownDb Db, Words Words, DateTimeOffset Now, CancellationToken Stop);

/// <summary>Something that a resident has to do, in their language.</summary>
/// <param name="Href">Within the town, like <c>my/acting</c>.</param>
/// <param name="ByOn">The last day on which it helps.</param>
public sealed record MyTask(string Title, string Href, string? Line = null, DateOnly? ByOn = null);

/// <summary>Something of a resident's that is under way, or over, in their language.</summary>
/// <param name="MovedAt">When it last went on.</param>
public sealed record MyMatter(string Title, string Href, StepAt Stands, DateTimeOffset MovedAt, string? Line = null);

public sealed record MyTasksSource(Func<Mine, Task<IReadOnlyList<MyTask>>> Ask, ModuleBuilder Module);

public sealed record MyMattersSource(Func<Mine, Task<IReadOnlyList<MyMatter>>> Ask, ModuleBuilder Module);

public static class MyRegistration
{
    /// <summary>What waits for a resident: on their own page, and on the town's first page while they are signed in. A short statement that an index answers.</summary>
    public static ModuleBuilder MyTasks(this ModuleBuilder m, Func<Mine, Task<IReadOnlyList<MyTask>>> ask) => m.Offer(new MyTasksSource(ask, m));

    /// <summary>What of a resident's is under way, and the last few things that are over: on their own page.</summary>
    public static ModuleBuilder MyMatters(this ModuleBuilder m, Func<Mine, Task<IReadOnlyList<MyMatter>>> ask) => m.Offer(new MyMattersSource(ask, m));
}

static class MyMatters
{
    /// <summary>What ends first comes first; what has no end comes last.</summary>
    public static async Task<IReadOnlyList<MyTask>> Tasks(Mine mine, House house)
    {
        var tasks = new List<MyTask>();
        foreach (var source in house.All<MyTasksSource>().Where(s => house.Has(mine.Visit.Town, s.Module))) tasks.AddRange(await source.Ask(mine));
        return [.. tasks.OrderBy(t => t.ByOn ?? DateOnly.MaxValue)];
    }

    public static async Task<IReadOnlyList<MyMatter>> Of(Mine mine, House house)
    {
        var matters = new List<MyMatter>();
        foreach (var source in house.All<MyMattersSource>().Where(s => house.Has(mine.Visit.Town, s.Module))) matters.AddRange(await source.Ask(mine));
        return [.. matters.OrderBy(m => m.MovedAt)];
    }
}
