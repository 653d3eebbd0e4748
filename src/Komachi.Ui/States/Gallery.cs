using System.Text.RegularExpressions;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Components;

namespace Komachi.Ui.States;

/// <summary>What a component is for, in the order in which /_ui shows the kinds.</summary>
public enum Kind { Around, Ways, Text, Forms, Lists, Messages, Charts, Layout }

/// <summary>Where a component stands in a page. What stands around the main part, or is the whole page, is shown on a page of its own alone.</summary>
public enum Place { InMain, Around, Whole }

/// <summary>The components with their states, which /_ui shows: by hand, like the list of modules, and a rule of the house keeps it whole.</summary>
public static class Gallery
{
    public static readonly IReadOnlyList<GalleryPart> All =
    [
        Of<TownHeaderStates>(Kind.Around), Of<TownBandStates>(Kind.Around), Of<TownFooterStates>(Kind.Around), Of<EmergencyBannerStates>(Kind.Around), Of<TrainingBandStates>(Kind.Around),
        Of<TownPhotoStates>(Kind.Around), Of<TownPreviewStates>(Kind.Around),
        Of<DeskHeaderStates>(Kind.Around), Of<DeskLayoutStates>(Kind.Around), Of<MainStates>(Kind.Around),
        Of<BreadcrumbStates>(Kind.Ways), Of<LanguagesStates>(Kind.Ways), Of<KeyListStates>(Kind.Ways), Of<TabsStates>(Kind.Ways), Of<PagingStates>(Kind.Ways), Of<StepsStates>(Kind.Ways), Of<SearchBoxStates>(Kind.Ways),
        Of<PageHeadingStates>(Kind.Text), Of<HeadingStates>(Kind.Text), Of<ProseStates>(Kind.Text), Of<DisclosureStates>(Kind.Text), Of<IconStates>(Kind.Text), Of<QrCodeStates>(Kind.Text),
        Of<ButtonStates>(Kind.Forms), Of<TextFieldStates>(Kind.Forms), Of<TextAreaStates>(Kind.Forms), Of<ChoiceFieldStates>(Kind.Forms), Of<CheckFieldStates>(Kind.Forms),
        Of<FileFieldStates>(Kind.Forms), Of<MyNumberFieldStates>(Kind.Forms), Of<ErrorSummaryStates>(Kind.Forms),
        Of<DateFieldStates>(Kind.Forms),
        Of<NameFieldStates>(Kind.Forms), Of<KanaFieldStates>(Kind.Forms), Of<AddressFieldStates>(Kind.Forms), Of<PhoneFieldStates>(Kind.Forms), Of<EmailFieldStates>(Kind.Forms), Of<NumberFieldStates>(Kind.Forms), Of<YenFieldStates>(Kind.Forms), Of<ConsentFieldStates>(Kind.Forms),
        Of<CardListStates>(Kind.Lists), Of<NewsListStates>(Kind.Lists), Of<SummaryListStates>(Kind.Lists), Of<TreeStates>(Kind.Lists), Of<DataTableStates>(Kind.Lists), Of<FilterBarStates>(Kind.Lists), Of<BulkBarStates>(Kind.Lists), Of<EmptyStateStates>(Kind.Lists),
        Of<TimelineStates>(Kind.Lists), Of<CommentsStates>(Kind.Lists),
        Of<MonthCalendarStates>(Kind.Lists), Of<WeekGridStates>(Kind.Lists),
        Of<NoticeStates>(Kind.Messages), Of<StatusBadgeStates>(Kind.Messages), Of<ReceiptStates>(Kind.Messages), Of<DialogStates>(Kind.Messages), Of<ProgressStates>(Kind.Messages),
        Of<LineChartStates>(Kind.Charts), Of<BarChartStates>(Kind.Charts), Of<StackedChartStates>(Kind.Charts), Of<ScheduleTableStates>(Kind.Charts), Of<ScatterChartStates>(Kind.Charts), Of<MapFrameStates>(Kind.Charts),
        Of<PanesStates>(Kind.Layout), Of<ColumnsStates>(Kind.Layout), Of<PrintPageStates>(Kind.Layout),
        Of<AskOfficeStates>(Kind.Around), Of<HitsStates>(Kind.Lists),
        Of<AccountFieldStates>(Kind.Forms), Of<PointFieldStates>(Kind.Forms),
    ];

    public static GalleryPart? Find(string address) => All.FirstOrDefault(p => p.Address == address);

    static GalleryPart Of<T>(Kind kind) where T : IComponent => new(kind, typeof(T));
}

/// <summary>A component of the gallery, and the text of its States file, which is embedded at build.</summary>
public sealed partial class GalleryPart
{
    readonly Dictionary<string, StateOfPart> _byName;

    internal GalleryPart(Kind kind, Type shows)
    {
        (Kind, Shows, Name) = (kind, shows, shows.Name[..^"States".Length]);
        Address = Humps().Replace(Name, "-$0").ToLowerInvariant();
        using var file = new StreamReader(shows.Assembly.GetManifestResourceStream($"states/{shows.Name}.razor")
            ?? throw new InvalidOperationException($"{shows.Name}.razor is not embedded: it stands in the folder of its component."));
        var text = file.ReadToEnd();
        States = [.. Uses().Matches(text).Select(use => new StateOfPart(use.Groups["name"].Value, use.Groups["title"].Value, Enum.Parse<Place>(use.Groups["place"] is { Success: true } place ? place.Value : nameof(Place.InMain)), Unindented(use.Groups["source"].Value)))];
        _byName = States.ToDictionary(s => s.Name);
        var code = text.IndexOf("@code {", StringComparison.Ordinal);
        Data = code < 0 ? null : text[code..].Trim();
    }

    public Kind Kind { get; }
    public string Name { get; }

    /// <summary>"LineChart" → "line-chart".</summary>
    public string Address { get; }

    public IReadOnlyList<StateOfPart> States { get; }

    /// <summary>What the examples are made from.</summary>
    public string? Data { get; }

    internal Type Shows { get; }
    internal StateOfPart this[string state] => _byName[state];

    public string AddressOf(Lang lang, string? state = null) => $"{lang.Segment}/_ui/{Address}{(state is null ? "" : "/" + state)}";

    static string Unindented(string source)
    {
        var lines = source.Trim('\n', '\r').TrimEnd().Split('\n');
        var indent = lines.Where(l => l.Trim().Length > 0).Select(l => l.Length - l.TrimStart().Length).DefaultIfEmpty().Min();
        return string.Join('\n', lines.Select(l => l.Length < indent ? "" : l[indent..].TrimEnd()));
    }

    [GeneratedRegex("""<State Name="(?<name>[a-z0-9-]+)" Title="(?<title>[^"]+)"(?: Place="Place\.(?<place>\w+)")?>(?<source>.*?)</State>""", RegexOptions.Singleline)]
    private static partial Regex Uses();

    [GeneratedRegex("(?<=.)[A-Z]")]
    private static partial Regex Humps();
}

/// <summary>A state as its file writes it.</summary>
public sealed record StateOfPart(string Name, string Title, Place Place, string Source)
{
    /// <summary>Names of examples are in Japanese; their addresses are English already.</summary>
    internal string TitleIn(Lang lang) => lang == Lang.English ? char.ToUpperInvariant(Name[0]) + Name[1..].Replace('-', ' ') : Title;
}

/// <summary>What a State is shown in: the page of its component, or a page of its own.</summary>
public sealed record GalleryView(GalleryPart Part, string? Only = null);
