using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Komachi.Platform.Pdf;

/// <summary>What stands between Chromium and the machine, best first; the press takes the best that the kernel lets it have.</summary>
/// <param name="NoNetwork">A network of its own that has no cards, not even loopback.</param>
/// <param name="Sandbox">Chromium's own: what draws a page may open no file and start nothing.</param>
sealed record Walls(bool NoNetwork, bool Sandbox)
{
    public static readonly Walls[] All = [new(true, true), new(false, true), new(false, false)];
}

/// <summary>These walls cannot be had here.</summary>
sealed class WallsRefused(string why) : Exception(why);

/// <summary>
/// One headless Chromium, spoken to over two pipes. It has an empty profile in a folder that goes with it, none of our environment, and
/// nothing to load but what a <see cref="Sheet"/> brings. One thread starts it and hears it to its end: the kernel's "your parent died",
/// which ends it when the program is killed, means the thread that started it.
/// </summary>
sealed class Chromium
{
    const int FirstWord = 30;    // seconds: a cold disk and a busy machine
    const string Script = "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null", ScriptOfRoot = "chown nobody: . && " + Script;

    /// <summary>Folders of the system's temporary folder: whose process is gone are swept.</summary>
    const string FolderName = "komachi-press-";

    readonly string _program;
    readonly Walls _walls;
    readonly string _folder;
    readonly StringBuilder _errors = new();
    readonly TaskCompletionSource<(Process Process, DevTools Tools)> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Process _process = null!;
    DevTools _tools = null!;

    Chromium(string program, Walls walls)
    {
        (_program, _walls) = (program, walls);
        _folder = Directory.CreateTempSubdirectory(string.Create(CultureInfo.InvariantCulture, $"{FolderName}{Environment.ProcessId}-")).FullName;
    }

    /// <summary>How many prints are under way on it, and how many were made: kept by the press, under its lock.</summary>
    public int Users { get; set; }
    public int Prints { get; set; }
    public bool Retired { get; set; }

    public Walls Walls => _walls;
    public bool HasEnded => _tools.HasEnded;
    public int ProcessId { get; private set; }

