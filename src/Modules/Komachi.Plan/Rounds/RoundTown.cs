using Komachi.Platform.Days;
using Komachi.Platform.Offices;
using Komachi.Platform.Towns;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>
/// Reads <c>towns/&lt;town&gt;/plan/rounds/*.yaml</c>: a made-up round for the fiscal year that follows, with sheets (見本) at different stages, for towns
/// that are shown or tried. A town that has a round already keeps what it has.
/// </summary>
static class RoundTown
{
    sealed class Book
    {
        public List<SheetYaml> Sheets { get; set => field = value ?? []; } = [];
    }

    sealed class SheetYaml
    {
        public string Title { get; set => field = value ?? ""; } = "";
        public string? Measure { get; set; }

        /// <summary>A department's code.</summary>
        public string Department { get; set => field = value ?? ""; } = "";

        /// <summary>The stage at which it stands.</summary>
        public string Stage { get; set => field = value ?? ""; } = "";

        /// <summary>What the stage asks the department, where it does.</summary>
        public string? Question { get; set; }

        /// <summary>Reasons, where the committee declined it.</summary>
        public string? Declined { get; set; }
        public Dictionary<string, string> Answers { get; set => field = value ?? []; } = [];

        /// <summary>Thousand yen by source, of the first year; later years are half of it.</summary>
        public Dictionary<string, long> Requested { get; set => field = value ?? []; } = [];
    }

    public static async Task Load(TownLoad load)
    {
        var (db, now) = (load.Db, load.Time.GetUtcNow());
        if (load.DemoPassword is null || await Revision.Shown(db, default) is not { } plan || await db.Set<YearlyRound>().AnyAsync()) return;
        var year = new PlanYear(FiscalYear.Of(load.Time.Today()).Year + 1);
        var tree = await DepartmentTrees.On(JapanTime.DayOf(now), db);
        foreach (var path in load.Files(Path.Combine("plan", "rounds")))
        {
            var round = YearlyRound.Open(plan, year, DaysNear(load.Time.Today(), YearlyRound.WayOf(plan).Stages, year), null, now);
            db.Add(round);
            var n = 0;
            foreach (var yaml in TownLoad.Read<Book>(path).Sheets)
            {
                if (tree.ByCode(yaml.Department) is not { } department) throw new BadTown($"{path}: sheet \"{yaml.Title}\": there is no department {yaml.Department}.");
                if (round.NumberOf(yaml.Stage) == 0) throw new BadTown($"{path}: sheet \"{yaml.Title}\": there is no stage {yaml.Stage}.");
                if (yaml.Measure is not null && plan.Find(yaml.Measure) is null) throw new BadTown($"{path}: sheet \"{yaml.Title}\": there is no measure {yaml.Measure}.");
                var sheet = ActionSheet.Draft(Rounds.Numbered(round, ++n), round, yaml.Title, yaml.Measure, department.Id, null, now);
                // Through the same verbs as at the desk, so that a sample never stands where a real sheet could not.
                while (true)
                {
                    sheet.Write(Written(yaml, sheet, round), null, now);
                    if (sheet.Stage == yaml.Stage) break;
                    sheet.Pass(round, null, null, now);
                }
                if (yaml.Question is { } question) sheet.AskBack(question, null, now);
                if (yaml.Declined is { } why) sheet.Decline(why, null, now);
                db.Add(sheet);
                db.AddNews(sheet);
            }
        }
    }

    /// <summary>A town that is made late in the year would show nothing but what is late: of the days that are past the first was three days ago, the others are to come.</summary>
    static Dictionary<string, DateOnly> DaysNear(DateOnly today, List<Stage> stages, PlanYear year)
    {
        var days = YearlyRound.DaysOf(stages, year);
        if (days.GetValueOrDefault(stages[0].Key, today) >= today) return days;
        var ahead = 0;
        foreach (var stage in stages.Where(s => days.ContainsKey(s.Key)))
            if ((ahead == 0 ? today.AddDays(-3) : today.AddDays(14 * ahead)) is var near && ahead++ >= 0 && near > days[stage.Key]) days[stage.Key] = near;
        return days;
    }

    static SheetText Written(SheetYaml yaml, ActionSheet sheet, YearlyRound round)
    {
        var opens = sheet.Opens(round);
        var amounts = SheetForm.StepsIn(opens).Where(step => step != "adopted" || sheet.AskedNow(round).Contains("adopted"))
            .SelectMany(step => round.Years.SelectMany(y => yaml.Requested.Select(r => new SheetAmount(step, y.Year, r.Key, y.Year == round.Year ? r.Value : r.Value / 2))));
        return new(null, null, SheetForm.FieldsIn(opens).Where(f => yaml.Answers.ContainsKey(f.Name)).ToDictionary(f => f.Name, f => yaml.Answers[f.Name]), [.. amounts]);
    }
}
