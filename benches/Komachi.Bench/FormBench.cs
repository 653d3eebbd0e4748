using System.Diagnostics;
using System.Globalization;

namespace Komachi.Bench;

/// <summary>A step of a form of a hundred fields, one at a time, and how much more one of six hundred takes.</summary>
static class FormBench
{
    public static async IAsyncEnumerable<Figure> Run(Child ours)
    {
        using var http = new HttpClient { BaseAddress = ours.Url };
        var (small, ratios) = (new List<double>(), new List<double>());
        for (var round = -60; round < 201; round++)
        {
            var (hundred, six) = (await Took(100, round), await Took(600, round));
            if (round < 0) continue;
            small.Add(hundred);
            ratios.Add(six / hundred);
        }
        yield return new("form", "a step of 100 fields with 100 rules", Measure.Median(small), null, null, 20, "ms");
        yield return new("form", "of 600 fields, to 100", Measure.Median(ratios), null, null, 6, "times");

        async Task<double> Took(int fields, int round)
        {
            var from = Stopwatch.GetTimestamp();
            (await http.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/{Stage.Town}/steps/{fields}?round={round}"))).EnsureSuccessStatusCode();
            return Stopwatch.GetElapsedTime(from).TotalMilliseconds;
        }
    }
}
