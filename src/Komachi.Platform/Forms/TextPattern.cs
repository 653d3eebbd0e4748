using System.Collections.Frozen;
using Komachi.Platform.Web;

namespace Komachi.Platform.Forms;

/// <summary>
/// What some texts look like, by name (<c>pattern: corporateNumber</c>): each folds what keyboards make of it, and says in one sentence what is asked for.
/// A form cannot bring a pattern of its own: nobody has to read one, and none runs for ever.
/// </summary>
public sealed class TextPattern
{
    readonly Func<string, string> _fold;
    readonly Func<string, bool> _takes;

    TextPattern(string asks, Func<string, string> fold, Func<string, bool> takes, bool digits = true) => (Asks, _fold, _takes, IsDigits) = (asks, fold, takes, digits);

    /// <summary>The sentence beside the field: a key of the house's words.</summary>
    public string Asks { get; }

    /// <summary>A phone shows its keys for numbers.</summary>
    public bool IsDigits { get; }

    public static readonly FrozenDictionary<string, TextPattern> All = new Dictionary<string, TextPattern>
    {
        ["corporateNumber"] = new("A Corporate Number has 13 digits. Please compare it with the notice of the National Tax Agency.", Narrow, IsCorporateNumber),
        ["chip"] = new("The number of a microchip has 15 digits.", Narrow, t => t.Length == 15 && Digits(t)),
        ["postcode"] = new("A postcode has seven digits, like 485-0041.", Folded.Postcode, t => t.Length == 7 && Digits(t)),
        ["digits"] = new("Please use digits only.", Narrow, Digits),
        ["alphanumeric"] = new("Please use letters from A to Z and digits only.", Narrow, t => t.All(char.IsAsciiLetterOrDigit), digits: false),
    }.ToFrozenDictionary();

    /// <summary>As it is kept: narrow, without dashes and blanks.</summary>
    public string Fold(string typed) => _fold(typed);

    public bool Takes(string kept) => kept.Length > 0 && _takes(kept);

    static string Narrow(string typed) => string.Concat(Folded.Signs(typed).Where(c => c is not ('-' or ' ')));

    static bool Digits(string text) => text.All(char.IsAsciiDigit);

    // 法人番号の指定等に関する省令第2条: nine less the rest by nine of the other twelve digits, from the right once and twice by turns.
    static bool IsCorporateNumber(string text)
    {
        if (text.Length != 13 || !Digits(text)) return false;
        var sum = 0;
        for (var n = 1; n <= 12; n++) sum += (text[13 - n] - '0') * (n % 2 == 1 ? 1 : 2);
        return text[0] - '0' == 9 - sum % 9;
    }
}
