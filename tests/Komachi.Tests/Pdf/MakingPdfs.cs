using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Komachi.Platform.Pdf;

namespace Komachi.Tests.Pdf;

/// <summary>What comes out of the press: a document that a screen reader reads, that shows the same everywhere, and that asked for nothing.</summary>
[Trait("Category", "long")]
public sealed class MakingPdfs
{
    [Fact]
    public async Task A_pdf_says_what_it_is_and_is_tagged()
    {
        await using var room = new PressRoom();
        var pdf = await room.Press.Print(PressRoom.Sheet("""
            <h1>休館のお知らせ</h1><p>本文です。</p><h2>日程</h2>
            <table><thead><tr><th scope="col">施設</th><th scope="col">日</th></tr></thead><tbody><tr><td>図書館</td><td>二日</td></tr></tbody></table>
            <p><img src="plan.svg" alt="案内図"></p>
            """, parts: new Dictionary<string, SheetPart> { ["plan.svg"] = new("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'><circle r='20' cx='20' cy='20'/></svg>"u8.ToArray()) }));

        var info = await PressRoom.Info(pdf);
        Assert.Matches(@"Title:\s+お知らせ - 見本市\n", info);
        Assert.Matches(@"Author:\s+見本市\n", info);
        Assert.Matches(@"Creator:\s+Komachi\n", info);
        Assert.Matches(@"Tagged:\s+yes", info);
        Assert.Matches(@"JavaScript:\s+no", info);
        Assert.Matches(@"Page size:.*A4", info);
        var plain = Encoding.Latin1.GetString(pdf);
        foreach (var mark in new[] { "/StructTreeRoot", "/Lang (ja)", "/Marked true", "/DisplayDocTitle true", "/Outlines", $"/Alt <FEFF{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes("案内図"))}>" }) Assert.Contains(mark, plain);

        var structure = await PressRoom.Structure(pdf);
        foreach (var tag in new[] { "H1", "H2", "P", "Table", "TR", "TH", "TD", "Figure" }) Assert.Matches($@"(?m)^\s*{tag}\b", structure);
        Assert.Contains("/Scope /Column", structure);
        Assert.Contains("図書館", structure);

        var english = await room.Press.Print(PressRoom.Sheet("<h1>Closed</h1>", lang: "en"));
        Assert.Contains("/Lang (en)", Encoding.Latin1.GetString(english));
    }

    [Fact]
    public async Task Names_come_out_as_they_were_written_and_every_font_is_inside()
    {
        await using var room = new PressRoom();
        // Outside the first plane, a variation selector, the same without, letters that other encodings lose, a long vowel mark.
        string[] names = ["𠮷田 葛󠄀子", "葛󠄁城", "葛", "髙橋 﨑", "邉󠄄", "ラーメン～①", "ﾊﾝｶｸ"];
        var pdf = await room.Press.Print(PressRoom.Sheet($"<h1>氏名の一覧</h1>{string.Concat(names.Select(n => $"<p>{n}</p>"))}<div class=\"paper-formal\">{string.Concat(names.Select(n => $"<p>{n}</p>"))}<p><b>太字</b></p></div>"));

        // Fonts stand on lines of different heights, so where a line ends is the reader's guess; which characters follow each other is not.
        Assert.Equal($"1/1氏名の一覧{string.Concat(names)}{string.Concat(names)}太字".Replace(" ", ""), string.Concat((await PressRoom.Text(pdf)).Where(c => !char.IsWhiteSpace(c))));

        var fonts = (await PressRoom.Fonts(pdf)).Split('\n').Skip(2).Where(l => l.Length > 0).ToArray();
        Assert.All(fonts, line => Assert.Matches(@" yes (yes|no )\s+yes\s+\d+\s+0$", line));    // emb, sub, uni: inside, and every glyph has its character
        foreach (var ours in new[] { "BIZUDPGothic-Regular", "BIZUDPGothic-Bold", "IPAmjMincho" }) Assert.Contains(fonts, line => line.Contains(ours) && line.Contains("CID TrueType"));
    }

