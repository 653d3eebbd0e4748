using System.Globalization;
using Komachi.Platform.Towns;

namespace Komachi.Plan;

/// <summary>
/// <c>towns/&lt;town&gt;/plan/actuals.yaml</c>: values that a new town begins with. In the demo towns they are samples, and say so. They are loaded with
/// their plan and never again.
/// </summary>
sealed class ActualsFile
{
    public const string Name = "actuals.yaml";

    public string Plan { get; set; } = "";

    /// <summary>What proves each value that names nothing of its own.</summary>
    public string Evidence { get; set; } = "";
    public List<Row> Actuals { get; set; } = [];

    public sealed class Row
    {
        public string Of { get; set; } = "";

        /// <summary>The name of the indicator; none is the first one.</summary>
        public string? Indicator { get; set; }
        public string? Evidence { get; set; }

        /// <summary>Values by their days.</summary>
        public Dictionary<string, string> Values { get; set; } = [];
    }

    public static void Load(TownLoad load, PlanDocument plan)
    {
        foreach (var path in load.Files("plan").Where(p => Path.GetFileName(p) == Name))
        {
            var file = TownLoad.Read<ActualsFile>(path);
            if (file.Plan != plan.Plan.Key) continue;
            var now = load.Time.GetUtcNow();
            foreach (var row in file.Actuals)
            {
                var placed = HowFar.Indicators(plan).FirstOrDefault(p => p.Of == row.Of && (row.Indicator is null || p.Indicator.Name == row.Indicator)) ?? throw new BadTown($"{path}: {row.Of} has no indicator {row.Indicator}.");
                var key = placed.KeyIn(plan);
                var actuals = row.Values.Select(v => DateOnly.TryParseExact(v.Key, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var on)
                    ? Amount.Read(v.Value) is { Value: { } number } ? Actual.Typed(key, on, number, null, row.Evidence ?? file.Evidence, null, now) : Actual.Typed(key, on, null, v.Value, row.Evidence ?? file.Evidence, null, now)
                    : throw new BadTown($"{path}: {row.Of}: \"{v.Key}\" is no day: write 2024-03-31.")).OrderBy(a => a.OnDay).ToArray();
                load.Db.AddRange(actuals);
                load.Db.Add(Standing.OfAll(actuals));
            }
        }
    }
}
