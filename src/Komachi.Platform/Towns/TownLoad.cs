using Komachi.Platform.Data;
using YamlDotNet.Core;

namespace Komachi.Platform.Towns;

/// <summary>A town's own files being loaded into its database: what a module's <c>m.Town(…)</c> gets.</summary>
/// <param name="Folder"><c>towns/&lt;slug&gt;</c>.</param>
/// <param name="DemoPassword">The password of the demo accounts; null where no made-up people are wanted.</param>
public sealed record TownLoad(Town Town, TownDb Db, string Folder, TimeProvider Time, string? DemoPassword)
{
    /// <summary>Receipt numbers of this town, for what is made up in it; null where nothing is.</summary>
    public Receipts? Receipts { get; init; }

    /// <summary>Every YAML file of a sub-folder, in order of name.</summary>
    public IEnumerable<string> Files(string folder) =>
        Directory.Exists(Path.Combine(Folder, folder)) ? Directory.EnumerateFiles(Path.Combine(Folder, folder), "*.yaml").Order(StringComparer.Ordinal) : [];

    public static T Read<T>(string path)
    {
        try
        {
            return TownFile.Reader().Deserialize<T>(File.ReadAllText(path)) ?? throw new BadTown($"{path}: the file is empty.");
        }
        catch (YamlException e)
        {
            throw new BadTown($"{path}, line {e.Start.Line}, column {e.Start.Column}: {e.InnerException?.Message ?? e.Message}");
        }
    }
}
