using System.Text.Json.Nodes;
using Komachi.Platform.Forms;
using Komachi.Procedures;
using Komachi.Tests.Files;
using Komachi.Tests.Harness;
using Komachi.Tests.Procedures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>A resident files on a phone, in minutes: without scripts, and with them.</summary>
public sealed class ApplyJourney(FilesProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(360, false, "water-start-stop")]
    [InlineData(360, true, "water-start-stop")]
    [InlineData(1280, true, "water-start-stop")]
    [InlineData(360, false, "dog-registration")]    // with a file
    [InlineData(360, true, "dog-registration")]
    public async Task Begun_filled_in_checked_and_sent(int width, bool scripts, string key)
    {
        var town = await program.NewTown("onojo");
        await using var window = await chromium.Open(program, width, scripts, forAxe: scripts);
        var (page, wrong) = (window.Page, new List<string>());
        var form = await FilledForm.Of(town, key);

        await page.GotoAsync($"/{town.Slug}/procedures/{key}/start");
        await Look("start");
        await page.Locator("[name=for][value=self]").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "入力をはじめる" }).ClickAsync();
        await page.WaitForURLAsync("**/filling/*/*");
        await Look("first");
        // Nothing is said of it yet: the first page is sent empty once, and says what it wants.
        await page.GetByRole(AriaRole.Button, new() { Name = "保存して次へ" }).ClickAsync();
        await Expect(page.Locator(".error-summary")).ToBeVisibleAsync();
        await Look("wrong");
        for (var pages = 0; !page.Url.EndsWith("/check"); pages++)
        {
            Assert.True(pages < 40, page.Url);
            await form.Fill(page);
            if (await page.Locator(".file-field:visible").CountAsync() > 0 && await page.Locator(".file-field:visible .file-row").CountAsync() == 0) await AddAFile();
            if (pages < 3) await Look($"page-{pages}");
            await window.Press("保存して次へ");
        }
        await Look("check");
        var address = $"tel-{town.Slug}@example.jp";
        await page.FillAsync("#contact", address);
        await page.GetByRole(AriaRole.Button, new() { Name = "コードを送る" }).ClickAsync();
        await page.FillAsync("#code", await program.World.CodeFor(address));
        await Look("code");
        await page.GetByRole(AriaRole.Button, new() { Name = "次へ進む" }).ClickAsync();
        await page.WaitForURLAsync("**/check");
        await page.Locator("[name=electronic][value=paper]").CheckAsync();
        await Look("ready");
        await page.GetByRole(AriaRole.Button, new() { Name = "送信する" }).ClickAsync();
        await page.WaitForURLAsync("**/done");
        await Expect(page.Locator(".receipt-number")).ToBeVisibleAsync();
        await Look("done");
        await page.GetByRole(AriaRole.Link, new() { Name = "控えを見る" }).ClickAsync();
        await page.WaitForURLAsync("**/copy");
        await Look("copy");
        Assert.Empty(window.Complaints);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));

        // Whatever was filled in beside it is there afterwards.
        async Task AddAFile()
        {
            const string Typed = "() => JSON.stringify([...new FormData(document.querySelector('main form.form'))].filter(([name]) => !name.startsWith('_') && name !== 'rowKey'))";
            var before = await page.EvaluateAsync<string>(Typed);
            var photo = new FilePayload { Name = "注射済証.png", MimeType = "image/png", Buffer = Komachi.Tests.Files.Samples.Photo(400, 300) };
            await Look("with-file");
            if (!scripts)
            {
                await page.Locator(".file-field:visible button:visible").ClickAsync();
                await page.WaitForURLAsync("**?file=*");
                await page.SetInputFilesAsync("input[type=file]", photo);
                await page.GetByRole(AriaRole.Button, new() { Name = "このファイルを送る" }).ClickAsync();
                await Expect(page.Locator(".file-row")).ToContainTextAsync("注射済証.png");
                await Look("file");
                await page.GetByRole(AriaRole.Link, new() { Name = "入力のページに戻る" }).ClickAsync();
            }
            else await page.Locator("input[type=file]:visible").SetInputFilesAsync(photo);
            await Expect(page.Locator(".file-row").GetByText("注射済証.png").First).ToBeVisibleAsync(new() { Timeout = 30_000 });
            await Look("file-sent");
            Assert.Equal(before, await page.EvaluateAsync<string>(Typed));
        }

        async Task Look(string what)
        {
            if (!(scripts ? await window.FitsItsWidth() : await window.FitsItsWidthWithoutScripts())) wrong.Add($"{what} is wider than {width} px");
            if (scripts) wrong.AddRange((await window.AxeFinds()).Select(found => $"{what}: {found}"));
            if (Environment.GetEnvironmentVariable("KOMACHI_PICTURES") is { Length: > 0 } folder && Directory.Exists(folder)) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"apply-{key}-{what}-{width}{(scripts ? "" : "-plain")}.png"), FullPage = true });
        }
    }

    [Fact]
    public async Task With_the_camera_on_a_phone()
    {
        var town = await program.NewTown("onojo");
        await using var window = await chromium.Open(program, 360);
        var page = window.Page;
        await page.GotoAsync($"/{town.Slug}/procedures/disaster-certificate/start");
        await page.Locator("[name=for][value=self]").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "入力をはじめる" }).ClickAsync();
        await page.WaitForURLAsync("**/filling/*/*");
        var draft = Guid.Parse(new Uri(page.Url).AbsolutePath.Split('/')[^2]);
        var answers = await FilledForm.AnswersOf(town, "disaster-certificate");
        answers["photoWhole"] = answers["photoDamage"] = null;
        await using (var db = town.Open())    // all that comes before the photos, which ApplyJourney's other stories type
        {
            (await db.Set<Draft>().SingleAsync(d => d.Id == draft)).Keep(answers, "ja", TimeProvider.System.GetUtcNow());
            await db.Save();
        }
        await page.GotoAsync($"/{town.Slug}/procedures/filling/{draft}/photos");
        await page.Locator("input[type=file]:visible").First.SetInputFilesAsync(new FilePayload { Name = "家の全体.png", MimeType = "image/png", Buffer = Samples.Photo(800, 600) });
        await Expect(page.GetByText("家の全体").First).ToBeVisibleAsync();
        await town.Until("(SELECT count(*) = 1 FROM files.stored WHERE state IN ('Checking', 'Ready'))");
        await page.ReloadAsync();
        await Expect(page.GetByText("家の全体").First).ToBeVisibleAsync();    // it is part of the draft already
        Assert.Empty(window.Complaints);
    }
}

