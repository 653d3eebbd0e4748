using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using YamlDotNet.Serialization;

namespace Komachi.Tests.Procedures;

/// <summary>
/// The ten procedures that every town starts with, from the first page to the last letter: each sample is filed on its day, corrected where it needs that, goes through every
/// step that its definition asks for, and is granted, refused or withdrawn as the sample says; and what may follow it is filed, too.
/// </summary>
public sealed class ShippedProcedures(TestProgram program)
{
    static string Folder => Path.Combine(TestProgram.TownsFolder, "common", "procedures");

    public static TheoryData<string> Keys => [.. Directory.GetFiles(Folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];

    internal static JsonArray SamplesOf(string document)
    {
        var whole = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<Dictionary<string, object>>(document);
        return JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(whole["samples"]))!.AsArray();
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Each_sample_goes_its_way_to_the_end(string key)
    {
        var town = await program.NewTown("onojo");
        await using var db = town.Open();
        var published = await db.Set<Published>().SingleAsync(d => d.Key == key, TestContext.Current.CancellationToken);
        var samples = SamplesOf(published.Document);
        Assert.True(samples.Count >= 3);
        Assert.Equal(3, samples.Select(s => s!["becomes"]!.ToString()).Distinct().Count());
        foreach (var sample in samples)
        {
            var way = new OneWay(program, town, published);
            var filed = await way.File(sample!["answers"]!.AsObject(), DateOnly.Parse(sample["filedOn"]!.ToString()), sample["becomes"]!.ToString(), samples[0]!["answers"]!.AsObject());
            if (filed.State != CaseState.Granted || sample["stages"] is not JsonObject later) continue;
            // The work is done in a few months; the claim follows the report.
            var days = 130;
            foreach (var (stage, answers) in later)
            {
                await way.FileStage(stage, answers!.AsObject(), filed, days);
                days = 20;
            }
        }
    }

    [Fact]
    public async Task A_certificate_of_damage_is_looked_at_a_second_time()
    {
        var town = await program.NewTown("onojo");
        await using var db = town.Open();
        var published = await db.Set<Published>().SingleAsync(d => d.Key == "disaster-certificate", TestContext.Current.CancellationToken);
        var sample = SamplesOf(published.Document)[0]!;
        var way = new OneWay(program, town, published);
        var filed = await way.File(sample["answers"]!.AsObject(), DateOnly.Parse(sample["filedOn"]!.ToString()), "granted", []);
        var second = await way.FileStage("second", new() { ["secondKind"] = "grade", ["secondText"] = "基礎にもひびがあります。", ["secondRepaired"] = false, ["secondDays"] = "平日の午前", ["secondTelephone"] = "0925012211" }, filed, 30);
        Assert.Equal(filed.Id, second.ParentId);
        Assert.True(second.Decided.ContainsKey("gradeAgain"));
    }

    /// <summary>What a letter leaves open would be read by a resident: every blank is an answer, what a clerk fills in, or one of those that every letter knows.</summary>
    [Theory]
    [MemberData(nameof(Keys))]
    public void Letters_leave_no_blank(string key)
    {
        string[] always = ["decidedOn", "filedOn", "reasons", "objection", "town", "mayor", "number", "n", "today"];
        var procedure = Procedure.Of(File.ReadAllText(Path.Combine(Folder, key + ".yaml")));
        foreach (var stage in procedure.Stages)
            foreach (var (paper, _) in stage.Results)
                foreach (var name in paper.Body.Values.Concat(paper.Title.Values).Append(paper.Number).SelectMany(TextWithValues.NamesIn).Distinct())
                    Assert.True(always.Contains(name) || stage.Names.SortOf(name) is not null || stage.Names.ConstantOf(name).Given || procedure.Stages.Any(s => s.Form.Find(name) is { Repeats: true, Field.Row: not null }), $"{key}, {paper.Key}: nothing is known to fill in for {{{name}}}");
    }

    /// <summary>Whatever a resident reads of it stands in Japanese, English and plain Japanese.</summary>
    [Theory]
    [MemberData(nameof(Keys))]
    public void Residents_read_it_in_three_languages(string key)
    {
        var procedure = Procedure.Of(File.ReadAllText(Path.Combine(Folder, key + ".yaml")));
        var missing = Texts(procedure.Definition).SelectMany(t => Lang.Shipped.Where(l => t.Said.Count > 0 && t.Said.GetValueOrDefault(l.Code) is not { Length: > 0 }).Select(l => $"{t.Where}: no {l.Code}")).ToArray();
        Assert.True(missing.Length == 0, string.Join('\n', missing));
    }

    static IEnumerable<(string Where, Said Said)> Texts(ProcedureDefinition of)
    {
        foreach (var (where, said) in new[] { ("title", of.Title), ("summary", of.Summary), ("for", of.For), ("must", of.Must), ("paper", of.Paper), ("daysNote", of.DaysNote), ("assuranceNote", of.AssuranceNote), ("by, ground", of.By.Ground), ("fee, note", of.Fee?.Note ?? []), ("objection", of.Objection) })
            yield return (where, said);
        foreach (var said in of.Tells) yield return ($"tells {said.Key}", said.Value);
        foreach (var next in of.Next) yield return ("next", next.Text);
        foreach (var ground in of.Refusal) yield return ($"refusal {ground.Key}", ground.Text);
        foreach (var stage in of.Stages.Prepend(new() { Form = of.Form, Results = of.Results }))
        {
            yield return ($"stage {stage.Key}", stage.Title);
            yield return ($"stage {stage.Key}, intro", stage.Intro);
            foreach (var paper in stage.Results)
            {
                yield return ($"result {paper.Key}", paper.Title);
                yield return ($"result {paper.Key}, body", paper.Body);
            }
            foreach (var signer in stage.Form.Signers)
            {
                yield return ($"signer {signer.Key}", signer.Title);
                yield return ($"signer {signer.Key}, says", signer.Says);
                foreach (var text in signer.Fields.SelectMany(Texts)) yield return text;
            }
            foreach (var page in stage.Form.Pages)
            {
                yield return ($"page {page.Key}", page.Title);
                yield return ($"page {page.Key}, intro", page.Intro);
                foreach (var text in page.Fields.SelectMany(Texts)) yield return text;
            }
        }
    }

    static IEnumerable<(string Where, Said Said)> Texts(FormField field)
    {
        foreach (var said in new[] { field.Label, field.Help, field.Unit, field.LaterNote, field.Add, field.Text }) yield return ($"field {field.Key}", said);
        foreach (var option in field.Options.Concat(field.Rows))
        {
            yield return ($"field {field.Key}, option {option.Value}", option.Text);
            yield return ($"field {field.Key}, option {option.Value}, help", option.Help);
        }
        foreach (var column in field.Columns) yield return ($"field {field.Key}, column {column.Key}", column.Text);
        foreach (var check in field.Check) yield return ($"field {field.Key}, check", check.Say);
        foreach (var inner in field.Fields.SelectMany(Texts)) yield return inner;
    }
}

/// <summary>One matter, on days of its own: filed as a draft is, and brought through its steps with the verbs of the desk.</summary>
sealed class OneWay(TestProgram program, TestTown town, Published published)
{
    readonly SettableTime _time = new();

