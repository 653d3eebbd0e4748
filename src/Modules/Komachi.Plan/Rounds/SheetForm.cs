using System.Globalization;
using Komachi.Platform.Days;
using Komachi.Platform.Web;

namespace Komachi.Plan;

/// <summary>The form of a sheet: the fields that the turn opens, how they are filled, and how they are read.</summary>
static class SheetForm
{
    const long MostAmount = 999_999_999;

    public static string AmountName(string step, PlanYear year, string source) => $"{step}-{year.Label}-{source}";

    public static Form Of(ActionSheet sheet, YearlyRound round)
    {
        var values = new List<(string, string?)> { ("version", sheet.Version.ToString(CultureInfo.InvariantCulture)), ("title", sheet.Title), ("measure", sheet.Measure) };
        values.AddRange(sheet.Answers.Select(a => (a.Key, (string?)a.Value)));
        foreach (var step in StepsIn(sheet.Opens(round)))
            // What was asked for is offered as what is granted: mostly it is, and it can be written over.
            foreach (var money in sheet.Money)
                values.Add((AmountName(step, new(money.Year), money.Source), (step == "adopted" && sheet.Money.All(m => m.Adopted is null) ? money.Requested : money.Of(step)) is { } amount ? SheetView.Yen(amount) : null));
        return Form.With([.. values]);
    }

    public static IEnumerable<string> StepsIn(IEnumerable<string> opens) => opens.Select(SheetField.StepOf).OfType<string>();

    public static IEnumerable<SheetField> FieldsIn(IReadOnlyList<string> opens) => SheetField.All.Where(f => opens.Contains(f.Asks));

    public static SheetText Read(Form form, ActionSheet sheet, YearlyRound round, PlanDocument? plan)
    {
        var opens = sheet.Opens(round);
        var answers = new Dictionary<string, string>();
        foreach (var field in FieldsIn(opens))
            answers[field.Name] = field.Kind == FieldKind.Day ? form.Day(field.Name)?.ForInput() ?? "" : form.Text(field.Name, field.Most);
        if (answers.GetValueOrDefault("contractUntil") is { Length: > 0 } until && string.CompareOrdinal(until, answers["contractFrom"]) < 0) form.Wrongly("contractUntil", "The end must not lie before the beginning.");
        var amounts = new List<SheetAmount>();
        foreach (var step in StepsIn(opens))
            foreach (var year in round.Years)
                foreach (var source in PlanCheck.Sources)
                    amounts.Add(new(step, year.Year, source, (long?)form.Decimal(AmountName(step, year, source), 0, MostAmount)));
        return new(opens.Contains("title") ? form.Text("title", SheetField.LongestTitle, required: true) : null, opens.Contains("measure") ? MeasureIn(form, plan, sheet.Measure) ?? "" : null, answers, amounts);
    }

    /// <summary>A code of the plan, or none for a new measure. What the sheet has already stays, even where a later plan does not have it.</summary>
    public static string? MeasureIn(Form form, PlanDocument? plan, string? now = null) => form.Typed("measure") is { Length: > 0 } typed
        ? form.Choice("measure", [.. (plan?.Measures.Select(m => m.Code) ?? []).Append(now ?? "").Where(c => c.Length > 0)]) : null;

    /// <summary>Notes what is missing, each beside its field.</summary>
    public static void NoteMissing(Form form, ActionSheet sheet, YearlyRound round, SheetText text)
    {
        foreach (var asks in sheet.AskedNow(round))
            if (SheetField.StepOf(asks) is { } step)
            {
                if (text.Amounts.Where(a => a.Step == step).All(a => a.Amount is null))
                    form.Wrongly(AmountName(step, round.Planned, PlanCheck.Sources[0]), step switch { "adopted" => "Write at least one amount that was granted. 0 is an amount.", "settled" => "Write at least one amount that was spent. 0 is an amount.", _ => "Write at least one amount that is asked for. 0 is an amount." });
            }
            else
                foreach (var field in SheetField.All.Where(f => f.Asks == asks && text.Answers.GetValueOrDefault(f.Name, "").Length == 0)) form.Wrongly(field.Name, "Please fill this in.");
    }

    public static bool IsOf(Form form, ActionSheet sheet) => form.Typed("version") == sheet.Version.ToString(CultureInfo.InvariantCulture);
}