    [Fact]
    public async Task Pages_are_numbered_also_two_hundred_of_them()
    {
        await using var room = new PressRoom();
        var pdf = await room.Press.Print(PressRoom.Pages(200));
        Assert.Equal(200, await PressRoom.PagesOf(pdf));
        var pages = (await PressRoom.Text(pdf)).Split('\f', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(200, pages.Length);
        for (var n = 1; n <= 200; n++)
        {
            Assert.Contains($"第{n}章", pages[n - 1]);
            Assert.Matches($@"(?m)^{n}\s*/\s*200\s*$", pages[n - 1]);
        }
    }

    [Fact]
    public async Task Twenty_at_once_are_each_their_own()
    {
        await using var room = new PressRoom();
        var all = await Task.WhenAll(Enumerable.Range(1, 20).Select(n => room.Press.Print(PressRoom.Sheet($"<h1>通知書{n}号</h1>"))));
        for (var n = 1; n <= 20; n++) Assert.Contains($"\n通知書{n}号\n", await PressRoom.Text(all[n - 1]));
        Assert.Empty(room.Said);
    }

    /// <summary>Also with the walls taken down one by one: each alone has to hold.</summary>
    [Theory, InlineData(0), InlineData(1)]
    public async Task Nothing_is_asked_from_outside(int walls)
    {
        using var outside = new Listener();
        await using var room = new PressRoom(new() { FirstWalls = walls });
        var there = outside.Address;
        var pdf = await room.Press.Print(PressRoom.Sheet($"""
            <h1>外を見ない</h1>
            <img src="{there}/picture.png"><img src="//127.0.0.1:{outside.Port}/two.png" srcset="{there}/three.png 2x"><picture><source srcset="{there}/four.webp"><img src="/not-given.png"></picture>
            <iframe src="{there}/frame"></iframe><iframe srcdoc="&lt;img src='{there}/inner.png'&gt;"></iframe><object data="{there}/object"></object><embed src="{there}/embed">
            <video src="{there}/film" poster="{there}/poster.png" autoplay></video><audio src="{there}/sound" autoplay></audio>
            <svg><image href="{there}/image.svg" /><use href="{there}/use.svg#a" /></svg>
            <p style="background:url({there}/style.png)">本文</p>
            <script src="{there}/script.js"></script><script>document.body.append('スクリプトが動いた'); fetch('{there}/fetch')</script>
            <form action="{there}/form"><input type="image" src="{there}/input.png"></form>
            <table background="{there}/table.png"><tr><td>表</td></tr></table><img src="file:///etc/passwd"><iframe src="file:///etc/passwd"></iframe>
            """, $"""
            <link rel="stylesheet" href="{there}/sheet.css"><link rel="stylesheet" href="/mine.css"><style>@import url({there}/inline.css); body { "{" } background: url({there}/inline.png) { "}" }</style>
            <link rel="icon" href="{there}/icon.png"><link rel="preload" as="image" href="{there}/preload.png"><link rel="prefetch" href="{there}/prefetch"><link rel="preconnect" href="{there}"><link rel="dns-prefetch" href="{there}">
            <link rel="modulepreload" href="{there}/module.js"><link rel="prerender" href="{there}/prerender"><link rel="manifest" href="{there}/manifest">
            <meta http-equiv="refresh" content="0;url={there}/refresh"><base href="{there}/base/">
            """, parts: new Dictionary<string, SheetPart>
            {
                ["mine.css"] = PressRoom.Css($"@import url({there}/import.css); @font-face {{ font-family: F; src: url({there}/font.woff2) }} h1 {{ font-family: F; list-style-image: url({there}/list.png); content: url({there}/content.png) }} body {{ background: url({there}/css.png) }}"),
            }));
        Assert.Equal(walls, Array.IndexOf(Walls.All, room.Press.Current!.Walls));
        var text = await PressRoom.Text(pdf);
        Assert.Contains("本文", text);
        Assert.DoesNotContain("スクリプト", text);
        Assert.DoesNotContain("root:", text);
        await room.DisposeAsync();    // whatever was still to be asked was asked by now
        Assert.Equal([], outside.Heard);

        // The listener does hear.
        using (var client = new TcpClient()) await client.ConnectAsync(IPAddress.Loopback, outside.Port);
        await PressRoom.Until("the listener hears", () => outside.Heard.Count == 1);
    }

    [Fact]
    public async Task Chromium_gets_none_of_our_environment_and_is_not_root()
    {
        await using var room = new PressRoom();
        await room.Press.Print(PressRoom.Sheet("<p>一枚</p>"));
        var chromium = room.Press.Current!.ProcessId;
        Assert.DoesNotContain("KOMACHI", await File.ReadAllTextAsync($"/proc/{chromium}/environ"));
        Assert.Contains("KOMACHI_TEST_POSTGRES", await File.ReadAllTextAsync("/proc/self/environ"));
        var seen = 0;
        foreach (var process in PressRoom.Session(chromium))
            try
            {
                Assert.DoesNotMatch(@"(?m)^Uid:\s+0\s", await File.ReadAllTextAsync($"/proc/{process}/status"));
                Assert.DoesNotContain("--remote-debugging-port", await File.ReadAllTextAsync($"/proc/{process}/cmdline"));
                seen++;
            }
            catch (IOException) { }    // some of its helpers end by themselves
        Assert.True(seen >= 2, $"{seen} processes were seen");
        // Its walls stand, here and wherever the tests run with user namespaces: a network of its own, and for what draws pages a world of its own.
        Assert.Equal(Walls.All[0], room.Press.Current.Walls);
        Assert.NotEqual(Namespace("self", "net"), Namespace($"{chromium}", "net"));
        Assert.Contains(PressRoom.Session(chromium), process => Namespace($"{process}", "pid") is { } own && own != Namespace($"{chromium}", "pid"));

        static string? Namespace(string process, string kind) => new FileInfo($"/proc/{process}/ns/{kind}").LinkTarget;
    }

    sealed class Listener : IDisposable
    {
        readonly TcpListener _door = new(IPAddress.Loopback, 0);

        public Listener()
        {
            _door.Start();
            _ = Hear();
        }

        public int Port => ((IPEndPoint)_door.LocalEndpoint).Port;
        public string Address => $"http://127.0.0.1:{Port}";
        public ConcurrentQueue<string> Heard { get; } = [];

        async Task Hear()
        {
            try
            {
                while (true)
                {
                    using var client = await _door.AcceptTcpClientAsync();
                    Heard.Enqueue("somebody");
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException) { }
        }

        public void Dispose() => _door.Stop();
    }
}
