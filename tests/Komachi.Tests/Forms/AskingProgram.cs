using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Komachi.Host;
using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Forms;
using Komachi.Platform.Pdf;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Http;
using YamlDotNet.Serialization;

[assembly: AssemblyFixture(typeof(Komachi.Tests.Forms.AskingProgram))]

namespace Komachi.Tests.Forms;

/// <summary>The program with a module that asks what any form asks: pages, rows, files, a page to check, and a paper.</summary>
public sealed class AskingProgram() : TestProgram(Modules.House(new Asking()))
{
    string Folder { get; } = Directory.CreateTempSubdirectory("komachi-asking").FullName;

    protected override WebOptions Options => base.Options with { Files = new() { Folder = Folder, LeastFree = 0, MegabytesADay = 60 } };

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>One draft a town and form, since these are about pages and not about drafts.</summary>
sealed class Asking : IModule
{
    public static readonly ConcurrentDictionary<string, JsonObject> Drafts = new(), Before = new();

    public static readonly DateOnly Today = new(2026, 11, 26);

    static readonly FileKind Papers = new("asking.paper")
    {
        Types = [FileType.Pdf, FileType.Jpeg, FileType.Png, FileType.Heic],
        MostBytes = 5 * 1024 * 1024,
        MayWrite = (_, place, _) => Task.FromResult(place.StartsWith("asking/", StringComparison.Ordinal)),
        MayRead = (_, _, _) => Task.FromResult(true),
    };

    public static readonly Dictionary<string, IReadOnlyList<FormOption>> Lists = new()
    {
        ["collectionDays"] = [new() { Value = "2026-12-10", Text = new("12月10日（木）", "Thursday, December 10", "12月《がつ》10日《とおか》（木）") }, new() { Value = "2026-12-14", Text = new("12月14日（月）", "Monday, December 14", "12月《がつ》14日《じゅうよっか》（月）") }],
    };

    public static readonly IReadOnlyDictionary<string, CompiledForm> Forms = new Dictionary<string, CompiledForm>
    {
        ["waste"] = Shipped("bulky-waste"), ["dog"] = Shipped("dog-registration"), ["subsidy"] = Shipped("digital-subsidy"), ["every"] = Compiled(EveryKind()), ["hundred"] = Compiled(Large(10)), ["sixhundred"] = Compiled(Large(60)),
    };

    static readonly IReadOnlyList<FamilyMember> Family = [new("1", "見本 太郎", JsonNode.Parse("""{"name":{"family":"見本","given":"太郎","familyKana":"ミホン","givenKana":"タロウ"},"birthday":"2020-05-05"}""")!.AsObject())];

