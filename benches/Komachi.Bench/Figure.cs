using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Komachi.Bench;

/// <summary>One measured line. Where a unit is a time or a size, less is better, and the aim is one on <see cref="Ours"/>; else the aim is on the ratio.</summary>
sealed record Figure(string Bench, string Case, double Ours, double? Floor, double? Ratio, double? Aim, string Unit)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [JsonIgnore]
    public bool Missed => Aim is { } aim && (Ratio is { } ratio ? ratio < aim : Ours > aim);

    public string AsJson() => JsonSerializer.Serialize(this with { Ours = Rounded(Ours), Floor = Floor is { } f ? Rounded(f) : null, Ratio = Ratio is { } r ? Math.Round(r, 3) : null }, Json);

    public string AsRow() => string.Create(CultureInfo.InvariantCulture,
        $"{Bench,-7} {Case,-44} {Shown(Ours),10} {(Floor is { } f ? Shown(f) : "–"),10}  {Unit,-8} {(Ratio is { } r ? r.ToString("0.00", CultureInfo.InvariantCulture) : "–"),5}  {(Aim is null ? "–" : Ratio is null ? "≤ " + Shown(Aim.Value) : "≥ " + Shown(Aim.Value)),6}{(Missed ? "  missed" : "")}");

    public const string Head = "bench   case                                               ours      floor  unit     ratio     aim";

    static double Rounded(double value) => value >= 100 ? Math.Round(value) : Math.Round(value, 3);

    static string Shown(double value) => value >= 100 ? value.ToString("#,0", CultureInfo.InvariantCulture) : value.ToString("0.###", CultureInfo.InvariantCulture);
}

static class Measure
{
    public const int Connections = 16, Rounds = 11;
    const int MostWarm = 40, LeastWarm = 25_000;
    static readonly TimeSpan Warm = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Turn = TimeSpan.FromSeconds(0.8);

    /// <summary>Where the rounds are told, if anybody wants to know them.</summary>
    public static Action<string> Tell { get; set; } = _ => { };

    /// <summary>Ours and the floor in turn, each first as often as second; the ratio is the median of the rounds' ratios.</summary>
    public static async Task<Figure> InTurn(string bench, string @case, double? aim, string unit, Func<Task<double>> ours, Func<Task<double>> floor, int rounds = Rounds)
    {
        var turns = new List<(double Ours, double Floor)>();
        for (var i = 0; i < rounds; i++)
        {
            var (first, second) = i % 2 == 0 ? (ours, floor) : (floor, ours);
            var (a, b) = (await first(), await second());
            turns.Add(i % 2 == 0 ? (a, b) : (b, a));
        }
        Tell($"{bench} {@case}: " + string.Join(' ', turns.Select(t => $"{t.Ours:0}/{t.Floor:0}={t.Ours / t.Floor:0.00}")));
        return new(bench, @case, Median(turns.Select(t => t.Ours)), Median(turns.Select(t => t.Floor)), Median(turns.Select(t => t.Ours / t.Floor)), aim, unit);
    }

    /// <summary>Two kinds of request under the same load.</summary>
    public static async Task<Figure> Requests(string bench, string @case, double? aim, Child ours, Request oursRequest, Child floor, Request floorRequest)
    {
        await using var toOurs = await Load.Connect(ours.Url, oursRequest, Connections);
        await using var toFloor = await Load.Connect(floor.Url, floorRequest, Connections);
        await WarmUp(ours, toOurs);
        await WarmUp(floor, toFloor);
        TimeSpan oursWork = ours.Work, floorWork = floor.Work;
        long oursBefore = toOurs.Answers, floorBefore = toFloor.Answers;
        var figure = await InTurn(bench, @case, aim, "req/s", () => toOurs.Run(Turn), () => toFloor.Run(Turn));
        double a = (ours.Work - oursWork).TotalMicroseconds / (toOurs.Answers - oursBefore), b = (floor.Work - floorWork).TotalMicroseconds / (toFloor.Answers - floorBefore);
        Tell($"{bench} {@case}: processor time an answer {a:0} µs, the floor's {b:0} µs (without the database's): {b / a:0.00}");
        return figure;
    }

    /// <summary>The runtime compiles again what runs often; it is warm when an answer no longer gets cheaper.</summary>
    static async Task WarmUp(Child child, Load load)
    {
        var (least, since) = (double.MaxValue, 0);
        for (var i = 0; i < MostWarm && (since < 4 || load.Answers < LeastWarm); i++)
        {
            var (work, answers) = (child.Work, load.Answers);
            await load.Run(Warm);
            var each = (child.Work - work).TotalMicroseconds / (load.Answers - answers);
            since = each < least * 0.95 ? 0 : since + 1;
            least = Math.Min(least, each);
        }
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
