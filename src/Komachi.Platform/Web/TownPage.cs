using System.Globalization;
using Komachi.Platform.Days;
using Komachi.Platform.Towns;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Components;

namespace Komachi.Platform.Web;

/// <summary>What every page of a town has at hand: the visit, the words, addresses, and what is wrong with a form.</summary>
public abstract class TownPage : ComponentBase
{
    [Inject] protected Visit Visit { get; set; } = null!;
    [Inject] protected Words T { get; set; } = null!;

    protected Town Town => Visit.Town;

    protected string Link(string path = "") => Visit.Link(path);

    /// <summary>The message beside a field.</summary>
    protected string? ErrorOf(Form form, string field) => form.Mistakes.FirstOrDefault(m => m.Field == field) is { } mistake ? Say(mistake) : null;

    /// <summary>What is wrong with a day in three parts, and with which.</summary>
    protected FieldError? DayErrorOf(Form form, string field) => ErrorsOf(form).FirstOrDefault(e => e.Field == field || e.Field == field + "-year" || e.Field == field + "-month" || e.Field == field + "-day");

    /// <summary>A day in three parts as it was typed, or as it is stored.</summary>
    protected static TypedDay DayAsTyped(Form form, string field) => form.Typed(field + "-year") is var year && form.Typed(field) is { Length: > 0 } stored && year.Length == 0 && WrittenDay.Read(stored).Day is { } day
        ? new("", day.Year.ToString(CultureInfo.InvariantCulture), day.Month.ToString(CultureInfo.InvariantCulture), day.Day.ToString(CultureInfo.InvariantCulture))
        : new(form.Typed(field + "-era"), year, form.Typed(field + "-month"), form.Typed(field + "-day"));

    /// <summary>The messages for the summary above the form.</summary>
    protected IReadOnlyList<FieldError> ErrorsOf(Form form) => form.Mistakes.Select(m => new FieldError(m.Field, Say(m))).ToArray();

    string Say(FieldMistake mistake) => mistake.Values.Length == 0 ? T[mistake.Message] : T[mistake.Message, Shown(mistake.Values)];

    object[] Shown(object[] values) => [.. values.Select(v => v switch { Said said => said.In(T.Lang), DateOnly day => JapanTime.Show(day, T.Lang), _ => v })];
}