    public void Define(ModuleBuilder m)
    {
        m.Name("asking", "Asking").Platform("None");
        m.Files(Papers);
        m.Pages(Side.Resident, Access.Anyone, "/asking", to =>
        {
            to.MapGet("{which}/check", async (string which, Visit visit, TownDb db) => Page.Show<CheckPage>(new { Stand = await Stand.Of(which, visit, db) }));
            to.MapGet("{which}/changed", async (string which, Visit visit, TownDb db) => Page.Show<CheckPage>(new { Stand = await Stand.Of(which, visit, db), Before = Before[visit.Town.Slug + which] }));
            to.MapGet("{which}/paper", async (string which, Visit visit, TownDb db) => Page.Show<AnswersPaper>(new { Stand = await Stand.Of(which, visit, db) }));
            to.MapGet("{which}/{page}", async (string which, string page, string? file, Visit visit, TownDb db) =>
            {
                var stand = await Stand.Of(which, visit, db);
                if (file is not null) return Page.Show<FilesPage>(new { Stand = stand, Field = stand.Form.Find(file)!, Place = stand.Files.PlaceOf(stand.Form.Find(file)!), Path = $"asking/{which}/{page}" });
                return Page.Show<AskPage>(new { Stand = stand, Asked = stand.Form.Page(page), Form = FormPages.FormOf(stand.Form.Page(page)!, stand.Given) });
            });
            to.MapPost("{which}/{page}", async (string which, string page, Form form, Visit visit, TownDb db) =>
            {
                var stand = await Stand.Of(which, visit, db);
                var asked = stand.Form.Page(page)!;
                stand = stand.With(FormPages.Read(asked, form, stand.Given, stand.State));
                stand.Keep(visit);
                if (FormPages.FileOn(form) is { } file) return await OnFile(file, stand.Files.PlaceOf(stand.Form.Find(file.Name)!), $"asking/{which}/{page}", stand, visit, db);
                if (form.Wrong) return Page.Show<AskPage>(new { Stand = stand, Asked = asked, Form = form }, StatusCodes.Status422UnprocessableEntity);
                switch (FormPages.PressedOn(asked, form))
                {
                    case { What: PagePress.Add } add:
                        (var given, var row) = FormPages.AddRow(add.Group, stand.Given);
                        stand.With(given).Keep(visit);
                        return Page.Go(visit, $"asking/{which}/{page}/{add.Group.Key}/{row}");
                    case { What: PagePress.Remove } remove:
                        stand.With(FormPages.RemoveRow(remove.Group, remove.Row, stand.Given)).Keep(visit);
                        return Page.Go(visit, $"asking/{which}/{page}");
                    case { What: PagePress.Family } family:
                        stand.With(FormPages.AddFamily(family.Group, form, Family, stand.Given)).Keep(visit);
                        return Page.Go(visit, $"asking/{which}/{page}");
                }
                return Page.Go(visit, $"asking/{which}/{stand.State.Next(asked)?.Key ?? "check"}");
            });
            to.MapGet("{which}/{page}/{group}/{row:int}", async (string which, string page, string group, int row, string? file, Visit visit, TownDb db) =>
            {
                var stand = await Stand.Of(which, visit, db);
                var of = stand.Form.Find(group)!;
                if (file is not null) return Page.Show<FilesPage>(new { Stand = stand, Field = stand.Form.Find(file)!, Place = stand.Files.PlaceOf(of, stand.RowOf(of, row), stand.Form.Find(file)!), Path = $"asking/{which}/{page}/{group}/{row}" });
                return Page.Show<AskPage>(new { Stand = stand, Asked = stand.Form.Page(page), Group = of, Row = row, Form = FormPages.FormOf(of.Rows, stand.RowOf(of, row)) });
            });
            to.MapPost("{which}/{page}/{group}/{row:int}", async (string which, string page, string group, int row, Form form, Visit visit, TownDb db) =>
            {
                var stand = await Stand.Of(which, visit, db);
                var (asked, of) = (stand.Form.Page(page)!, stand.Form.Find(group)!);
                stand = stand.With(FormPages.ReadRow(asked, of, row, form, stand.Given, stand.State));
                stand.Keep(visit);
                if (FormPages.FileOn(form) is { } file) return await OnFile(file, stand.Files.PlaceOf(of, stand.RowOf(of, row), stand.Form.Find(file.Name)!), $"asking/{which}/{page}/{group}/{row}", stand, visit, db);
                return form.Wrong ? Page.Show<AskPage>(new { Stand = stand, Asked = asked, Group = of, Row = row, Form = form }, StatusCodes.Status422UnprocessableEntity) : Page.Go(visit, $"asking/{which}/{page}");
            });
        });
    }

    static async Task<IResult> OnFile(PressedOnFile pressed, string place, string path, Stand stand, Visit visit, TownDb db)
    {
        if (pressed.Away is not { } away) return Page.Go(visit, $"{path}?file={pressed.Name}");
        stand.Files.TakeAway(db, visit, place, away);
        await db.Save();
        return Page.Go(visit, $"{path}#{pressed.Name}-box");
    }

    /// <summary>A form, how it stands, and its files.</summary>
    public sealed record Stand(string Which, CompiledForm Form, FormState State, JsonObject Given, FormFiles Files)
    {
        public static async Task<Stand> Of(string which, Visit visit, TownDb db)
        {
            var form = Forms[which];
            var files = await FormFiles.Of(db, Papers, $"asking/{which}");
            var given = files.In(form, Drafts.GetOrAdd(visit.Town.Slug + which, _ => []));
            return new(which, form, FormState.Of(form, given, Today, lists: Lists), given, files);
        }

        public Stand With(JsonObject given) => this with { Given = given, State = State.With(given) };

        public void Keep(Visit visit) => Drafts[visit.Town.Slug + Which] = JsonNode.Parse(Given.ToJsonString())!.AsObject();

        public JsonObject RowOf(CompiledField group, int row) => Given[group.Key]![row]!.AsObject();

        public IReadOnlyList<FamilyMember> People => Family;
    }

