using System.Net;
using Komachi.Platform.Addresses;
using Komachi.Platform.Data;
using Komachi.Tests.Harness;
using Komachi.Ui;

namespace Komachi.Tests.Fields;

/// <summary>A page with every field, filled in by somebody whose browser has no scripts.</summary>
public sealed class FillingIn(FieldsProgram program)
{
    static Dictionary<string, string?> All => new()
    {
        ["who-family"] = "邉󠄂", ["who-given"] = "花子", ["who-family-kana"] = "わたなべ", ["who-given-kana"] = "ﾊﾅｺ",
        ["born-era"] = "S", ["born-year"] = "６０", ["born-month"] = "4", ["born-day"] = "1",
        ["home-postcode"] = "〒４８５－００４１", ["home-number"] = "三丁目１ー１", ["home-building"] = "",
        ["phone"] = "０９０（１２３４）５６７８", ["mail"] = "ｈａｎａｋｏ＠example.jp", ["club"] = "こまち　がっしょうだん",
        ["people"] = "３", ["area"] = "65．5㎡", ["cost"] = "1万2千円", ["purpose"] = Option.Other, ["purpose-other"] = "町内会の餅つき", ["wishes"] = "bus", ["terms"] = AllFields.Terms,
    };

    [Fact]
    public async Task A_postcode_is_looked_up_on_the_way_and_everything_arrives_as_it_is_meant()
    {
        var town = await program.NewTown();
        using var hanako = town.Visitor();
        var empty = await hanako.Open("fields");
        var half = await hanako.Submit(empty, new() { ["who-family"] = "邉󠄂", ["home-postcode"] = "〒４８５－００４１", ["mail"] = "まだ書きかけ" }, press: "住所を入れる");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, half.Status);
        Assert.Empty(half.All(".field-error, .error-summary"));
        Assert.Equal(("邉󠄂", "まだ書きかけ", "小牧市", "小牧"), (Value(half, "who-family"), Value(half, "mail"), Value(half, "home-city"), Value(half, "home-town")));
        Assert.Equal("愛知県", half.One("#home-prefecture option[selected]").GetAttribute("value"));
        Assert.Equal("home-number", half.One("[autofocus]").Id);
        Assert.Contains("続きの番地を入力", half.One("[role=status]").TextContent);

        var done = await hanako.Submit(half, All);
        Assert.EndsWith("/fields/done", done.Url);
        var read = AllFields.Taken[town.Slug];
        Assert.Equal(("邉󠄂 花子", "ワタナベ ハナコ", new DateOnly(1985, 4, 1)), (read.Name.Whole, read.Name.Kana, read.Born));
        Assert.Equal(new PostalAddress("4850041", "愛知県", "小牧市", "小牧", "三丁目1-1"), read.Home);
        Assert.Equal(("090-1234-5678", "hanako@example.jp", "コマチ ガッショウダン"), (read.Phone.ToString(), read.Email, read.Club));
        Assert.Equal((3, 65.5m, new Yen(12_000), "町内会の餅つき"), (read.People, read.Area, read.Cost, read.Purpose));
        Assert.Equal(["bus"], read.Wishes.Values);
    }

    [Fact]
    public async Task Of_several_places_one_is_chosen()
    {
        var town = await program.NewTown();
        using var hanako = town.Visitor();
        var several = await hanako.Submit(await hanako.Open("fields"), new() { ["home-postcode"] = "498-0000" }, press: "住所を入れる");
        Assert.Equal(["選んでください", "愛知県弥富市", "三重県桑名郡木曽岬町"], several.All("#home-place option").Select(o => o.TextContent));
        Assert.False(several.One("[data-address-places]").HasAttribute("hidden"));
        var fill = All;
        (fill["home-postcode"], fill["home-place"], fill["cost"]) = ("498-0000", "24303/", "");
        // Sent with something missing: what was chosen stands in its parts, and nothing is asked twice.
        var wrong = await hanako.Submit(several, fill);
        Assert.Equal(["cost"], wrong.All(".error-summary a").Select(a => a.GetAttribute("href")![1..]));
        Assert.Equal("桑名郡木曽岬町", Value(wrong, "home-city"));
        Assert.True(wrong.One("[data-address-places]").HasAttribute("hidden"));
    }

    [Fact]
    public async Task An_empty_form_comes_back_with_a_sentence_beside_each_field_that_its_summary_leads_to()
    {
        var town = await program.NewTown();
        using var hanako = town.Visitor();
        var wrong = await hanako.Submit(await hanako.Open("fields"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        string[] missing = ["who-family", "born-year", "home-prefecture", "home-city", "home-number", "phone", "mail", "people", "area", "cost", "purpose", "terms"];
        Assert.Equal(missing, wrong.All(".error-summary a").Select(a => a.GetAttribute("href")![1..]));
        // Each says what is missing: in the summary no label stands beside it.
        Assert.Distinct(wrong.All(".error-summary a").Select(a => a.TextContent));
        Assert.All(missing, id => Assert.NotNull(wrong.Document.GetElementById(id)));
        Assert.All(missing.Where(id => id is not "born-year"), id => Assert.NotNull(wrong.Document.GetElementById(id + "-error")));
    }

    static string? Value(Seen page, string id) => page.Document.GetElementById(id)?.GetAttribute("value");
}
