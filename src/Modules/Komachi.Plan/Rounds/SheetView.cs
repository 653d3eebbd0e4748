using System.Globalization;
using Komachi.Platform.Days;
using Komachi.Ui;
using Komachi.Ui.Words;

namespace Komachi.Plan;

/// <summary>What pages of the round say in the same way.</summary>
static class SheetView
{
    public static string Yen(long thousand) => thousand.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Show(Stage stage, Words words) => stage.Title.In(words.Lang);

    public static (string Text, Tone Tone) StateOf(SheetState state, bool asked, Stage stage, DateTimeOffset? adoptedAt, Words words) => state switch
    {
        SheetState.Declined => (words["Declined|sheet"], Tone.Danger),
        SheetState.Withdrawn => (words["Withdrawn|sheet"], Tone.Neutral),
        SheetState.Done => (words["Through|sheet"], Tone.Success),
        _ when asked => (words["Asked back|sheet"], Tone.Warning),
        _ => (Show(stage, words), adoptedAt is null ? Tone.Info : Tone.Success),
    };

    /// <summary>By when, and in words whether that is past: 2026年8月31日（月）まで。3日過ぎています.</summary>
    public static string Due(DateOnly day, DateOnly today, Words words) => (day.DayNumber - today.DayNumber) switch
    {
        < 0 and var late => words.Count("{0} days late|sheet", -late),
        0 => words["Until today|sheet"],
        <= 7 and var left => words.Count("{0} days left|sheet", left),
        _ => words["Until {0}", JapanTime.Show(day, words.Lang)],
    };

    public static string What(SheetEventKind kind) => kind switch
    {
        SheetEventKind.Created => "Begun|sheet", SheetEventKind.Changed => "Written|sheet", SheetEventKind.Passed => "Passed on|sheet", SheetEventKind.AskedBack => "Asked the department|sheet", SheetEventKind.Answered => "Answered|sheet",
        SheetEventKind.Adopted => "Adopted|sheet", SheetEventKind.Declined => "Declined|sheet", SheetEventKind.Withdrawn => "Withdrawn|sheet", SheetEventKind.Commented => "Comment|sheet", SheetEventKind.Reminded => "Reminded|sheet", _ => "Opened again|sheet",
    };

    /// <summary>How a field is called: an answer, an amount, the title.</summary>
    public static string? NameOf(string field, Words words) => field switch
    {
        "title" => words["Title|action sheet"],
        "measure" => words["Measure"],
        "note" => words["A word with it|sheet"],
        "question" => words["Question to the department"],
        "reasons" or "withdrawal" or "reopening" => words["Reason"],
        "comment" => words["Comment|sheet"],
        _ when SheetField.Find(field) is { } known => words[known.Title],
        _ when field.Split('-', ' ') is [var step, var label, var source] && PlanYear.Read(label) is { } year => MoneyFields.LabelOf(words, step, year, source),
        _ => null,
    };
}
