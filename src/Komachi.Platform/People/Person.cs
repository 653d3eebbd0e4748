using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

public enum PersonKind { Human, Organisation }

/// <summary>Who said it: the person, on a page of their own, or what was seen at the desk.</summary>
public enum ToldBy { Themselves, Desk }

/// <summary>
/// Somebody whom the town knows: with an account, or without one as children are; or a company or an association.
/// The facts are for the Platform alone. Everybody else asks <see cref="Persons"/>, who knows what may be shown to whom:
/// a module that reads a name or an address past it does not compile.
/// </summary>
public sealed class Person
{
    Person() { }

    public Guid Id { get; private init; } = Data.Id.New();
    public PersonKind Kind { get; private init; }

    /// <summary>Exactly as written, variation selectors included.</summary>
    internal string Name { get; private set; } = "";
    internal string? Kana { get; private set; }

    /// <summary>What a search compares: see <see cref="NameKey.Of"/>.</summary>
    internal string NameKey { get; private set; } = "";

    /// <summary>The reading, folded: kana are searched here, and everything else among the names.</summary>
    internal string KanaKey { get; private set; } = "";
    internal DateOnly? BornOn { get; private set; }

    /// <summary>Seven digits.</summary>
    internal string? Postcode { get; private set; }
    internal string? Address { get; private set; }
    internal string? Phone { get; private set; }
    internal string? Email { get; private set; }

    /// <summary>法人番号 of an organisation: see <see cref="CorporateNumbers"/>.</summary>
    internal string? CorporateNumber { get; private set; }
    internal ToldBy ToldBy { get; private set; }
    public int Version { get; private set; } = 1;
    public DateTimeOffset CreatedAt { get; private init; }

    public static Person Known(PersonKind kind, PersonFacts facts, DateTimeOffset now, ToldBy toldBy = ToldBy.Themselves)
    {
        var person = new Person { Kind = kind, CreatedAt = now };
        person.Take(facts, toldBy);
        return person;
    }

    public void Correct(PersonFacts facts, ToldBy toldBy = ToldBy.Themselves)
    {
        Take(facts, toldBy);
        Version++;
    }

    /// <summary>Forgotten: the row stays, so that what refers to it does not break, and says nothing.</summary>
    internal void Erase()
    {
        (Name, NameKey, KanaKey, Kana, BornOn, Postcode, Address, Phone, Email, CorporateNumber) = ("", "", "", null, null, null, null, null, null, null);
        Version++;
    }

    /// <summary>Something that has to stay says who it is about: what tells them apart stays with it, and nothing else.</summary>
    internal void KeepIdentity()
    {
        if (Phone is null && Email is null) return;
        (Phone, Email) = (null, null);
        Version++;
    }

    internal PersonFacts Facts => new(Name, Kana, BornOn, Postcode, Address, Phone, Email, CorporateNumber);

    void Take(PersonFacts facts, ToldBy toldBy)
    {
        (Name, Kana, BornOn, Postcode, Address, Phone, Email, CorporateNumber, ToldBy) =
            (facts.Name, facts.Kana, facts.BornOn, facts.Postcode, facts.Address, facts.Phone, facts.Email, facts.CorporateNumber, toldBy);
        var (name, kana) = (People.NameKey.Of(Name), People.NameKey.Of(Kana ?? ""));
        NameKey = name + " " + kana;
        KanaKey = kana.Length > 0 ? kana : People.NameKey.IsKana(name) ? name : "";
    }

    internal static void Map(ModelBuilder model) => model.Entity<Person>(e =>
    {
        e.ToTable("persons");
        e.Ignore(p => p.Facts);
        // What is not public is mapped by name.
        e.Property(p => p.Name).IsRequired();
        e.Property(p => p.Kana);
        e.Property(p => p.NameKey).IsRequired();
        e.Property(p => p.KanaKey).IsRequired();
        e.Property(p => p.BornOn);
        e.Property(p => p.Postcode);
        e.Property(p => p.Address);
        e.Property(p => p.Phone);
        e.Property(p => p.Email);
        e.Property(p => p.CorporateNumber);
        e.Property(p => p.ToldBy);
        e.Property(p => p.Version).IsConcurrencyToken();
        e.HasIndex(p => new { p.NameKey, p.Id }).HasDatabaseName("persons_name_key");
        e.HasIndex(p => new { p.KanaKey, p.Id }).HasDatabaseName("persons_kana_key");
        e.HasIndex(p => new { p.BornOn, p.Id }).HasDatabaseName("persons_born_on");
    });
}

public sealed record PersonFacts(string Name, string? Kana = null, DateOnly? BornOn = null, string? Postcode = null, string? Address = null, string? Phone = null, string? Email = null, string? CorporateNumber = null);

/// <summary>Names are stored as they are written and searched folded: width, case, kana, blanks and variation selectors make no difference.</summary>
public static class NameKey
{
    /// <summary>Whether a folded name is nothing but kana.</summary>
    public static bool IsKana(string folded) => folded.Length > 0 && folded.All(c => c is >= 'ァ' and <= 'ヺ' or '・' or 'ヴ');

    public static string Of(string name)
    {
        var folded = new System.Text.StringBuilder(name.Length);
        foreach (var rune in name.Normalize(System.Text.NormalizationForm.FormKC).ToLowerInvariant().EnumerateRunes())
        {
            if (System.Text.Rune.IsWhiteSpace(rune) || System.Text.Rune.IsControl(rune) || rune.Value is >= 0xFE00 and <= 0xFE0F or >= 0xE0100 and <= 0xE01EF or 'ー' or '‐' or '-') continue;
            var c = rune.Value is >= 'ぁ' and <= 'ゖ' ? rune.Value + ('ァ' - 'ぁ') : rune.Value;
            folded.Append(new System.Text.Rune(Large(c)));
        }
        return folded.ToString();

        // キョウコ and キヨウコ are different names that are typed for one another.
        static int Large(int c) => "ァィゥェォッャュョヮヵヶ".IndexOf((char)Math.Min(c, char.MaxValue)) is >= 0 and var at ? "アイウエオツヤユヨワカケ"[at] : c;
    }
}
