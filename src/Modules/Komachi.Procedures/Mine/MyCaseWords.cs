using Komachi.Platform.Days;
using Komachi.Ui;
using Komachi.Ui.Words;

namespace Komachi.Procedures;

/// <summary>How a case stands, in the words of everyday.</summary>
static class MyCaseWords
{
    public static string StateOf(Words t, CaseState state) => t[state switch
    {
        CaseState.Arrived => "Received|my filing",
        CaseState.Correcting => "Waiting for your correction|my filing",
        CaseState.Accepted => "Being looked at|my filing",
        CaseState.Granted => "Granted|my filing",
        CaseState.Refused => "Not granted|my filing",
        _ => "Withdrawn|my filing",
    }];

    public static Tone ToneOf(CaseState state) => state switch
    {
        CaseState.Correcting => Tone.Warning,
        CaseState.Granted => Tone.Success,
        CaseState.Arrived or CaseState.Accepted => Tone.Info,
        _ => Tone.Neutral,
    };

    /// <summary>What happened, what is now, and what comes next and by when.</summary>
    public static IReadOnlyList<TimelineItem> Story(Words t, MyCase mine)
    {
        var (of, items) = (mine.Case, new List<TimelineItem>());
        // What was written has a place of its own.
        foreach (var move in mine.Moves.Where(m => m.Kind is not (MoveKind.Message or MoveKind.Answer)))
            items.Add(new(On(t, JapanTime.DayOf(move.At)), t[TellApplicant.SentenceOf(move.Kind)], StepAt.Done, JapanTime.DayOf(move.At), move.Kind is MoveKind.CorrectionAsked ? null : move.Text));
        var due = JapanTime.Show(of.DueOn, t.Lang);
        switch (of.State)
        {
            case CaseState.Arrived:
                items.Add(new(t["Now|when"], t["The department looks whether everything is there."], StepAt.Now));
                items.Add(Decision());
                break;
            case CaseState.Accepted:
                items.Add(new(t["Now|when"], t["The department is looking at it."], StepAt.Now));
                items.Add(Decision());
                break;
            case CaseState.Correcting:
                items.Add(new(t["Now|when"], t["It is your turn: please correct what we asked for."], StepAt.Now, Text: mine.Correction?.UntilOn is { } until ? t["Please answer by {0}.", JapanTime.Show(until, t.Lang)] : null));
                items.Add(new(t["After your answer|when"], t["The department goes on, and decides."], StepAt.Coming));
                break;
        }
        foreach (var stage in mine.Stages)
            items.Add(new(stage.DueOn is { } by ? t["By {0}|when", JapanTime.Show(by, t.Lang)] : t["Next|when"], stage.Stage.Definition.Title.In(t.Lang), StepAt.Coming, stage.DueOn));
        return items;

        TimelineItem Decision() => of.IsLate(mine.Today)
            ? new(t["By {0}|when", due], t["You get the decision."], StepAt.Coming, of.DueOn, t["It takes longer than we said, and we are sorry. Please ask the office below if you cannot wait."])
            : new(t["By {0}|when", due], t["You get the decision."], StepAt.Coming, of.DueOn, of.Electronic ? t["It comes to this page, and we tell you by mail."] : t["It comes by post."]);
    }

    static string On(Words t, DateOnly day) => JapanTime.Show(day, t.Lang);
}
