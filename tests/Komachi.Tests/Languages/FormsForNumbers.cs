using Komachi.Tests.Harness;
using Komachi.Ui.Words;

namespace Komachi.Tests.Languages;

/// <summary>Sentences that fit their number, and names as one speaks to people.</summary>
public sealed class FormsForNumbers(TestProgram program)
{
    Words In(Lang lang, Dictionary<string, string>? own = null) => new(lang, program.House.Words, own);

    // The samples of CLDR's own table.
    [Theory]
    [InlineData("ja", "other", 0, 1, 2, 100)]
    [InlineData("vi", "other", 0, 1, 2, 100), InlineData("zh", "other", 0, 1, 2, 100), InlineData("ko", "other", 0, 1), InlineData("id", "other", 0, 1), InlineData("my", "other", 0, 1), InlineData("th", "other", 0, 1), InlineData("km", "other", 0, 1)]
    [InlineData("en", "one", 1), InlineData("en", "other", 0, 2, 11, 21, 101)]
    [InlineData("pt", "one", 0, 1), InlineData("pt", "many", 1000000, 2000000), InlineData("pt", "other", 2, 10, 1001)]
    [InlineData("es", "one", 1), InlineData("es", "many", 1000000), InlineData("es", "other", 0, 2, 16)]
    [InlineData("fil", "one", 0, 1, 2, 3, 5, 7, 8, 10, 13), InlineData("fil", "other", 4, 6, 9, 14, 16, 19, 104)]
    [InlineData("ne", "one", 1), InlineData("ne", "other", 0, 2), InlineData("hi", "one", 0, 1), InlineData("hi", "other", 2, 17)]
    [InlineData("ru", "one", 1, 21, 101), InlineData("ru", "few", 2, 4, 22, 104), InlineData("ru", "many", 0, 5, 11, 12, 14, 111)]
    [InlineData("ar", "zero", 0), InlineData("ar", "one", 1), InlineData("ar", "two", 2), InlineData("ar", "few", 3, 10, 103), InlineData("ar", "many", 11, 26, 111), InlineData("ar", "other", 100, 102, 200)]
    public void The_form_is_the_one_of_unicodes_table(string code, string form, params int[] numbers)
    {
        var lang = (Lang.Find(code) ?? Lang.FindFurther(code))!;
        Assert.All(numbers, n => Assert.Equal(form, Plural.FormOf(lang, n)));
        Assert.Contains(form, Plural.FormsOf(lang));
    }

    [Fact]
    public void One_is_not_said_as_many()
    {
        const string days = "{0} days";
        Assert.Equal(("1 day", "2 days", "0 days", "1,200 days"), (In(Lang.English).Count(days, 1), In(Lang.English).Count(days, 2), In(Lang.English).Count(days, 0), In(Lang.English).Count(days, 1200)));
        Assert.Equal(("1 day", "2 days"), (In(Lang.English)[days, 1], In(Lang.English)[days, 2L]));
        Assert.Equal(("1日", "2日"), (In(Lang.Japanese).Count(days, 1), In(Lang.Japanese)[days, 2]));
        Assert.Equal("Please check one answer", In(Lang.English).Count("Please check {0} answers", 1));
        Assert.Equal("Please check {0} answers", In(Lang.English)["Please check {0} answers"]);

        var pt = Lang.FindFurther("pt")!;
        var words = In(pt, new() { [days] = "{0} dias", [days + "#one"] = "{0} dia" });
        Assert.Equal(("0 dia", "1 dia", "3 dias", "1,000,000 dias"), (words.Count(days, 0), words.Count(days, 1), words.Count(days, 3), words.Count(days, 1_000_000)));
        // Said by the town for many alone: better in its language than in Japanese.
        Assert.Equal("1 dias", In(pt, new() { [days] = "{0} dias" }).Count(days, 1));
    }

    [Fact]
    public void People_are_spoken_to_as_their_language_does()
    {
        const string name = "見本 花子";
        Assert.Equal(("見本 花子 様", "見本 花子さん", "見本 花子"), (In(Lang.Japanese).Polite(name), In(Lang.Plain).Polite(name), In(Lang.English).Polite(name)));
        Assert.Equal(("見本 花子 様", "Dear 見本 花子,"), (In(Lang.Japanese).Dear(name), In(Lang.English).Dear(name)));
    }

    [Fact]
    public void What_is_missing_is_said_in_plain_japanese()
    {
        var words = In(Lang.FindFurther("pt")!, new() { ["Search"] = "Buscar" });
        Assert.Equal("Buscar", words["Search"]);
        Assert.Equal(program.House.Words.Find("Close", Lang.Plain), words["Close"]);
        Assert.Equal("Enter", words["Enter|of no book"]);
        Said title = new("題", plain: "やさしい 題");
        Assert.Equal(("やさしい 題", Lang.Plain), (title.In(words.Lang), title.LangOf(words.Lang)));
        Assert.Equal(("題", Lang.Japanese), (new Said("題").In(words.Lang), new Said("題").LangOf(words.Lang)));
        Assert.Equal("題", title.In(Lang.English));
    }
}