    public static async Task<Chromium> Start(string program, Walls walls, CancellationToken stop)
    {
        Chromium chromium;
        try { chromium = new(program, walls); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new ChromiumTrouble("There is no room for its folder."); }
        new Thread(chromium.Live) { IsBackground = true, Name = "hears Chromium" }.Start();
        (chromium._process, chromium._tools) = await chromium._started.Task;
        chromium.ProcessId = chromium._process.Id;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(TimeSpan.FromSeconds(FirstWord));
            await chromium._tools.Ask("Browser.getVersion", null, null, patience.Token);
            return chromium;
        }
        catch (Exception e)
        {
            await chromium.End();
            if (e is OperationCanceledException && !stop.IsCancellationRequested) throw new ChromiumTrouble("It did not answer.");
            if (e is not ChromiumTrouble) throw;
            string said;
            lock (chromium._errors) said = chromium._errors.ToString();
            // Never without a wall for another reason than that it cannot be had.
            if (walls.Sandbox && new[] { "sandbox", "namespace", "unshare" }.Any(word => said.Contains(word, StringComparison.OrdinalIgnoreCase))) throw new WallsRefused(LastLine(said));
            throw new ChromiumTrouble($"It ended at its start: {LastLine(said)}");
        }
    }

    static string LastLine(string said) => said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "it said nothing";

    void Live()
    {
        try
        {
            using var process = Process.Start(Command())!;
            process.ErrorDataReceived += (_, e) =>
            {
                // Of the beginning, where it says why it does not start; what it says later is of no use and may be without end.
                lock (_errors) if (e.Data is not null && _errors.Length < 8000) _errors.Append(e.Data).Append('\n');
            };
            process.BeginErrorReadLine();
            var tools = new DevTools(process.StandardInput.BaseStream);
            _started.SetResult((process, tools));
            tools.Hear(process.StandardOutput.BaseStream);
            Kill(process);
            process.WaitForExit(5000);
        }
        catch (Exception e)
        {
            _started.TrySetException(new ChromiumTrouble($"It cannot be started: {e.Message}"));
        }
        finally
        {
            Remove(_folder);
            _ended.SetResult();
        }
    }

    ProcessStartInfo Command()
    {
        string[] chromium =
        [
            _program, "--headless", "--remote-debugging-pipe", $"--user-data-dir={_folder}", .. _walls.Sandbox ? Array.Empty<string>() : ["--no-sandbox"],
            "--host-resolver-rules=MAP * ~NOTFOUND", "--no-proxy-server", "--disable-background-networking", "--disable-component-update", "--disable-domain-reliability", "--no-pings",
            "--disable-sync", "--disable-extensions", "--disable-default-apps", "--disable-breakpad", "--disable-crash-reporter", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--font-render-hinting=none", "--lang=ja",
        ];
        string[] alone = _walls.NoNetwork ? ["unshare", "--user", "--net", "--map-current-user", "--"] : [];
        // What runs as root prints as nobody.
        string[] nobody = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--inh-caps=-all", "--no-new-privs", "--"] : [];
        var start = new ProcessStartInfo("setsid",
            ["sh", "-c", Environment.IsPrivilegedProcess ? ScriptOfRoot : Script, "press", .. nobody, .. alone, "setpriv", "--pdeathsig", "KILL", "--", .. chromium])
        {
            WorkingDirectory = _folder, RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true,
        };
        // Ours holds passwords.
        start.Environment.Clear();
        foreach (var (name, value) in new[] { ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("HOME", _folder), ("TMPDIR", _folder), ("LANG", "C.UTF-8"), ("DBUS_SESSION_BUS_ADDRESS", "disabled:") })
            start.Environment[name] = value;
        return start;
    }

    public async Task<byte[]> Print(Sheet sheet, CancellationToken stop)
    {
        var context = (await _tools.Ask("Target.createBrowserContext", new { disposeOnDetach = true }, null, stop)).GetProperty("browserContextId").GetString()!;
        string? session = null;
        try
        {
            var target = (await _tools.Ask("Target.createTarget", new { url = "about:blank", browserContextId = context }, null, stop)).GetProperty("targetId").GetString();
            session = (await _tools.Ask("Target.attachToTarget", new { targetId = target, flatten = true }, null, stop)).GetProperty("sessionId").GetString()!;
            return await Print(sheet, session, stop);
        }
        finally
        {
            // With it goes all that this page left behind: nothing of one print is there for the next.
            if (session is not null) _tools.Leave(session);
            Tell("Target.disposeBrowserContext", new { browserContextId = context }, null);
        }
    }

    async Task<byte[]> Print(Sheet sheet, string session, CancellationToken stop)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var crashed = false;
        _tools.Listen(session, (method, about) =>
        {
            switch (method)
            {
                case "Fetch.requestPaused":
                    Answer(sheet, session, about);
                    break;
                case "Page.loadEventFired":
                    loaded.TrySetResult();
                    break;
                case "Inspector.targetCrashed" or "Target.detachedFromTarget":
                    crashed = true;
                    // Away from the thread that hears: it runs what waits for it.
                    _ = until.CancelAsync();
                    break;
            }
        });
        try
        {
            await _tools.Ask("Emulation.setScriptExecutionDisabled", new { value = true }, session, until.Token);
            await _tools.Ask("Fetch.enable", new { patterns = new[] { new { urlPattern = "*" } } }, session, until.Token);
            await _tools.Ask("Page.enable", null, session, until.Token);
            var going = await _tools.Ask("Page.navigate", new { url = Sheet.Address }, session, until.Token);
            if (going.TryGetProperty("errorText", out var error) && error.GetString() is { Length: > 0 } why) throw new ChromiumTrouble(why);
            await loaded.Task.WaitAsync(until.Token);
            var printed = await _tools.Ask("Page.printToPDF", new
            {
                generateTaggedPDF = true, generateDocumentOutline = true, preferCSSPageSize = true, printBackground = true,
                paperWidth = 210 / 25.4, paperHeight = 297 / 25.4, transferMode = "ReturnAsStream",
            }, session, until.Token);
            return await Read(printed.GetProperty("stream").GetString()!, session, until.Token);
        }
        catch (OperationCanceledException) when (crashed && !stop.IsCancellationRequested)
        {
            throw new ChromiumTrouble("The page crashed.");
        }
    }

    async Task<byte[]> Read(string stream, string session, CancellationToken stop)
    {
        using var all = new MemoryStream();
        while (true)
        {
            var part = await _tools.Ask("IO.read", new { handle = stream, size = 1 << 20 }, session, stop);
            var data = part.GetProperty("data");
            all.Write(part.GetProperty("base64Encoded").GetBoolean() ? data.GetBytesFromBase64() : Encoding.UTF8.GetBytes(data.GetString()!));
            if (part.GetProperty("eof").GetBoolean()) return all.ToArray();
        }
    }

    /// <summary>A page asked for something: it is of its sheet, or it is not there.</summary>
    void Answer(Sheet sheet, string session, JsonElement about)
    {
        var (requestId, address) = (about.GetProperty("requestId").GetString(), about.GetProperty("request").GetProperty("url").GetString()!);
        if (sheet.Find(address) is not { } part)
        {
            // "Aborted" leaves the page as it is, also when it was about to go elsewhere.
            Tell("Fetch.failRequest", new { requestId, errorReason = "Aborted" }, session);
            return;
        }
        Tell("Fetch.fulfillRequest", new
        {
            requestId, responseCode = 200, body = Convert.ToBase64String(part.Bytes.Span),
            responseHeaders = new[] { new { name = "Content-Type", value = part.ContentType }, new { name = "Content-Security-Policy", value = Sheet.Policy }, new { name = "X-Content-Type-Options", value = "nosniff" } },
        }, session);
    }

    /// <summary>Asks for what is not waited for: when it fails, the print that it was for fails by itself.</summary>
    void Tell(string method, object parameters, string? session) =>
        _ = _tools.Ask(method, parameters, session, CancellationToken.None).ContinueWith(t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Bytes that it and all its processes hold for themselves, without what they share.</summary>
    public long Memory()
    {
        long pages = 0;
        foreach (var process in Directory.EnumerateDirectories("/proc"))
            try
            {
                if (!char.IsAsciiDigit(Path.GetFileName(process)[0])) continue;
                // The name in parentheses may hold anything; what follows the last one is plain: state, parent, group, session.
                var stat = File.ReadAllText(process + "/stat");
                if (int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3], CultureInfo.InvariantCulture) != ProcessId) continue;
                var sizes = File.ReadAllText(process + "/statm").Split(' ');
                pages += long.Parse(sizes[1], CultureInfo.InvariantCulture) - long.Parse(sizes[2], CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
        return pages * Environment.SystemPageSize;
    }

    /// <summary>At once, whatever it is doing; returns when nothing of it is left.</summary>
    public async Task End()
    {
        if (!HasEnded) Kill(_process);
        await _ended.Task;
    }

    static void Kill(Process process)
    {
        try { process.Kill(entireProcessTree: true); }
        // It, or one of its own, was gone already.
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException) { }
    }

    /// <summary>What programs left behind that were killed.</summary>
    public static void SweepLeftovers()
    {
        if (!Directory.Exists(Path.GetTempPath())) return;
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), FolderName + "*"))
            if (int.TryParse(Path.GetFileName(folder)[FolderName.Length..].Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var process) && !Directory.Exists($"/proc/{process}"))
                Remove(folder);
    }

    static void Remove(string folder)
    {
        for (var tries = 0; tries < 3 && Directory.Exists(folder); tries++)
            try { Directory.Delete(folder, recursive: true); }
            // Its last process may still be writing; or it is not ours.
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}
