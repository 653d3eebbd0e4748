using System.Text.Json.Nodes;
using Komachi.Platform;
using Komachi.Platform.Files;
using Komachi.Platform.Forms;
using Komachi.Platform.Looks;
using Komachi.Platform.Pdf;
using Komachi.Procedures;
using Komachi.Tests.Files;
using Komachi.Tests.Harness;
using Komachi.Tests.Pdf;
using Komachi.Ui.Words;

namespace Komachi.Tests.Procedures;

/// <summary>What stands at a place of a form, and how it fits there.</summary>
public sealed class WordsOnForms(TestProgram program)
{
    static readonly FormDefinition Definition = FormYaml.Read("""
        pages:
          - key: all
            title: { ja: すべて }
            fields:
              - { key: who, kind: name, label: { ja: 氏名 } }
              - { key: born, kind: date, label: { ja: 生年月日 } }
              - { key: home, kind: address, label: { ja: 住所 } }
              - { key: sex, kind: choice, label: { ja: 性別 }, options: [ { value: f, text: { ja: 女 } }, { value: m, text: { ja: 男 } } ] }
              - { key: days, kind: choices, label: { ja: 曜日 }, options: [ { value: mon, text: { ja: 月 } }, { value: tue, text: { ja: 火 } }, { value: wed, text: { ja: 水 } } ] }
              - { key: moved, kind: yesno, label: { ja: 転居 } }
              - { key: sum, kind: yen, label: { ja: 金額 } }
              - { key: twice, kind: calculated, label: { ja: 倍 }, value: sum + sum }
              - { key: why, kind: area, label: { ja: 理由 } }
              - { key: hidden, kind: text, label: { ja: 隠れ }, when: 'sex = "m"' }
              - { key: children, kind: group, label: { ja: 子 }, fields: [ { key: child, kind: text, label: { ja: 名前 } } ] }
              - { key: costs, kind: amounts, label: { ja: 経費 }, rows: [ { value: wages, text: { ja: 人件費 } }, { value: things, text: { ja: 物品 } } ], columns: [ { key: yen, text: { ja: 金額 } } ] }
        """, [])!;

    Filled Answered(JsonObject answers)
    {
        var problems = new List<FormProblem>();
        var form = CompiledForm.Of(Definition, problems)!;
        Assert.Empty(problems);
        var stage = new Stage { Definition = new(), Form = form, Names = form.Names, Checks = [], Flow = [], Results = [] };
        return new(stage, FormState.Of(form, answers, new(2026, 11, 27)), answers, new(Lang.Japanese, program.Service<House>().Words)) { Receipt = "123-456-7890", ArrivedOn = new(2026, 11, 27) };
    }

    static JsonObject Some => new()
    {
        ["who"] = new JsonObject { ["family"] = "葛󠄀城", ["given"] = "花子", ["familyKana"] = "カツラギ", ["givenKana"] = "ハナコ" }, ["born"] = "1989-01-08",
        ["home"] = new JsonObject { ["postcode"] = "4850041", ["prefecture"] = "愛知県", ["city"] = "小牧市", ["town"] = "小牧", ["number"] = "三丁目1番地", ["building"] = "見本荘101" },
        ["sex"] = "f", ["days"] = new JsonArray("mon", "wed"), ["moved"] = false, ["sum"] = 1234567, ["why"] = "理由です。", ["hidden"] = "出ない",
        ["children"] = new JsonArray(new JsonObject { ["child"] = "一郎" }, new JsonObject { ["child"] = "二郎" }), ["costs"] = new JsonObject { ["wages"] = new JsonObject { ["yen"] = 1000 }, ["things"] = new JsonObject { ["yen"] = 250 } },
    };

    static PlacedField At(string what, decimal width = 60, decimal height = 6) => new(1, what, 1, 20, 20, width, height);

