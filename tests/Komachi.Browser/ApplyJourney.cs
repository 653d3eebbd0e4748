using System.Text.Json.Nodes;
using Deque.AxeCore.Playwright;
using Komachi.Platform.Forms;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Tests.Procedures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>A resident files on a phone, in minutes: without scripts, and with them.</summary>
public sealed class ApplyJourney(TestProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(360, false)]
    [InlineData(360, true)]
    [InlineData(1280, true)]
    public async Task Begun_filled_in_checked_and_sent(int width, bool scripts)
    {
        var town = await program.NewTown("onojo");
        await using var window = await chromium.Open(program, width, scripts, forAxe: scripts);
        var (page, wrong) = (window.Page, new List<string>());
        var form = await SampleForm.Of(town, "water-start-stop");

        await page.GotoAsync($"/{town.Slug}/procedures/water-start-stop/start");
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
            if (pages < 3) await Look($"page-{pages}");
            await page.GetByRole(AriaRole.Button, new() { Name = "保存して次へ" }).ClickAsync();
            await page.WaitForLoadStateAsync();
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

        async Task Look(string what)
        {
            if (!(scripts ? await window.FitsItsWidth() : await window.FitsItsWidthWithoutScripts())) wrong.Add($"{what} is wider than {width} px");
            if (scripts) wrong.AddRange((await page.RunAxe()).Violations.Select(v => $"{what}: {v.Id} ({v.Help}) at {string.Join(" · ", v.Nodes.Take(3).Select(n => n.Html[..Math.Min(160, n.Html.Length)]))}"));
            if (Environment.GetEnvironmentVariable("KOMACHI_PICTURES") is { Length: > 0 } folder && Directory.Exists(folder)) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"apply-{what}-{width}.png"), FullPage = true });
        }
    }

    [Fact]
    public async Task With_the_camera_on_a_phone()
    {
        var town = await program.NewTown("onojo");
        await using var window = await chromium.Open(program, 360);
        var page = window.Page;
        var form = await SampleForm.Of(town, "disaster-certificate");
        await page.GotoAsync($"/{town.Slug}/procedures/disaster-certificate/start");
        await page.Locator("[name=for][value=self]").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "入力をはじめる" }).ClickAsync();
        for (var pages = 0; await page.Locator("input[type=file]").CountAsync() == 0; pages++)
        {
            Assert.True(pages < 20, page.Url);
            await form.Fill(page);
            await page.GetByRole(AriaRole.Button, new() { Name = "保存して次へ" }).ClickAsync();
            await page.WaitForLoadStateAsync();
        }
        await page.Locator("input[type=file]").First.SetInputFilesAsync(new FilePayload { Name = "家の全体.png", MimeType = "image/png", Buffer = Komachi.Tests.Files.Samples.Photo(800, 600) });
        await Expect(page.GetByText("家の全体").First).ToBeVisibleAsync();
        await town.Until("(SELECT count(*) = 1 FROM files.stored WHERE state IN ('Checking', 'Ready'))");
        await page.ReloadAsync();
        await Expect(page.GetByText("家の全体").First).ToBeVisibleAsync();    // it is part of the draft already
        Assert.Empty(window.Complaints);
    }
}

/// <summary>The answers of a definition's first sample, into whatever page of it stands open.</summary>
sealed class SampleForm(CompiledForm form, JsonObject answers)
{
    public static async Task<SampleForm> Of(TestTown town, string key) => new(Procedure.Of(await DocumentOf(town, key)).First.Form, await AnswersOf(town, key));

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
                foreach (var (part, text) in new[] { ("year", year), ("month", month), ("day", day) }) await page.FillAsync($"#{name}-{part}", text.TrimStart('0'));
                continue;
            }
            var field = page.Locator($"main [name='{name}']").First;
            if (await field.CountAsync() == 0 || !await field.IsVisibleAsync() && await field.GetAttributeAsync("type") is not ("radio" or "checkbox")) continue;
            switch (await field.EvaluateAsync<string>("e => e.type"))
            {
                case "radio" or "checkbox": await page.Locator($"main [name='{name}'][value='{value}']").CheckAsync(new() { Force = true }); break;
                case "select-one": await field.SelectOptionAsync(value); break;
                default: await field.FillAsync(value); break;
            }
        }
    }
}
