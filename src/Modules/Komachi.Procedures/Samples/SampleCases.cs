using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using YamlDotNet.Serialization;

namespace Komachi.Procedures;

/// <summary>
/// Made-up filings (見本) for towns that are shown or tried, so that inboxes, clocks and counts show something on the first day: the samples of the
/// definitions, many times, with other names and days, each gone its way by the verbs that everybody's filings go by. Nobody gets a mail for one.
/// </summary>
static partial class SampleCases
{
    public const string File = "samples.yaml";

    /// <summary><c>towns/&lt;town&gt;/procedures/</c>: how many, and whose some of them are.</summary>
    sealed class Wish
    {
        public int Cases { get; set; }
        public int Seed { get; set; }

        /// <summary>Sign-in names: a resident who has some of them, who works on them, who decides.</summary>
        public string Resident { get; set => field = value ?? ""; } = "";
        public string Clerk { get; set => field = value ?? ""; } = "";
        public string Secretariat { get; set => field = value ?? ""; } = "";
        public string Decides { get; set => field = value ?? ""; } = "";

        /// <summary>In whose name letters go out: plainly made up.</summary>
        public string Mayor { get; set => field = value ?? ""; } = "";
    }

    /// <summary>What becomes of it. Asked: something was asked to be corrected. Corrected: it was, and is being looked at again.</summary>
    enum End { New, Open, Late, Asked, Corrected, Granted, Refused, Withdrawn }

    // Of a dozen one after the other, so that every procedure comes to every end.
    static readonly End[] Ends = [End.Granted, End.New, End.Open, End.Granted, End.Asked, End.Granted, End.Refused, End.Open, End.Granted, End.Corrected, End.Withdrawn, End.Late, End.Granted];

    // So that "My page" shows something of everything.
    static readonly End[] Mine = [End.Granted, End.Open, End.Granted, End.Withdrawn, End.New, End.Refused, End.Asked, End.Corrected];

    static readonly (string Given, string Kana)[] Names =
        [("花子", "ハナコ"), ("太郎", "タロウ"), ("さくら", "サクラ"), ("健", "ケン"), ("みどり", "ミドリ"), ("一郎", "イチロウ"), ("葵", "アオイ"), ("蓮", "レン"), ("陽子", "ヨウコ"), ("誠", "マコト"), ("結衣", "ユイ"), ("大輔", "ダイスケ"), ("マリア", "マリア"), ("正", "タダシ"), ("千代", "チヨ"), ("翔", "ショウ"), ("グエン", "グエン"), ("光", "ヒカル")];

    static readonly string[] InTheirWords =
        ["スマートフォンだけで終わって助かりました（見本）", "写真を送るところで少し迷いました（見本）", "夜に申請できてよかったです（見本）", "言葉が分かりやすかった（見本）", "窓口に行かずに済みました（見本）"];

    public static async Task Load(TownLoad load)
    {
        var path = Path.Combine(load.Folder, "procedures", File);
        if (load.DemoPassword is null || load.Receipts is not { } receipts || !System.IO.File.Exists(path)) return;
        var wish = TownLoad.Read<Wish>(path);
        // What somebody wrote down at the desk stays.
        if (wish.Mayor.Length > 0 && !await load.Db.Set<Issuer>().AnyAsync()) load.Db.Add(new Issuer { Mayor = wish.Mayor, SetAt = load.Time.GetUtcNow() });
        if (await load.Db.Set<Case>().AnyAsync(c => c.Sample)) return;
        string[] names = [wish.Resident, wish.Clerk, wish.Secretariat, wish.Decides];
        var accounts = await load.Db.Set<Account>().AsNoTracking().Where(a => names.Contains(a.SignInName)).Select(a => new { a.SignInName, a.Id, a.PersonId }).ToDictionaryAsync(a => a.SignInName, a => (a.Id, a.PersonId));
        foreach (var missing in names.Where(n => !accounts.ContainsKey(n))) throw new BadTown($"{path}: nobody signs in as \"{missing}\".");
        var today = load.Time.Today();
        var published = await Catalog.Newest(load.Db).OrderBy(d => d.Key).ToListAsync();
        var tree = await DepartmentTrees.On(today, load.Db);
        var calendars = await OpeningCalendar.OfDepartments(tree, load.Db, today.AddYears(-1));
        var (resident, clerk, secretariat, decides) = (accounts[wish.Resident], accounts[wish.Clerk].Id, accounts[wish.Secretariat].Id, accounts[wish.Decides].Id);
        var maker = new Maker(load, receipts, new Random(wish.Seed), tree, calendars, resident, clerk, secretariat, decides, wish.Mayor);
        var sources = published.Select(d => (Definition: d.Id, d.Procedure, Samples: SamplesOf(d.Document))).Where(s => s.Samples.Count > 0).ToArray();
        for (var i = 0; i < wish.Cases && sources.Length > 0; i++)
        {
            var (definition, procedure, samples) = sources[i % sources.Length];
            var round = i / sources.Length;
            var mine = i % 17 == 3;
            var end = mine ? Mine[i / 17 % Mine.Length] : Ends[(round + i % sources.Length * 5) % Ends.Length];
            await maker.Make(definition, procedure, Fitting(samples, end, round), end, mine);
        }
        maker.GiveUp(sources.Select(s => s.Procedure));
        maker.Numbers();
        SamplePapers.Publish(load.Db, secretariat, load.Time.GetUtcNow());
    }