    [Theory]
    [InlineData("who", "葛󠄀城 花子")]
    [InlineData("who.family", "葛󠄀城")]
    [InlineData("who.kana", "カツラギ ハナコ")]
    [InlineData("born", "平成元年1月8日")]
    [InlineData("born.era", "平成")]
    [InlineData("born.eraYear", "1")]
    [InlineData("born.year", "1989")]
    [InlineData("born.month", "1")]
    [InlineData("born.day", "8")]
    [InlineData("home.postcode", "4850041")]
    [InlineData("home.line", "愛知県小牧市小牧三丁目1番地 見本荘101")]
    [InlineData("sex", "女")]
    [InlineData("days", "月、水")]
    [InlineData("sum.digits", "1234567")]
    [InlineData("twice.digits", "2469134")]
    [InlineData("children/0/child", "一郎")]
    [InlineData("children/1/child", "二郎")]
    [InlineData("children/2/child", "")]
    [InlineData("costs/wages/yen", "1,000")]
    [InlineData("costs/*/yen", "1,250")]
    [InlineData("hidden", "")]
    [InlineData("never", "")]
    [InlineData("never/x/y", "")]
    [InlineData(":receipt", "123-456-7890")]
    [InlineData(":arrivedOn", "令和8年11月27日")]
    [InlineData(":arrivedOn.month", "11")]
    [InlineData(":number", "")]
    public void Each_answer_and_each_part_of_it_can_stand_at_a_place(string what, string said) => Assert.Equal(said, Answered(Some).TextOf(At(what)));

    [Theory]
    [InlineData("sex=f", true)]
    [InlineData("sex=m", false)]
    [InlineData("days=mon", true)]
    [InlineData("days=tue", false)]
    [InlineData("moved=false", true)]
    [InlineData("moved=true", false)]
    [InlineData("born.era=平成", true)]
    [InlineData("born.era=昭和", false)]
    [InlineData("never=x", false)]
    public void An_option_is_marked_where_it_was_chosen(string what, bool marked) => Assert.Equal(marked, Answered(Some).Marks(Source.Read(what)));

    [Fact]
    public void Nothing_stands_on_an_empty_form_but_what_never_changes()
    {
        var empty = Filled.Empty(Answered([]).Stage, new(Lang.Japanese, program.Service<House>().Words));
        Assert.Equal("", empty.TextOf(At("who")));
        Assert.Equal("", empty.TextOf(At(":receipt")));
        Assert.Equal("見本", empty.TextOf(At(":text") with { Text = "見本" }));
    }

    [Fact]
    public void Words_are_written_smaller_before_they_go_on_elsewhere()
    {
        var place = At("why", 30, 6);
        Assert.Equal((10.5m, true), (Fit.Of("短い言葉", place) is var a ? (a.Size, a.All) : default));
        var smaller = Fit.Of("これは十文字より長い", place);    // ten kanji in 30 mm: 8.5 pt
        Assert.True(smaller.All && smaller.Size < 10.5m && smaller.Size * 10 * 25.4m / 72 <= 30);
        Assert.False(Fit.Of(new string('長', 40), place).All);
        Assert.True(Fit.Of(new string('長', 40), place with { Wrap = true, Height = 20 }).All);
        // A line begins with no full stop.
        var lines = Fit.Of(string.Concat(Enumerable.Repeat("あいうえおかきく。", 8)), place with { Wrap = true, Height = 60 }).Lines;
        Assert.All(lines, l => Assert.DoesNotMatch("^[。、」]", l));
        Assert.Equal(string.Concat(Enumerable.Repeat("あいうえおかきく。", 8)), string.Concat(lines));
        // A kanji with its variation takes one box.
        Assert.True(Fit.Of("葛󠄀城市", place with { Boxes = 3 }).All);
        Assert.False(Fit.Of("葛󠄀城市長", place with { Boxes = 3 }).All);
    }

    [Fact]
    public async Task The_seal_stands_at_its_place_as_the_towns_picture_or_as_a_frame_with_its_words()
    {
        var (plain, pages) = PlainPdf.Of(await SamplePaper.Pdf(program, 1));
        var form = OwnForm.Draft("x", "", 1, "様式第4号", new() { Bytes = plain }, pages, [At(":seal", 24, 24) with { X = 150, Y = 220 }], DateTimeOffset.UnixEpoch);
        var picture = OfficialSeal.Of(FileType.Png, new(300, 300), Samples.Picture(300, 300, (200, 0, 0)), Guid.Empty, DateTimeOffset.UnixEpoch);
        async Task<byte[]> Print(OfficialSeal? seal) => await PrintedForm.Print(program.Service<Press>(), form, plain, Answered(Some) with { Seal = "見本市長之印", SealPicture = seal }, "見本市", f => f.What, TestContext.Current.CancellationToken);

        var (stamped, framed) = (await Print(picture), await Print(null));
        Assert.Matches("(?m)^ +1 +0 image +300 +300", await SamplePaper.Look("pdfimages", stamped, "-list"));
        Assert.DoesNotContain("見本市長之印", await PressRoom.Text(stamped));
        Assert.DoesNotContain("300", await SamplePaper.Look("pdfimages", framed, "-list"));
        Assert.Contains("見本市長之印", (await PressRoom.Text(framed)).Replace("\n", ""));
    }

