using System.Text.RegularExpressions;
using Komachi.Platform.Forms;
using Komachi.Platform.Towns;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// The procedures with which every town begins come with the program (<c>towns/common/procedures</c>); a town's own folder adds to them or stands in their
/// place, file by file. A file in <c>procedures/lists</c> brings the lists and constants of one, and nothing else. A changed file becomes the next version. What a clerk has published at the desk is not written over.
/// </summary>
static partial class ProceduresTown
{
    static readonly IReadOnlyDictionary<string, string> Shipped = ReadShipped();

    public static async Task Load(TownLoad load)
    {
        var texts = Shipped.ToDictionary(s => s.Key, s => (Text: s.Value, Origin.Shipped));
        foreach (var path in load.Files("procedures").Where(p => Path.GetFileName(p) != SampleCases.File))
        {
            var text = await File.ReadAllTextAsync(path);
            var problems = new List<FormProblem>();
            var definition = ProcedureYaml.Read(text, problems);
            if (definition is null || Procedure.Compile(definition, problems) is null) throw new BadTown($"{path}: {string.Join('\n', problems.Select(p => $"{p.Place}: {p.What}"))}");
            texts[definition.Key] = (text, Origin.Town);
        }
        foreach (var path in load.Files(Path.Combine("procedures", "lists")))
        {
            var key = Path.GetFileNameWithoutExtension(path);
            if (!texts.TryGetValue(key, out var before)) throw new BadTown($"{path}: there is no procedure {key}.");
            var text = WithOwn(before.Text, (await File.ReadAllTextAsync(path)).ReplaceLineEndings("\n")) ?? throw new BadTown($"{path}: it begins with \"lists:\" or \"constants:\" and holds nothing else, and so does a part of the procedure.");
            try
            {
                Procedure.Of(text);    // kept: of the next town that is loaded from there it is known
            }
            catch (InvalidOperationException e)
            {
                throw new BadTown($"{path}: {e.Message}");
            }
            texts[key] = (text, Origin.Town);
        }
        var newest = await Catalog.Newest(load.Db).ToDictionaryAsync(d => d.Key);
        var numbers = await load.Db.Set<Published>().GroupBy(d => d.Key).Select(g => new { g.Key, Last = g.Max(d => d.Number) }).ToDictionaryAsync(d => d.Key, d => d.Last);
        var now = load.Time.GetUtcNow();
        foreach (var (key, (text, origin)) in texts.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            var before = newest.GetValueOrDefault(key);
            if (before is not null && (before.Document == text || before.Origin == Origin.Desk)) continue;
            // A colleague's draft may have the next number; what was ended at the desk stays so.
            var next = Published.Draft(key, numbers.GetValueOrDefault(key) + 1, text, origin, now);
            next.Publish(before is null ? "" : "file", null, now);
            if (before?.EndedAt is { } ended) next.End(ended);
            load.Db.Add(next);
        }
    }

    /// <summary>The procedure with the town's own lists and constants in the place of those that it came with. It stays one document, so a filing keeps the list of its day, and a clerk goes on with it at the desk.</summary>
    static string? WithOwn(string procedure, string own)
    {
        own = own.TrimEnd('\n') + "\n";
        var (parts, of) = (Parts().Matches(own).ToLookup(Name), Parts().Matches(procedure).ToLookup(Name));
        if (parts.Count == 0 || Parts().Replace(own, "").Trim().Length > 0 || parts.Any(p => p.Count() > 1 || of[p.Key].Count() != 1)) return null;
        return Parts().Replace(procedure, p => parts[Name(p)].SingleOrDefault()?.Value.TrimEnd('\n') is { } mine ? mine + "\n" : p.Value);

        static string Name(Match part) => part.Groups[1].Value;
    }

    [GeneratedRegex("^(lists|constants):\n(?:[ #].*\n|\n)*", RegexOptions.Multiline)]
    private static partial Regex Parts();

    static Dictionary<string, string> ReadShipped()
    {
        var assembly = typeof(ProceduresTown).Assembly;
        var texts = new Dictionary<string, string>();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("procedures/", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            texts[Path.GetFileNameWithoutExtension(name)] = reader.ReadToEnd();
        }
        return texts;
    }
}
