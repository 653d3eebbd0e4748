using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// The way of a case through the office. Which steps it has is told by its definition and its answers alone; they are told anew when an answer
/// is corrected or a clerk fills something in, and what is done stays done.
/// </summary>
static class Flow
{
    /// <summary>Adds the steps that the case needs now, leaves those that it does not need any more, and opens what comes next.</summary>
    public static void Tell(Case of, Stage stage, List<Step> steps, Answers answers, DepartmentTree tree, TownDb db, DateTimeOffset now)
    {
        foreach (var step in stage.Flow)
        {
            var needed = step.When?.Holds(answers) != false;
            var there = steps.Find(s => s.Key == step.Key);
            if (needed && there is null)
            {
                Guid? department = step.Step.Who.IsTheCases ? null : Catalog.DepartmentOf(step.Step.Who, tree);
                steps.Add(there = Step.Of(of, step, department));
                db.Add(there);
            }
            else if (needed && there is { State: StepState.Left }) there.Wait();
            else if (!needed && there is { State: StepState.Waiting or StepState.Open }) there.Leave();
        }
        OpenNext(steps, now);
    }

    /// <summary>All of one order are open at the same time; the next order when none of it is left to do.</summary>
    static void OpenNext(List<Step> steps, DateTimeOffset now)
    {
        var left = steps.Where(s => s.State is StepState.Waiting or StepState.Open).ToArray();
        if (left.Length == 0) return;
        var order = left.Min(s => s.Order);
        foreach (var step in left)
            if (step.Order > order && step.State == StepState.Open) step.Wait();
            else if (step.Order == order && step.State == StepState.Waiting) step.Open(now);
    }

    public static Task<List<Step>> StepsOf(TownDb db, Guid @case, CancellationToken stop = default) =>
        db.Set<Step>().Where(s => s.CaseId == @case).OrderBy(s => s.Order).ThenBy(s => s.Key).ToListAsync(stop);

    /// <summary>What expressions of a case read: its answers, what clerks filled in, the filings before it in the same matter, and when it was decided.</summary>
    public static Answers AnswersOf(Procedure procedure, Case of, IReadOnlyList<Case> matter, DateOnly today) =>
        OfOne(procedure.StageOf(of.Stage), of, today, Around(procedure, procedure.StageOf(of.Stage), matter, today));

    /// <summary>What the form of a stage finds around it: the filings before it. Null for the first one.</summary>
    public static Answers? Around(Procedure procedure, Stage stage, IReadOnlyList<Case> matter, DateOnly today)
    {
        Answers? around = null;
        foreach (var before in procedure.Stages.TakeWhile(s => s != stage))
            if (matter.LastOrDefault(c => c.Stage == before.Key && c.State == CaseState.Granted) is { } granted)
                around = OfOne(before, granted, today, around);
        return around;
    }

    /// <summary>
    /// The form of a filing as it was on the day on which it came, for everybody who reads it: what was reckoned then is not reckoned anew, and what was right
    /// then is not wrong today.
    /// </summary>
    /// <param name="correctedOn">Somebody answers anew on this day, with what can be chosen on it.</param>
    /// <param name="calendar">Of its department, for what is chosen then.</param>
    public static FormState StateOf(Procedure procedure, Case of, IReadOnlyList<Case> matter, JsonObject? answers = null, DateOnly? correctedOn = null, OpeningCalendar? calendar = null)
    {
        var stage = procedure.StageOf(of.Stage);
        return FormState.Of(stage.Form, answers ?? of.Answers, of.ArrivedOn, of.ArrivedOn, Around(procedure, stage, matter, of.ArrivedOn),
            correctedOn is { } on ? TownLists.For(stage.Form, calendar, on) : null, calendar is null ? null : calendar.IsWorkingDay, correctedOn);
    }

    static Answers OfOne(Stage stage, Case of, DateOnly today, Answers? around)
    {
        // What was filed is reckoned with its own day; what comes after it, with the day on which it is asked.
        var answers = new Answers(today, of.ArrivedOn, FormState.Of(stage.Form, of.Answers, of.ArrivedOn, of.ArrivedOn, around).Answers);
        foreach (var fields in stage.Flow.Select(f => f.Fields).OfType<CompiledForm>())
        {
            var filled = FormState.Of(fields, of.Decided, today, of.ArrivedOn, answers).Answers;
            foreach (var field in fields.Fields) answers[field.Key] = filled[field.Key];
        }
        answers["assurance"] = Value.Of(of.Assurance switch { Assurance.None => "none", Assurance.Code => "code", Assurance.SignedIn => "signedIn", _ => "card" });
        answers["agent"] = Value.Of(of.MandateId is not null || Agent.GroundOf(of.Answers) is not null);
        if (of.DecidedAt is { } decided)
        {
            var on = Value.Of(Komachi.Platform.Days.JapanTime.DayOf(decided));
            answers["decidedOn"] = on;
            if (stage.Key.Length > 0) answers[stage.Key + "DecidedOn"] = on;
            else if (of.State == CaseState.Granted) answers[Stage.GrantedOn] = on;
        }
        return answers;
    }

    /// <summary>
    /// Whether a later filing can be sent now: what opens it is granted, and it was not sent yet. One that was refused or withdrawn may be sent anew; of all others
    /// there is one, which the database guarantees (<c>cases_stage</c>).
    /// </summary>
    public static bool IsOpen(Stage stage, IReadOnlyList<Case> matter)
    {
        var before = stage.Definition.Opens is Komachi.Procedures.Procedure.Granted or "" ? "" : stage.Definition.Opens;
        return matter.Any(c => c.Stage == before && c.State == CaseState.Granted) && Standing(stage, matter) is null;
    }

    /// <summary>The filing of that stage that counts.</summary>
    public static Case? Standing(Stage stage, IReadOnlyList<Case> matter) => matter.FirstOrDefault(c => c.Stage == stage.Key && c.State is not (CaseState.Refused or CaseState.Withdrawn));

    /// <summary>All filings of one matter, in the order in which they came.</summary>
    public static Task<List<Case>> Matter(TownDb db, Case of, CancellationToken stop = default)
    {
        var first = of.ParentId ?? of.Id;
        return db.Set<Case>().AsNoTracking().Where(c => c.Id == first || c.ParentId == first).OrderBy(c => c.ArrivedAt).ToListAsync(stop);
    }
}
