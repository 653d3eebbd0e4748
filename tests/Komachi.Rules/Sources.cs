using System.Text.RegularExpressions;
using System.Xml.Linq;
using Komachi.Platform.Audit;
using Komachi.Platform.Files;
using Komachi.Platform.Languages;
using Komachi.Platform.Offices;
using Komachi.Platform.MyNumbers;
using Komachi.Platform.Portal;
using Komachi.Platform.Rights;
using Komachi.Platform.People;
using Komachi.Platform.Systems;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Komachi.Ui.Words;

namespace Komachi.Rules;

/// <summary>What can be seen by reading the source: words, events, schemas, walls between modules.</summary>
public sealed partial class Sources(TestProgram program)
{
    static readonly string Src = Path.Combine(TestProgram.Repository, "src");

    static IEnumerable<(string Path, string Text)> Files(params string[] endings) =>
        Directory.EnumerateFiles(Src, "*", SearchOption.AllDirectories)
            .Where(f => endings.Any(f.EndsWith) && !f.Contains("/obj/") && !f.Contains("/bin/") && !f.Contains("/node_modules/"))
            .Select(f => (Path.GetRelativePath(Src, f), Comment().Replace(File.ReadAllText(f), "")));

    /// <summary>Every text that a page or a message can show, by the file that says it.</summary>
    IEnumerable<(string Text, string File)> Said()
    {
        foreach (var (path, text) in Files(".razor", ".cs").Where(f => !f.Path.StartsWith("Komachi.Sandbox")))
            foreach (Match match in Shown().Matches(text)) yield return (Regex.Unescape(match.Groups[1].Value), path);
        foreach (var module in program.House.Modules)
        {
            yield return (module.Title, module.Slug);
            foreach (var permission in module.Permissions) yield return (permission.Title, module.Slug);
            foreach (var figure in module.Figures) yield return (figure.Title, module.Slug);
        }
        foreach (var job in program.House.Jobs.Values) yield return (job.Title, job.Name);
        foreach (var deed in program.House.All<Deed>()) yield return (deed.Title, deed.Action);
        foreach (var entry in program.House.All<MenuEntry>()) yield return (entry.Title, entry.Module.Slug);
        foreach (var work in program.House.All<OpenWork>()) yield return (work.Title, work.Module.Slug);
        foreach (var waits in program.House.All<Waits>()) yield return (waits.Title, waits.Module.Slug);
        foreach (var lately in program.House.All<Lately>()) yield return (lately.Title, lately.Module.Slug);
        foreach (var finds in program.House.All<Finds>()) yield return (finds.Group, finds.Module.Slug);
        foreach (var life in program.House.All<LifeBringer>()) yield return (life.Title, life.Module.Slug);
        foreach (var sign in program.House.All<Signpost>()) foreach (var text in new[] { sign.Title, sign.Line }) yield return (text, sign.Module.Slug);
        foreach (var kind in program.House.All<RecordKind>()) foreach (var text in new[] { kind.Title, kind.Basis }) yield return (text, kind.Module.Slug);
        foreach (var told in program.House.All<Disclosed>()) yield return (told.Title, told.Module.Slug);
        foreach (var use in program.House.All<MyNumberUse>()) yield return (use.Title, use.Module.Slug);
        foreach (var scope in program.House.All<Scope>()) yield return (scope.Title, scope.Module.Slug);
        foreach (var announced in program.House.All<Announced>()) yield return (announced.Title, announced.Module.Slug);
        foreach (var status in new[] { 400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503, 418 })
        {
            yield return (Problem.TitleOf(status), "Problem.cs");
            yield return (Problem.AdviceOf(status), "Problem.cs");
        }
    }

    [Fact]
    public void Every_text_exists_in_japanese_and_plain_japanese()
    {
        var missing = Said().Distinct().SelectMany(s => new[] { Lang.Japanese, Lang.Plain }
            .Where(l => program.House.Words.Find(s.Text, l) is null).Select(l => $"{s.File}: \"{s.Text}\" has no {l.Code}")).Distinct().ToArray();
        Assert.True(missing.Length == 0, string.Join('\n', missing));
    }