    Procedure Procedure => published.Procedure;

    static Guid Clerk { get; } = Guid.CreateVersion7();

    public async Task<Case> File(JsonObject answers, DateOnly on, string becomes, JsonObject whole)
    {
        _time.Set(JapanTime.At(on, new(10, 0)));
        var sent = await Send("", null, answers);
        if (sent is null)
        {
            // What is missing is said in words, and somebody fills it in.
            Assert.Equal("correction", becomes);
            answers = (JsonObject)answers.DeepClone();
            foreach (var (name, value) in whole)
                if (answers[name] is null) answers[name] = value?.DeepClone();
            sent = await Send("", null, answers);
        }
        Assert.NotNull(sent);
        if (becomes == "correction") await Correct(sent.Value, answers);
        return await Decide(sent.Value, becomes is "withdrawn" ? null : becomes is not "refused");
    }

    /// <summary>A later filing of the matter.</summary>
    public async Task<Case> FileStage(string stage, JsonObject answers, Case first, int days)
    {
        _time.Set(_time.GetUtcNow().AddDays(days));
        var sent = await Send(stage, first.Id, answers);
        Assert.NotNull(sent);
        return await Decide(sent.Value, true);
    }

    async Task<Guid?> Send(string stage, Guid? parent, JsonObject answers)
    {
        await using var db = town.Open();
        var draft = Draft.Begin(published.Id, Procedure, Procedure.StageOf(stage), Way.Online, "ja", _time.GetUtcNow(), account: Filed.Clerk, parent: parent);
        draft.Keep(WithFiles(draft.Place, Procedure.StageOf(stage).Form.Fields, answers, db), "ja", _time.GetUtcNow());
        db.Add(draft);
        await db.Save(stop: TestContext.Current.CancellationToken);
        var visit = new Visit();
        visit.Enter(town.Town, "/" + town.Slug, Lang.Japanese, "/");
        var sent = await Filing.Send((await Filling.Of(draft, db, _time.Today())).Ready(), electronic: true, visit, db, program.Service<Receipts>(), _time, TestContext.Current.CancellationToken);
        if (sent.Case is null)
        {
            Assert.NotEmpty(sent.State.Mistakes);
            Assert.All(sent.State.Mistakes, m => Assert.True(m.Message is not null || m.Said is { Count: 3 }));
            if (parent is not null) Assert.Fail(string.Join('\n', sent.State.Mistakes.Select(m => $"{m.Path} {m.Message} {m.Said?["ja"]}")));
            return null;
        }
        await db.Save(stop: TestContext.Current.CancellationToken);
        Assert.True(ReceiptNumber.TryParse(sent.Case.Number, out _));
        Assert.True(sent.Case.Title.Length > 0);
        Assert.True(sent.Case.DueOn >= sent.Case.ArrivedOn);
        // An expression that reads what is there comes to something.
        if (parent is null && Procedure.Fee is not null) Assert.True(sent.Case.FeeYen >= 0);
        return sent.Case.Id;
    }

