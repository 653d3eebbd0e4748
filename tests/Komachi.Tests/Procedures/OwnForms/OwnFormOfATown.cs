using System.Net;
using AngleSharp.Html.Parser;
using Komachi.Platform.Data;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Tests.Pdf;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>A town brings its own form, says what stands where, publishes it, and filings are printed on it; all of it without scripts.</summary>
public sealed class OwnFormOfATown(TestProgram program)
{
    const string Home = "desk/procedures/papers", Places = "form.placing-list";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    internal static async Task<Seen> Send(Person who, Seen page, byte[] file, string name, Dictionary<string, string> fields, string form = "form[enctype]")
    {
        var sent = new MultipartFormDataContent();
        foreach (var (field, value) in fields) sent.Add(new StringContent(value), field);
        foreach (var hidden in page.One(form).QuerySelectorAll("input[type=hidden]")) sent.Add(new StringContent(hidden.GetAttribute("value") ?? ""), hidden.GetAttribute("name")!);
        sent.Add(new ByteArrayContent(file) { Headers = { ContentDisposition = new("form-data") { Name = "\"file\"", FileName = $"\"{name}\"" } } });
        using var answer = await who.Send(HttpMethod.Post, page.One(form).GetAttribute("action")!, sent);
        if (answer.Headers.Location is { } there) return await who.Open(there.ToString());
        var html = await answer.Content.ReadAsStringAsync(Stop);
        return page with { Status = answer.StatusCode, Html = html, Document = new HtmlParser().ParseDocument(html) };
    }

