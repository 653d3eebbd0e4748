using System.Globalization;
using Komachi.Platform.Days;
using Komachi.Platform.Web;

namespace Komachi.Platform.People;

/// <summary>The facts of a person in a form, as residents fill it in for themselves and staff at the counter.</summary>
static class PersonForm
{
    public static Form Of(PersonSeen person) => Form.With(
        ("kind", person.Kind.ToString()), ("name", person.Name), ("kana", person.Kana), ("bornOn", person.BornOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        ("postcode", person.Postcode), ("address", person.Address), ("phone", person.Phone), ("corporateNumber", person.CorporateNumber), ("version", person.Version.ToString(CultureInfo.InvariantCulture)));

    public static PersonFacts Read(Form form, PersonKind kind, string? email, DateOnly today)
    {
        var (name, kana) = (form.Text("name", most: 100, required: true), form.Text("kana", most: 100));
        var born = kind == PersonKind.Human ? form.Day("bornOn") : null;
        if (born > today || born?.Year < 1880) form.Wrongly("bornOn", "Please look at the year once more.");
        var postcode = form.Postcode("postcode");
        var (address, phone) = (form.Text("address", most: 200), form.Text("phone", most: 30));
        string? corporate = null;
        if (kind == PersonKind.Organisation && form.Text("corporateNumber", most: 30) is { Length: > 0 } typed && (corporate = CorporateNumbers.Read(typed)) is null)
            form.Wrongly("corporateNumber", "That is no corporate number: it has thirteen digits, the first of which checks the others.");
        return new(name, Null(kana), born, postcode, Null(address), Null(phone), email, corporate);
    }

    /// <summary>From an address: what is not a day is none.</summary>
    public static DateOnly? Day(string? typed) => WrittenDay.Read(typed ?? "").Day;

    static string? Null(string text) => text.Length == 0 ? null : text;
}
