using System.Text.Json;
using Komachi.Platform.Data;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>What was decided on sheets, as the plan states it.</summary>
static class Sheets
{
    /// <summary>
    /// The plan with the amounts and contracts of adopted sheets in it. Of a year, step and source the sheets are the truth; what they do not speak of
    /// stays as it stands. A sheet for a new measure waits until the plan has that measure and the sheet its code. The plan that is given stays as it was.
    /// </summary>
    public static PlanDocument InPlan(PlanDocument plan, IEnumerable<ActionSheet> sheets)
    {
        var with = JsonSerializer.Deserialize<PlanDocument>(JsonSerializer.Serialize(plan, Copying), Copying)!;
        foreach (var about in sheets.Where(s => s.AdoptedAt is not null && s.State is SheetState.Open or SheetState.Done && s.Measure is not null).OrderBy(s => s.Number, StringComparer.Ordinal).GroupBy(s => s.Measure!))
        {
            if (with.Find(about.Key) is not { } measure) continue;
            // Of sheets that were rolled on the one of the later round speaks of a year; those of one round add up.
            var last = about.SelectMany(s => s.Money.Select(m => (m.Year, Round: RoundOf(s)))).GroupBy(m => m.Year).ToDictionary(g => g.Key, g => g.Max(m => m.Round));
            foreach (var step in PlanCheck.Steps)
                foreach (var same in about.SelectMany(s => s.Money.Where(m => m.Of(step) is not null && RoundOf(s) == last[m.Year])).GroupBy(m => (Year: new PlanYear(m.Year).Label, m.Source)))
                {
                    measure.Money.RemoveAll(m => m.Year == same.Key.Year && m.Step == step && m.Source == same.Key.Source);
                    measure.Money.Add(new() { Year = same.Key.Year, Step = step, Source = same.Key.Source, Amount = same.Sum(m => m.Of(step)!.Value) });
                }
            foreach (var sheet in about.Where(s => s.Answers.ContainsKey("contractWith")))
            {
                measure.Contracts.RemoveAll(c => c.Title == sheet.Title);
                measure.Contracts.Add(new() { Title = sheet.Title, With = sheet.Answers["contractWith"], From = sheet.Answers.GetValueOrDefault("contractFrom"), Until = sheet.Answers.GetValueOrDefault("contractUntil") });
            }
        }
        return with;

        static int RoundOf(ActionSheet sheet) => PlanYear.Read(sheet.Number.Split('-')[0])?.Year ?? 0;
    }

    /// <summary>The plan with what all its rounds decided.</summary>
    public static async Task<PlanDocument> InPlan(PlanDocument plan, TownDb db, CancellationToken stop = default)
    {
        var key = plan.Plan.Key;
        return InPlan(plan, await db.Set<ActionSheet>().AsNoTracking().Include(s => s.Money)
            .Where(s => s.AdoptedAt != null && s.Measure != null && db.Set<YearlyRound>().Any(r => r.Id == s.RoundId && r.Plan == key)).ToListAsync(stop));
    }

    static readonly JsonSerializerOptions Copying = new(JsonSerializerDefaults.Web);
}
