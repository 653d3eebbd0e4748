using System.Text.RegularExpressions;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Komachi.Tests.Procedures;
using Person = Komachi.Tests.Harness.Person;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace Komachi.Browser;

/// <summary>Every page that the program has, found by its routes: no axe violation, nothing outside the window, no complaint of the browser.</summary>
public abstract partial class EveryPage(TestProgram program, Chromium chromium)
{
    static readonly int[] Widths = [1280, 768, 360, 320];

    const string Words = "{ runOnly: ['document-title', 'html-has-lang', 'button-name', 'link-name', 'label', 'valid-lang', 'empty-heading', 'image-alt', 'aria-dialog-name', 'input-button-name', 'select-name'] }";

    /// <summary>
    /// Each page is opened once a language, and then looked at in other light and at other widths, which is what somebody who turns their phone does.
    /// What axe finds depends on the light for contrast alone, and on the language for names and words.
    /// </summary>
    protected async Task IsAccessibleAndFits(int half)
    {
        var town = await program.NewTown("oyabe", livedIn: true);
        await using var window = await chromium.Open(program, forAxe: true);
        var (page, wrong) = (window.Page, new List<string>());
        await OwePasswords(town, "koho", "hanako");
        foreach (var (path, access) in (await Pages(town)).Where((_, i) => i % 2 == half))
        {
            await page.Context.ClearCookiesAsync();
            if (access == Access.Resident || IsOwn(path)) await window.SignIn(town, "yoshiko");
            else if (path.EndsWith("new-password")) await window.SignIn(town, path.StartsWith("desk") ? "koho" : "hanako");
            else if (access == Access.AtTheDoor) await window.SignIn(town, path.StartsWith("desk") ? "joho" : "yoshiko", path.Contains("set-up") ? Waiting.SetUp : Waiting.SecondFactor);
            else if (access != Access.Anyone) await window.SignIn(town, WhoMay(access));
            foreach (var language in new[] { "", "/en", "/plain" })
            {
                var address = $"/{town.Slug}{language}/{path}".TrimEnd('/');
                await page.SetViewportSizeAsync(1280, 900);
                await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light, ForcedColors = ForcedColors.None });
                if ((await page.GotoAsync(address))!.Status == 403) wrong.Add($"{address} was not shown to whom it was to be shown");
                foreach (var width in Widths)
                {
                    await page.SetViewportSizeAsync(width, 900);
                    if (!await window.FitsItsWidth()) wrong.Add($"{address} is wider than {width} px");
                    if (language.Length > 0)
                    {
                        if (width == 360) await Look($"{address} at {width} px", Words);
                        continue;
                    }
                    if (width == 320) continue;    // laid out as at 360
                    await Look($"{address} at {width} px");
                    if (width == 768) continue;    // in other light between the two: EveryState, part by part
                    await Picture(path, width, ColorScheme.Light);
                    await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
                    await Look($"{address} at {width} px in the dark", Window.Contrast);
                    await Picture(path, width, ColorScheme.Dark);
                    await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light, ForcedColors = ForcedColors.Active });
                    await Look($"{address} at {width} px in forced colours", Window.Contrast);
                    await page.EmulateMediaAsync(new() { ForcedColors = ForcedColors.None });
                }
            }
        }
        wrong.AddRange(window.Complaints);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));

        async Task Look(string where, string options = "{}") => wrong.AddRange((await window.AxeFinds(options)).Select(found => $"{where}: {found}"));

        async Task Picture(string path, int width, ColorScheme scheme)
        {
            if (Environment.GetEnvironmentVariable("KOMACHI_TEST_PICTURES") is { Length: > 0 } folder && Path.Combine(folder, $"{width}-{scheme}") is var into && Directory.Exists(into))
                await page.ScreenshotAsync(new() { Path = Path.Combine(into, path.Replace('/', '_') + ".png"), FullPage = true });
        }
    }

    protected async Task CanBeWalkedThroughByKeyboard()
    {
        var town = await program.NewTown("oyabe", livedIn: true);
        await using var window = await chromium.Open(program, 1280);
        await window.SignIn(town, "joho");
        foreach (var (path, _) in await Pages(town))
        {
            await window.Page.GotoAsync($"/{town.Slug}/{path}".TrimEnd('/'));
            await window.Page.EvaluateAsync("""
                () => {
                  window.stops = [];
                  addEventListener('focusin', ({ target: e }) => {
                    const r = e.getBoundingClientRect();
                    // A card shows the focus of its link round the whole card.
                    const seen = [getComputedStyle(e), getComputedStyle(e, '::after')]
                      .some(s => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none');
                    window.stops.push((seen && r.width > 0 && r.height > 0 ? 'ok ' : 'unseen ') + [...document.querySelectorAll('*')].indexOf(e) + ' ' + e.outerHTML.slice(0, 120));
                  });
                }
                """);
            var visited = new HashSet<string>();
            for (var before = -1; visited.Count > before && visited.Count < 200;)    // out at the end, or round once
            {
                before = visited.Count;
                for (var i = 0; i < 20; i++) await window.Page.Keyboard.PressAsync("Tab");
                visited.UnionWith(await window.Page.EvaluateAsync<string[]>("window.stops"));
            }
            Assert.All(visited, at => Assert.True(at.StartsWith("ok"), $"{path}: focus is not visible on {at}"));
            Assert.True(visited.Count >= 3, $"{path}: only {visited.Count} places to reach");
        }
    }

    /// <summary>Those who came in with a password that a command printed.</summary>
    static async Task OwePasswords(TestTown town, params string[] names)
    {
        await using var db = town.Open();
        foreach (var account in await db.Set<Account>().Where(a => names.Contains(a.SignInName)).ToListAsync()) account.SetFirstPassword("kmqt7-w3xyz-pgh2n", TimeProvider.System.GetUtcNow());
        await db.Save();
    }

    protected async Task IsHtmlAsTheStandardSays()
    {
        var town = await program.NewTown("oyabe", livedIn: true);
        var (own, visitor, resident) = (await town.Resident("yoshiko"), town.Visitor(), await town.Resident());
        var staff = new Dictionary<string, Person>();
        foreach (var name in new[] { "joho", "shien", "jimu", "iin" }) staff[name] = await town.Staff(name);
        var seen = new List<(string, string)>();
        foreach (var (path, access) in await Pages(town))
        {
            var who = IsOwn(path) ? own : access == Access.Anyone || access == Access.AtTheDoor ? visitor : access == Access.Resident ? resident : staff[WhoMay(access)];
            foreach (var language in new[] { "", "en/", "plain/" }) seen.Add(($"{language}{path}", (await who.Open(language + path)).Html));
        }
        var wrong = await Vnu.Complaints(seen, TestContext.Current.CancellationToken);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>A person as they are, and one who is protected.</summary>
    static async Task<(Guid Known, Guid Protection)> Persons(TestTown town)
    {
        await using var db = town.Open();
        var known = await db.Set<Account>().Where(a => a.SignInName == "yoshiko").Select(a => a.PersonId!.Value).SingleAsync();
        var hanako = await db.Set<Account>().Where(a => a.SignInName == "hanako").Select(a => a.PersonId!.Value).SingleOrDefaultAsync();
        var (now, shien) = (TimeProvider.System.GetUtcNow(), await db.Set<Account>().Where(a => a.SignInName == "shien").Select(a => a.Id).SingleAsync());
        var today = Komachi.Platform.Days.JapanTime.DayOf(now);
        var protection = Protection.Of(hanako == default ? known : hanako, "見本の相談窓口", today, today.AddYears(1), shien, now);
        db.Add(protection);
        await db.Save();
        return (known, protection.Id);
    }

    /// <summary>Among the staff of a demo town.</summary>
    static string WhoMay(Access access) => access.Key switch
    {
        "people.protected" => "shien",
        "plan.decide" or "procedures.decide" or "procedures.seal" or "procedures.approve" => "iin",
        "plan.draft" or "plan.check" or "procedures.review" or "procedures.assist" or "procedures.keep" => "jimu",
        _ => "joho",
    };

    /// <summary>Pages of one's own filings, which are there for nobody else.</summary>
    static bool IsOwn(string path) => path.StartsWith("procedures/cases/") || path.StartsWith("procedures/letters/") || path.StartsWith("procedures/filling/") || path.StartsWith("procedures/family/");

    static async Task<(Guid Correcting, Guid Letter)> OwnFilings(TestTown town)
    {
        await using var db = town.Open();
        var mine = db.Set<Komachi.Procedures.Case>().Where(c => c.AccountId != null);
        return (await mine.Where(c => c.State == Komachi.Procedures.CaseState.Correcting).Select(c => c.Id).FirstAsync(), await db.Set<Komachi.Procedures.Letter>().Where(l => mine.Any(c => c.Id == l.CaseId)).Select(l => l.Id).FirstAsync());
    }

    /// <summary>A letter that every clerk may see: about nobody whom the town knows, so about nobody who is protected.</summary>
    static async Task<Guid> LetterOfNobodyKnown(TestTown town)
    {
        await using var db = town.Open();
        return await db.Set<Komachi.Procedures.Letter>().Where(l => db.Set<Komachi.Procedures.Case>().Any(c => c.Id == l.CaseId && c.PersonId == null)).Select(l => l.Id).FirstAsync();
    }

    /// <summary>All pages read with GET; where the address has an id, one that exists is found by following links.</summary>
    async Task<IReadOnlyList<(string Path, Access Access)>> Pages(TestTown town)
    {
        var pages = new List<(string, Access)>();
        var sought = new List<(Regex Shape, RouteEndpoint Route)>();
        var (staff, visitor) = (await town.Staff("joho"), town.Visitor());
        await Prepare(staff);
        var (known, hidden) = await Persons(town);
        var (correcting, letter) = await OwnFilings(town);
        var paper = await PaperForm(town);
        var follow = new Queue<(string Path, bool Desk)>();
        foreach (var route in program.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var place = route.Metadata.GetMetadata<EndpointPlace>();
            if (place is null || place.Side == Side.Api || !route.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Contains("GET")) continue;
            var path = route.RoutePattern.RawText!.Trim('/');
            if (path.Contains('.') || path.EndsWith("/file") || path.EndsWith("/pdf") || path.EndsWith("/paper") || path.StartsWith("furigana/")) continue;    // a feed, a style sheet, a file, a paper, a switch that leads back
            // Where a code is typed: the page is there before anybody knows whether the code is.
            if (path.EndsWith("code/{id:guid}") || path.EndsWith("forgot/{id:guid}") || path.EndsWith("address/{id:guid}")) path = path.Replace("{id:guid}", Guid.CreateVersion7().ToString());
            // The pages of events in life differ in words alone.
            if (path == "life/{key}") path = "life/moving";
            if (path == "procedures/{key}") path = "procedures/dog-registration";
            // Of the sample filings that yoshiko has: one that is to be corrected, and a letter.
            if (path.StartsWith("procedures/cases/{id:guid}")) path = path.Replace("{id:guid}", $"{correcting}");
            if (path.StartsWith("desk/procedures/letters/{id:guid}")) path = path.Replace("{id:guid}", $"{await LetterOfNobodyKnown(town)}");
            if (path.StartsWith("procedures/letters/{id:guid}")) path = path.Replace("{id:guid}", $"{letter}");
            if (path.Contains('{')) sought.Add((new("^/" + Regex.Escape(town.Slug) + "/" + Parameter().Replace(Regex.Escape(path).Replace("\\{", "{"), "[0-9a-f-]{36}") + "$"), route));
            else
            {
                pages.Add((path, route.Metadata.GetRequiredMetadata<Access>()));
                follow.Enqueue((path, place.Side == Side.Desk));
            }
        }
        for (var opened = 0; sought.Count > 0 && opened < 1500 && follow.TryDequeue(out var next); opened++)
        {
            var links = (await (next.Desk ? staff : visitor).Open(next.Path)).All("main a[href]").Select(a => a.GetAttribute("href")!).ToArray();
            // A list beside which the chosen one stands is a page of its own.
            if (!next.Path.Contains('?') && links.FirstOrDefault(l => l.Contains("show=")) is { } chosen && chosen.StartsWith($"/{town.Slug}/{next.Path}?", StringComparison.Ordinal))
            {
                chosen = chosen[(town.Slug.Length + 2)..].Split('#')[0];
                pages.Add((chosen, pages.Single(p => p.Item1 == next.Path).Item2));
                follow.Enqueue((chosen, next.Desk));
            }
            foreach (var href in links.Select(l => l.Split('?')[0]).Distinct())
            {
                if (sought.FirstOrDefault(s => s.Shape.IsMatch(href)) is { Route: { } route } found)
                {
                    sought.Remove(found);
                    pages.Add((href[(town.Slug.Length + 2)..], route.Metadata.GetRequiredMetadata<Access>()));
                }
                if (Parameter().IsMatch(href) || href.Length > 36 && Guid.TryParse(href[^36..], out _)) follow.Enqueue((href, href.StartsWith($"/{town.Slug}/desk", StringComparison.Ordinal)));
            }
        }
        var (filed, many, asked, granted) = await Filings(town);
        // Of persons there are no lists: who is looked for is found by a name.
        var begun = await Begun.In(town);
        foreach (var (shape, route) in sought.ToArray())
        {
            var path = route.RoutePattern.RawText!.Trim('/');
            if (begun.Of(path) is { } own)
            {
                pages.Add((own, route.Metadata.GetRequiredMetadata<Access>()));
                sought.Remove((shape, route));
                continue;
            }
            if (path == "plan/measures/{code}")
            {
                pages.Add(("plan/measures/I-1-1", route.Metadata.GetRequiredMetadata<Access>()));
                sought.Remove((shape, route));
            }
            if (path.StartsWith("desk/plan/actuals/{")) sought.Remove((shape, route));    // Oyabe's plan names no indicators: ActualsJourney looks at it
            if (path.StartsWith("desk/procedures/cases/{id:guid}", StringComparison.Ordinal) || path is "desk/procedures/many/{id:guid}" or "desk/procedures/assist/{id:guid}/{stage}")
            {
                var of = path.Contains("many") ? many : path.Contains("/answer") ? asked : path.Contains("assist") ? granted : filed;
                pages.Add((path.Replace("{id:guid}", $"{of}").Replace("{stage}", "report"), route.Metadata.GetRequiredMetadata<Access>()));
                sought.Remove((shape, route));
            }
            // Of the form that somebody is drawing up.
            if (path.StartsWith("desk/procedures/papers/{", StringComparison.Ordinal))
            {
                pages.Add((path.Replace("{id:guid}", $"{paper}").Replace("{page}", "1").Replace("{field}", "1"), route.Metadata.GetRequiredMetadata<Access>()));
                sought.Remove((shape, route));
            }
            // Of the sample round that a town brings along.
            if (path is "desk/plan/sheets/{number}" or "desk/plan/rounds/{label}")
            {
                var year = new Komachi.Plan.PlanYear(Komachi.Platform.Days.FiscalYear.Of(Komachi.Platform.Days.JapanTime.Today(TimeProvider.System)).Year + 1).Label;
                pages.Add((path.Replace("{number}", $"{year}-004").Replace("{label}", year), route.Metadata.GetRequiredMetadata<Access>()));
                sought.Remove((shape, route));
            }
            if (path.StartsWith("desk/procedures/kept/{"))
            {
                pages.Add((path.Replace("{key}", "dog-registration").Replace("{number}", "1"), route.Metadata.GetRequiredMetadata<Access>()));
                sought.Remove((shape, route));
            }
            if (path.Contains("files/") || path.Contains("postcodes/") || path.Contains("my-numbers/kept")) sought.Remove((shape, route));    // bytes and data, not pages; and numbers that no module of the house asks for yet
            else if (path.StartsWith("desk/persons/{") || path.StartsWith("desk/rights/{") || path.StartsWith("desk/protected/{") || path is "desk/retention/{kind}" or "desk/languages/{code}")
            {
                pages.Add((Parameter().Replace(path, path.StartsWith("desk/protected") ? $"{hidden}" : path.EndsWith("{kind}") ? "people.codes" : path.EndsWith("{code}") ? "pt" : $"{known}"), route.Metadata.GetRequiredMetadata<Access>()));
                sought.Remove((shape, route));
            }
        }
        Assert.True(sought.Count == 0, $"No link leads to {string.Join(", ", sought.Select(s => s.Route.RoutePattern.RawText))}");
        return pages;
    }

    /// <summary>A filing that waits at the desk, something that was done to several, a filing that is to be corrected, and one of which a report is due.</summary>
    static async Task<(Guid Filed, Guid Many, Guid Asked, Guid Granted)> Filings(TestTown town)
    {
        var (filed, other, granted) = (await town.File("dog-registration"), await town.File("digital-subsidy"), await town.File("digital-subsidy"));
        await town.AskToCorrect(filed.Id, "犬の名前を確かめてください（見本）。", "dogName");
        await town.Grant(granted.Id, new() { ["grantedAmount"] = 200_000 });
        await using var db = town.Open();
        var run = new Komachi.Procedures.BulkRun { What = Komachi.Procedures.BulkDeed.Accept, Cases = [filed.Id, other.Id], ById = await town.IdOf("jimu"), BegunAt = TimeProvider.System.GetUtcNow() };
        db.Add(run);
        await db.Save();
        return (other.Id, run.Id, filed.Id, granted.Id);
    }

    /// <summary>What a town does not bring along, and a page shows: a language that it adds, a reorganisation that somebody prepares.</summary>
    static async Task Prepare(Person staff)
    {
        await staff.Submit(await staff.Open("desk/languages"), new() { ["code"] = "pt" });
        await staff.Submit(await staff.Open("desk/offices/changes/new"), new()
        {
            ["title"] = "見本の組織改編", ["departments"] = "区分,部署コード,名称,引継先コード\n新設,0190,未来創造課,\n廃止,0101,,0190\n変更,0102,,\n", ["moves"] = "区分,ログイン名,部署コード,役割\n異動,koho,0190,publisher\n",
        });
        var system = await staff.Submit(await staff.Open("desk/systems/new"), new() { ["name"] = "見本の基幹システム", ["whomToAsk"] = "見本システム株式会社", ["email"] = "keeper@example.jp" });
        await staff.Submit(system, form: "form[action$=keys]");
        await staff.Submit(await staff.Open($"{new Uri(system.Url).AbsolutePath}/subscribe"), new() { ["url"] = "https://systems.example.jp/komachi", ["event"] = "procedures.case_arrived" });
    }

    /// <summary>The town's own form, on which somebody places what is to be printed.</summary>
    async Task<Guid> PaperForm(TestTown town)
    {
        await using var db = town.Open();
        var (plain, pages) = Komachi.Procedures.PlainPdf.Of(await Komachi.Tests.Procedures.SamplePaper.Pdf(program));
        var background = new Komachi.Procedures.Background { Bytes = plain };
        var form = Komachi.Procedures.OwnForm.Draft("dog-registration", "", 1, "様式第1号（見本）", background, pages, [new(1, "ownerName", 1, 65, 60, 100, 8), new(2, "dogSex=male", 1, 70, 118, 10, 8)], TimeProvider.System.GetUtcNow());
        db.AddRange(background, form);
        await db.Save();
        return form.Id;
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}

// Side by side: the tests of one class run one after the other.

public sealed class EveryPageOfOneHalf(TestProgram program, Chromium chromium) : EveryPage(program, chromium)
{
    [Fact]
    public Task Is_accessible_and_fits() => IsAccessibleAndFits(half: 0);

    [Fact]
    public Task Is_html_as_the_standard_says() => IsHtmlAsTheStandardSays();
}

public sealed class EveryPageOfTheOtherHalf(TestProgram program, Chromium chromium) : EveryPage(program, chromium)
{
    [Fact]
    public Task Is_accessible_and_fits() => IsAccessibleAndFits(half: 1);
}

public sealed class EveryPageByKeyboard(TestProgram program, Chromium chromium) : EveryPage(program, chromium)
{
    [Fact]
    public Task Can_be_walked_through() => CanBeWalkedThroughByKeyboard();
}
