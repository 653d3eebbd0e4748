using Komachi.Ui.Words;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;
using YamlDotNet.Serialization.NamingConventions;

namespace Komachi.Announcements;

/// <summary>An announcement as it stands in a town's files: read by <see cref="AnnouncementsTown"/>, written by <see cref="ExportAnnouncements"/>.</summary>
internal sealed class AnnouncementYaml
{
    public string Key { get; set; } = "";
    public string Category { get; set; } = "";
    public string Department { get; set; } = "";

    /// <summary>When it goes out; only a draft may leave it open.</summary>
    public string? When { get; set; }
    public string? Until { get; set; }
    public string Urgency { get; set; } = "normal";
    public string State { get; set; } = "published";
    public Said Title { get; set; } = [];
    public Said Body { get; set; } = [];

    static readonly ISerializer Writer = new SerializerBuilder()
        .WithNamingConvention(CamelCaseNamingConvention.Instance)
        .ConfigureDefaultValuesHandling(DefaultValuesHandling.OmitNull)
        .WithEventEmitter(next => new Lines(next))
        .Build();

    public static AnnouncementYaml Of(Announcement announcement) => new()
    {
        Key = announcement.Key ?? announcement.Id.ToString(),
        Category = announcement.Category.Slug(),
        Department = announcement.Department,
        When = announcement.PublishAt is { } at ? WrittenMoment.Write(at) : null,
        Until = announcement.UntilAt is { } until ? WrittenMoment.Write(until) : null,
        Urgency = announcement.Urgency.Slug(),
        State = announcement.State.Slug(),
        Title = announcement.Title,
        Body = announcement.Body,
    };

    /// <summary>One entry of a list: entries written one after the other are a file.</summary>
    public string Write() => Writer.Serialize(new[] { this });

    /// <summary>Texts of several lines as they are, to be read and edited; all others in quotes, so that none is taken for a number or a yes.</summary>
    sealed class Lines(IEventEmitter next) : ChainedEventEmitter(next)
    {
        public override void Emit(ScalarEventInfo scalar, IEmitter emitter)
        {
            if (scalar.Source.Value is string text) scalar.Style = text.Contains('\n') ? ScalarStyle.Literal : Plain(text) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted;
            base.Emit(scalar, emitter);
        }

        static bool Plain(string text) => text.Length > 0 && text.All(char.IsAsciiLetterLower) && text is not ("null" or "true" or "false" or "yes" or "no" or "on" or "off" or "y" or "n");
    }
}
