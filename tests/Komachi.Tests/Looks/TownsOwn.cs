using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Komachi.Platform.Towns;
using Komachi.Tests.Files;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Looks;

/// <summary>A clerk decides how the town's pages look: sees it first, is told when nobody could read it, and everybody sees it then.</summary>
public sealed class TownsOwn(FilesProgram program)
{
    const string See = "保存する前に確かめる", Save = "この色を保存する";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The style sheet that a page of the town asks for.</summary>
    static async Task<string> ColoursOf(Person person, string path = "")
    {
        var page = await person.Open(path);
        return await person.Http.GetStringAsync(page.One("link[href*='colours.css']").GetAttribute("href"), Stop);
    }

    /// <summary>Pages are kept for a moment, so a change takes one.</summary>
    static async Task<T> Soon<T>(Func<Task<T>> look, Func<T, bool> shows)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var seen = await look();
            if (shows(seen)) return seen;
            Assert.False(patience.IsCancellationRequested, $"It never showed: {seen}");
            await Task.Delay(50, Stop);
        }
    }

    static async Task<string?> Audited(TestTown town, string action)
    {
        await using var ask = town.Source.CreateCommand($"SELECT details::text FROM audit.entries WHERE action = '{action}' ORDER BY at DESC LIMIT 1");
        return await ask.ExecuteScalarAsync(Stop) as string;
    }

    /// <summary>Sends a picture as a page without scripts does, and waits until it was looked at.</summary>
    static async Task<Seen> SendPicture(TestTown town, Person clerk, string which, string name, byte[] bytes, string ends = "Ready")
    {
        var page = await clerk.Open($"desk/look/{which}");
        var form = new MultipartFormDataContent();
        foreach (var field in page.All("form.file-form input[type=hidden]")) form.Add(new StringContent(field.GetAttribute("value")!), field.GetAttribute("name")!);
        form.Add(new ByteArrayContent(bytes), "file", name);
        using var answer = await clerk.Send(HttpMethod.Post, "desk/files/one", form);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        await town.Until($"(SELECT count(*) > 0 FROM files.stored WHERE kind = 'look.{which}_file' AND state = '{ends}')", 60);
        return await clerk.Open($"desk/look/{which}");
    }

    [Fact]
    public async Task A_colour_is_seen_before_it_is_saved_and_then_stands_on_every_page()
    {
        var town = await program.NewTown();
        var (clerk, resident) = (await town.Staff("joho"), town.Visitor());
        var before = await ColoursOf(resident);
        Assert.Contains("--town:#1b5e3a;", before);

        var seen = await clerk.Submit(await clerk.Open("desk/look/colour"), new() { ["colour"] = "7A1F5C" }, See);
        Assert.Equal(HttpStatusCode.OK, seen.Status);
        Assert.Contains("まだ保存していません", seen.Text);
        Assert.Contains("コントラスト比 9.6", seen.Text);
        // Only within the preview, in the light and in the dark.
        var sheet = await clerk.Http.GetStringAsync(seen.One(".town-preview link").GetAttribute("href"), Stop);
        Assert.StartsWith(".town-preview{--town:#7a1f5c;", sheet);
        Assert.Equal(2, seen.All(".town-preview .town-header").Count());
        Assert.Equal(before, await ColoursOf(resident));

        var saved = await clerk.Submit(seen, press: Save);
        Assert.Contains("保存しました", saved.Text);
        Assert.Contains("--town:#7a1f5c;", await ColoursOf(clerk, "desk/look/colour"));
        await Soon(() => ColoursOf(resident), sheet => sheet.Contains("--town:#7a1f5c;"));
        Assert.Contains("\"to\": \"#7a1f5c\"", await Audited(town, "look.colour"));
    }

    [Fact]
    public async Task A_colour_that_nobody_could_read_is_refused_with_one_near_it_that_can_be_read()
    {
        var town = await program.NewTown();
        var clerk = await town.Staff("joho");

        var refused = await clerk.Submit(await clerk.Open("desk/look/colour"), new() { ["colour"] = "#ffcc00" }, See);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("コントラスト比1.5", refused.One(".error-summary").TextContent);
        Assert.DoesNotContain(Save, refused.Text);
        var offered = refused.One("button[name=offer]");
        Assert.True(Colour.TryParse(offered.GetAttribute("value"), out var near) && near.ContrastOnWhite() >= 4.5);

        var seen = await clerk.Submit(refused, press: offered.TextContent.Trim());
        Assert.Equal(near.ToString(), seen.One("input[name=colour]").GetAttribute("value"));
        await clerk.Submit(seen, press: Save);
        Assert.Contains($"--town:{near};", await ColoursOf(clerk, "desk/look/colour"));

        foreach (var nothing in new[] { "", "赤", "#12345", "#12345g" })
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await clerk.Submit(await clerk.Open("desk/look/colour"), new() { ["colour"] = nothing }, See)).Status);
        // Without looking first: whoever sends the form by hand is held to the same.
        var forced = await clerk.Submit(await clerk.Open("desk/look/colour"), new() { ["colour"] = "#ffcc00", ["do"] = "save" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, forced.Status);
    }

    [Fact]
    public async Task Of_two_clerks_the_second_is_told_what_the_first_has_done()
    {
        var town = await program.NewTown();
        var (first, second) = (await town.Staff("joho"), await town.Staff("joho"));
        var (one, other) = (await first.Submit(await first.Open("desk/look/colour"), new() { ["colour"] = "#7a1f5c" }, See), await second.Submit(await second.Open("desk/look/colour"), new() { ["colour"] = "#0b4f8a" }, See));
        await first.Submit(one, press: Save);
        var told = await second.Submit(other, press: Save);
        Assert.Equal(HttpStatusCode.Conflict, told.Status);
        Assert.Contains("ほかの人が見た目を変更しました", told.Text);
        Assert.Contains("--town:#7a1f5c;", await ColoursOf(first, "desk/look/colour"));
        // Having read that, theirs takes its place.
        await second.Submit(told, press: Save);
        Assert.Contains("--town:#0b4f8a;", await ColoursOf(second, "desk/look/colour"));
    }

    [Fact]
    public async Task An_emblem_passes_the_checks_of_files_and_stands_on_every_page_until_it_is_taken_away()
    {
        var town = await program.NewTown();
        var (clerk, resident) = (await town.Staff("joho"), town.Visitor());
        var emblem = Samples.Picture(96, 96, (27, 94, 58));

        var seen = await SendPicture(town, clerk, "emblem", "市章.png", emblem);
        Assert.Contains("まだ保存していません", seen.Text);
        // The clerk sees it, and nobody else.
        var draft = seen.One(".in-dark .town-emblem").GetAttribute("src")!;
        Assert.Equal(emblem, await clerk.Http.GetByteArrayAsync(draft, Stop));
        Assert.NotEqual(HttpStatusCode.OK, (await resident.Send(HttpMethod.Get, draft)).StatusCode);
        Assert.Empty((await resident.Open("announcements")).All(".town-emblem"));

        const string form = "form[action$='look/emblem']";
        var silent = await clerk.Submit(seen, press: "画像と説明を保存する", form: form);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, silent.Status);
        await clerk.Submit(silent, new() { ["says-ja"] = "小牧市の市章", ["says-en"] = "Emblem of Komaki" }, "画像と説明を保存する", form);

        var shown = (await Soon(() => resident.Open("en/offices"), page => page.All(".town-emblem").Any())).One(".town-emblem");
        Assert.Equal(("Emblem of Komaki", "40", "40"), (shown.GetAttribute("alt"), shown.GetAttribute("width"), shown.GetAttribute("height")));
        using (var picture = await resident.Send(HttpMethod.Get, shown.GetAttribute("src")!))
        {
            Assert.Equal(emblem, await picture.Content.ReadAsByteArrayAsync(Stop));
            Assert.Equal(("image/png", true), (picture.Content.Headers.ContentType!.MediaType, picture.Headers.CacheControl!.Extensions.Any(e => e.Name == "immutable")));
            Assert.Contains("sandbox", picture.Headers.GetValues("Content-Security-Policy").Single());
        }
        await town.Until("(SELECT count(*) = 0 FROM files.stored)");    // it lies in one place only
        Assert.Contains("市章.png", await Audited(town, "look.emblem"));

        await clerk.Submit(await clerk.Open("desk/look/emblem"), form: "form[action$='emblem/remove']");
        await Soon(() => resident.Open("en/offices"), page => !page.All(".town-emblem").Any());
        // A page that somebody opened just before still finds it.
        Assert.Equal(HttpStatusCode.OK, (await resident.Send(HttpMethod.Get, shown.GetAttribute("src")!)).StatusCode);
    }

    [Fact]
    public async Task What_is_no_picture_for_a_page_is_told_why()
    {
        var town = await program.NewTown();
        var clerk = await town.Staff("joho");
        var svg = await SendPicture(town, clerk, "emblem", "emblem.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"u8.ToArray(), ends: "Refused");
        Assert.Contains("PNG, WebP, JPEG", svg.One(".file-why").TextContent);
        var small = await SendPicture(town, clerk, "emblem", "small.png", Samples.Picture(40, 40, (0, 0, 0)));
        Assert.Contains("40×40ピクセルでは小さく", small.Text);
        Assert.Empty(small.All(".town-emblem"));
        var hollow = await SendPicture(town, clerk, "photo", "hollow.png", Samples.Png());
        Assert.Contains("読み取れません", hollow.Text);
        // Who may not decide about it may send nothing for it either.
        var (koho, page) = (await town.Staff("koho"), await clerk.Open("desk/look/emblem"));
        Assert.Equal(HttpStatusCode.Forbidden, (await koho.Open("desk/look")).Status);
        var form = new MultipartFormDataContent { { new StringContent((await koho.Open("desk/announcements/new")).One("input[name=_token]").GetAttribute("value")!), "_token" }, { new StringContent("look.emblem_file"), "kind" }, { new StringContent("look/x"), "place" } };
        form.Add(new ByteArrayContent(Samples.Picture(96, 96, (0, 0, 0))), "file", "x.png");
        using var answer = await koho.Send(HttpMethod.Post, "desk/files/one", form);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_photo_stands_on_the_first_page_with_its_place_kept_free()
    {
        var town = await program.NewTown();
        var (clerk, resident) = (await town.Staff("joho"), town.Visitor());
        var seen = await SendPicture(town, clerk, "photo", "城山.png", Samples.Picture(1000, 400, (127, 168, 143)));
        await clerk.Submit(seen, new() { ["says-ja"] = "城山と、ふもとの田んぼ" }, "画像と説明を保存する", "form[action$='look/photo']");
        var photo = (await Soon(() => resident.Open(), page => page.All(".town-photo").Any())).One(".town-photo");
        Assert.Equal(("1000", "400", "城山と、ふもとの田んぼ"), (photo.GetAttribute("width"), photo.GetAttribute("height"), photo.GetAttribute("alt")));
    }

    [Fact]
    public async Task The_office_and_the_towns_words_stand_below_every_page_also_where_there_is_none()
    {
        var town = await program.NewTown();
        var (clerk, resident) = (await town.Staff("joho"), town.Visitor());
        var fill = new Dictionary<string, string?>
        {
            ["name-ja"] = "小牧市役所 本庁舎（見本）", ["telephone"] = "0000-11-2222", ["text-ja"] = "法人番号 0000000000000", ["link1-ja"] = "市の広報", ["link1-en"] = "City magazine", ["link1-href"] = "javascript:alert(1)",
        };
        var refused = await clerk.Submit(await clerk.Open("desk/look/footer"), fill, See);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("https://www.example.jp/", refused.One("#link1-href-error").TextContent);

        var seen = await clerk.Submit(refused, new() { ["link1-href"] = "https://koho.example.jp/" }, See);
        Assert.Contains("法人番号 0000000000000", seen.One("main .town-footer").TextContent);
        await clerk.Submit(seen, press: "この内容を保存する");

        var footer = (await Soon(() => resident.Open("en/offices"), page => page.Text.Contains("法人番号 0000000000000"))).One("body > .town-footer");
        Assert.Contains("法人番号 0000000000000", footer.TextContent);
        Assert.Equal("https://koho.example.jp/", footer.QuerySelectorAll("a").Single(a => a.TextContent == "City magazine").GetAttribute("href"));
        Assert.Contains("小牧市役所 本庁舎（見本）", (await resident.Open("nowhere")).Text);
    }

    [Fact]
    public async Task The_town_tells_of_itself_as_data()
    {
        var town = await program.NewTown();
        var visitor = town.Visitor();
        using var told = JsonDocument.Parse(await visitor.Http.GetStringAsync($"/{town.Slug}/api/v1/town", Stop));
        var about = told.RootElement;
        Assert.Equal(("232190", "小牧市", "Komaki City", "#1b5e3a"), (about.GetProperty("code").GetString(), about.GetProperty("name").GetProperty("ja").GetString(), about.GetProperty("name").GetProperty("en").GetString(), about.GetProperty("colour").GetString()));
        Assert.Equal(JsonValueKind.Null, about.GetProperty("emblem").ValueKind);
        Assert.Equal("0000-00-0000", about.GetProperty("office").GetProperty("telephone").GetString());
        Assert.Equal(["ja", "en", "plain"], about.GetProperty("languages").EnumerateArray().Select(l => l.GetString()));
        Assert.Contains("/api/v1/town\"", await visitor.Http.GetStringAsync($"/{town.Slug}/api/v1/openapi.json", Stop));
    }

    [Fact]
    public async Task Given_out_as_files_it_makes_a_town_that_looks_the_same()
    {
        var town = await program.NewTown();
        var clerk = await town.Staff("joho");
        await clerk.Submit(await clerk.Submit(await clerk.Open("desk/look/colour"), new() { ["colour"] = "#7a1f5c" }, See), press: Save);
        var emblem = Samples.Picture(96, 96, (122, 31, 92));
        await clerk.Submit(await SendPicture(town, clerk, "emblem", "e.png", emblem), new() { ["says-ja"] = "小牧市の市章: \"城\"" }, "画像と説明を保存する", "form[action$='look/emblem']");
        var footer = await clerk.Submit(await clerk.Open("desk/look/footer"), new() { ["text-ja"] = "1行目\n2行目: # 見本", ["link1-ja"] = "市の広報", ["link1-href"] = "https://koho.example.jp/?a=1&b=#c" }, See);
        await clerk.Submit(footer, press: "この内容を保存する");

        var folder = Directory.CreateTempSubdirectory("komachi-look").FullName;
        using (var zip = new ZipArchive(new MemoryStream(await clerk.Http.GetByteArrayAsync($"/{town.Slug}/desk/look/export.zip", Stop)))) zip.ExtractToDirectory(folder);
        var twin = await program.NewTownFrom(folder, "twin-of-" + town.Slug);

        Assert.Equal(await Told(town), await Told(twin));
        using (var told = JsonDocument.Parse(await Told(twin, whole: true)))
            Assert.Equal(emblem, await twin.Visitor().Http.GetByteArrayAsync(told.RootElement.GetProperty("emblem").GetProperty("address").GetString(), Stop));
        // Once the town has something of its own, its file changes nothing of it.
        await program.Loader.Add(folder, twin.Slug);
        Assert.Equal(await Told(town), await Told(twin));
        Directory.Delete(folder, recursive: true);

        // What the town tells of itself, without the addresses of its pictures.
        static async Task<string> Told(TestTown of, bool whole = false)
        {
            var told = await of.Visitor().Http.GetStringAsync($"/{of.Slug}/api/v1/town", Stop);
            var footer = (await of.Visitor().Open("offices")).All("body > .town-footer :is(.town-footer-text, .town-footer-links)").Select(p => p.OuterHtml.Replace(of.Slug, "town"));
            return whole ? told : System.Text.RegularExpressions.Regex.Replace(told, "\"address\":\"[^\"]*/look/[^\"]*\"", "") + string.Concat(footer);
        }
    }

    [Theory]
    [InlineData("emblem: { file: ../town.yaml, says: { ja: 市章 } }", "no such file")]
    [InlineData("emblem: { file: emblem.svg, says: { ja: 市章 } }", "a picture is one of")]
    [InlineData("emblem: { file: emblem.png }", "says nowhere in Japanese")]
    [InlineData("photo: { file: text.png, says: { ja: 城山 } }", "no such picture")]
    [InlineData("footer: { links: [ { text: { ja: 広報 }, href: \"javascript:alert(1)\" } ] }", "no address of the web")]
    public async Task A_file_that_cannot_be_shown_is_refused_in_a_sentence(string line, string why)
    {
        var folder = Directory.CreateTempSubdirectory("komachi-look").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "town.yaml"), await File.ReadAllTextAsync(Path.Combine(TestProgram.TownsFolder, "komaki", "town.yaml"), Stop) + "\n" + line + "\n", Stop);
        await File.WriteAllBytesAsync(Path.Combine(folder, "emblem.png"), Samples.Picture(96, 96, (0, 0, 0)), Stop);
        await File.WriteAllTextAsync(Path.Combine(folder, "emblem.svg"), "<svg/>", Stop);
        await File.WriteAllTextAsync(Path.Combine(folder, "text.png"), "no picture", Stop);
        var refused = await Assert.ThrowsAsync<BadTown>(() => program.NewTownFrom(folder, $"bad-look-{Math.Abs(line.GetHashCode()) % 100000}"));
        Assert.Contains(why, refused.Message);
        Directory.Delete(folder, recursive: true);
    }
}
