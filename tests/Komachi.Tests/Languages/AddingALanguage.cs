using System.Net;
using System.Text;
using AngleSharp.Html.Parser;
using Komachi.Platform.Languages;
using Komachi.Platform.Towns;
using Komachi.Tests.Announcements;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Languages;

/// <summary>A town speaks one language more: from its files, or from the desk with a file for whoever translates.</summary>
public sealed class AddingALanguage(TestProgram program)
{
    const string Home = "desk/languages";

    WordBook Book => program.House.Words;
    static Lang Portuguese => Lang.FindFurther("pt")!;

    static async Task<Seen> Bring(Person who, string code, byte[] file)
    {
        var page = await who.Open($"{Home}/{code}");
        var form = new MultipartFormDataContent();
        foreach (var hidden in page.All("form[action$=file] input[type=hidden]")) form.Add(new StringContent(hidden.GetAttribute("value")!), hidden.GetAttribute("name")!);
        form.Add(new ByteArrayContent(file) { Headers = { ContentType = new("text/plain") } }, "file", "words");
        using var answer = await who.Send(HttpMethod.Post, $"{Home}/{code}/file", form);
        if (answer.Headers.Location is { } there) return await who.Open(there.ToString());
        var html = await answer.Content.ReadAsStringAsync();
        return page with { Status = answer.StatusCode, Html = html, Document = new HtmlParser().ParseDocument(html) };
    }

    static Task<Seen> Bring(Person who, string code, string file) => Bring(who, code, Encoding.UTF8.GetBytes(file));

    static string[] Offered(Seen page) => [.. page.All(".languages li:not(.language-beside) a").Select(a => a.TextContent.Trim())];

    [Fact]
    public async Task A_clerk_adds_portuguese_brings_words_sees_what_is_missing_and_switches_it_on()
    {
        var town = await program.NewTown();
        var (joho, reader) = (await town.Staff("joho"), town.Visitor());
        Assert.Equal(HttpStatusCode.NotFound, (await reader.Open("pt")).Status);

        var added = await joho.Submit(await joho.Open(Home), new() { ["code"] = "pt" });
        Assert.Contains("言語を追加しました", added.Text);
        Assert.Equal(HttpStatusCode.NotFound, (await reader.OpenAnew("pt")).Status);
        Assert.Equal(["日本語", "English", "やさしい日本語"], Offered(await reader.Open()));

        var brought = await Bring(joho, "pt", """
            "Sign in": "Entrar"
            "Announcements": "Avisos"
            "{0} days": { one: "{0} dia", other: "{0} dias" }
            "{0}: services and information": "{0} e {1}"
            "(changed on {0})": "(em {0"
            "Said by no page": "Nada"
            """);
        Assert.Contains("訳文を取り込みました", brought.Text);
        Assert.Equal(["(changed on {0})", "{0}: services and information"], brought.All("#unfit-caption ~ tbody th span[lang=en]").Select(t => t.TextContent).Order(StringComparer.Ordinal));
        Assert.Equal(["Said by no page"], brought.All("#superfluous-caption ~ tbody th span[lang=en]").Select(t => t.TextContent));
        Assert.Contains("Close", brought.All("#missing-caption ~ tbody th").Select(t => t.TextContent));
        // Of the sentence with a count the form for millions is missing.
        Assert.EndsWith("文のうち4文", brought.One(".lead").TextContent.Trim());

        var on = await joho.Submit(brought, form: "form[action$='/on']");
        Assert.Contains("公開しました", on.Text);
        var home = await reader.OpenAnew("pt");
        Assert.Equal(("pt-BR", null), (home.One("html").GetAttribute("lang"), home.One("html").GetAttribute("dir")));
        Assert.Contains("Entrar", home.Text);
        Assert.Equal(["日本語", "English", "やさしい日本語", "Português"], Offered(home));
        Assert.Equal("Avisos", home.All(".town-nav a").First().TextContent.Trim());
        // What is missing is plain Japanese, and says that it is.
        Assert.Equal("ja", home.All("span[lang=ja]").First(s => s.TextContent.Contains("役所")).GetAttribute("lang"));
        Assert.Contains(home.All("a").Select(a => a.GetAttribute("href")), href => href == $"/{town.Slug}/pt/announcements");
        Assert.Equal(["languages.add", "languages.bring", "languages.switch_on"], await town.Ask<string[]>("SELECT array_agg(action ORDER BY at) FROM audit.entries WHERE subject = 'languages/pt'"));

        await joho.Submit(on, form: "form[action$='/off']");
        Assert.Equal(HttpStatusCode.NotFound, (await reader.OpenAnew("pt")).Status);
        Assert.Equal("Entrar", await town.Ask<string>("SELECT words->>'Sign in' FROM languages.languages"));
    }

