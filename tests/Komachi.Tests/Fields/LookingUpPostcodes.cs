using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Komachi.Platform.Addresses;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Fields;

/// <summary>Postcodes: the table within the program, what forms make of it, and the address that scripts ask.</summary>
public sealed class LookingUpPostcodes(TestProgram program)
{
    [Theory]
    [InlineData("4850041", "23219 愛知県小牧市小牧")]
    [InlineData("4850000", "23219 愛知県小牧市")]
    [InlineData("3113433", "08236 茨城県小美玉市高崎")]
    [InlineData("8168510", "")]                                       // of one office alone, which this list does not have
    [InlineData("5760052", "27230 大阪府交野市私部")]
    [InlineData("1000001", "13101 東京都千代田区千代田")]
    [InlineData("1006001", "13101 東京都千代田区霞が関霞が関ビル")]       // the codes of a building's floors begin the same
    [InlineData("4980000", "23235 愛知県弥富市|24303 三重県桑名郡木曽岬町")]
    [InlineData("4090142", "19442 山梨県北都留郡小菅村")]                 // "小菅村の次に１～６６３番地がくる場合" is no place
    [InlineData("0000000", "")]
    [InlineData("485004", "")]
    [InlineData("４８５００４１", "")]
    public void A_code_has_its_places(string code, string places) => Assert.Equal(places, string.Join('|', Postcodes.Of(code).Select(p => $"{p.TownCode} {p}")));

    [Fact]
    public void Nothing_that_is_no_name_of_a_place_is_in_the_list_and_it_holds_all_of_Japan()
    {
        var places = new HashSet<PostcodePlace>();
        for (var first = 0; first < 1000; first++)
            foreach (var rest in new[] { "0000", "0001", "0011", "0022", "0101", "1101" }) places.UnionWith(Postcodes.Of($"{first:000}{rest}"));
        Assert.True(places.Count > 2000, $"{places.Count} places");
        Assert.Equal(Komachi.Ui.Prefecture.All.Select(p => p.Name).Order(), places.Select(p => p.Prefecture).Distinct().Order());
        Assert.DoesNotContain(places, p => p.Area.Contains("場合") || p.Area.Contains('（') || p.Area.Contains('、') || p.City.Length == 0);
    }

    [Fact]
    public void A_town_lives_at_the_code_that_its_own_file_gives()
    {
        foreach (var (code, town) in new[] { ("4850000", "小牧市"), ("3190100", "小美玉市"), ("8160000", "大野城市"), ("9320000", "小矢部市"), ("5760000", "交野市") })
            Assert.Contains(Postcodes.Of(code), p => p.City == town);
    }

    static Form Home(string postcode = "", string prefecture = "", string city = "", string town = "", string number = "", string building = "", string place = "", string look = "") => Form.With(
        ("home-postcode", postcode), ("home-prefecture", prefecture), ("home-city", city), ("home-town", town), ("home-number", number), ("home-building", building), ("home-place", place), ("_look", look));

    [Fact]
    public void An_address_is_read_in_its_parts_with_every_width_and_dash()
    {
        var read = Home("〒４８５－００４１", "愛知県", "愛知県小牧市", "堀の内　三丁目", "１ー２−３", "ｺﾏﾁハイツー Ｂ‐１０１").Address("home", required: true)!;
        Assert.Equal(new("4850041", "愛知県", "小牧市", "堀の内 三丁目", "1-2-3", "コマチハイツー B-101"), read);
        Assert.Equal("愛知県小牧市堀の内 三丁目1-2-3 コマチハイツー B-101", read.ToString());
        Assert.Equal(read, Form.With(read.In("home")).Address("home"));
        // Kanji are not made into others.
        Assert.Equal("\uFA10", Home("", "東京都", "青梅市", "\uFA10", "1").Address("home")!.Town);
    }

    [Fact]
    public void Nobody_has_to_know_their_postcode_and_the_postcode_knows_what_was_left_out()
    {
        Assert.Null(Home(prefecture: "愛知県", city: "小牧市", number: "なし").Address("home", required: true)!.Postcode);
        Assert.Equal(("愛知県", "小牧市", "小牧"), Home("485-0041", number: "1").Address("home") is { } found ? (found.Prefecture, found.City, found.Town) : default);
        Assert.Equal("9999999", Home("999-9999", "愛知県", "小牧市", "小牧", "1").Address("home")!.Postcode);    // a new one is not in our list yet
        Assert.Null(Home().Address("home"));
    }

    [Theory]
    [InlineData("", "", "", "", "home-prefecture home-city home-number")]
    [InlineData("485-004", "愛知県", "小牧市", "1", "home-postcode")]
    [InlineData("", "小牧県", "小牧市", "1", "home-prefecture")]
    [InlineData("", "愛知県", "愛知県", "1", "home-city")]
    [InlineData("498-0000", "", "", "1", "home-prefecture home-city")]
    public void What_is_missing_is_said_beside_its_part(string postcode, string prefecture, string city, string number, string fields)
    {
        var form = Home(postcode, prefecture, city, "", number);
        Assert.Null(form.Address("home", required: true));
        Assert.Equal(fields, string.Join(' ', form.Mistakes.Select(m => m.Field)));
        Assert.Equal((postcode, city, number), (form.Typed("home-postcode"), form.Typed("home-city"), form.Typed("home-number")));
    }

