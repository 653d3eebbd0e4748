using System.Diagnostics;
using System.Globalization;
using Komachi.Platform.Pdf;
using Komachi.Ui;
using Microsoft.Extensions.Logging.Abstractions;

namespace Komachi.Bench;

/// <summary>PDFs: how long the first takes, how long the next ones, how many pages a second when several are wanted, and what Chromium holds.</summary>
static class PdfBench
{
    const int Warm = 20, Long = 20, Line = 40;

    public static async IAsyncEnumerable<Figure> Run()
    {
        var assets = new Assets();
        var cold = new List<double>();
        for (var i = 0; i < 3; i++)
        {
            await using var first = new Press(new(), NullLogger<Press>.Instance);
            cold.Add(await Time(first, Pages(assets, 1)));
        }
        yield return Of("the first, with Chromium's start", Measure.Median(cold), "s");

        await using var press = new Press(new(), NullLogger<Press>.Instance);
        await Time(press, Pages(assets, 1));
        yield return Of("1 page", await Median(press, Pages(assets, 1)), "s");
        yield return Of($"{Long} pages", await Median(press, Pages(assets, Long)), "s");
        yield return Of("200 pages", await Time(press, Pages(assets, 200)), "s");
        yield return Of("memory of Chromium, after these", press.Current!.Memory() / 1e6, "MB");

        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Line).Select(_ => press.Print(Pages(assets, 1))));
        yield return Of($"{Line} of 1 page wanted at once, documents", Line / Stopwatch.GetElapsedTime(began).TotalSeconds, "/s");
        began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Line / 4).Select(_ => press.Print(Pages(assets, Long))));
        yield return Of($"{Line / 4} of {Long} pages wanted at once, pages", Line / 4 * Long / Stopwatch.GetElapsedTime(began).TotalSeconds, "/s");
        yield return Of("memory of Chromium, at the end", press.Current!.Memory() / 1e6, "MB");
    }

    static async Task<double> Median(Press press, Sheet sheet)
    {
        var times = new List<double>();
        for (var i = 0; i < Warm; i++) times.Add(await Time(press, sheet));
        return Measure.Median(times);
    }

    static async Task<double> Time(Press press, Sheet sheet)
    {
        var began = Stopwatch.GetTimestamp();
        await press.Print(sheet);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>A page is about half full of text, as notices are.</summary>
    static Sheet Pages(Assets assets, int count) => new(
        $"<!DOCTYPE html><html lang=\"ja\"><head><meta charset=\"utf-8\"><title>通知</title><link rel=\"stylesheet\" href=\"{assets.Url("komachi.css")}\"><link rel=\"stylesheet\" href=\"/breaks.css\"></head><body><main class=\"main\">"
        + string.Concat(Enumerable.Range(1, count).Select(n => string.Create(CultureInfo.InvariantCulture, $"<section><h2>第{n}章</h2>{string.Concat(Enumerable.Repeat("<p>施設の予約は、利用する日の二か月前の一日から受け付けます。見本として書いた文です。葛󠄀城 𠮷田</p>", 14))}</section>")))
        + "</main></body></html>",
        "見本市", path => path == "breaks.css" ? new("text/css", "section + section { break-before: page }"u8.ToArray()) : assets.Find("/" + path) is var (type, bytes) ? new(type, bytes) : null);

    static Figure Of(string what, double value, string unit) => new("pdf", what, value, null, null, null, unit);
}