    [Fact]
    public async Task Who_does_not_look_after_languages_sees_nothing_of_it()
    {
        var town = await program.NewTown();
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Staff("koho")).Open(Home)).Status);
        Assert.Contains("sign-in", (await town.Visitor().Open(Home)).Url);
    }

    [Fact]
    public async Task What_goes_out_comes_back_the_same_from_a_text_editor_and_from_a_spreadsheet()
    {
        var words = new Dictionary<string, string> { ["Sign in"] = "Entrar \"já\"", ["{0} days"] = "{0} dias", ["{0} days#one"] = "{0} dia", ["Close"] = "=fechar\nde novo", ["Said by no page"] = "Nada\\" };
        Assert.Equal(words.OrderBy(w => w.Key, StringComparer.Ordinal), WordFile.Read(WordFile.ToYaml(words, Portuguese, Book)).Where(w => w.Value.Length > 0).OrderBy(w => w.Key, StringComparer.Ordinal));
        words.Remove("Said by no page");    // a spreadsheet is for what is to be translated
        var csv = WordFile.ToCsv(words, Portuguese, Book);
        Assert.DoesNotContain(",=fechar", csv);
        Assert.Equal(words.OrderBy(w => w.Key, StringComparer.Ordinal), WordFile.Read(csv).Where(w => w.Value.Length > 0).OrderBy(w => w.Key, StringComparer.Ordinal));

        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        await joho.Submit(await joho.Open(Home), new() { ["code"] = "pt" });
        using var file = await joho.Send(HttpMethod.Get, $"{Home}/pt/words.csv");
        Assert.StartsWith("text/csv", file.Content.Headers.ContentType!.ToString());
        var lines = (await file.Content.ReadAsStringAsync()).Split("\r\n");
        Assert.Contains("{0} days,one,{0}日,", lines.Single(l => l.StartsWith("{0} days,one", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, l => l.Contains("《し》"));
    }

    [Theory]
    [InlineData("[1, 2]"), InlineData("\"Sign in\": [\"Entrar\"]"), InlineData("\"Sign in\": &a \"x\"\n\"Close\": *a"), InlineData("a: { b: { c: d } }"), InlineData("\"Sign in: \"Entrar\""), InlineData("\t- x")]
    [InlineData("English,Form,日本語,やさしい日本語\r\nSign in,,ログイン\r\n"), InlineData(""), InlineData("# nothing"), InlineData("\"Sign in\": \"\"")]
    public async Task What_is_no_file_of_words_is_refused_in_a_sentence_and_changes_nothing(string file)
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        await joho.Submit(await joho.Open(Home), new() { ["code"] = "vi" });
        var refused = await Bring(joho, "vi", file);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal("#file", refused.One(".error-summary a").GetAttribute("href"));
        Assert.Equal("{}", await town.Ask<string>("SELECT words::text FROM languages.languages"));
    }

    [Fact]
    public async Task Bytes_that_are_no_text_files_that_are_too_large_and_depths_without_end_are_refused_too()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        await joho.Submit(await joho.Open(Home), new() { ["code"] = "vi" });
        Assert.Contains("UTF-8", (await Bring(joho, "vi", [0xff, 0xfe, 0x41])).One("#file-error").TextContent);
        Assert.Contains("1024kB", (await Bring(joho, "vi", new byte[WordFile.MostBytes + 1])).One("#file-error").TextContent);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Bring(joho, "vi", new string('[', 200_000))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Bring(joho, "vi", string.Concat(Enumerable.Repeat("{a: ", 100_000)))).Status);
        // A NUL is kept by no database: the sentence does not fit, or the file is no YAML.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Bring(joho, "vi", "\"Sign in\": \"\\0\"")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await joho.Open($"{Home}/klingon")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await joho.Submit(await joho.Open(Home), new() { ["code"] = "klingon" })).Status);
    }

    [Theory]
    [InlineData("komaki", "pt", "pt-BR", "Avisos", "Cidade de Komaki"), InlineData("omitama", "vi", "vi", "Thông báo", "Thành phố Omitama")]
    public async Task The_demo_towns_speak_theirs_from_the_first_day_and_loading_again_changes_nothing(string like, string code, string html, string announcements, string name)
    {
        var town = await program.NewTown(like, livedIn: true);
        var home = await town.Visitor().Open(code);
        Assert.Equal(html, home.One("html").GetAttribute("lang"));
        Assert.Contains(announcements, home.All(".town-nav a").Select(a => a.TextContent.Trim()));
        Assert.StartsWith(name, home.One(".town-name").TextContent);
        // Announcements that do not speak it come in plain Japanese.
        var article = await town.Visitor().Open(home.All(".news a").First().GetAttribute("href")!);
        Assert.Equal("ja", article.One("article").GetAttribute("lang"));
        Assert.NotEmpty(article.All("article ruby"));
        var before = await town.Ask<string>("SELECT version || words::text FROM languages.languages");
        await program.Loader.Add(Path.Combine(TestProgram.TownsFolder, like), town.Slug);
        Assert.Equal(before, await town.Ask<string>("SELECT version || words::text FROM languages.languages"));
    }

    [Fact]
    public async Task The_towns_file_renews_its_sentences_and_leaves_what_was_added_at_the_desk()
    {
        var folder = Directory.CreateTempSubdirectory("komachi-town").FullName;
        foreach (var file in new[] { "town.yaml", "accounts.yaml", "offices.yaml" }) File.Copy(Path.Combine(TestProgram.TownsFolder, "komaki", file), Path.Combine(folder, file));
        Directory.CreateDirectory(Path.Combine(folder, "words"));
        var words = Path.Combine(folder, "words", "ar.yaml");
        await File.WriteAllTextAsync(words, "\"Sign in\": \"دخول\"\n\"Close\": \"إغلاق\"\n");
        var town = await program.NewTownFrom(folder, "komaki-ar");
        var (joho, reader) = (await town.Staff("joho"), town.Visitor());
        Assert.Equal("rtl", (await reader.Open("ar")).One("html").GetAttribute("dir"));
        await Bring(joho, "ar", "\"Menu\": \"القائمة\"");
        await File.WriteAllTextAsync(words, "\"Sign in\": \"تسجيل الدخول\"\n");
        await program.Loader.Add(folder, town.Slug);
        Assert.Equal("تسجيل الدخول، إغلاق، القائمة", await town.Ask<string>("SELECT concat_ws('، ', words->>'Sign in', words->>'Close', words->>'Menu') FROM languages.languages"));

        File.Move(words, Path.Combine(folder, "words", "tlh.yaml"));
        Assert.Contains("tlh.yaml: the file is named after a language", (await Assert.ThrowsAsync<BadTown>(() => program.Loader.Add(folder, town.Slug))).Message);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_change_on_one_process_shows_on_another_within_two_seconds()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        var page = await joho.Submit(await joho.Open(Home), new() { ["code"] = "fil" });
        using var elsewhere = new TownLanguages(program.Service<Komachi.Platform.Data.TownDatabases>(), program.House, program.Service<Doorbell>(), TimeProvider.System);
        Assert.Equal(3, (await elsewhere.AllOf(town.Town)).Count);
        await joho.Submit(page, form: "form[action$='/on']");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        while ((await elsewhere.AllOf(town.Town, patience.Token)).Count < 4) await Task.Delay(50, patience.Token);
    }

    [Fact]
    public async Task An_announcement_can_be_written_in_it_and_is_kept_when_the_language_is_switched_off()
    {
        var town = await program.NewTown("komaki", livedIn: true);
        var (koho, joho) = (await town.Staff("koho"), await town.Staff("joho"));
        var (id, _) = await koho.Write(Desk.Filled("題", "本文", ("title-pt", "Título"), ("body-pt", "Texto **forte**")));
        var read = await town.Visitor().Open($"pt/announcements/{id}");
        Assert.Equal(("Título", "Texto forte"), (read.One("h1").TextContent, read.One(".prose").TextContent.Trim()));
        Assert.Null(read.One("article").GetAttribute("lang"));
        Assert.Contains("Título", (await town.Visitor().Open("pt/announcements/feed.xml")).Html);

        await joho.Submit(await joho.Open($"{Home}/pt"), form: "form[action$='/off']");
        var edit = await koho.Edit(id);
        Assert.Equal("Título", edit.One("input[name=title-pt]").GetAttribute("value"));
        await koho.Submit(edit, new() { ["title-ja"] = "つぎの題" }, Desk.Save);
        Assert.Equal("Título", await town.Ask<string>($"SELECT title->>'pt' FROM announcements.announcements WHERE id = '{id}'"));
    }
}
