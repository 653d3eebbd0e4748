namespace Komachi.Platform.Addresses;

/// <summary>Where somebody lives or is written to, in Japan: from the largest to the smallest, as an envelope has it.</summary>
/// <param name="Postcode">Seven digits, where it is known.</param>
/// <param name="Town">町・字; empty where the town has none.</param>
/// <param name="Number">丁目・番地.</param>
public sealed record PostalAddress(string? Postcode, string Prefecture, string City, string Town, string Number, string? Building = null)
{
    /// <summary>愛知県小牧市堀の内三丁目1番地 こまちハイツ101.</summary>
    public override string ToString() => Prefecture + City + Town + Number + (Building is null ? "" : " " + Building);

    /// <summary>As the parts of an <c>AddressField</c>, to fill a form with: <c>Form.With([.. address.In("home"), …])</c>.</summary>
    public (string Name, string? Value)[] In(string field) =>
        [($"{field}-postcode", Postcode), ($"{field}-prefecture", Prefecture), ($"{field}-city", City), ($"{field}-town", Town), ($"{field}-number", Number), ($"{field}-building", Building)];
}