    static CompiledForm Shipped(string key)
    {
        var whole = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<Dictionary<string, object>>(File.ReadAllText(Path.Combine(TestProgram.TownsFolder, "common", "procedures", key + ".yaml")));
        var constants = (whole.GetValueOrDefault("constants") as Dictionary<object, object> ?? []).ToDictionary(c => (string)c.Key, c => Value.Written(Convert.ToString(c.Value, System.Globalization.CultureInfo.InvariantCulture)!));
        return Compiled(FormYaml.Read(new SerializerBuilder().WithQuotingNecessaryStrings().Build().Serialize(whole["form"]), [])!, constants);
    }

    static CompiledForm Compiled(FormDefinition definition, Dictionary<string, Value>? constants = null)
    {
        var problems = new List<FormProblem>();
        return CompiledForm.Of(definition, problems, constants) ?? throw new InvalidOperationException(string.Join('\n', problems));
    }

    static FormDefinition EveryKind() => FormYaml.Read("""
        pages:
          - key: one
            title: { ja: すべての種類（1）, en: Every kind (1), plain: ぜんぶ（1） }
            fields:
              - { key: s, kind: statement, text: { ja: "申込みの前にお読みください。\n受け付けた日から5日ほどで届きます。", en: "Please read this first.\nIt takes some five days.", plain: 読《よ》んで ください。 } }
              - { key: text, kind: text, required: true, most: 40, example: 見本第一保育園, label: { ja: 一行, en: One line, plain: 1行《ぎょう》 } }
              - { key: number13, kind: text, pattern: corporateNumber, label: { ja: 法人番号, en: Corporate Number, plain: 会社《かいしゃ》の 番号《ばんごう》 } }
              - { key: area, kind: area, label: { ja: 長い文, en: Longer text, plain: 長《なが》い 文《ぶん》 } }
              - { key: number, kind: number, least: 1, most: 20, unit: { ja: 人, en: people, plain: 人 }, label: { ja: 人数, en: People, plain: 人の 数《かず》 } }
              - { key: decimal, kind: decimal, unit: { ja: ㎡, en: m², plain: ㎡ }, label: { ja: 床面積, en: Floor, plain: 広《ひろ》さ } }
              - { key: yen, kind: yen, label: { ja: 見積額, en: Estimate, plain: お金 } }
              - { key: twice, kind: calculated, value: yen * 2, unit: { ja: 円, en: yen, plain: 円 }, label: { ja: その2倍, en: Twice that, plain: 2ばい } }
              - { key: born, kind: date, required: true, most: today, label: { ja: 生年月日, en: Born on, plain: 生《う》まれた 日《ひ》 } }
              - { key: from, kind: date, least: today, most: "addDays(today, 60)", label: { ja: 始める日, en: From, plain: はじめる 日《ひ》 } }
              - { key: month, kind: month, label: { ja: 利用を始める月, en: First month, plain: はじめる 月《つき》 } }
              - { key: time, kind: time, label: { ja: 迎えの時刻, en: Fetched at, plain: むかえの 時間《じかん》 } }
          - key: two
            title: { ja: すべての種類（2）, en: Every kind (2), plain: ぜんぶ（2） }
            fields:
              - { key: moved, kind: yesno, required: true, label: { ja: 引っ越しますか, en: Do you move?, plain: ひっこしますか } }
              - { key: movedOn, kind: date, required: true, when: moved, label: { ja: 引っ越す日, en: Day of the move, plain: ひっこす 日《ひ》 } }
              - { key: choice, kind: choice, required: true, other: true, label: { ja: 目的, en: Purpose, plain: 何《なに》を しますか }, options: [ { value: sport, text: { ja: 運動, en: Sport, plain: 運動《うんどう》 } }, { value: music, when: "not moved", text: { ja: 音楽, en: Music, plain: 音楽《おんがく》 } } ] }
              - { key: select, kind: select, from: collectionDays, label: { ja: 日, en: Day, plain: 日《ひ》 } }
              - { key: choices, kind: choices, most: 2, label: { ja: 飼っている動物, en: Your animals, plain: 動物《どうぶつ》 }, options: [ { value: dog, text: { ja: 犬, en: Dog, plain: 犬《いぬ》 } }, { value: cat, text: { ja: 猫, en: Cat, plain: ねこ } }, { value: bird, text: { ja: 鳥, en: Bird, plain: 鳥《とり》 } } ] }
              - { key: dogName, kind: text, when: '"dog" in choices', label: { ja: 犬の名前, en: Name of the dog, plain: 犬《いぬ》の 名前《なまえ》 } }
              - { key: name, kind: name, required: true, prefill: person.name, label: { ja: 氏名, en: Name, plain: 名前《なまえ》 } }
              - { key: kana, kind: kana, label: { ja: 氏名のフリガナ, en: Reading, plain: 読《よ》み方《かた》 } }
              - { key: address, kind: address, label: { ja: 住所, en: Address, plain: 住所《じゅうしょ》 } }
              - { key: telephone, kind: telephone, label: { ja: 電話番号, en: Telephone, plain: 電話番号《でんわばんごう》 } }
              - { key: email, kind: email, label: { ja: メールアドレス, en: E-mail, plain: メール } }
          - key: three
            title: { ja: すべての種類（3）, en: Every kind (3), plain: ぜんぶ（3） }
            fields:
              - { key: point, kind: point, label: { ja: 地図での場所, en: Place on the map, plain: 地図《ちず》の 場所《ばしょ》 } }
              - { key: account, kind: account, required: true, label: { ja: 振込先の口座, en: Account, plain: 口座《こうざ》 } }
              - { key: photos, kind: file, required: true, most: 2, types: [jpg, png], label: { ja: 写真, en: Photos, plain: 写真《しゃしん》 } }
              - { key: later, kind: file, later: true, laterNote: { ja: 証明書は、届いてからで構いません。, en: When it has come., plain: 後《あと》で いいです。 }, label: { ja: 証明書, en: Certificate, plain: 証明書《しょうめいしょ》 } }
              - key: costs
                kind: amounts
                required: true
                total: true
                label: { ja: 費用の内訳, en: Costs, plain: お金《かね》 }
                rows: [ { value: pc, text: { ja: 機器, en: Devices, plain: 機械《きかい》 } }, { value: soft, text: { ja: ソフトウェア, en: Software, plain: ソフト } } ]
                columns: [ { key: price, text: { ja: 金額, en: Price, plain: お金《かね》 } }, { key: tax, text: { ja: 消費税, en: Tax, plain: 税金《ぜいきん》 } } ]
              - key: people
                kind: people
                most: 3
                row: memberName
                label: { ja: 家族, en: Family, plain: 家族《かぞく》 }
                add: { ja: 家族を追加する, en: Add a person, plain: 家族《かぞく》を ふやす }
                fields:
                  - { key: memberName, kind: name, required: true, prefill: family.name, label: { ja: 氏名, en: Name, plain: 名前《なまえ》 } }
                  - { key: memberBorn, kind: date, required: true, most: today, prefill: family.birthday, label: { ja: 生年月日, en: Born on, plain: 生《う》まれた 日《ひ》 } }
                  - { key: memberAge, kind: calculated, value: "age(memberBorn, today)", unit: { ja: 歳, en: years, plain: さい }, label: { ja: 年齢, en: Age, plain: 年《とし》 } }
                  - { key: memberPaper, kind: file, most: 1, label: { ja: 手帳の写真, en: Photo of the handbook, plain: 手帳《てちょう》の 写真《しゃしん》 } }
              - { key: consent, kind: consent, label: { ja: 税の情報を確かめることに同意します, en: You may look at my taxes, plain: 税金《ぜいきん》を 見《み》ても いいです } }
              - { key: declaration, kind: declaration, required: true, text: { ja: 書いたことは事実です。, en: It is all true., plain: 本当《ほんとう》の ことを 書《か》きました。 } }
        """, [])!;

