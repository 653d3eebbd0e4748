using Komachi.Platform.Addresses;
using Komachi.Ui;

namespace Komachi.Platform.Web;

/// <summary>
/// Addresses in the parts of an <c>AddressField</c>. Its button sends the same form with <c>_look</c>: the parts that the postcode tells are filled in,
/// the form counts as <see cref="Wrong"/> so that its page is shown again with everything that was typed, and nobody is told of fields that they had
/// not come to.
/// </summary>
public sealed partial class Form
{
    /// <summary>The field whose postcode was to be looked up, and nothing else done.</summary>
    public string? LookedUp { get; private set; }

    /// <summary>Seven digits: 〒４８５－００４１ → 4850041.</summary>
    public string? Postcode(string name, bool required = false)
    {
        if (Line(name, 30, required, "Please write a postcode.") is not { } typed) return null;
        if (Folded.Postcode(typed) is { Length: 7 } digits && digits.All(char.IsAsciiDigit)) return digits;
        Wrongly(name, "A postcode has seven digits, like 485-0041.");
        return null;
    }

    /// <summary>
    /// Prefecture, town and number have to be there, the postcode not: nobody has to know it, and new ones come each month. Where prefecture and
    /// town were left out, the postcode tells them.
    /// </summary>
    public PostalAddress? Address(string name, bool required = false)
    {
        TakePlace(name);
        if (Typed("_look") == name)
        {
            LookUp(name);
            return null;
        }
        string[] parts = ["postcode", "prefecture", "city", "town", "number", "building"];
        if (!required && parts.All(part => Typed($"{name}-{part}").Trim().Length == 0)) return null;

        var postcode = Postcode(name + "-postcode");
        if (postcode is not null && Typed(name + "-prefecture").Length == 0 && Typed(name + "-city").Trim().Length == 0) Fill(name, Postcodes.Of(postcode));
        var (prefecture, city, town, number, building) = (Typed(name + "-prefecture"), Part("city", 50), Part("town", 100), Part("number", 100), Part("building", 100));
        if (city.StartsWith(prefecture, StringComparison.Ordinal)) city = city[prefecture.Length..].Trim();
        if (!Prefecture.All.Any(p => p.Name == prefecture)) Wrongly(name + "-prefecture", "Please choose the prefecture.");
        if (city.Length == 0) Wrongly(name + "-city", "Please write the city, ward, town or village.");
        if (number.Length == 0) Wrongly(name + "-number", "Please write the number of the house or the plot. Where there is none, write “none”.");
        return parts.Any(part => IsWrong($"{name}-{part}")) ? null : new(postcode, prefecture, city, town, number, building.Length == 0 ? null : building);

        string Part(string part, int most) => Folded.Address(Text($"{name}-{part}", most));
    }

    /// <summary>One of several places of the postcode was chosen: it stands in the parts from now on, but for a town that was written there.</summary>
    void TakePlace(string name)
    {
        if (Typed(name + "-place") is not { Length: > 0 } chosen) return;
        _typed.Remove(name + "-place");
        if (PlacesOf(name).FirstOrDefault(p => KeyOf(p) == chosen) is not { } place) return;
        (_typed[name + "-prefecture"], _typed[name + "-city"]) = (place.Prefecture, place.City);
        if (Typed(name + "-town").Trim().Length == 0) _typed[name + "-town"] = place.Area;
    }

    void LookUp(string name)
    {
        LookedUp = name;
        var typed = Typed(name + "-postcode").Trim();
        if (typed.Length == 0) Note(name + "-postcode", "Please write the postcode first.", [], atOnce: true);
        else if (Folded.Postcode(typed[..Math.Min(typed.Length, 100)]) is not { Length: 7 } digits || !digits.All(char.IsAsciiDigit)) Note(name + "-postcode", "A postcode has seven digits, like 485-0041.", [], atOnce: true);
        else if (PlacesOf(name) is not { Count: > 0 } places) Note(name + "-postcode", "We know no place with this postcode. Please look at it once more, or write the address below.", [], atOnce: true);
        else Fill(name, places);
    }

    /// <summary>What all places of a postcode have in common. What was typed and goes on from there (小牧 → 小牧三丁目) stays, and so does one of several.</summary>
    void Fill(string name, IReadOnlyList<PostcodePlace> places)
    {
        if (places.Count == 0) return;
        var (prefecture, city) = (One("prefecture", p => p.Prefecture), One("city", p => p.City));
        var (before, town) = (Typed(name + "-city").Trim(), Typed(name + "-town").Trim());
        var goesOn = town.Length > 0 && (before.Length == 0 || before == city) && places.Any(p => (city.Length == 0 || p.City == city) && town.StartsWith(p.Area, StringComparison.Ordinal));
        (_typed[name + "-prefecture"], _typed[name + "-city"], _typed[name + "-town"]) = (prefecture, city, goesOn ? town : One("town", p => p.Area));

        string One(string part, Func<PostcodePlace, string> of) => places.Select(of).Distinct().ToArray() switch
        {
            [var one] => one,
            var several => several.Contains(Typed($"{name}-{part}").Trim()) ? Typed($"{name}-{part}").Trim() : "",
        };
    }

    /// <summary>Those of the postcode that was typed.</summary>
    internal IReadOnlyList<PostcodePlace> PlacesOf(string name) => Typed(name + "-postcode") is { Length: > 0 and <= 100 } typed ? Postcodes.Of(Folded.Postcode(typed)) : [];

    internal static string KeyOf(PostcodePlace place) => $"{place.TownCode}/{place.Area}";
}