    /// <summary>Each file that a sample names lies where the page of that question would have put it.</summary>
    JsonObject WithFiles(string place, IReadOnlyList<CompiledField> fields, JsonObject answers, TownDb db)
    {
        var with = (JsonObject)answers.DeepClone();
        foreach (var field in fields)
            if (field.Repeats && with[field.Key] is JsonArray rows)
                with[field.Key] = new JsonArray([.. rows.Select((row, n) =>
                {
                    var filled = WithFiles($"{place}/{field.Key}/{n}", field.Rows, (JsonObject)row!, db);
                    filled["_row"] = $"{n}";
                    return (JsonNode?)filled;
                })]);
            else if (field.Field.Kind == "file" && with[field.Key] is JsonArray names)
                with[field.Key] = new JsonArray([.. names.Select(name =>
                {
                    var file = StoredFile.Begin(Guid.CreateVersion7(), Filing.Attachment.Key, $"{place}/{field.Key}", name!.ToString(), 100, null, [1], _time.GetUtcNow());
                    file.Complete(FileType.Promised(name.ToString())!);
                    db.Add(file);
                    return (JsonNode?)file.Id.ToString();
                })]);
        return with;
    }

    /// <summary>One answer is asked for once more, and comes as it was: the clock stands in between.</summary>
    async Task Correct(Guid id, JsonObject answers)
    {
        await using var db = town.Open();
        var of = await db.Set<Case>().SingleAsync(c => c.Id == id);
        var due = of.DueOn;
        var field = Procedure.First.Form.Fields.First(f => of.Answers[f.Key] is not null && f.Value is null).Key;
        db.Add(of.AskToCorrect([field], Procedure.Definition.Corrections.In(Lang.Japanese), null, Clerk, _time.GetUtcNow(), _time.Today()));
        db.AddNews(of);
        await db.Save();
        _time.Set(_time.GetUtcNow().AddDays(14));
        var tree = await DepartmentTrees.On(_time.Today(), db);
        of.Correct(await db.Set<Correction>().SingleAsync(c => c.CaseId == id), (JsonObject)of.Answers.DeepClone(), of.Title, await OpeningCalendar.OfDepartment(of.DepartmentId, tree, db, _time.Today()), null, _time.GetUtcNow(), _time.Today());
        db.AddNews(of);
        await db.Save();
        Assert.True(of.DueOn > due);
        Assert.Equal(CaseState.Arrived, of.State);
    }