    static async Task<byte[]> Pdf(Person who, string path)
    {
        using var answer = await who.Send(HttpMethod.Get, path);
        Assert.Equal((HttpStatusCode.OK, "application/pdf"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        return await answer.Content.ReadAsByteArrayAsync(Stop);
    }

    async Task<Seen> Brought(Person jimu, int pages = 2) =>
        await Send(jimu, await jimu.Open($"{Home}/new"), await SamplePaper.Pdf(program, pages), "yoshiki.pdf", new() { ["for"] = "dog-registration", ["name"] = "様式第1号（見本）" });

    /// <summary>Adds one and puts it there.</summary>
    static async Task<Seen> Add(Person who, string paper, int page, string what, decimal x, decimal y, decimal w, decimal h, Dictionary<string, string?>? then = null, string? text = null)
    {
        var after = await who.Submit(await who.Open($"{paper}/pages/{page}"), new() { ["what"] = what, ["do"] = "add" }, form: Places);
        Assert.Equal(HttpStatusCode.OK, after.Status);
        var id = text is not null ? after.Url[(after.Url.LastIndexOf('/') + 1)..] : after.All("[data-place]").Last().GetAttribute("data-place")!;
        var fill = new Dictionary<string, string?>(then ?? []) { ["page"] = $"{page}", ["x"] = $"{x}", ["y"] = $"{y}", ["w"] = $"{w}", ["h"] = $"{h}" };
        if (text is not null) fill["text"] = text;
        var saved = await who.Submit(await who.Open($"{paper}/fields/{id}"), fill, form: "form.form");
        Assert.Equal(HttpStatusCode.OK, saved.Status);
        Assert.Contains("配置を保存しました", saved.Text);
        return saved;
    }

    [Fact]
    public async Task A_form_is_brought_placed_published_and_filings_are_printed_on_it()
    {
        var town = await program.NewTown("onojo");
        var jimu = await town.Staff("jimu");
        var draft = await Brought(jimu);
        Assert.Contains("様式を下書きとして取り込みました", draft.Text);
        var paper = draft.Url.Split('?')[0];

        // One by the list of its page: add, then its numbers.
        var page = await jimu.Submit(await jimu.Open($"{paper}/pages/1"), new() { ["what"] = "ownerName", ["do"] = "add" }, form: Places);
        var id = page.One("[data-place]").GetAttribute("data-place");
        page = await jimu.Submit(page, new() { [$"f{id}-x"] = "65", [$"f{id}-y"] = "60.5", [$"f{id}-w"] = "１００", [$"f{id}-h"] = "8", ["do"] = "save" }, form: Places);
        Assert.Equal("60.5", page.One($"[name=f{id}-y]").GetAttribute("value"));
        Assert.Equal("100", page.One($"[name=f{id}-w]").GetAttribute("value"));
        await Add(jimu, paper, 1, "dogName", 65, 100, 100, 8);
        await Add(jimu, paper, 1, "dogBirthday.month", 90, 130, 10, 6);
        await Add(jimu, paper, 1, "dogSex=female", 88, 118, 10, 8);
        await Add(jimu, paper, 1, "dogSex=male", 70, 118, 10, 8);
        await Add(jimu, paper, 2, ":receipt", 140, 20, 50, 6, new() { ["align"] = "right" });
        await Add(jimu, paper, 2, ":text", 20, 270, 60, 6, text: "市記入欄（見本）");
        await Add(jimu, paper, 2, "ownerAddress.postcode", 65, 72, 49, 7, new() { ["boxes"] = "7" });

        // Nobody gets a draft: an empty form is still the plain page.
        var plain = await SamplePaper.WordsOf(await Pdf(town.Visitor(), "procedures/dog-registration/paper"));
        Assert.DoesNotContain(plain, w => w.Text.Contains("様式第1号"));
        var outlined = await SamplePaper.WordsOf(await Pdf(jimu, $"{paper}/pdf"));
        Assert.Contains(outlined, w => w.Text.Contains("飼い主の氏名") && w.Page == 1);

        var published = await jimu.Submit(await jimu.Open(paper), form: "form[action$=publish]");
        Assert.Contains("様式を公開しました", published.Text);

        await using var db = town.Open();
        var filed = await SampleFiling.Of(town, db);
        var printed = await Pdf(await town.Staff("jimu"), $"desk/procedures/cases/{filed.Id}/paper");
        // Two pages of the form, and behind them what the town gave no place on it.
        Assert.Equal(3, await PressRoom.PagesOf(printed));
        Assert.Matches(@"Title:\s+様式第1号（見本）", await PressRoom.Info(printed));
        var words = await SamplePaper.WordsOf(printed);
        var further = string.Concat(words.Where(w => w.Page == 3).Select(w => w.Text));
        Assert.Contains("別紙", further);
        Assert.Contains("雑種", further);
        Assert.DoesNotContain("見本ポチ", further);
        // The form itself, and each answer at its place, within a millimetre.
        Assert.Contains(words, w => w.Text.Contains("犬の登録申請書") && w.Page == 1);
        var name = words.Single(w => w is { Page: 1, Text: "見本" } && w.Top > 55 && w.Top < 70);
        Assert.InRange(name.Left, 64, 66);
        Assert.InRange((name.Top + name.Bottom) / 2, 60.5m + 4 - 1, 60.5m + 4 + 1);
        Assert.Contains(words, w => w.Page == 1 && w.Text == "見本ポチ" && Math.Abs(w.Left - 65) < 1 && Math.Abs((w.Top + w.Bottom) / 2 - 104) < 1);
        Assert.Contains(words, w => w.Page == 1 && w.Text == "6" && Math.Abs(w.Left - 90) < 1);
        // The ring is around what was chosen, and around nothing else.
        var ring = words.Single(w => w.Text.Contains('◯'));
        Assert.InRange((ring.Left + ring.Right) / 2, 92, 94);
        var receipt = words.Single(w => w.Page == 2 && w.Text.Replace("-", "") == filed.Number);
        Assert.InRange(receipt.Right, 189, 191);
        Assert.Contains(words, w => w.Page == 2 && w.Text.StartsWith("市記入欄") && Math.Abs(w.Left - 20) < 1);
        // One digit a box: seven boxes of 7 mm.
        var digits = words.Where(w => w.Page == 2 && w.Top > 70 && w.Bottom < 81 && w.Left > 64 && w.Right < 115).SelectMany(w => w.Text).ToArray();
        Assert.Equal("0000000", string.Concat(digits));

        // Empty: what never changes is there, answers are not.
        var empty = await SamplePaper.WordsOf(await Pdf(town.Visitor(), "procedures/dog-registration/paper"));
        Assert.Contains(empty, w => w.Text.StartsWith("市記入欄"));
        Assert.DoesNotContain(empty, w => w.Text.Contains("見本ポチ"));
        await town.Until("(SELECT count(*) = 1 FROM audit.entries WHERE action = 'procedures.print_form')");
    }

    [Fact]
    public async Task A_published_form_stays_and_cases_keep_the_one_of_their_day()
    {
        var town = await program.NewTown("onojo");
        var jimu = await town.Staff("jimu");
        var first = (await Brought(jimu, 1)).Url.Split('?')[0];
        await Add(jimu, first, 1, ":text", 20, 250, 60, 6, text: "第一版の様式");
        await jimu.Submit(await jimu.Open(first), form: "form[action$=publish]");
        await using var db = town.Open();
        var early = await SampleFiling.Of(town, db);

        var next = await jimu.Submit(await jimu.Open(first), form: "form[action$=next]");
        Assert.Contains("前の版と同じ内容", next.Text);
        var second = next.Url.Split('?')[0];
        var page = await jimu.Open($"{second}/pages/1");
        var id = page.One("[data-place]").GetAttribute("data-place");
        await jimu.Submit(await jimu.Open($"{second}/fields/{id}"), new() { ["text"] = "第二版の様式" }, form: "form.form");
        await jimu.Submit(await jimu.Open(second), form: "form[action$=publish]");
        var late = await SampleFiling.Of(town, db);

        Assert.Contains(await SamplePaper.WordsOf(await Pdf(jimu, $"desk/procedures/cases/{early.Id}/paper")), w => w.Text == "第一版の様式");
        Assert.Contains(await SamplePaper.WordsOf(await Pdf(jimu, $"desk/procedures/cases/{late.Id}/paper")), w => w.Text == "第二版の様式");

        // No page changes it, and the database does not let anybody.
        using (var closed = await jimu.Send(HttpMethod.Get, $"{second}/fields/{id}")) Assert.Equal(HttpStatusCode.NotFound, closed.StatusCode);
        Assert.Empty((await jimu.Open($"{second}/pages/1")).All("input.placing-mm:not([readonly])"));
        await using var change = town.Source.CreateCommand("UPDATE procedures.own_forms SET fields = '[]' WHERE published_at IS NOT NULL");
        Assert.Contains("stays as it is", (await Assert.ThrowsAsync<Npgsql.PostgresException>(() => change.ExecuteNonQueryAsync(Stop))).MessageText);

        // Out of use: the one before it is printed for who files now.
        await jimu.Submit(await jimu.Open(second), form: "form[action$=end]");
        Assert.Contains(await SamplePaper.WordsOf(await Pdf(town.Visitor(), "procedures/dog-registration/paper")), w => w.Text == "第一版の様式");
        Assert.Contains(await SamplePaper.WordsOf(await Pdf(jimu, $"desk/procedures/cases/{late.Id}/paper")), w => w.Text == "第二版の様式");
    }

    [Fact]
    public async Task What_is_no_form_is_refused_with_a_sentence_that_says_what_to_do()
    {
        var town = await program.NewTown("onojo");
        var jimu = await town.Staff("jimu");
        var pdf = await SamplePaper.Pdf(program, 1);
        async Task<Seen> Refused(byte[] file, string sentence)
        {
            var seen = await Send(jimu, await jimu.Open($"{Home}/new"), file, "yoshiki.pdf", new() { ["for"] = "dog-registration", ["name"] = "様式第9号" });
            Assert.Equal(HttpStatusCode.UnprocessableEntity, seen.Status);
            Assert.Contains(sentence, seen.One("#file-error").TextContent);
            Assert.Equal("様式第9号", seen.One("input[name=name]").GetAttribute("value"));    // what was typed stays
            return seen;
        }
        await Refused("<html>"u8.ToArray(), "PDFではありません");
        await Refused(pdf[..(pdf.Length / 2)], "読み取れません");
        await Refused([.. "%PDF-1.7\n"u8, .. new byte[5000]], "読み取れません");
        await Refused(SamplePaper.Locked(pdf, "aikotoba", "kagi"), "パスワード");
        await Refused(SamplePaper.Locked(pdf, null, "kagi"), "パスワード");
        await Refused([.. pdf, .. new byte[11 * 1024 * 1024]], "10 MB");
        await Refused([], "");
        await Refused([.. "PK\u0003\u0004"u8, .. new byte[200]], "form.pdf");
        using (var many = new PdfSharp.Pdf.PdfDocument())
        {
            for (var n = 0; n < 21; n++) many.AddPage();
            using var to = new MemoryStream();
            many.Save(to);
            await Refused(to.ToArray(), "1～20ページ");
        }
        await using var db = town.Open();
        Assert.Equal(0, await db.Set<OwnForm>().CountAsync(Stop));
    }

    [Fact]
    public async Task A_form_goes_to_another_town_with_its_places()
    {
        var (here, there) = (await program.NewTown("onojo"), await program.NewTown("komaki"));
        var (jimu, other) = (await here.Staff("jimu"), await there.Staff("jimu"));
        var paper = (await Brought(jimu)).Url.Split('?')[0];
        await Add(jimu, paper, 2, "dogName", 33.25m, 44.5m, 70, 8, new() { ["size"] = "14", ["align"] = "center", ["wrap"] = "true" });
        using var file = await jimu.Send(HttpMethod.Get, $"{paper}/export.zip");
        var brought = await Send(other, await other.Open($"{Home}/new"), await file.Content.ReadAsByteArrayAsync(Stop), "form.zip", new() { ["for"] = "dog-registration", ["name"] = "様式第2号" });
        Assert.Contains("様式を下書きとして取り込みました", brought.Text);
        await using var db = there.Open();
        var form = await db.Set<OwnForm>().SingleAsync(Stop);
        var field = Assert.Single(form.Fields);
        Assert.Equal(new PlacedField(1, "dogName", 2, 33.25m, 44.5m, 70, 8) { Size = 14, Align = "center", Wrap = true }, field);
        Assert.Equal(2, form.Pages.Count);
    }

    [Fact]
    public async Task Wrong_numbers_lose_nothing_and_of_two_who_place_neither_writes_over_the_other()
    {
        var town = await program.NewTown("onojo");
        var jimu = await town.Staff("jimu");
        var paper = (await Brought(jimu, 1)).Url.Split('?')[0];
        var page = await jimu.Submit(await jimu.Open($"{paper}/pages/1"), new() { ["what"] = "breed", ["do"] = "add" }, form: Places);
        var id = page.One("[data-place]").GetAttribute("data-place");
        var wrong = await jimu.Submit(page, new() { [$"f{id}-x"] = "まんなか", [$"f{id}-y"] = "9999", ["do"] = "save" }, form: Places);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Equal("まんなか", wrong.One($"[name=f{id}-x]").GetAttribute("value"));

        var (mine, theirs) = (jimu.Ready(page, new() { [$"f{id}-x"] = "30", ["do"] = "save" }, null, Places), jimu.Ready(page, new() { [$"f{id}-x"] = "40", ["do"] = "save", ["_once"] = Id.New().ToString() }, null, Places));
        Assert.Equal(HttpStatusCode.OK, (await mine()).Status);
        Assert.Equal(HttpStatusCode.OK, (await mine()).Status);    // sent twice, done once
        var overtaken = await theirs();
        Assert.Equal(HttpStatusCode.Conflict, overtaken.Status);
        Assert.Equal("40", overtaken.One($"[name=f{id}-x]").GetAttribute("value"));
        Assert.Equal(HttpStatusCode.OK, (await jimu.Submit(overtaken, new() { ["do"] = "save" }, form: Places)).Status);

        // What no form asks, and nonsense in addresses, are no way in.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await jimu.Submit(await jimu.Open($"{paper}/pages/1"), new() { ["what"] = "nothing", ["do"] = "add" }, form: Places)).Status);
        foreach (var nowhere in new[] { $"{paper}/pages/2", $"{paper}/pages/0", $"{paper}/fields/77", $"{Home}/{Id.New()}" })
            using (var gone = await jimu.Send(HttpMethod.Get, nowhere)) Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        using var clerk = await (await town.Staff("koho")).Send(HttpMethod.Get, Home);
        Assert.Equal(HttpStatusCode.Forbidden, clerk.StatusCode);
    }

    [Fact]
    public async Task A_draft_is_printed_for_who_writes_it_and_for_nobody_else()
    {
        var town = await program.NewTown("onojo");
        Guid id;
        await using (var db = town.Open())
        {
            var hanako = await db.Set<Komachi.Platform.People.Account>().SingleAsync(a => a.SignInName == "hanako", Stop);
            var (of, _) = await TheWayOfACase.Filled(db, "dog-registration");
            of.Own(hanako.Id, hanako.PersonId);
            await db.Save(stop: Stop);
            id = of.Id;
        }
        var paper = await SamplePaper.Look("pdftotext", await Pdf(await town.Resident(), $"procedures/filling/{id}/paper"), "-raw", "-");
        Assert.Contains("見本ポチ", paper);
        foreach (var other in new[] { town.Visitor(), await town.Staff("jimu") })
            using (var answer = await other.Send(HttpMethod.Get, $"procedures/filling/{id}/paper")) Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }
}
