using System.Collections.Frozen;
using Komachi.Ui.Words;

namespace Komachi.Platform.Towns;

public enum TownState { Open, Suspended }

/// <summary>A town as the registry knows it. It never says what is in the town's database, only where that is.</summary>
public sealed record Town(
    string Slug,
    string Code,
    TownProfile Profile,
    FrozenSet<string> Hosts,
    FrozenSet<string> Modules,
    string Server,
    string Database,
    TownState State)
{
    public Said Name => Profile.Name;

    /// <summary>Made-up people, to try and learn on: nothing leaves it, and every page says so.</summary>
    public bool IsTraining => Profile.Training;
}

/// <summary>How a town presents itself: kept in the registry as it stands in <c>town.yaml</c>.</summary>
public class TownProfile
{
    public Said Name { get; set => field = value ?? []; } = [];
    public Said Prefecture { get; set => field = value ?? []; } = [];

    /// <summary>The town's colour, #rrggbb: at least 4.5:1 on white, checked when it is added.</summary>
    public string Colour { get; set; } = "#0017c1";
    public string Pattern { get; set => field = value ?? ""; } = "";

    /// <summary>A town to learn on. Made by <c>komachi town train</c>; no file of a town needs to say it.</summary>
    public bool Training { get; set; }
    public TownOffice Office { get; set => field = value ?? new(); } = new();
}

public sealed class TownOffice
{
    public Said Name { get; set => field = value ?? []; } = [];
    public Said Address { get; set => field = value ?? []; } = [];
    public string Telephone { get; set => field = value ?? ""; } = "";
    public Said Hours { get; set => field = value ?? []; } = [];
}
