using System.Globalization;
using Komachi.Ui;
using Komachi.Ui.Words;

namespace Komachi.Platform.Files;

/// <summary>How files are spoken of.</summary>
static class FileWords
{
    /// <summary>1,024 bytes are a kB here, as in the file windows of the devices that people compare with.</summary>
    public static string Size(long bytes) => bytes < 1024 * 1000
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (bytes + 512) / 1024):#,0} KB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:#,0.#} MB");

    public static string Types(IEnumerable<FileType> types) => string.Join(", ", types.Select(t => t.Name));

    /// <summary>What may be sent, before anybody tries.</summary>
    public static string Hint(Words words, FileKind kind) => words["{0}, up to {1} each, at most {2} files", Types(kind.Types), Size(kind.MostBytes), kind.Most];

    /// <summary>Why it was not taken, and what to do.</summary>
    public static string Why(Words words, FileRefusal why, FileKind kind) => why switch
    {
        FileRefusal.TooLarge => words["It is larger than {0}. Choose a smaller one, or take the picture with fewer pixels.", Size(kind.MostBytes)],
        FileRefusal.TooMany => words["There are {0} files already. Take one away first.", kind.Most],
        FileRefusal.WrongType => words["Its content is not what its name says, or none of these: {0}. Save it as one of them and send it again.", Types(kind.Types)],
        FileRefusal.Empty => words["It is empty. Choose it again."],
        FileRefusal.Virus => words["The virus check found something in it, so it was thrown away. Check your device, and send another file."],
        FileRefusal.NotClean => words["It holds parts that run by themselves and could not be made safe. Save it without them, as a picture for example, and send it again."],
        _ => words["The line was cut before all of it had come. Please send it again."],
    };

    public static (string Text, Tone Tone) State(Words words, FileState state) => state switch
    {
        FileState.Receiving => (words["Being sent|file"], Tone.Info),
        FileState.Checking => (words["Being checked|file"], Tone.Info),
        FileState.Ready => (words["Arrived|file"], Tone.Success),
        _ => (words["Not accepted|file"], Tone.Danger),
    };
}
