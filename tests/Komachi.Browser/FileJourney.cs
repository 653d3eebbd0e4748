using Komachi.Tests.Files;
using Komachi.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>A resident adds papers to a form: with scripts, also when the line is cut, and without.</summary>
public sealed class FileJourney(FilesProgram program, Chromium chromium)
{
    static readonly LocatorAssertionsToBeVisibleOptions Patient = new() { Timeout = 30_000 };

    static FilePayload File(string name, byte[] bytes) => new() { Name = name, MimeType = "application/octet-stream", Buffer = bytes };

    [Theory]
    [InlineData(1280, true)]
    [InlineData(360, true)]
    [InlineData(360, false)]
    public async Task A_resident_adds_papers_and_sees_how_each_stands(int width, bool scripts)
    {
        var town = await program.NewTown("katano");
        await using var home = await chromium.Open(program, width, scripts);
        await home.SignIn(town, "hanako");
        await home.Page.GotoAsync($"/{town.Slug}/papers");
        var box = home.Page.Locator("#papers-box");

        async Task Choose(params FilePayload[] files)
        {
            await home.Page.SetInputFilesAsync("#papers", files);
            if (!scripts) await box.GetByRole(AriaRole.Button, new() { Name = "このファイルを送る" }).ClickAsync();
        }

        if (scripts)
        {
            // The line is cut at the first try; what is typed beside stays.
            var cuts = 0;
            await home.Page.RouteAsync("**/files/sending/*", route => route.Request.Method == "PATCH" && cuts++ == 0 ? route.AbortAsync("connectionreset") : route.ContinueAsync());
            await home.Page.FillAsync("input[name=note]", "よろしくお願いします");
            await Choose(File("通帳の写し.jpg", Samples.Jpeg(3_000_000)), File("申請書.pdf", Samples.Png()));
        }
        else
        {
            await Choose(File("通帳の写し.jpg", Samples.Jpeg(3_000_000)));
            await Choose(File("申請書.pdf", Samples.Png()));
        }

        await Expect(box.Locator(".file-row-wrong .file-why")).ToBeVisibleAsync(Patient);
        await town.Until("(SELECT count(*) = 1 FROM files.stored WHERE state = 'Ready')");
        if (!scripts) await home.Page.ReloadAsync();
        await Expect(box.GetByRole(AriaRole.Link, new() { Name = "通帳の写し.jpg" })).ToBeVisibleAsync(Patient);
        if (scripts) await Expect(home.Page.Locator("input[name=note]")).ToHaveValueAsync("よろしくお願いします");
        Assert.True(await home.FitsItsWidthWithoutScripts());
        if (Environment.GetEnvironmentVariable("KOMACHI_PICTURES") is { Length: > 0 } pictures)
            await home.Page.ScreenshotAsync(new() { Path = Path.Combine(pictures, $"files-{width}{(scripts ? "" : "-plain")}.png"), FullPage = true });

        await box.Locator(".file-row-wrong button").ClickAsync();
        await Expect(box.Locator(".file-row-wrong")).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        await Expect(box.Locator(".file-row")).ToHaveCountAsync(1);
        await home.Page.Locator("#save button").ClickAsync();
        await town.Until("(SELECT belongs_to = 'papers/1' FROM files.stored)");
        Assert.Empty(home.Complaints);
    }
}
