using System.Net.Mail;
using Komachi.Platform.People;

namespace Komachi.Platform.Web;

/// <summary>Who somebody is called, and where they are reached.</summary>
public sealed partial class Form
{
    const int LongestName = 50;

    /// <summary>
    /// A name in the parts of a <c>NameField</c>. One part is a name too; nothing of it is folded. A reading is asked of names in kanji, and of none
    /// whose owner ticked that there is no reading.
    /// </summary>
    public PersonName? Name(string name, bool required = false, bool kana = true)
    {
        var (family, given, alias) = (Written(name + "-family"), Written(name + "-given"), Written(name + "-alias"));
        var (familyKana, givenKana) = (Kana(name + "-family-kana", most: 2 * LongestName), Kana(name + "-given-kana", most: 2 * LongestName));
        if (family.Length + given.Length == 0)
        {
            if (required || alias.Length > 0 || familyKana is not null || givenKana is not null) Wrongly(name + "-family", "Please write the name.");
            return null;
        }
        var hasNone = !kana || Ticked(name + "-no-kana");
        familyKana ??= Reading(name + "-family", family);
        givenKana ??= Reading(name + "-given", given);
        // Who has one name may write its reading in either field.
        if (!hasNone && (family.Length == 0 || given.Length == 0) && familyKana is null && givenKana is null) Ask(family.Length == 0 ? name + "-given" : name + "-family", family + given);
        else if (!hasNone && family.Length > 0 && given.Length > 0)
        {
            if (familyKana is null) Ask(name + "-family", family);
            if (givenKana is null) Ask(name + "-given", given);
        }
        return _mistakes.Any(m => m.Field.StartsWith(name + "-", StringComparison.Ordinal)) ? null : new(family, given, familyKana, givenKana, alias.Length == 0 ? null : alias);

        string Written(string part) => string.Concat(Text(part, LongestName).Where(c => c is not ('\n' or '\t')));

        // まり is read マリ, which nobody has to say twice.
        string? Reading(string part, string written) => Typed(part + "-kana").Trim().Length == 0 && Folded.Kana(written) is var read && Folded.IsKana(read) ? read : null;

        void Ask(string part, string written)
        {
            if (Folded.HasKanji(written)) Wrongly(part + "-kana", "Please write how the name is read, in katakana or hiragana.");
        }
    }

    /// <summary>A reading in katakana; hiragana, half width and blanks of all kinds are folded.</summary>
    public string? Kana(string name, bool required = false, int most = 100)
    {
        // ﾊﾞ is two signs and one letter: what counts is what it becomes.
        if (Line(name, 2 * most, required, "Please write the reading in kana.") is not { } typed) return null;
        if (Folded.Kana(typed) is var kana && Folded.IsKana(kana) && kana.Length <= most) return kana;
        if (kana.Length > most) Wrongly(name, "Please use at most {0} characters; there are {1}.", most, kana.Length);
        else Wrongly(name, "Please use katakana or hiragana only, like ミホン ハナコ.");
        return null;
    }

    /// <summary>A Japanese telephone number; <paramref name="mobile"/> where it has to take short messages.</summary>
    public Telephone? Telephone(string name, bool required = false, bool mobile = false)
    {
        if (Line(name, 60, required, "Please write a telephone number.") is not { } typed) return null;
        if (People.Telephone.Read(typed, out var wrong, out var values) is not { } telephone) Wrongly(name, wrong, values);
        else if (mobile && telephone.Kind != TelephoneKind.Mobile) Wrongly(name, "Please write a mobile number, like 090-1234-5678.");
        else return telephone;
        return null;
    }

    /// <summary>An e-mail address, as it is written to.</summary>
    public string? Email(string name, bool required = false)
    {
        if (Line(name, 254, required, "Please write an e-mail address.") is not { } typed) return null;
        if (ReadEmail(typed) is { } address) return address;
        Wrongly(name, "Please write an e-mail address, like hanako@example.jp.");
        return null;
    }

    /// <summary>Wide letters and blanks are the keyboard's doing, and a full stop in Japanese is one in an address.</summary>
    internal static string? ReadEmail(string typed)
    {
        var folded = Folded.Signs(typed).Replace(" ", "").Replace('。', '.');
        if (folded.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)) folded = folded["mailto:".Length..];
        return MailAddress.TryCreate(folded, out var address) && address.Address == folded && address.Host.Contains('.') ? folded : null;
    }
}
