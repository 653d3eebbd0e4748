using System.Text.Json;
using Komachi.Tests.Harness;
using Komachi.Ui.States;
using Komachi.Ui.Words;
using Microsoft.Playwright;

namespace Komachi.Browser;

/// <summary>Every part of the pages in every state, as /_ui shows it: usable in all light, at all widths, by keyboard alone.</summary>
public sealed class EveryState(TestProgram program, Chromium chromium)
{
    static readonly int[] Widths = [1280, 768, 360, 320];

    /// <summary>The page of each part; a state that is more than a piece of the main text has a page of its own.</summary>
    internal static IEnumerable<string> Addresses =>
        Gallery.All.SelectMany(part => part.States.Where(s => s.Place != Place.InMain).Select(s => part.AddressOf(Lang.Japanese, s.Name)).Prepend(part.AddressOf(Lang.Japanese))).Prepend("/_ui");

    /// <summary>
    /// Each page is opened once and then looked at in other light and at other widths, which is what somebody who turns their phone
    /// does. What axe finds does not depend on the light but for contrast.
    /// </summary>
    [Fact]
    public async Task Is_accessible_and_whole_in_all_light_and_at_all_widths()
    {
        await using var window = await chromium.Open(program, forAxe: true);
        var (page, wrong) = (window.Page, new List<string>());
        foreach (var address in Addresses)
        {
            await page.SetViewportSizeAsync(1280, 900);
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light, ForcedColors = ForcedColors.None });
            await page.GotoAsync(address);
            foreach (var details in await page.QuerySelectorAllAsync("main > .state .disclosure:not([open]) summary")) await details.EvaluateAsync("s => s.parentElement.open = true");
            foreach (var width in Widths)
            {
                await page.SetViewportSizeAsync(width, 900);
                await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light, ForcedColors = ForcedColors.None });
                await Look($"{address} at {width} px", all: true);
                await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
                await Look($"{address} at {width} px in the dark", all: false);
                await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light, ForcedColors = ForcedColors.Active });
                await Look($"{address} at {width} px in forced colours", all: false);
            }
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light, ForcedColors = ForcedColors.None });
            await page.AddStyleTagAsync(new() { Content = "html { font-size: 200% !important }" });
            foreach (var width in new[] { 1280, 768 })
            {
                await page.SetViewportSizeAsync(width, 900);
                await Fits($"{address} at {width} px with text of twice the size");
            }
        }
        wrong.AddRange(window.Complaints);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));

        async Task Look(string where, bool all)
        {
            // A page that shows ten breadcrumbs has ten landmarks of the same name, which no page of the program does.
            var found = await window.AxeFinds(all ? "{ rules: { 'landmark-unique': { enabled: false } } }" : Window.Contrast);
            wrong.AddRange(found.Select(f => $"{where}: {f}"));
            if (all) await Fits(where);
        }

        async Task Fits(string where)
        {
            if (!await window.FitsItsWidth()) wrong.Add($"{where} is wider than the window: {await page.EvaluateAsync<string>(WhatSticksOut)}");
            wrong.AddRange((await page.EvaluateAsync<string[]>(WhatIsCutOff)).Select(cut => $"{where} cuts off {cut}"));
        }
    }

    const string WhatSticksOut = """
        () => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest('.table-box, pre')).slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(' · ')
        """;

    /// <summary>Words that are wider or higher than a box that hides what does not fit; what is hidden from eyes on purpose is no box.</summary>
    const string WhatIsCutOff = """
        () => [...document.querySelectorAll('body *')].filter(e => {
          if (e.closest('.unseen, svg, thead, [popover]:not(:popover-open), dialog:not([open]), select, input, textarea, progress')) return false
          const style = getComputedStyle(e)
          if (style.clipPath === 'inset(50%)') return false    // for screen readers alone
          const hides = v => v === 'hidden' || v === 'clip'
          return hides(style.overflowX) && e.scrollWidth > e.clientWidth + 1 || hides(style.overflowY) && e.scrollHeight > e.clientHeight + 1
        }).map(e => e.outerHTML.slice(0, 120))
        """;

    /// <summary>In the other languages words are longer or shorter; the rest is the same.</summary>
    [Fact]
    public async Task Fits_a_small_phone_in_every_language()
    {
        await using var window = await chromium.Open(program, 320);
        var wrong = new List<string>();
        foreach (var lang in Lang.Shipped.Where(l => l != Lang.Japanese))
            foreach (var address in Addresses)
            {
                await window.Page.GotoAsync(lang.Segment + address);
                if (!await window.FitsItsWidth()) wrong.Add($"{lang.Segment}{address}: {await window.Page.EvaluateAsync<string>(WhatSticksOut)}");
            }
        wrong.AddRange(window.Complaints);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Can_be_walked_through_by_keyboard_in_order_and_out_again()
    {
        await using var window = await chromium.Open(program);
        var (page, wrong) = (window.Page, new List<string>());
        foreach (var address in Addresses)
        {
            await page.GotoAsync(address);
            var wanted = (await page.EvaluateAsync<int[]>("""
                () => {
                  window.places = [...document.querySelectorAll('*')]
                  const radios = new Set()
                  return window.places.map((e, i) => [e, i]).filter(([e]) => {
                    if (!e.matches('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]') || e.disabled || e.tabIndex < 0 || e.closest('[inert]') || !e.checkVisibility()) return false
                    // One stop for a group of radios: the chosen one, or the first.
                    if (e.type !== 'radio') return true
                    const group = [...document.getElementsByName(e.name)]
                    return e === (group.find(r => r.checked) ?? group[0])
                  }).map(([, i]) => i)
                }
                """)).ToHashSet();
            // A page with errors begins at their list: what stands before is behind whoever walks on.
            var (last, left) = (await page.EvaluateAsync<int>("document.activeElement === document.body ? -1 : window.places.indexOf(document.activeElement)"), false);
            wanted.RemoveWhere(place => place < last);
            for (var i = 0; i < 400 && !left; i++)
            {
                await page.Keyboard.PressAsync("Tab");
                var at = await page.EvaluateAsync<JsonElement>("""
                    () => {
                      const e = document.activeElement
                      if (!e || e === document.body) return null
                      const r = e.getBoundingClientRect()
                      const ringed = [getComputedStyle(e), getComputedStyle(e, '::after')].some(s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none')
                      const within = r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth
                      return { at: window.places.indexOf(e), seen: ringed && within && r.width > 0 && r.height > 0, html: e.outerHTML.slice(0, 120) }
                    }
                    """);
                if (at.ValueKind == JsonValueKind.Null) { left = true; break; }
                var (place, html) = (at.GetProperty("at").GetInt32(), at.GetProperty("html").GetString());
                if (place < last) { left = true; break; }    // round once
                // A date has a stop for each part of it, which the browser marks itself.
                if (place != last && !at.GetProperty("seen").GetBoolean()) wrong.Add($"{address}: focus is not seen on {html}");
                wanted.Remove(place);
                last = place;
            }
            if (!left) wrong.Add($"{address}: the walk does not end");
            if (wanted.Count > 0) wrong.Add($"{address}: not reached, or out of order: {string.Join(" · ", await page.EvaluateAsync<string[]>("is => is.map(i => window.places[i].outerHTML.slice(0, 120))", wanted.ToArray()))}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Is_html_as_the_standard_says()
    {
        using var http = new HttpClient { BaseAddress = new(program.Url) };
        var seen = new List<(string, string)>();
        foreach (var address in Gallery.All.SelectMany(part => part.States.Select(s => part.AddressOf(Lang.Japanese, s.Name))).Concat(Addresses).Distinct())
            seen.Add((address, await http.GetStringAsync(address, TestContext.Current.CancellationToken)));
        var wrong = await Vnu.Complaints(seen, TestContext.Current.CancellationToken);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task A_dialog_opens_over_the_page_gives_its_focus_back_and_is_a_page_without_scripts()
    {
        await using var window = await chromium.Open(program);
        await window.Page.GotoAsync("/_ui/dialog/closed");
        var opener = window.Page.GetByRole(AriaRole.Link, new() { Name = "予約を取り消す" });
        await opener.FocusAsync();
        await window.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await window.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        await Assertions.Expect(opener).ToBeFocusedAsync();

        await using var plain = await chromium.Open(program, scripts: false);
        await plain.Page.GotoAsync("/_ui/dialog/closed");
        await plain.Page.GetByRole(AriaRole.Link, new() { Name = "予約を取り消す" }).ClickAsync();
        Assert.EndsWith("#withdraw-page", plain.Page.Url);
    }

    [Fact]
    public async Task A_bulk_bar_says_how_many_rows_are_ticked()
    {
        await using var window = await chromium.Open(program);
        await window.Page.GotoAsync("/_ui/bulk-bar/basic");
        await Assertions.Expect(window.Page.Locator("[data-bulk-count]")).ToHaveTextAsync("1件を選択中");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "このページの全件を選ぶ" }).ClickAsync();
        await Assertions.Expect(window.Page.Locator("[data-bulk-count]")).ToHaveTextAsync("2件を選択中");
        await window.Page.GetByRole(AriaRole.Checkbox, new() { Name = "P4T8-2HJCを選ぶ" }).UncheckAsync();
        await Assertions.Expect(window.Page.Locator("[data-bulk-count]")).ToHaveTextAsync("1件を選択中");
    }

    [Fact]
    public async Task A_part_or_state_that_there_is_not_is_a_page_that_says_so()
    {
        using var http = new HttpClient { BaseAddress = new(program.Url) };
        foreach (var address in new[] { "/_ui/nothing", "/_ui/button/nothing", "/en/_ui/nothing" })
        {
            using var answer = await http.GetAsync(address, TestContext.Current.CancellationToken);
            Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Contains("<h1", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }
}
