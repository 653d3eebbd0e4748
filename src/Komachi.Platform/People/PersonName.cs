namespace Komachi.Platform.People;

/// <summary>
/// A name as it is written, in two parts or in one: not everybody has a family name, a given name, or a reading in kana. Nothing of it is folded, so
/// that 邉󠄂 stays what the register has.
/// </summary>
/// <param name="Alias">通称, by which foreign residents may be known: it stands on their residence record.</param>
public sealed record PersonName(string Family, string Given, string? FamilyKana = null, string? GivenKana = null, string? Alias = null)
{
    /// <summary>見本 花子; of one part that one.</summary>
    public string Whole => Joined(Family, Given);

    /// <summary>ミホン ハナコ, where there is a reading.</summary>
    public string? Kana => Joined(FamilyKana, GivenKana) is { Length: > 0 } kana ? kana : null;

    /// <summary>As the parts of a <c>NameField</c>, to fill a form with.</summary>
    public (string Name, string? Value)[] In(string field) =>
        [($"{field}-family", Family), ($"{field}-given", Given), ($"{field}-family-kana", FamilyKana), ($"{field}-given-kana", GivenKana), ($"{field}-alias", Alias)];

    static string Joined(string? family, string? given) => string.Join(' ', new[] { family, given }.Where(part => part is { Length: > 0 }));
}
