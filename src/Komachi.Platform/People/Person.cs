using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

public enum PersonKind { Human, Organisation }

/// <summary>Somebody whom the town knows: with an account, or without one as children are; or a company or an association.</summary>
public sealed class Person
{
    Person() { }

    public Guid Id { get; private init; } = Data.Id.New();
    public PersonKind Kind { get; private init; }

    /// <summary>Exactly as written, variation selectors included.</summary>
    public string Name { get; private set; } = "";
    public string? Kana { get; private set; }

    /// <summary>What a search compares: see <see cref="NameKey.Of"/>.</summary>
    public string NameKey { get; private set; } = "";
    public DateOnly? BornOn { get; private set; }

    /// <summary>Seven digits.</summary>
    public string? Postcode { get; private set; }
    public string? Address { get; private set; }
    public string? Phone { get; private set; }
    public string? Email { get; private set; }
    public int Version { get; private set; } = 1;
    public DateTimeOffset CreatedAt { get; private init; }

    public static Person Known(PersonKind kind, PersonFacts facts, DateTimeOffset now)
    {
        var person = new Person { Kind = kind, CreatedAt = now };
        person.Take(facts);
        return person;
    }

    public void Correct(PersonFacts facts)
    {
        Take(facts);
        Version++;
    }

    /// <summary>Forgotten: the row stays, so that what refers to it does not break, and says nothing.</summary>
    internal void Erase()
    {
        (Name, NameKey, Kana, BornOn, Postcode, Address, Phone, Email) = ("", "", null, null, null, null, null, null);
        Version++;
    }

    /// <summary>Something that has to stay says who it is about: what tells them apart stays with it, and nothing else.</summary>
    internal void KeepIdentity()
    {
        if (Phone is null && Email is null) return;
        (Phone, Email) = (null, null);
        Version++;
    }

    void Take(PersonFacts facts)
    {
        (Name, Kana, BornOn, Postcode, Address, Phone, Email) = (facts.Name, facts.Kana, facts.BornOn, facts.Postcode, facts.Address, facts.Phone, facts.Email);
        NameKey = People.NameKey.Of(Name) + " " + People.NameKey.Of(Kana ?? "");
    }

    internal static void Map(ModelBuilder model) => model.Entity<Person>(e =>
    {
        e.ToTable("persons");
        e.Property(p => p.Version).IsConcurrencyToken();
        e.HasIndex(p => new { p.NameKey, p.Id }).HasDatabaseName("persons_name_key");
    });
}

public sealed record PersonFacts(string Name, string? Kana = null, DateOnly? BornOn = null, string? Postcode = null, string? Address = null, string? Phone = null, string? Email = null);

/// <summary>Names are stored as they are written and searched folded: width, case, kana, blanks and variation selectors make no difference.</summary>
public static class NameKey
{
    public static string Of(string name)
    {
        var folded = new System.Text.StringBuilder(name.Length);
        foreach (var rune in name.Normalize(System.Text.NormalizationForm.FormKC).ToLowerInvariant().EnumerateRunes())
        {
            if (System.Text.Rune.IsWhiteSpace(rune) || rune.Value is >= 0xFE00 and <= 0xFE0F or >= 0xE0100 and <= 0xE01EF or 'ー' or '‐' or '-') continue;
            var c = rune.Value is >= 'ぁ' and <= 'ゖ' ? rune.Value + ('ァ' - 'ぁ') : rune.Value;
            folded.Append(new System.Text.Rune(Large(c)));
        }
        return folded.ToString();

        // キョウコ and キヨウコ are different names that are typed for one another.
        static int Large(int c) => "ァィゥェォッャュョヮヵヶ".IndexOf((char)Math.Min(c, char.MaxValue)) is >= 0 and var at ? "アイウエオツヤユヨワカケ"[at] : c;
    }
}