    /// <param name="granted">Null: the applicant takes it back.</param>
    async Task<Case> Decide(Guid id, bool? granted)
    {
        await using var db = town.Open();
        var of = await db.Set<Case>().SingleAsync(c => c.Id == id);
        var stage = Procedure.StageOf(of.Stage);
        var tree = await DepartmentTrees.On(_time.Today(), db);
        of.Accept(Clerk, _time.GetUtcNow());
        if (granted is null)
        {
            of.Withdraw("取り下げます。", await Flow.StepsOf(db, id), null, null, _time.GetUtcNow());
            db.AddNews(of);
            await db.Save();
            return of;
        }

        var file = (await CaseFile.Open(db, id, tree, _time.Today()))!;
        while (file.Open().FirstOrDefault(s => s.Kind != "decide") is { } step)
        {
            var compiled = stage.StepOf(step.Key)!;
            var fields = Filled(compiled, file.Answers);
            step.Keep([.. compiled.Step.Checklist.Select((_, n) => n)], fields, "見ました。", Clerk);
            of.Fill(compiled, fields);
            step.Do(Clerk, _time.GetUtcNow());
            of.Happened(MoveKind.StepDone, Clerk, _time.GetUtcNow());
            file.TellSteps(db, _time.GetUtcNow());
        }
        var last = Assert.Single(file.Open());
        Assert.Equal("decide", last.Kind);
        last.Keep([], granted.Value ? Filled(stage.StepOf(last.Key)!, file.Answers) : [], null, Clerk);
        Assert.True(granted.Value || Procedure.Definition.Refusal.Count > 0);
        var visit = new Visit();
        visit.Enter(town.Town, "/" + town.Slug, Lang.Japanese, "/");
        await Komachi.Procedures.Decide.Make(file, last, new(granted.Value, granted.Value ? [] : [Procedure.Definition.Refusal[0].Key], ""), seals: true, Clerk, db, program.House, _time.GetUtcNow(), (action, details) => visit.Did(action, of.Subject, details), null, "");
        Assert.All(file.Steps, s => Assert.True(s.State is StepState.Done or StepState.Left, $"{s.Key} is {s.State}"));
        Assert.Equal(granted.Value ? CaseState.Granted : CaseState.Refused, of.State);

        // What was sent: in each language, with every blank filled that this decision has something for, numbered and sealed as the definition wants.
        foreach (var letter in await db.Set<Letter>().Where(l => l.CaseId == id).ToListAsync())
        {
            var paper = stage.Results.Single(r => r.Paper.Key == letter.Result).Paper;
            Assert.Equal((Delivery.Electronic, paper.Seal, paper.Number.Length > 0), (letter.Delivery, letter.Sealed, letter.Number is not null));
            Assert.Equal(3, letter.Body.Count);
            Assert.All(letter.Body.Values.Append(letter.Number ?? ""), text => Assert.DoesNotContain("{", text));
            if (!granted.Value) Assert.Contains(Procedure.Definition.Refusal[0].Text.In(Lang.Japanese), letter.Body["ja"]);
        }

        // Some letter says what was decided, and the columns for the other system come to something.
        var answers = file.Answers;
        var letters = stage.Results.Where(r => r.Paper.When == (granted.Value ? Procedure.Granted : Procedure.Refused) && r.If?.Holds(answers) != false).ToArray();
        Assert.True(letters.Length > 0 || !granted.Value && stage != Procedure.First, $"{of.Procedure} {of.Stage}: no letter for {of.State}");
        foreach (var name in letters.SelectMany(l => l.Paper.Body.Values).SelectMany(TextWithValues.NamesIn).Distinct().Where(n => stage.StepOf(n) is null && stage.Flow.Any(f => f.Fields?.Find(n) is { Field.Required: "true", When: null })))
            Assert.True(answers[name].Given, $"{of.Procedure}: {{{name}}} stays empty in a letter");
        if (of.ParentId is null)
        {
            var (form, words) = (FormState.Of(stage.Form, of.Answers, _time.Today(), of.ArrivedOn), new Words(Lang.Japanese, program.House.Words));
            Assert.Contains(Procedure.Columns, c => c.Of(answers, form, of.Answers, words).Length > 0);
        }
        return of;
    }

    /// <summary>What a clerk would fill in: of every field that is asked something that fits.</summary>
    JsonObject Filled(CompiledStep step, Answers around)
    {
        var fields = new JsonObject();
        if (step.Fields is not { } form) return fields;
        foreach (var field in form.Fields)
        {
            var before = FormState.Of(form, fields, _time.Today(), outer: around);
            if (!before.IsAsked(field.Key) || field.Value is not null) continue;
            foreach (var likely in Likely(field, before))
            {
                fields[field.Key] = likely?.DeepClone();
                if (FormState.Of(form, fields, _time.Today(), outer: around).Mistakes.All(m => m.Path != field.Key)) break;
            }
        }
        var state = FormState.Of(form, fields, _time.Today(), outer: around);
        Assert.True(state.Complete, $"{step.Key}: " + string.Join('\n', state.Mistakes.Select(m => $"{m.Path} {m.Message} {m.Said?["ja"]}")));
        return fields;
    }

    IEnumerable<JsonNode?> Likely(CompiledField field, FormState state)
    {
        var (least, today) = (field.Least?.Of(state.Answers) ?? Value.None, _time.Today());
        switch (field.Field.Kind)
        {
            case "yesno" or "consent" or "declaration":
                yield return true;
                yield return false;
                break;
            case "yen" or "number" or "decimal":
                foreach (var number in new[] { least.Given ? least.Number : 1, 1000, 10, 0 }) yield return number;
                break;
            case "date":
                foreach (var days in new[] { 0, 1, 30, 180, 365 }) yield return (least.Given ? least.Day : today).AddDays(days).ToString("yyyy-MM-dd");
                break;
            case "month":
                yield return (least.Given ? least.Day : today).ToString("yyyy-MM");
                yield return today.AddMonths(1).ToString("yyyy-MM");
                break;
            case "choice" or "select":
                foreach (var option in state.Offered(field)) yield return option.Value;
                break;
            case "choices":
                yield return new JsonArray(state.Offered(field)[0].Value);
                break;
            case "time":
                yield return "10:00";
                break;
            case "statement" or "calculated":
                break;
            default:
                yield return "見本";
                break;
        }
    }
}