    [Fact]
    public async Task What_does_not_fit_goes_on_to_a_further_sheet()
    {
        var long_ = string.Concat(Enumerable.Range(1, 60).Select(n => $"第{n}の理由はこうです。"));
        var answers = Some;
        answers["why"] = long_;
        var (plain, pages) = PlainPdf.Of(await SamplePaper.Pdf(program, 2));
        var background = new Background { Bytes = plain };
        var form = OwnForm.Draft("x", "", 1, "様式第3号", background, pages,
            [At("why", 100, 12) with { Wrap = true, Y = 200 }, new(2, "who", 2, 30, 230, 60, 8) { Size = 12 }, new(3, "sex=f", 1, 100, 60, 20, 8), new(4, "sum.digits", 1, 100, 90, 70, 7) { Boxes = 10, Align = "right" }], DateTimeOffset.UnixEpoch);
        var pdf = await PrintedForm.Print(program.Service<Press>(), form, plain, Answered(answers), "見本市", f => f.What == "why" ? "理由" : f.What, TestContext.Current.CancellationToken);
        var words = await SamplePaper.WordsOf(pdf);
        Assert.InRange(await PressRoom.PagesOf(pdf), 3, 4);
        var below = words.Where(w => w is { Page: 1, Top: > 185 }).ToArray();
        Assert.True(below is [{ Text: "別紙のとおり" } there] && Math.Abs(there.Left - 20) < 1 && Math.Abs(there.Top - 200) < 2, string.Join('\n', below));
        var further = string.Concat(words.Where(w => w.Page >= 3).Select(w => w.Text));
        Assert.Contains("別紙", further);
        Assert.Contains("理由", further);
        Assert.Contains(long_, further);
        Assert.Contains("123-456-7890", further);
        // An oval ring, as wide as its place.
        var ring = words.Single(w => w.Text.Contains('◯'));
        Assert.InRange((ring.Left + ring.Right) / 2, 109, 111);
        // A name with the variation that its bearer writes. Where a word of it ends is the reader's guess, since its fonts differ in height.
        Assert.Equal("葛󠄀城花子", string.Concat(words.Where(w => w is { Page: 2, Top: > 220, Top: < 245 }).OrderBy(w => w.Left).Select(w => w.Text)));
        // Seven digits stand in the last seven of ten boxes.
        var digits = words.Where(w => w.Page == 1 && w.Top > 88 && w.Bottom < 99 && w.Left > 100).OrderBy(w => w.Left).ToArray();
        Assert.Equal("1234567", string.Concat(digits.Select(w => w.Text)));
        Assert.InRange(digits[0].Left, 121, 126);
    }

