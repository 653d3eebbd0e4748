using System.Globalization;
using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Komachi.Platform.Mail;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Plan;

/// <summary>
/// Each morning: where the line of an indicator came to miss its target, or to reach it again, those who answer for it get one mail. What was
/// told stands beside the values, so nobody hears the same twice.
/// </summary>
sealed record TellOutlooks : IJob<TellOutlooks>
{
    public static string Name => "plan.tell_outlooks";
    public static string Title => "Tell who answers for an indicator that its target will be missed";

    public static async Task Run(TellOutlooks job, JobRun run)
    {
        var today = run.Time.Today();
        if (await Revision.Shown(run.Db, run.Stop) is not { } plan || PlanView.PeriodOf(plan, today) != Period.Running) return;
        var key = plan.Plan.Key;
        var standings = (await run.Db.Set<Standing>().Where(s => s.Plan == key).ToListAsync(run.Stop)).ToDictionary(s => (s.Of, s.Indicator));
        DepartmentTree? tree = null;
        var words = new Words(Lang.Japanese, run.Services.GetRequiredService<House>().Words);
        foreach (var placed in HowFar.Indicators(plan))
        {
            if (!standings.TryGetValue((placed.Of, placed.Indicator.Name), out var standing) || Outlook.Of(placed.Indicator, standing, plan, today) is not { Reached: { } reached } outlook) continue;
            var (missed, before) = (!reached, standing.ToldMissed ?? false);
            if (standing.ToldMissed == missed) continue;
            standing.Told(missed);
            if (missed == before) continue;    // the first look, and all is well
            tree ??= await DepartmentTrees.On(today, run.Db, run.Stop);
            foreach (var address in await AddressesFor(placed.Measure, tree, run.Db, today, run.Stop))
                run.Db.Enqueue(Mail(address, placed, outlook, missed, plan, words));
        }
    }

    /// <summary>Those who draft for the measure's departments, there or above; where nobody does, the secretariat.</summary>
    static async Task<IReadOnlyList<string>> AddressesFor(Measure? measure, DepartmentTree tree, TownDb db, DateOnly today, CancellationToken stop)
    {
        var named = MayGive.DepartmentsOf(measure, tree);
        var departments = tree.All.Where(d => d.Depth > 0 && named.Any(n => tree.IsWithin(n.Id, d.Id))).Select(d => d.Id).ToArray();    // with the divisions above them
        var own = departments.Length == 0 ? [] : await db.HoldersIn("plan.draft", departments, today).Select(a => a.Email).ToListAsync(stop);
        var all = own.Exists(e => e is not null) ? own : await db.HoldersOf("plan.check", today).Select(a => a.Email).ToListAsync(stop);
        return [.. all.OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    static SendMail Mail(string to, Placed placed, Outlook outlook, bool missed, PlanDocument plan, Words words)
    {
        var (title, measure) = (placed.Indicator.Title, placed.Title.In(Lang.Japanese));
        string Written(decimal value) => value.ToString("#,0.####", CultureInfo.InvariantCulture) + placed.Indicator.Unit;
        var numbers = words["On {0} it was {1}. Going on like this it will be {2} on {3}; the target is {4}.",
            JapanTime.Show(outlook.Last, Lang.Japanese), Written(outlook.LastValue), Written(outlook.AtEnd), JapanTime.Show(outlook.End, Lang.Japanese), Written(outlook.Target!.Value)];
        return missed
            ? new(to, words["The plan's target will be missed: {0}", title], words["\"{0}\" ({1}) will miss its target if it goes on as it does.", title, measure] + "\n" + numbers + "\n"
                + words["Look at it at the desk: the plan's indicators. If a value is wrong, you can correct it there."])
            : new(to, words["The plan's target will be reached after all: {0}", title], words["\"{0}\" ({1}) will reach its target if it goes on as it does.", title, measure] + "\n" + numbers);
    }
}