    /// <summary>
    /// What an entry of the audit says was done has a name that a clerk can read. Found as texts: whatever looks like a key of a module and is no
    /// permission, job, figure, period or kind of file is the name of an action.
    /// </summary>
    [Fact]
    public void Every_action_of_the_audit_has_a_name()
    {
        var house = program.House;
        var known = house.All<Deed>().Select(d => d.Action).Concat(house.Permissions.Select(p => p.Key)).Concat(house.Jobs.Keys).Concat(house.Figures.Select(f => f.Key))
            .Concat(house.All<RecordKind>().Select(k => k.Key)).Concat(house.All<OfferedFileKind>().Select(k => k.Kind.Key)).Concat(house.All<Scope>().Select(s => s.Key)).Concat(house.All<Announced>().Select(a => a.Key)).ToHashSet();
        known.UnionWith(["house.keys", "offices.yaml", "announcements.closed"]);    // what a wrapped key is sealed for, a file's name, a period
        var slugs = house.Modules.Select(m => m.Slug).Append("operator").ToHashSet();
        var nameless = Files(".cs").Where(f => !f.Path.StartsWith("Komachi.Sandbox")).SelectMany(f => DottedKey().Matches(f.Text).Select(m => (f.Path, Key: m.Groups[1].Value)))
            .Where(k => slugs.Contains(k.Key.Split('.')[0]) && !known.Contains(k.Key)).Select(k => $"{k.Path}: {k.Key}").Distinct().ToArray();
        Assert.True(nameless.Length == 0, "Name them with m.Deed:\n" + string.Join('\n', nameless));
        Assert.Equal([], house.All<Deed>().GroupBy(d => d.Action).Where(g => g.Count() > 1).Select(g => g.Key));    // each once: lists look names up by them
    }

    [Fact]
    public void No_translation_is_left_over()
    {
        var code = string.Join('\n', Files(".razor", ".cs").Select(f => f.Text.Replace("\\\"", "\"")));
        var unused = program.House.Assemblies.Append(typeof(Lang).Assembly).SelectMany(a => WordBook.Read(a).Keys).Where(key => !code.Contains($"\"{key}\"")).ToArray();
        Assert.True(unused.Length == 0, string.Join('\n', unused));
    }

    [Fact]
    public void Translations_keep_their_values()
    {
        foreach (var assembly in program.House.Assemblies.Append(typeof(Lang).Assembly))
            foreach (var (key, said) in WordBook.Read(assembly))
                foreach (var (lang, text) in said)
                {
                    var (wanted, there) = (Values(key), Values(text));
                    if (lang.Contains('#') && !there.Contains("{0}")) wanted.Remove("{0}");    // "one file" need not say its number
                    Assert.True(wanted.SetEquals(there), $"{lang} of \"{key}\" has other values: {text}");
                }

        static HashSet<string> Values(string text) => [.. ValueMark().Matches(text).Select(m => m.Value)];
    }

    /// <summary>What the demo towns say in a language of their own fits what pages say today.</summary>
    [Fact]
    public void Words_of_towns_are_of_use()
    {
        var files = Directory.GetFiles(TestProgram.TownsFolder, "*.yaml", SearchOption.AllDirectories).Where(f => f.Contains("/words/")).ToArray();
        Assert.True(files.Length >= 2);
        foreach (var path in files)
        {
            var review = WordReview.Of(WordFile.Read(File.ReadAllText(path)), Lang.FindFurther(Path.GetFileNameWithoutExtension(path))!, program.House.Words);
            Assert.True(review.Superfluous.Count == 0 && review.Unfit.Count == 0, $"{path}:\n{string.Join('\n', review.Superfluous.Concat(review.Unfit))}");
        }
    }

    [Fact]
    public void Every_job_that_is_enqueued_has_a_handler()
    {
        var known = program.House.JobsOf.Keys.Select(t => t.Name).ToHashSet();
        foreach (var (path, text) in Files(".cs", ".razor"))
            foreach (Match match in Enqueued().Matches(text))
                Assert.True(known.Contains(match.Groups[1].Value), $"{path} enqueues {match.Groups[1].Value}, which no module declares with m.Job");
    }

    /// <summary>Who looks after background work at the desk reads what it is, not how the queue calls it.</summary>
    [Fact]
    public void Every_kind_of_job_has_a_name_in_words() =>
        Assert.Empty(program.House.Jobs.Values.Where(j => j.Title.Length == 0).Select(j => $"{j.Name} has no Title"));

    [Fact]
    public void Raw_sql_names_no_other_modules_schema()
    {
        var schemas = program.House.Modules.ToDictionary(m => m.Slug, m => m.Assembly);
        foreach (var (path, text) in Files(".cs", ".sql"))
            foreach (Match match in SqlName().Matches(text))
                if (schemas.TryGetValue(match.Groups[1].Value, out var owner))
                    Assert.True(path.Contains(owner.GetName().Name! + "/"), $"{path} touches {match.Value.Trim()}, which belongs to {owner.GetName().Name}");
    }

