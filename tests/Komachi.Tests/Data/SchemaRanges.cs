using Komachi.Platform.Data;

namespace Komachi.Tests.Data;

/// <summary>Old and new programs serve side by side as long as the database says so.</summary>
public sealed class SchemaRanges
{
    static readonly Migration[] Known = [Of("a", 1), Of("a", 2), Of("b", 1)];

    [Theory]
    [InlineData(2, 0, 1, 0, true)]      // exactly what the program knows
    [InlineData(5, 0, 1, 0, true)]      // a newer database that only grew
    [InlineData(5, 2, 1, 0, true)]      // a newer one that took away what this program does not use
    [InlineData(5, 3, 1, 0, false)]     // a newer one that this program is too old for
    [InlineData(1, 0, 1, 0, false)]     // not migrated yet
    public void A_program_serves_what_fits_it(int a, int aFrom, int b, int bFrom, bool fits) =>
        Assert.Equal(fits, SchemaRange.Fits(new Dictionary<string, (int, int)> { ["a"] = (a, aFrom), ["b"] = (b, bFrom), ["unknown"] = (9, 9) }, Known));

    [Fact]
    public void A_module_whose_tables_are_missing_does_not_fit() =>
        Assert.False(SchemaRange.Fits(new Dictionary<string, (int, int)> { ["a"] = (2, 0) }, Known));

    static Migration Of(string module, int number) => new(module, number, "x", "", "", 0);
}