    [Fact]
    public async Task What_has_no_place_on_the_form_goes_on_to_a_further_sheet()
    {
        var answers = Some;
        answers["children"] = new JsonArray([.. new[] { "一郎", "二郎", "三郎", "四郎", "五郎" }.Select(n => (JsonNode)new JsonObject { ["child"] = n })]);
        PlacedField[] places = [At("children/0/child"), At("children/1/child"), At("children/2/child"), At("born.eraYear"), At("born.month"), At("born.day"), At("home.line"), At("sex=f"), At("sex=m"), At("days=mon"), At("moved=true"), At("sum.digits"), At("costs/wages/yen"), At("who")];
        var filled = Answered(answers);
        var left = filled.Elsewhere(places).ToDictionary(l => l.Label, l => l.Text);
        // Three rows have a place, so the fourth and the fifth go on; of two days one is marked; a cell, and how a name is read.
        Assert.Equal(["四郎", "五郎"], left.Values.Where(t => t.Contains('郎')).Select(t => t.Split('：')[1]));
        Assert.Contains("月、水", left.Values);
        Assert.Contains("理由です。", left.Values);
        Assert.Contains(left.Values, t => t.EndsWith("：250"));
        Assert.Contains("（カツラギ ハナコ）", left.Values);
        Assert.Equal(6, left.Count);
        // Whatever was answered is there where nothing has a place, and nothing is where nothing was answered.
        Assert.Contains("葛󠄀城 花子（カツラギ ハナコ）", filled.Elsewhere([]).Select(l => l.Text));
        Assert.DoesNotContain(filled.Elsewhere([]), l => l.Text.Contains("出ない"));
        Assert.Empty(Filled.Empty(filled.Stage, filled.Ja).Elsewhere([]));

        var (plain, pages) = PlainPdf.Of(await SamplePaper.Pdf(program, 1));
        var form = OwnForm.Draft("x", "", 1, "様式第5号", new() { Bytes = plain }, pages, places, DateTimeOffset.UnixEpoch);
        var pdf = await PrintedForm.Print(program.Service<Press>(), form, plain, filled, "見本市", f => f.What, TestContext.Current.CancellationToken);
        Assert.Equal(2, await PressRoom.PagesOf(pdf));
        var further = string.Concat((await SamplePaper.WordsOf(pdf)).Where(w => w.Page == 2).Select(w => w.Text));
        foreach (var text in new[] { "別紙", "四郎", "五郎", "理由です。", "123-456-7890" }) Assert.Contains(text, further);
        Assert.DoesNotContain("三郎", further);
    }

    [Fact]
    public async Task What_could_run_in_a_form_or_lead_elsewhere_stays_behind()
    {
        using var document = PdfSharp.Pdf.IO.PdfReader.Open(new MemoryStream(await SamplePaper.Pdf(program, 1)), PdfSharp.Pdf.IO.PdfDocumentOpenMode.Modify);
        var script = new PdfSharp.Pdf.PdfDictionary(document);
        script.Elements.SetName("/S", "/JavaScript");
        script.Elements.SetString("/JS", "app.alert('mihon')");
        document.Internals.Catalog.Elements["/OpenAction"] = script;
        document.Pages[0].AddWebLink(new(new PdfSharp.Drawing.XRect(10, 10, 100, 20)), "https://elsewhere.example.jp/");
        using var to = new MemoryStream();
        document.Save(to);
        Assert.Contains("/JavaScript", System.Text.Encoding.Latin1.GetString(to.ToArray()));
        var (plain, _) = PlainPdf.Of(to.ToArray());
        var text = System.Text.Encoding.Latin1.GetString(plain);
        foreach (var word in new[] { "/JavaScript", "/JS", "/OpenAction", "/Annots", "elsewhere" }) Assert.DoesNotContain(word, text);
        Assert.Contains(await SamplePaper.WordsOf(plain), w => w.Text.Contains("犬の登録申請書"));
    }

    [Fact]
    public void A_page_that_is_turned_or_cut_is_seen_as_it_is_printed()
    {
        using var document = new PdfSharp.Pdf.PdfDocument();
        var turned = document.AddPage();
        (turned.Width, turned.Height) = (PdfSharp.Drawing.XUnit.FromMillimeter(210), PdfSharp.Drawing.XUnit.FromMillimeter(297));
        turned.Elements.SetInteger("/Rotate", 90);
        var cut = document.AddPage();
        (cut.Width, cut.Height) = (PdfSharp.Drawing.XUnit.FromMillimeter(220), PdfSharp.Drawing.XUnit.FromMillimeter(307));
        cut.CropBox = new(new PdfSharp.Drawing.XRect(14.17, 14.17, 595.28, 841.89));
        using var to = new MemoryStream();
        document.Save(to);
        var (_, pages) = PlainPdf.Of(to.ToArray());
        Assert.Equal((297, 210), ((int)Math.Round(pages[0].Width), (int)Math.Round(pages[0].Height)));
        Assert.Equal((210, 297), ((int)Math.Round(pages[1].Width), (int)Math.Round(pages[1].Height)));
    }
}