    /// <summary>A sample that comes to that end by itself, where there is one.</summary>
    static Sample Fitting(IReadOnlyList<Sample> samples, End end, int round)
    {
        var becomes = end switch { End.Asked or End.Corrected => "correction", End.Refused => "refused", End.Withdrawn => "withdrawn", _ => "granted" };
        var fitting = samples.Where(s => s.Becomes == becomes).ToArray();
        return fitting.Length > 0 ? fitting[round % fitting.Length] : samples[round % samples.Count];
    }

    internal sealed record Sample(DateOnly FiledOn, string Becomes, JsonObject Answers, JsonObject Stages);

    internal static IReadOnlyList<Sample> SamplesOf(string document)
    {
        var whole = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<Dictionary<string, object>>(document);
        if (!whole.TryGetValue("samples", out var samples) || samples is null) return [];
        return [.. (JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(samples)) as JsonArray ?? []).OfType<JsonObject>()
            .Select(s => new Sample(DateOnly.ParseExact(s["filedOn"]!.ToString(), "yyyy-MM-dd", CultureInfo.InvariantCulture), s["becomes"]?.ToString() ?? "", s["answers"] as JsonObject ?? [], s["stages"] as JsonObject ?? []))];
    }

    sealed class Maker(TownLoad load, Receipts receipts, Random random, DepartmentTree tree, Func<Guid, OpeningCalendar?> calendars, (Guid Account, Guid? Person) resident, Guid clerk, Guid secretariat, Guid decides, string mayor)
    {
        readonly DateTimeOffset _now = load.Time.GetUtcNow();
        readonly DateOnly _today = load.Time.Today();
        readonly Dictionary<(Guid, int), DocumentNumber> _numbers = [];

        public async Task Make(Guid definition, Procedure procedure, Sample sample, End end, bool mine)
        {
            var arrived = _now.AddDays(-AgeOf(end, procedure.Definition.Days)).AddMinutes(-random.Next(1, 1380));
            var of = await Arrive(definition, procedure, procedure.First, sample.FiledOn, sample.Answers, arrived, mine, []);
            var steps = Begin(of, procedure, procedure.First, [], arrived);
            Go(of, procedure, procedure.First, steps, [of], end, arrived);
            Save(of);
            // The whole way of a matter: what is reported and claimed later.
            if (end != End.Granted || of.State != CaseState.Granted) return;
            var matter = new List<Case> { of };
            foreach (var stage in procedure.Stages.Skip(1))
            {
                if (sample.Stages[stage.Key] is not JsonObject answers || matter[^1].State != CaseState.Granted || matter[^1].DecidedAt is not { } decided || decided.AddDays(20) > _now) continue;
                var later = await Arrive(definition, procedure, stage, sample.FiledOn, answers, decided.AddDays(random.Next(5, 15)), mine, matter);
                var last = later.ArrivedAt.AddDays(12) < _now ? End.Granted : End.Open;
                Go(later, procedure, stage, Begin(later, procedure, stage, matter, later.ArrivedAt), [.. matter, later], last, later.ArrivedAt);
                of.Happened(MoveKind.StageFiled, later.AccountId, later.ArrivedAt, told: true);
                Save(later);
                matter.Add(later);
            }
            load.Db.AddRange(of.TakeNews());
        }

        /// <summary>How many days ago it came: what is open is young, what is late is not.</summary>
        int AgeOf(End end, int days) => end switch
        {
            End.New => random.Next(0, 2),
            End.Open => random.Next(1, Math.Max(2, days)),
            End.Late => days * 7 / 5 + random.Next(6, 20),
            End.Asked => random.Next(3, 9),
            End.Corrected => random.Next(6, 14),
            End.Withdrawn => random.Next(5, 250),
            _ => random.Next(days * 7 / 5 + 5, 350),
        };

        async Task<Case> Arrive(Guid definition, Procedure procedure, Stage stage, DateOnly filedOn, JsonObject answers, DateTimeOffset at, bool mine, IReadOnlyList<Case> before)
        {
            var (on, parent) = (JapanTime.DayOf(at), before.FirstOrDefault());
            var around = Flow.Around(procedure, stage, before, on);
            var (given, kana) = mine ? Names[0] : Names[random.Next(Names.Length)];
            answers = Anew(stage.Form, answers, on.DayNumber - filedOn.DayNumber, parent is null ? given : null, kana);
            answers = FormState.Of(stage.Form, answers, on, on, around).Filed(answers);
            var department = parent?.DepartmentId ?? Catalog.DepartmentOf(procedure.Definition.Department, tree);
            var fee = parent is null && procedure.Fee?.Of(FormState.Of(stage.Form, answers, on, on).Answers) is { Sort: Sort.Number } sum ? (long)sum.Number : (long?)null;
            var way = mine ? Way.Online : random.Next(100) switch { < 66 => Way.Online, < 82 => Way.Counter, < 90 => Way.Post, < 95 => Way.Assisted, _ => Way.Telephone };
            var of = Case.Arrive(definition, procedure, stage, new((await receipts.Next(load.Town)).Digits, answers, parent?.Title ?? (Filing.TitleOf(stage.Form, answers) is { Length: > 0 } title ? title : $"見本 {given}"), way, department,
                calendars(department)?.AnswerBy(at, procedure.Definition.Days) ?? on.AddDays(procedure.Definition.Days))
            {
                ParentId = parent?.Id, Sample = true, Electronic = mine || way == Way.Online && random.Next(3) > 0, FeeYen = fee, AccountId = mine ? resident.Account : null, PersonId = mine ? resident.Person : null,
                AssistedById = way == Way.Assisted ? clerk : null, Assurance = mine ? Assurance.SignedIn : way == Way.Online ? Assurance.Code : Assurance.None,
            }, at);
            load.Db.Add(of);
            return of;
        }

        List<Step> Begin(Case of, Procedure procedure, Stage stage, IReadOnlyList<Case> before, DateTimeOffset at)
        {
            var steps = new List<Step>();
            Flow.Tell(of, stage, steps, Flow.AnswersOf(procedure, of, before, JapanTime.DayOf(at)), tree, load.Db, at);
            return steps;
        }

        /// <summary>By the verbs that everybody's filings go by, each a while after the one before.</summary>
        void Go(Case of, Procedure procedure, Stage stage, List<Step> steps, IReadOnlyList<Case> matter, End end, DateTimeOffset arrived)
        {
            var at = arrived;
            DateTimeOffset Later() => at = at.AddHours(random.Next(3, 30)) is var next && next < _now ? next : _now;
            if (end == End.New)
            {
                if (random.Next(4) == 0) of.Message("いつごろ決まるか教えてください（見本）。", fromApplicant: true, of.AccountId, Later());
                return;
            }
            if (random.Next(3) > 0) of.Assign(random.Next(2) == 0 ? clerk : secretariat, secretariat, Later());
            if (end == End.Withdrawn)
            {
                of.Withdraw("都合が変わったため（見本）", steps, null, of.AccountId, Later());
                return;
            }
            if (end is End.Asked or End.Corrected)
            {
                var asked = Ask(of, procedure, stage, Later());
                if (end == End.Asked) return;
                at = at.AddDays(2) < _now ? at.AddDays(2) : _now;
                of.Correct(asked, (JsonObject)of.Answers.DeepClone(), of.Title, calendars(of.DepartmentId), of.AccountId, at, JapanTime.DayOf(at), "確認して送り直しました（見本）。");
            }
            of.Accept(clerk, Later());
            var decided = end is End.Granted or End.Refused;
            foreach (var step in stage.Flow)
            {
                if (steps.Find(s => s.Key == step.Key) is not { State: StepState.Open } open || step.Step.Kind == "decide") continue;
                if (!decided && (open.Order > 1 || random.Next(2) == 0)) break;
                var by = step.Step.Kind == "approve" ? secretariat : clerk;
                var fields = FieldsOf(step, of, procedure, matter);
                open.Keep([.. Enumerable.Range(0, step.Step.Checklist.Count)], fields, null, by);
                of.Fill(step, fields);
                open.Do(by, Later());
                of.Happened(MoveKind.StepDone, by, at, details: new() { ["step"] = step.Key });
                Flow.Tell(of, stage, steps, Flow.AnswersOf(procedure, of, matter, JapanTime.DayOf(at)), tree, load.Db, at);
            }
            if (decided) Decide(of, procedure, stage, steps, matter, end == End.Granted, Later());
            else if (random.Next(3) == 0) of.Message("確認に少しお時間をいただいています（見本）。", fromApplicant: false, clerk, Later());
        }

        Correction Ask(Case of, Procedure procedure, Stage stage, DateTimeOffset at)
        {
            var asked = stage.Form.Fields.Where(f => of.Answers[f.Key] is not null && !f.Repeats && f.Field.Kind is not ("statement" or "calculated" or "consent" or "declaration")).ToArray();
            var field = asked.FirstOrDefault(f => f.Field.Kind is "text" or "area") ?? asked[0];
            var correction = of.AskToCorrect([field.Key], $"「{field.Field.Label.In(Lang.Japanese)}」をご確認のうえ、もう一度ご入力ください（見本）。", JapanTime.DayOf(at).AddDays(14), clerk, at, JapanTime.DayOf(at));
            load.Db.Add(correction);
            return correction;
        }

        void Decide(Case of, Procedure procedure, Stage stage, List<Step> steps, IReadOnlyList<Case> matter, bool granted, DateTimeOffset at)
        {
            var step = stage.Flow.Single(s => s.Step.Kind == "decide");
            var ground = procedure.Definition.Refusal.Count > 0 ? procedure.Definition.Refusal[random.Next(procedure.Definition.Refusal.Count)] : null;
            var reasons = granted ? "" : ground is null ? "要件に当たらないため（見本）" : $"{ground.Text.In(Lang.Japanese)}（{ground.Article}）";
            var fields = granted ? FieldsOf(step, of, procedure, matter) : [];
            of.Fill(step, fields);
            foreach (var open in steps.Where(s => s.State is StepState.Waiting or StepState.Open))
                if (open.Key != step.Key) open.Leave();
                else
                {
                    open.Keep([.. Enumerable.Range(0, step.Step.Checklist.Count)], fields, null, decides);
                    open.Do(decides, at);
                }
            of.Decide(granted, reasons, decides, at);
            var answers = Flow.AnswersOf(procedure, of, matter, JapanTime.DayOf(at));
            foreach (var (paper, only) in stage.Results.Where(r => r.Paper.When == (granted ? Procedure.Granted : Procedure.Refused) && r.If?.Holds(answers) != false))
            {
                var letter = Letter.Of(of, paper, paper.Title, Filled(paper.Body, of, procedure, stage, answers, reasons), NumberOf(paper, of, at), paper.Seal ? decides : null, RandomNumberGenerator.GetString("23456789ABCDEFGHJKMNPQRSTUVWXYZ", 12), of.Electronic ? Delivery.Electronic : Delivery.Paper, at, wantsSeal: paper.Seal);
                // Some are still to be posted, so that the desk has letters on its first day.
                if (letter.Delivery == Delivery.Paper && at.AddDays(40) < _now) letter.Deliver(at.AddDays(1));
                // Those of the last days wait to be opened.
                if (letter.Delivery == Delivery.Electronic && at.AddDays(14) < _now) letter.Open(at.AddHours(5));
                load.Db.Add(letter);
                of.Happened(MoveKind.PaperMade, decides, at, told: letter.DeliveredAt is not null, details: new() { ["letter"] = letter.Id.ToString() });
            }
            if (of.Way == Way.Online && random.Next(2) == 0)
                load.Db.Add(new Rating { CaseId = of.Id, Procedure = of.Procedure, Easy = Math.Min(5, random.Next(2, 7)), Reached = random.Next(8) > 0, Words = random.Next(4) == 0 ? InTheirWords[random.Next(InTheirWords.Length)] : null, At = of.ArrivedAt });
        }

        /// <summary>What a clerk would fill in: of what was asked for all of it, days soon after, of what is chosen the first.</summary>
        static JsonObject FieldsOf(CompiledStep step, Case of, Procedure procedure, IReadOnlyList<Case> matter)
        {
            var fields = new JsonObject();
            var on = JapanTime.DayOf(of.MovedAt);
            var answers = Flow.AnswersOf(procedure, of, matter, on);
            foreach (var field in step.Fields?.Fields ?? [])
            {
                if (field.When?.Holds(answers) == false || !field.IsRequired(answers)) continue;
                var known = new[] { "finalAmount", "askedAmount", "totalFee" }.Select(name => answers[name]).FirstOrDefault(v => v.Sort == Sort.Number);
                fields[field.Key] = field.Field.Kind switch
                {
                    "yen" => known.Sort == Sort.Number ? known.Number : 1000,
                    "number" or "decimal" => field.Least?.Of(answers) is { Sort: Sort.Number } least ? least.Number : 1,
                    "date" => on.AddDays(5).ForInput(),
                    "month" => on.AddMonths(1).ToString("yyyy-MM", CultureInfo.InvariantCulture),
                    "yesno" or "consent" or "declaration" => true,
                    "choice" or "select" => field.Field.Options.FirstOrDefault()?.Value,
                    "choices" => new JsonArray(field.Field.Options.Take(1).Select(o => (JsonNode?)o.Value).ToArray()),
                    "time" => "10:00",
                    "text" or "area" => "見本",
                    _ => null,
                };
                if (fields[field.Key] is null) fields.Remove(field.Key);
            }
            return fields;
        }

        string? NumberOf(ResultPaper paper, Case of, DateTimeOffset at)
        {
            if (paper.Number.Length == 0) return null;
            var key = (of.DepartmentId, FiscalYear.Of(JapanTime.DayOf(at)).Year);
            if (!_numbers.TryGetValue(key, out var number)) _numbers[key] = number = new() { DepartmentId = key.DepartmentId, Year = key.Year };
            return paper.Number.Replace("{n}", (++number.Last).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        }

        /// <summary>What comes next is numbered from there on.</summary>
        public void Numbers() => load.Db.AddRange(_numbers.Values);

        Said Filled(Said text, Case of, Procedure procedure, Stage stage, Answers answers, string reasons)
        {
            var state = FormState.Of(stage.Form, of.Answers, JapanTime.DayOf(of.MovedAt), of.ArrivedOn);
            var filled = new Said();
            foreach (var (code, said) in state.Say(text, answers))
            {
                var lang = Lang.Shipped.FirstOrDefault(l => l.Code == code) ?? Lang.Japanese;
                filled[code] = Blank().Replace(said, m => m.Groups[1].Value switch
                {
                    "town" => load.Town.Name.In(lang),
                    "mayor" => mayor,
                    "reasons" => reasons,
                    "objection" => procedure.Definition.Objection.In(lang),
                    "decidedOn" => JapanTime.Show(JapanTime.DayOf(of.DecidedAt!.Value), lang),
                    "filedOn" => JapanTime.Show(of.ArrivedOn, lang),
                    _ => "",
                }).Trim();
            }
            return filled;
        }

        /// <summary>Forms that were never sent.</summary>
        public void GiveUp(IEnumerable<Procedure> procedures)
        {
            var month = new DateOnly(_today.Year, _today.Month, 1);
            foreach (var procedure in procedures)
                foreach (var page in procedure.First.Form.Pages.Where(_ => random.Next(2) == 0))
                    load.Db.Add(new GivenUp { Procedure = procedure.Key, Month = month.AddMonths(-random.Next(0, 6)), Page = page.Key, Count = random.Next(1, 7) });
        }

        void Save(Case of) => load.Db.AddRange(of.TakeNews());

        /// <summary>The answers of a sample as they would be on another day, of somebody else.</summary>
        static JsonObject Anew(CompiledForm form, JsonObject answers, int days, string? given, string kana)
        {
            var anew = (JsonObject)Moved(answers, days)!;
            if (given is null) return anew;
            var name = form.Fields.FirstOrDefault(f => f.Field.Prefill == "person.name" && anew[f.Key] is JsonObject) ?? form.Fields.FirstOrDefault(f => f.Field.Kind == "name" && anew[f.Key] is JsonObject);
            if (name is null) return anew;
            anew[name.Key] = new JsonObject { ["family"] = "見本", ["given"] = given };
            if (form.Fields.SkipWhile(f => f != name).Skip(1).FirstOrDefault() is { Field.Kind: "kana" } reading && anew[reading.Key] is not null) anew[reading.Key] = "ミホン " + kana;
            return anew;
        }

        /// <summary>Days of about then move along; birthdays and the like stay.</summary>
        static JsonNode? Moved(JsonNode? node, int days) => node switch
        {
            JsonObject parts => new JsonObject(parts.Select(p => KeyValuePair.Create(p.Key, Moved(p.Value, days)))),
            JsonArray many => new JsonArray([.. many.Select(one => Moved(one, days))]),
            JsonValue value when value.TryGetValue<string>(out var text) && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year >= 2026 => day.AddDays(days).ForInput(),
            _ => node?.DeepClone(),
        };
    }

    [GeneratedRegex(@"\{([a-z][A-Za-z0-9]{0,59})\}")]
    private static partial Regex Blank();
}
