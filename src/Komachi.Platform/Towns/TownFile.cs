using System.Text.RegularExpressions;
using Komachi.Ui.Words;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Komachi.Platform.Towns;

/// <summary><c>towns/&lt;slug&gt;/town.yaml</c>: what makes a town, as a clerk writes it.</summary>
public sealed partial class TownFile : TownProfile
{
    // A line that a clerk left empty is null to YAML.
    public string Code { get; set => field = value ?? ""; } = "";
    public string Slug { get; set => field = value ?? ""; } = "";
    public List<string> Hosts { get; set => field = value?.ConvertAll(h => h ?? "") ?? []; } = [];
    public List<string> Modules { get; set => field = value ?? []; } = [];

    // What the registry has no place for, since it is large or the desk's to change: it goes into the town's own database (Looks/LookFile.cs).
    public PictureFile? Emblem { get; set; }
    public PictureFile? Photo { get; set; }
    public FooterFile Footer { get; set => field = value ?? new(); } = new();

    public sealed class PictureFile
    {
        /// <summary>Beside this file, like <c>look/emblem.png</c>.</summary>
        public string File { get; set => field = value ?? ""; } = "";
        public Said Says { get; set => field = value ?? []; } = [];
    }

    public sealed class FooterFile
    {
        public Said Text { get; set => field = value ?? []; } = [];
        public List<LinkFile> Links { get; set => field = value ?? []; } = [];
    }

    public sealed class LinkFile
    {
        public Said Text { get; set => field = value ?? []; } = [];
        public string Href { get; set => field = value ?? ""; } = "";
    }

    static readonly IDeserializer Yaml = Reader();
    static readonly ISerializer Writer = new SerializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance)
        .ConfigureDefaultValuesHandling(DefaultValuesHandling.OmitNull | DefaultValuesHandling.OmitDefaults | DefaultValuesHandling.OmitEmptyCollections).WithQuotingNecessaryStrings().Build();

    /// <summary>So that <see cref="Read"/> reads the same again.</summary>
    public string Write() => Writer.Serialize(this);

    internal static IDeserializer Reader() =>
        new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build();

    public static TownFile Read(string path)
    {
        try
        {
            var file = Yaml.Deserialize<TownFile>(File.ReadAllText(path)) ?? throw new BadTown($"{path}: the file is empty.");
            if (file.Problems().ToArray() is { Length: > 0 } problems) throw new BadTown($"{path}: {string.Join(' ', problems)}");
            return file;
        }
        catch (YamlException e)
        {
            throw new BadTown($"{path}, line {e.Start.Line}, column {e.Start.Column}: {e.InnerException?.Message ?? e.Message}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadTown($"{path}: there is no such file.");
        }
    }

    /// <summary>Everything that is wrong, each in a sentence.</summary>
    public IEnumerable<string> Problems()
    {
        if (!TownCode.IsValid(Code)) yield return $"code \"{Code}\" is not a town's code: six digits, of which the last checks the others.";
        if (!SlugShape().IsMatch(Slug) || ReservedSlugs.Contains(Slug)) yield return $"slug \"{Slug}\" cannot stand in an address: 2 to 30 small letters, digits and hyphens, and not one of the house's own.";
        if (string.IsNullOrWhiteSpace(Name.GetValueOrDefault("ja"))) yield return "name has no Japanese.";
        if (Towns.Colour.TryParse(Colour, out var colour))
        {
            if (colour.ContrastOnWhite() < Towns.Colour.Enough) yield return $"colour {Colour} has a contrast of {Towns.Colour.Show(colour.ContrastOnWhite())} on white: it needs 4.5 to be read, and {colour.Readable()} near it has that.";
        }
        else yield return $"colour \"{Colour}\" is not of the form #rrggbb.";
        foreach (var host in Hosts)
            if (Uri.CheckHostName(host) is UriHostNameType.Unknown) yield return $"host \"{host}\" is not a host name.";
    }

    /// <summary>First segments that belong to the house and its languages.</summary>
    internal static readonly HashSet<string> ReservedSlugs =
        ["assets", "health", "api", "desk", "en", "ja", "plain", "compare", "operator", "status", "www",
         "template",    // its database would be the template
         "furigana", .. Komachi.Ui.Words.Lang.Further.Select(l => l.Code)];

    [GeneratedRegex(@"^[a-z][a-z0-9-]{1,29}\z")]
    private static partial Regex SlugShape();
}

/// <summary>The file cannot make a town; the message says where and why.</summary>
public sealed class BadTown(string message) : Exception(message);
