using System.Text.Json;
using Komachi.Tests.Harness;
using Microsoft.Playwright;

namespace Komachi.Browser;

/// <summary>What a page costs whoever opens it: bytes over the wire, words before anything else, nothing that jumps.</summary>
public sealed class Weights(TestProgram program, Chromium chromium)
{
    /// <summary>A line of text that moves by its own height counts some thousandths; letters that settle by a part of a dot count less than this.</summary>
    const double Hair = 0.0001;

    [Fact]
    public async Task All_scripts_together_stay_small()
    {
        using var http = new HttpClient { BaseAddress = new(program.Url) };
        var assets = Path.Combine(AppContext.BaseDirectory, "assets");
        var scripts = Directory.EnumerateFiles(assets, "*.js", SearchOption.AllDirectories).Select(f => new FileInfo(f)).ToArray();
        Assert.NotEmpty(scripts);
        var bytes = scripts.Sum(s => s.Length);
        Assert.True(bytes < 40_000, $"{bytes} bytes in {string.Join(", ", scripts.Select(s => s.Name))}");
        // And they are what a page loads: nothing else runs there.
        var page = await http.GetStringAsync("/_ui", TestContext.Current.CancellationToken);
        Assert.All(page.Split("<script").Skip(1), script => Assert.StartsWith(" src=\"/assets/", script));
    }

    [Theory]
    [InlineData("onojo", 360, "")]
    [InlineData("oyabe", 1280, "")]
    [InlineData("komaki", 360, "/search?q=%E5%AD%90%E3%81%A9%E3%82%82")]
    [InlineData("katano", 1280, "/life/childcare")]
    public async Task A_towns_first_page_is_light_at_first_lighter_afterwards_and_does_not_jump(string like, int width, string path)
    {
        var town = await program.NewTown(like, livedIn: true);
        await using var window = await chromium.Open(program, width);
        var devtools = await window.Page.Context.NewCDPSessionAsync(window.Page);
        await devtools.SendAsync("Network.enable");
        var (wire, fonts) = (0.0, new List<string>());
        devtools.Event("Network.loadingFinished").OnEvent += (_, e) => wire += e!.Value.GetProperty("encodedDataLength").GetDouble();
        window.Page.Request += (_, request) => { if (request.ResourceType == "font") fonts.Add(request.Url); };
        await window.Page.AddInitScriptAsync("""
            window.jumped = 0
            new PerformanceObserver(list => { for (const entry of list.getEntries()) window.jumped += entry.value }).observe({ type: 'layout-shift', buffered: true })
            """);

        var first = await Visit();
        Assert.True(first < 120_000, $"{first} bytes at the first visit");
        Assert.InRange(await Jumped(), 0, Hair);
        var again = await Visit();
        Assert.True(again < 15_000, $"{again} bytes at the second visit");
        Assert.InRange(await Jumped(), 0, Hair);
        // Text is in the device's own fonts, so it waits for none.
        Assert.Empty(fonts);
        Assert.Equal(0, await window.Page.EvaluateAsync<int>("document.fonts.size"));
        Assert.Empty(window.Complaints);

        async Task<double> Visit()
        {
            wire = 0;
            await window.Page.GotoAsync($"/{town.Slug}{path}", new() { WaitUntil = WaitUntilState.NetworkIdle });
            return wire;
        }

        // Two frames later everything that was going to move has moved.
        Task<double> Jumped() => window.Page.EvaluateAsync<double>("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(window.jumped))))");
    }
}
