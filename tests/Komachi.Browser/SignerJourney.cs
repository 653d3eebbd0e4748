using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>The other guardian opens the link of the mail on a phone, reads, and signs.</summary>
public sealed class SignerJourney(TestProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(360, true)]
    [InlineData(360, false)]
    public async Task A_link_is_opened_read_and_signed(int width, bool scripts)
    {
        var town = await program.NewTown("onojo");
        var token = await Asked(town);
        await using var window = await chromium.Open(program, width, scripts, forAxe: scripts);
        var page = window.Page;
        await page.GotoAsync($"/{town.Slug}/procedures/sign/{token}");
        if (scripts) Assert.Empty(await window.AxeFinds());
        Assert.True(scripts ? await window.FitsItsWidth() : await window.FitsItsWidthWithoutScripts());
        if (Environment.GetEnvironmentVariable("KOMACHI_PICTURES") is { Length: > 0 } folder && Directory.Exists(folder)) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"sign-{width}.png"), FullPage = true });
        await page.Locator("[name=secondTruth]").CheckAsync();
        await page.Locator("[name=secondTaxConsent]").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "署名する", Exact = true }).ClickAsync();
        await Expect(page.GetByText("署名しました")).ToBeVisibleAsync();
        Assert.Empty(window.Complaints);
    }

    /// <summary>A draft that waits for the signature, and the link's secret.</summary>
    static async Task<string> Asked(TestTown town)
    {
        await using var db = town.Open();
        var sample = await FilledForm.AnswersOf(town, "childcare-place");
        var published = await db.Set<Published>().SingleAsync(d => d.Key == "childcare-place");
        var now = TimeProvider.System.GetUtcNow();
        var draft = Draft.Begin(published.Id, published.Procedure, published.Procedure.First, Way.Online, "ja", now);
        draft.NewKey();
        draft.Keep(sample, "ja", now);
        var token = Draft.NewSecret();
        db.Add(draft);
        db.Add(Signer.Ask(draft.Id, "secondGuardian", sample["secondEmail"]!.ToString(), Draft.HashOf(token), now));
        await db.Save();
        return token;
    }
}
