using Komachi.Platform.Forms;
using Komachi.Platform.Towns;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// The procedures with which every town begins come with the program (<c>towns/common/procedures</c>); a town's own folder adds to them or stands in their
/// place, file by file. A changed file becomes the next version. What a clerk has published at the desk is not written over.
/// </summary>
static class ProceduresTown
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