/// <summary>The answers of a definition's first sample, into whatever page of it stands open.</summary>
sealed class FilledForm(CompiledForm form, JsonObject answers)
{
    public static async Task<FilledForm> Of(TestTown town, string key) => new(Procedure.Of(await DocumentOf(town, key)).First.Form, await AnswersOf(town, key));

    public static async Task<JsonObject> AnswersOf(TestTown town, string key) => SampleAnswers.Of(await DocumentOf(town, key));

    static async Task<string> DocumentOf(TestTown town, string key)
    {
        await using var db = town.Open();
        return await db.Set<Published>().Where(d => d.Key == key && d.PublishedAt != null).OrderByDescending(d => d.Number).Select(d => d.Document).FirstAsync();
    }

    public async Task Fill(IPage page)
    {
        if (form.Page(new Uri(page.Url).AbsolutePath.Split('/')[^1]) is not { } open) return;
        foreach (var (name, value) in FormPages.FormOf(open, answers).AllTyped)
        {
            if (await page.Locator($"#{name}-year").CountAsync() > 0 && value.Split('-') is [var year, var month, var day])
            {
                if (!await page.Locator($"#{name}-year").IsVisibleAsync()) continue;
                foreach (var (part, text) in new[] { ("year", year), ("month", month), ("day", day) }) await page.FillAsync($"#{name}-{part}", text.TrimStart('0'));
                continue;
            }
            var field = page.Locator($"main [name='{name}']").First;
            if (await field.CountAsync() == 0 || !await field.IsVisibleAsync() && await field.GetAttributeAsync("type") is not ("radio" or "checkbox")) continue;
            switch (await field.EvaluateAsync<string>("e => e.type"))
            {
                case "radio" or "checkbox": await page.Locator($"main [name='{name}'][value='{value}']").CheckAsync(new() { Force = true }); break;
                case "select-one": await field.SelectOptionAsync(value == "見本県" ? "愛知県" : value); break;    // the samples live in a prefecture that is not there
                default: await field.FillAsync(value); break;
            }
        }
    }
}