    [Fact]
    public void Looking_up_fills_in_what_the_postcode_tells_and_says_nothing_of_the_rest()
    {
        var form = Home("４８５ー００４１", town: "小牧三丁目", number: "1", look: "home");
        form.Text("title", most: 10, required: true);
        Assert.Null(form.Address("home", required: true));
        form.Text("body", most: 10, required: true);
        Assert.True(form.Wrong);
        Assert.Empty(form.Mistakes);
        Assert.Equal(("愛知県", "小牧市", "小牧三丁目", "1"), Parts(form));

        // Of several places what they have in common, and one that was chosen.
        var several = Home("4980000", look: "home");
        Assert.Null(several.Address("home"));
        Assert.Equal(("", "", "", ""), Parts(several));
        var chosen = Home("4980000", number: "5", place: "24303/").Address("home")!;
        Assert.Equal(("三重県", "桑名郡木曽岬町"), (chosen.Prefecture, chosen.City));
        Assert.NotNull(Home("4980000", "愛知県", "弥富市", "", "5", place: "made up").Address("home"));

        // Another code of the same form: what came with the one before goes with it.
        var moved = Home("576-0052", "愛知県", "小牧市", "小牧", "1", look: "home");
        moved.Address("home");
        Assert.Equal(("大阪府", "交野市", "私部", "1"), Parts(moved));
    }

    static (string, string, string, string) Parts(Form form) => (form.Typed("home-prefecture"), form.Typed("home-city"), form.Typed("home-town"), form.Typed("home-number"));

    [Theory]
    [InlineData("", "Please write the postcode first.")]
    [InlineData("485", "A postcode has seven digits, like 485-0041.")]
    [InlineData("000-0000", "We know no place with this postcode. Please look at it once more, or write the address below.")]
    public void Looking_up_nothing_says_why_and_keeps_what_was_typed(string postcode, string said)
    {
        var form = Home(postcode, city: "小牧市", look: "home");
        form.Text("title", most: 10, required: true);
        Assert.Null(form.Address("home", required: true));
        var mistake = Assert.Single(form.Mistakes);
        Assert.Equal(("home-postcode", said), (mistake.Field, mistake.Message));
        Assert.Equal((postcode, "小牧市"), (form.Typed("home-postcode"), form.Typed("home-city")));
    }

    [Fact]
    public void A_number_that_is_never_shown_again_is_asked_for_once_more_after_a_look_up()
    {
        var form = Form.With(("home-postcode", "485-0041"), ("_look", "home"), ("mine", "123456789018"));
        form.Address("home");
        Assert.Null(form.MyNumber("mine"));
        Assert.Equal("", form.Typed("mine"));
        Assert.Equal("For your safety the number was not kept. Please type it once more.", Assert.Single(form.Mistakes).Message);
    }

    [Fact]
    public async Task Anybody_may_ask_for_a_code_and_whoever_asks_again_need_not()
    {
        var town = await program.NewTown();
        using var visitor = town.Visitor();
        foreach (var (path, code) in new[] { ("4850041", "4850041"), ("485-0041", "4850041"), (Uri.EscapeDataString("〒４８５－００４１"), "4850041"), ("4980000", "4980000"), ("0000000", "0000000") })
        {
            using var answer = await visitor.Send(HttpMethod.Get, "api/v1/postcodes/" + path);
            Assert.Equal((HttpStatusCode.OK, "public, max-age=86400"), (answer.StatusCode, answer.Headers.CacheControl!.ToString()));
            var told = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(code, told.GetProperty("postcode").GetString());
            Assert.Equal(Postcodes.Of(code), told.GetProperty("places").Deserialize<PostcodePlace[]>(JsonSerializerOptions.Web));
        }
        foreach (var nothing in new[] { "48500", "abc", "%00", new string('1', 3000) })
        {
            using var answer = await visitor.Send(HttpMethod.Get, "api/v1/postcodes/" + nothing);
            Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{nothing}: {answer.StatusCode}");
            Assert.NotEqual(true, answer.Headers.CacheControl?.Public);
        }
        // At the desk, which may have an address that serves no residents and no API, colleagues ask there.
        using var desk = await (await town.Staff()).Send(HttpMethod.Get, "desk/postcodes/4850041");
        Assert.Contains("小牧市", await desk.Content.ReadAsStringAsync());
        var described = await visitor.Open("api/v1/openapi.json");
        Assert.Contains("/api/v1/postcodes/{code}", described.Html);
    }

    /// <summary>A page asks at each postcode that is typed, and so may anybody: it costs no more than a block of the table (docs/decisions/0021).</summary>
    [Fact]
    public void Looking_one_up_unpacks_one_small_block()
    {
        Postcodes.Of("4850041");
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) Postcodes.Of("9690404");    // in the largest block
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 1, 200_000);
    }

    [Fact]
    public void No_code_of_seven_digits_hurts() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Gen.Choose(0, 9_999_999).ToArbitrary(), code =>
        Postcodes.Of($"{code:0000000}").All(p => p.TownCode.Length == 5 && p.Prefecture.Length > 2 && p.City.Length > 1 && Komachi.Ui.Prefecture.All.Any(known => known.Name == p.Prefecture))));
}
