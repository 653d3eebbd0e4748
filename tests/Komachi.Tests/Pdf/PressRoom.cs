using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Komachi.Platform.Pdf;
using Komachi.Ui;
using Microsoft.Extensions.Logging;

namespace Komachi.Tests.Pdf;

/// <summary>A press as the program has it, with what it said, and poppler's eyes for what comes out.</summary>
sealed class PressRoom : IAsyncDisposable
{
    static readonly Assets House = new();

    public PressRoom(PressSettings? settings = null) => Press = new(settings ?? new(), new Ear(Said));

    public Press Press { get; }
    public List<string> Said { get; } = [];

    public static Sheet Sheet(string body, string head = "", string lang = "ja", IReadOnlyDictionary<string, SheetPart>? parts = null) =>
        new($"<!DOCTYPE html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>お知らせ - 見本市</title><link rel=\"stylesheet\" href=\"{House.Url("komachi.css")}\">{head}</head><body><main class=\"main\">{body}</main></body></html>",
            "見本市", path => parts?.GetValueOrDefault(path) ?? (House.Find("/" + path) is var (type, bytes) ? new(type, bytes) : null));

    /// <summary>So many pages, each with its number in words of its own.</summary>
    public static Sheet Pages(int count) => Sheet(string.Concat(Enumerable.Range(1, count).Select(n => string.Create(CultureInfo.InvariantCulture,
        $"<section{(n > 1 ? " class=\"next\"" : "")}><h2>第{n}章</h2>{string.Concat(Enumerable.Range(1, 12).Select(p => $"<p>{n}の{p}、施設の予約は、利用する日の二か月前の一日から受け付けます。見本として書いた文です。</p>"))}</section>"))),
        "<link rel=\"stylesheet\" href=\"/breaks.css\">", parts: new Dictionary<string, SheetPart> { ["breaks.css"] = Css(".next{break-before:page}") });

    public static SheetPart Css(string text) => new("text/css", Encoding.UTF8.GetBytes(text));

    public static Task<string> Info(byte[] pdf) => Look("pdfinfo", pdf);
    public static Task<string> Fonts(byte[] pdf) => Look("pdffonts", pdf);
    public static Task<string> Structure(byte[] pdf) => Look("pdfinfo", pdf, "-struct-text");
    public static Task<string> Text(byte[] pdf) => Look("pdftotext", pdf, "-raw", "-");

    public static async Task<int> PagesOf(byte[] pdf) => int.Parse(Regex.Match(await Info(pdf), @"^Pages:\s+(\d+)", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture);

    static async Task<string> Look(string program, byte[] pdf, string? option = null, string? last = null)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, pdf);
            using var process = Process.Start(new ProcessStartInfo(program, [.. new[] { option, file, last }.OfType<string>()]) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 })!;
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            Assert.Equal("", await errors);    // nothing is wrong with the file
            return await output;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Chromiums that a process keeps, found by the folder that bears its number.</summary>
    public static IReadOnlyList<int> ChromiumsOf(int process) => Running($"komachi-press-{process.ToString(CultureInfo.InvariantCulture)}-");

    public static IReadOnlyList<int> Running(string word)
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => char.IsAsciiDigit(Path.GetFileName(f)[0])))
            try
            {
                if (File.ReadAllText(folder + "/cmdline").Contains(word, StringComparison.Ordinal)) found.Add(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
        return found;
    }

    /// <summary>Everything that was started with this one: its session.</summary>
    public static IReadOnlyList<int> Session(int leader)
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => char.IsAsciiDigit(Path.GetFileName(f)[0])))
            try
            {
                var stat = File.ReadAllText(folder + "/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[0] is not ("Z" or "X") && int.Parse(fields[3], CultureInfo.InvariantCulture) == leader) found.Add(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
        return found;
    }

    public static async Task Until(string what, Func<bool> condition, int seconds = 60)
    {
        for (var until = Environment.TickCount64 + seconds * 1000L; !condition(); await Task.Delay(5))
            if (Environment.TickCount64 > until) throw new TimeoutException($"Not within {seconds} s: {what}");
    }

    public ValueTask DisposeAsync() => Press.DisposeAsync();

    sealed class Ear(List<string> said) : ILogger<Press>
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel level) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? e, Func<TState, Exception?, string> say)
        {
            lock (said) said.Add(say(state, e));
        }
    }
}
