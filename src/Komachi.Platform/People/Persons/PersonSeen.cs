namespace Komachi.Platform.People;

/// <summary>
/// A person as this visitor may see them. Of somebody hidden nothing is here but words that say so, of the same length whoever it is:
/// show <see cref="Name"/> as it comes, and leave out what is null.
/// </summary>
public sealed record PersonSeen(Guid Id, PersonKind Kind, string Name)
{
    /// <summary>Under protection, and not for this visitor: the other facts are empty.</summary>
    public bool Hidden { get; init; }

    /// <summary>Under protection, and this visitor may know that.</summary>
    public bool Protected { get; init; }

    /// <summary>Hidden for now: <see cref="Persons.OpeningOf"/> is the page where it is opened with a reason.</summary>
    public bool MayOpen { get; init; }
    public string? Kana { get; init; }
    public DateOnly? BornOn { get; init; }

    /// <summary>Seven digits.</summary>
    public string? Postcode { get; init; }
    public string? Address { get; init; }
    public string? Phone { get; init; }
    public string? Email { get; init; }
    public string? CorporateNumber { get; init; }
    public ToldBy ToldBy { get; init; }
    public int Version { get; init; }
}

/// <summary>Somebody in a list of those who were looked for: enough to tell one from another.</summary>
public sealed record PersonFound(Guid Id, PersonKind Kind, string Name, string? Kana, DateOnly? BornOn, bool Protected);

/// <param name="Next">Where the next page begins, if there is one.</param>
/// <param name="TooLittle">More was to be typed.</param>
public sealed record PersonsFound(IReadOnlyList<PersonFound> Persons, Guid? Next, bool TooLittle = false)
{
    public static readonly PersonsFound Nobody = new([], null);
}
