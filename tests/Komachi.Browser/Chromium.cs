using Deque.AxeCore.Commons;
using Komachi.Platform.People;
using Komachi.Tests.Harness;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Komachi.Browser.Chromium))]

namespace Komachi.Browser;

/// <summary>Debian's Chromium, started once; each test opens windows of its own, which share nothing.</summary>
public sealed class Chromium : IAsyncLifetime
{
    IPlaywright _playwright = null!;
    IBrowser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.First(File.Exists),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--font-render-hinting=none"],
        });
    }

    // In every page from the start: fetched through the package's own RunAxe it took longer to come than all that it then looks at.
    static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    /// <summary>A window: how wide, with or without scripts; what the page complains about is an error of the test.</summary>
    public async Task<Window> Open(TestProgram program, int width = 1280, bool scripts = true, ColorScheme scheme = ColorScheme.Light, bool forAxe = false, string? url = null, float scale = 1)
    {
        var context = await _browser.NewContextAsync(new()
        {
            BaseURL = url ?? program.Url,
            ViewportSize = new() { Width = width, Height = width < 600 ? 740 : 900 },
            JavaScriptEnabled = scripts,
            DeviceScaleFactor = scale,
            ColorScheme = scheme,
            Locale = "ja-JP",
            TimezoneId = "Asia/Tokyo",
            BypassCSP = forAxe,    // axe is a script of its own; pages are checked without this by the journeys
        });
        if (forAxe) await context.AddInitScriptAsync(Axe);
        return new(context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}

public sealed class Window : IAsyncDisposable
{
    readonly IBrowserContext _context;

    public IPage Page { get; }

    /// <summary>Errors in the console, blocked requests, and requests to anywhere but the program.</summary>
    public List<string> Complaints { get; } = [];

    public Window(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) =>
        {
            // Chromium says that a page was answered with 4xx; tests look at the page itself.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal)) Complaints.Add(message.Text);
        };
        page.PageError += (_, error) => Complaints.Add(error);
        page.Request += (_, request) =>
        {
            var to = new Uri(request.Url);
            if (to.Scheme is "http" or "https" && to.Host is not ("127.0.0.1" or "localhost")) Complaints.Add("asked " + request.Url);
        };
    }

    /// <summary>Signed in from the start; the journeys on signing in go through the door.</summary>
    public async Task SignIn(TestTown town, string name, Waiting? waitsFor = null)
    {
        var cookie = await town.SessionOf(name, waitsFor);
        await _context.AddCookiesAsync([new() { Name = cookie.Name, Value = cookie.Value, Url = $"{town.Program.Url}/{town.Slug}" }]);
    }

    /// <summary>Nothing stands outside the window: a page never scrolls sideways.</summary>
    public async Task<bool> FitsItsWidth() =>
        await Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth");

    /// <summary>Presses the button of a form and waits for the page that comes of it.</summary>
    public async Task Press(string button)
    {
        var come = new TaskCompletionSource();
        void Come(object? _, IPage __) => come.TrySetResult();
        Page.DOMContentLoaded += Come;
        await Page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
        await come.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Page.DOMContentLoaded -= Come;
    }

    /// <summary>What axe complains of, in a window that was opened for it. Its options are an object in JavaScript.</summary>
    public async Task<IEnumerable<string>> AxeFinds(string options = "{}") => await Page.EvaluateAsync<string[]>($$"""
        axe.run(document, { resultTypes: ['violations'], ...{{options}} })
          .then(r => r.violations.map(v => `${v.id} (${v.help}) at ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' · ')}`))
        """);

    public const string Contrast = "{ runOnly: ['color-contrast'] }";

    /// <summary>The same by measuring from outside, for windows whose scripts are off.</summary>
    public async Task<bool> FitsItsWidthWithoutScripts()
    {
        var main = await Page.Locator("main").BoundingBoxAsync();
        return main is not null && main.X >= 0 && main.X + main.Width <= Page.ViewportSize!.Width + 0.5;
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
