using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Komachi.Platform.Data;

/// <summary>
/// One file <c>Schema/007_name.sql</c> of a module: plain SQL, never edited once landed. A migration only expands, so
/// programs that do not know it yet go on serving; one that takes something away begins with <c>-- serves-from: 5</c>,
/// the oldest migration that a program must know to serve behind it.
/// </summary>
internal sealed partial record Migration(string Module, int Number, string Name, string Sql, string Checksum, int ServesFrom)
{
    public static IReadOnlyList<Migration> Of(ModuleBuilder module) => From(module.Assembly, module.SchemaFolder, module.Slug);

    public static IReadOnlyList<Migration> From(Assembly assembly, string folder, string module)
    {
        var found = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(folder, StringComparison.Ordinal)) continue;
            var file = FileName().Match(resource[folder.Length..]);
            if (!file.Success) throw new InvalidOperationException($"{resource}: a migration is called 001_what_it_does.sql.");
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            var sql = reader.ReadToEnd().ReplaceLineEndings("\n");
            var servesFrom = ServesFromLine().Match(sql) is { Success: true } line ? int.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
            found.Add(new(module, int.Parse(file.Groups[1].Value, CultureInfo.InvariantCulture), file.Groups[2].Value, sql,
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))), servesFrom));
        }
        found.Sort((a, b) => a.Number.CompareTo(b.Number));
        for (var i = 0; i < found.Count; i++)
            if (found[i].Number != i + 1) throw new InvalidOperationException($"{module}: migration {i + 1:000} is missing or stands twice.");
        return found;
    }

    [GeneratedRegex(@"^(\d{3})_([a-z0-9_]+)\.sql$")]
    private static partial Regex FileName();

    [GeneratedRegex(@"\A-- serves-from: (\d+)\s*$", RegexOptions.Multiline)]
    private static partial Regex ServesFromLine();
}