    // What asks with something else than constants, and why that is no place for what somebody typed.
    static readonly (string Path, string Begins, string Why)[] PutTogether =
    [
        ("Komachi.Platform/Data/Migrator.cs", "sql", "migrations, and names of databases and roles that the registry gave out, quoted; never in a process that serves"),
        ("Komachi.Platform/Data/InstallationSeal.cs", "read", "two pairs of literals, in the two calls above it"),
        ("Komachi.Platform/Data/InstallationSeal.cs", "write", "the same"),
        ("Komachi.Platform/Audit/UnusualReading.cs", "Rules", "an array of constants"),
        ("Komachi.Platform/Data/SealedColumn.cs", "$\"SELECT substring", "tables and columns that modules name in their Define"),
        ("Komachi.Platform/Data/SealedColumn.cs", "$\"\"\"", "the same"),
    ];

    [Fact]
    public void No_sql_is_put_together_out_of_anything_but_constants()
    {
        var files = Files(".cs", ".razor").ToArray();
        var asked = files.Sum(f => SqlAsked().Count(f.Text));
        Assert.True(asked > 80, $"{asked} places ask the database: how do the others?");
        var loose = LooseSql(files).ToArray();
        var unknown = loose.Where(l => !PutTogether.Any(p => p.Path == l.Path && l.Sql.StartsWith(p.Begins, StringComparison.Ordinal))).Select(l => $"{l.Path}: {l.Sql}").ToArray();
        Assert.True(unknown.Length == 0, "Values go beside the statement, as parameters:\n" + string.Join('\n', unknown));
        // What is excused is still there.
        Assert.All(PutTogether, p => Assert.Contains(loose, l => l.Path == p.Path && l.Sql.StartsWith(p.Begins, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("new NpgsqlCommand(\"SELECT 1 WHERE a = $1\", c)", true), InlineData("db.FromSql($\"SELECT {typed}\")", true)]    // the second becomes a parameter
    [InlineData("const string Name = \"x\"; source.CreateCommand(\"LISTEN \" + Name)", true), InlineData("const int Most = 3; source.CreateCommand($\"SELECT 1 LIMIT {Most}\")", true)]
    [InlineData("class Block { public const string Columns = \"a\"; } new NpgsqlCommand($\"SELECT {Block.Columns} FROM t\", c)", true)]
    [InlineData("new NpgsqlCommand($\"SELECT {typed}\", c)", false), InlineData("new NpgsqlCommand(\"SELECT \" + typed, c)", false), InlineData("new NpgsqlCommand(sql, c)", false), InlineData("command.CommandText = Sql(typed);", false)]
    [InlineData("source.CreateCommand(string.Concat(\"SELECT \", typed))", false), InlineData("const string Name = \"x\"; source.CreateCommand($\"SELECT {Name} {form.Name}\")", false), InlineData("db.FromSqlRaw(\"SELECT 1\")", false)]
    [InlineData("new NpgsqlBatchCommand($\"\"\"SELECT '{typed}'\"\"\")", false), InlineData("NpgsqlCommand ask = new(\"SELECT \" + typed, c)", false)]
    public void The_rule_on_sql_knows_one_from_the_other(string source, bool fine) => Assert.Equal(fine, !LooseSql([("Some.cs", source)]).Any());

    /// <summary>What the database is asked with, where it is more than literals and constants of this house.</summary>
    static IEnumerable<(string Path, string Sql)> LooseSql(IReadOnlyList<(string Path, string Text)> files)
    {
        foreach (var (path, text) in files)
        {
            foreach (Match raw in RawSql().Matches(text)) yield return (path, raw.Value);
            foreach (Match asks in SqlAsked().Matches(text))
            {
                var at = asks.Index + asks.Length;
                Match piece;
                do
                {
                    piece = SqlPiece().Match(text, at);
                    at = piece.Index + piece.Length;
                }
                while (piece.Success && IsConstant(piece) && piece.Groups["end"].Value == "+");
                if (!piece.Success || !IsConstant(piece)) yield return (path, text.Substring(asks.Index + asks.Length, Math.Min(60, text.Length - asks.Index - asks.Length)));
            }

            bool IsConstant(Match piece) => piece.Groups["name"] is { Success: true } name ? Known(name.Value)
                : !piece.Groups["woven"].Success || SqlHole().Matches(piece.Groups["woven"].Value).All(hole => Known(hole.Groups[1].Value));

            // Of its own file, or named with its class.
            bool Known(string name) => name.Split('.') switch
            {
                [var own] => Constants(text).Contains(own),
                [var type, var of] => files.Any(f => Regex.IsMatch(f.Text, $@"\b(?:class|record|struct) {Regex.Escape(type)}\b") && Constants(f.Text).Contains(of)),
                _ => false,
            };
        }

        static IEnumerable<string> Constants(string text) => Constant().Matches(text).SelectMany(m => m.Groups["name"].Captures).Select(c => c.Value);
    }

    /// <summary>Connections of towns go back to their pool as they are: what is set in a session would meet the next request.</summary>
    [Fact]
    public void Statements_leave_nothing_in_the_session()
    {
        // Of connections that are in no pool, and of the control database, whose sessions are cleaned.
        string[] alone = ["Komachi.Host/Installation/SecretRotation.cs", "Komachi.Platform/Data/Migrator.cs", "Komachi.Platform/Operator/TownHealth.cs", "Komachi.Platform/Towns/Doorbell.cs"];
        foreach (var (path, text) in Files(".cs").Where(f => !alone.Contains(f.Path)))
            Assert.False(InSession().IsMatch(text), $"{path}: {InSession().Match(text).Value} outlives its transaction");
    }

    [Theory]
    [InlineData("SELECT pg_advisory_lock(1)", true), InlineData("\"LISTEN x\"", true), InlineData("SELECT set_config('a', 'b', false)", true), InlineData("\"SET statement_timeout = 5\"", true), InlineData("\"\"\"\n  CREATE TEMP TABLE t\"", true), InlineData("\"PREPARE one AS SELECT 1\"", true)]
    [InlineData("SELECT pg_advisory_xact_lock(1)", false), InlineData("SELECT pg_try_advisory_xact_lock(1)", false), InlineData("\"SET LOCAL statement_timeout = 5\"", false), InlineData("UPDATE a.b\n SET c = 1", false), InlineData("ON CONFLICT DO UPDATE SET a = 1", false)]
    public void The_rule_on_sessions_knows_one_from_the_other(string source, bool stays) => Assert.Equal(stays, InSession().IsMatch(source));

    [Fact]
    public void Modules_are_seen_by_tests_alone_and_refer_downwards()
    {
        var order = program.House.Assemblies.Select(a => a.GetName().Name!).ToList();
        foreach (var project in Directory.EnumerateFiles(Path.Combine(Src, "Modules"), "*.csproj", SearchOption.AllDirectories))
        {
            var xml = XDocument.Load(project);
            Assert.Empty(xml.Descendants("InternalsVisibleTo"));
            var own = order.IndexOf(Path.GetFileNameWithoutExtension(project));
            foreach (var reference in xml.Descendants("ProjectReference"))
                Assert.True(order.IndexOf(Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)) < own, $"{project} refers upwards");
        }
    }

    /// <summary>The compiler keeps modules from a person's facts; this keeps them from the tables behind.</summary>
    [Fact]
    public void Persons_are_seen_through_one_door()
    {
        // Residents' names stand in accounts, too: what reads them there reads of staff alone.
        string[] ofStaff = ["Modules/Komachi.Procedures/Review/StaffNames.cs", "Modules/Komachi.Announcements/Write/TellAuthor.cs", "Modules/Komachi.Announcements/Write/WriteAnnouncement.cs", "Modules/Komachi.Plan/Actuals/WriteActual.cs", "Modules/Komachi.Plan/Keep/KeepPlan.cs", "Modules/Komachi.Plan/Rounds/WriteSheet.cs",
            "Modules/Komachi.Procedures/Samples/SampleCases.cs"];    // and one made-up resident's key, by the name that a file of the demo says
        foreach (var (path, text) in Files(".cs", ".razor").Where(f => f.Path.StartsWith("Modules/")))
        {
            Assert.False(text.Contains("Set<Person>"), $"{path} reads persons past Persons, which knows what may be shown to whom");
            Assert.False(text.Contains("Set<Account>") && !ofStaff.Contains(path), $"{path} reads accounts: if it is those of staff alone, say so here");
            Assert.False(ProtectedTable().IsMatch(text), $"{path} asks who is protected: Persons answers that");
        }
        // Within the Platform the facts are open to the compiler: these folders may read them, and answer for it in the test of leaks.
        string[] answers = ["Rights/MayBeShown.cs", "Rights/PersonsAtDesk.cs", "Mail/SendMail.cs", "Audit/FindEntries.cs"];    // the copy, the erasure and the record of who looked
        foreach (var (path, text) in Files(".cs", ".razor").Where(f => f.Path.StartsWith("Komachi.Platform/") && !f.Path.StartsWith("Komachi.Platform/People/") && !answers.Any(f.Path.EndsWith)))
            Assert.False(text.Contains("Set<Person>"), $"{path} reads persons past Persons");
    }

    [Fact]
    public void What_keeps_something_about_persons_takes_part_in_the_test_of_leaks()
    {
        var sings = program.House.All<ProtectedCanary>().Select(c => c.Module.Assembly.GetName().Name!).ToHashSet();
        foreach (var module in Files(".cs", ".razor", ".sql").Where(f => f.Path.StartsWith("Modules/")).GroupBy(f => f.Path.Split('/')[1]))
            if (module.Any(f => OfPersons().IsMatch(f.Text)))
                Assert.True(sings.Contains(module.Key), $"{module.Key} keeps or shows persons, and plants no canary: m.Canary(…), see People/Protected/ProtectedCanary.cs");
    }

    [Fact]
    public void Pages_hold_no_inline_style_script_or_handler()
    {
        foreach (var (path, text) in Files(".razor"))
            Assert.False(Inline().IsMatch(text), $"{path}: {Inline().Match(text).Value}");
    }

    [GeneratedRegex("""(?:\bT\[|\b(?:Wrongly\(|Note\(name\b)[^",;]*(?:"[^"]*")?,\s*|\bLine\(name\b[^";]*,\s*|\bwords\[)"((?:[^"\\]|\\.)*)"(?=[\],)])""")]
    private static partial Regex Shown();

    [GeneratedRegex("\"([a-z_]+\\.[a-z_]+)\"")]
    private static partial Regex DottedKey();

    [GeneratedRegex("^ *///.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\{\d+[^}]*\}")]
    private static partial Regex ValueMark();

    [GeneratedRegex(@"\bEnqueue\(new (\w+)")]
    private static partial Regex Enqueued();

    [GeneratedRegex(@"\b(?:FROM|JOIN|INTO|UPDATE|TABLE|ON|SEQUENCE)\s+(?:IF (?:NOT )?EXISTS )?([a-z_]+)\.[a-z_]+", RegexOptions.None)]
    private static partial Regex SqlName();

    [GeneratedRegex(@"\b(?:new Npgsql(?:Batch)?Command|Npgsql(?:Batch)?Command \w+ = new|CreateCommand)\((?!\s*\))|\bCommandText\s*=(?!=)")]
    private static partial Regex SqlAsked();

    [GeneratedRegex("""\bpg_(?:try_)?advisory_lock|\bset_config\([^)]*false|\bTEMP(?:ORARY)? TABLE\b|"\s*(?:LISTEN|PREPARE|DECLARE|SET (?!LOCAL\b)[a-z_]+ (?:=|TO)) ?""")]
    private static partial Regex InSession();

    [GeneratedRegex(@"\b(?:FromSqlRaw|ExecuteSqlRaw|ExecuteSqlRawAsync|SqlQueryRaw|FormattableStringFactory)\b")]
    private static partial Regex RawSql();

    [GeneratedRegex(""""\G\s*(?:"""[\s\S]*?"""|"(?!"")(?:[^"\\]|\\.)*"|\$"""(?<woven>[\s\S]*?)"""|\$"(?!"")(?<woven>(?:[^"\\]|\\.)*)"|(?<name>[A-Za-z_][\w.]*))\s*(?<end>[+,);])"""")]
    private static partial Regex SqlPiece();

    [GeneratedRegex(@"\{([^}]*)\}")]
    private static partial Regex SqlHole();

    [GeneratedRegex(@"\bconst string (?<name>\w+) =|\bconst (?:int|long) (?<name>\w+) = [^,;]+(?:, (?<name>\w+) = [^,;]+)*;")]
    private static partial Regex Constant();

    [GeneratedRegex(@"people\.(?:persons|protections|alerts|relations|mandates)\b|Set<(?:Protection|Alert|Relation|Mandate)>")]
    private static partial Regex ProtectedTable();

    [GeneratedRegex(@"\b(?:Persons|PersonSeen|PersonId|PersonFor|person_id)\b")]
    private static partial Regex OfPersons();

    [GeneratedRegex("""<[^>]*\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+="[^@]""")]
    private static partial Regex Inline();
}
