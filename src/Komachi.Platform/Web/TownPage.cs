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

    /// <summary>A name in its parts as it was typed, or as it is stored.</summary>
    protected static TypedName NameAsTyped(Form form, string field) =>
        new(form.Typed(field + "-family"), form.Typed(field + "-given"), form.Typed(field + "-family-kana"), form.Typed(field + "-given-kana"), form.Ticked(field + "-no-kana"), form.Typed(field + "-alias"));

    /// <summary>An address in its parts; where its postcode stands for several places and none was chosen yet, those.</summary>
    protected TypedAddress AddressAsTyped(Form form, string field)
    {
        var (all, prefecture, city) = (form.PlacesOf(field), form.Typed(field + "-prefecture"), form.Typed(field + "-city").Trim());
        var places = all.Where(p => (prefecture.Length == 0 || p.Prefecture == prefecture) && (city.Length == 0 || p.City == city)).ToArray();
        var choose = places.Length > 1 && form.Typed(field + "-town").Trim().Length == 0;
        return new(form.Typed(field + "-postcode"), prefecture, form.Typed(field + "-city"), form.Typed(field + "-town"), form.Typed(field + "-number"), form.Typed(field + "-building"))
        {
            Places = choose ? [.. places.Select(p => new Option(Form.KeyOf(p), p.ToString()))] : [],
            Found = form.LookedUp == field && all.Count > 0,
            GoesOnHere = form.LookedUp == field && all.Count > 0,
            Postcodes = Visit.Base + (Visit.Path.StartsWith("/desk/", StringComparison.Ordinal) ? "/desk/postcodes/" : "/api/v1/postcodes/"),
        };
    }

    /// <summary>A sum said so that nobody loses count of its noughts: 12万3,000円.</summary>
    protected string? YenAsSaid(Form form, string field) =>
        form.Typed(field) is { Length: > 0 and <= 100 } typed && Form.ReadYen(typed) is { } yen ? T["{0} yen", NumbersInWords.Large(yen, T.Lang)] : null;

    /// <summary>The messages for the summary above the form.</summary>
    protected IReadOnlyList<FieldError> ErrorsOf(Form form) => form.Mistakes.Select(m => new FieldError(m.Field, Say(m)) { Of = form.CalledAt(m.Field) is { } called ? Called(called.Label.In(T.Lang), called.Row) : null }).ToArray();

    string Called(string label, int row) => row == 0 || label.Length == 0 ? label : T["No. {0}, {1}|field of a row", row, label];

    string Say(FieldMistake mistake) => mistake.Values.Length == 0 ? T[mistake.Message] : T[mistake.Message, Shown(mistake.Values)];

    object[] Shown(object[] values) => [.. values.Select(v => v switch { Said said => said.In(T.Lang), DateOnly day => JapanTime.Show(day, T.Lang), TimeOnly time => time.Show(T.Lang), _ => v })];
}