    /// <summary>Pages of ten fields, each with a condition, and a check beside every one.</summary>
    public static FormDefinition Large(int pages)
    {
        var form = new FormDefinition();
        for (var p = 0; p < pages; p++)
        {
            var page = new FormPage { Key = $"p{p}", Title = new("頁") };
            for (var f = 0; f < 10; f++)
            {
                var field = new FormField { Key = $"f{p}x{f}", Kind = "number", Label = new("問い"), When = p == 0 ? null : $"f{p - 1}x{f} > 3 and (f{p - 1}x0 < 100 or not (f{p - 1}x1 = 7))" };
                field.Check.Add(new() { That = $"f{p}x{f} + f{p}x0 < 1000", Say = new("大きすぎます。") });
                page.Fields.Add(field);
            }
            form.Pages.Add(page);
        }
        return form;
    }
}

/// <summary>A page of a form, or one row of what repeats.</summary>
sealed class AskPage : TownPage
{
    [Parameter] public Asking.Stand Stand { get; set; } = null!;
    [Parameter] public CompiledPage Asked { get; set; } = null!;
    [Parameter] public CompiledField? Group { get; set; }
    [Parameter] public int Row { get; set; }
    [Parameter] public Form Form { get; set; } = Form.Empty;

    protected override void BuildRenderTree(RenderTreeBuilder page)
    {
        var title = Stand.State.Say(Group?.Field.Label ?? Asked.Page.Title).In(T.Lang);
        var here = $"asking/{Stand.Which}/{Asked.Key}" + (Group is null ? "" : $"/{Group.Key}/{Row}");
        var (fields, given) = Group is null ? (Asked.Fields, Stand.Given) : (Group.Rows, Stand.RowOf(Group, Row));
        page.Put<Shell>(("Title", title), ("ChildContent", (RenderFragment)(main =>
        {
            main.Put<ErrorSummary>(("Errors", ErrorsOf(Form)));
            main.Put<PageHeading>(("Title", title));
            main.OpenElement(0, "form");
            main.AddMultipleAttributes(1, new Dictionary<string, object> { ["class"] = "form", ["method"] = "post", ["novalidate"] = true, ["action"] = Link(here) });
            main.Put<FormKeys>(("Form", Form));
            main.Put<FormFields>(("Fields", fields), ("State", Stand.State), ("Given", given), ("Form", Form), ("Files", Stand.Files), ("Here", here), ("Group", Group), ("Row", Row), ("Family", Stand.People));
            main.Put<Button>(("Text", "次へ進む"));
            main.CloseElement();
        })));
    }
}

/// <summary>The files of one question, without scripts.</summary>
sealed class FilesPage : TownPage
{
    [Parameter] public Asking.Stand Stand { get; set; } = null!;
    [Parameter] public CompiledField Field { get; set; } = null!;
    [Parameter] public string Place { get; set; } = "";
    [Parameter] public string Path { get; set; } = "";

    protected override void BuildRenderTree(RenderTreeBuilder page) => page.Put<Shell>(("Title", "写真"), ("ChildContent", (RenderFragment)(main =>
    {
        main.Put<PageHeading>(("Title", Stand.State.Say(Field.Field.Label).In(T.Lang)));
        main.Put<FieldFiles>(("Field", Field), ("Name", Field.Key), ("State", Stand.State), ("Files", Stand.Files), ("Place", Place), ("Here", $"{Path}?file={Field.Key}"), ("Back", Path));
    })));
}

sealed class CheckPage : TownPage
{
    [Parameter] public Asking.Stand Stand { get; set; } = null!;
    [Parameter] public JsonObject? Before { get; set; }

    protected override void BuildRenderTree(RenderTreeBuilder page) => page.Put<Shell>(("Title", "確認"), ("ChildContent", (RenderFragment)(main =>
    {
        main.Put<PageHeading>(("Title", "入力内容の確認"));
        main.Put<AnswersView>(("State", Stand.State), ("Given", Stand.Given), ("Files", Stand.Files), ("Before", Before), ("Secret", Before is null),
            ("FileHref", (Func<StoredFile, string?>)(f => Link($"files/{f.Id}/{Uri.EscapeDataString(f.Name)}"))), ("Change", Before is null ? (Func<string, string, string?>)((p, path) => Link($"asking/{Stand.Which}/{p}#{path}")) : null));
    })));
}

sealed class AnswersPaper : TownPage
{
    [Parameter] public Asking.Stand Stand { get; set; } = null!;

    protected override void BuildRenderTree(RenderTreeBuilder page) => page.Put<Paper>(("Title", "申込書"), ("ChildContent", (RenderFragment)(main =>
    {
        main.AddMarkupContent(0, "<h1>申込書</h1>");
        main.Put<AnswersView>(("State", Stand.State), ("Given", Stand.Given), ("Files", Stand.Files));
    })));
}

static class Putting
{
    public static void Put<T>(this RenderTreeBuilder to, params (string Name, object? Value)[] parameters) where T : IComponent
    {
        to.OpenComponent<T>(0);
        foreach (var (name, value) in parameters)
            if (value is not null) to.AddComponentParameter(1, name, value);
        to.CloseComponent();
    }
}
