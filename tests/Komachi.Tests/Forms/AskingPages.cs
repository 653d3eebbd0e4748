using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Komachi.Platform.Forms;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Forms;

/// <summary>Forms as their pages are: drawn in three languages, sent without scripts, checked, and changed.</summary>
public sealed class AskingPages(AskingProgram program)
{
    static readonly Dictionary<string, string?> One = new()
    {
        ["text"] = "桜保育園", ["number13"] = "７０００-0120-50002", ["area"] = "一行目\n二行目", ["number"] = "３", ["decimal"] = "65.5", ["yen"] = "1万2千円",
        ["born-era"] = "H", ["born-year"] = "2", ["born-month"] = "4", ["born-day"] = "1", ["from"] = "2026-12-01", ["month"] = "2026年12月", ["time"] = "午後6時半",
    };

    static readonly Dictionary<string, string?> Account = new()
    {
        ["account-bank"] = "見本銀行", ["account-bank-code"] = "0000", ["account-branch"] = "本店", ["account-branch-code"] = "001", ["account-kind"] = "ordinary", ["account-number"] = "12345", ["account-holder"] = "みほん はなこ",
    };

    static string Value(Seen page, string id) => page.One($"#{id}").GetAttribute("value") ?? "";

    [Fact]
    public async Task Every_kind_is_filled_in_checked_and_shown_again_as_people_read_it()
    {
        var town = await program.NewTown("oyabe");
        using var hanako = town.Visitor();
        var one = await hanako.Submit(await hanako.Open("asking/every/one"), new() { ["text"] = "", ["number"] = "99", ["number13"] = "1234567890123" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, one.Status);
        Assert.Equal(["#text", "#number13", "#number", "#born-year"], one.All(".error-summary a").Select(a => a.GetAttribute("href")));
        Assert.Equal("99", Value(one, "number"));
        Assert.Empty(one.All("#movedOn"));

        var two = await hanako.Submit(one, One);
        Assert.EndsWith("/asking/every/two", two.Url);
        // The day of a move is there for a script, and nothing of it is sent without one.
        var asked = two.One("[data-asked-if=moved]");
        Assert.Equal(("yes", true, true), (asked.GetAttribute("data-asked-in"), asked.HasAttribute("hidden"), asked.HasAttribute("disabled")));
        var more = await hanako.Submit(two, new() { ["moved"] = "yes", ["choice"] = "sport", ["choices"] = "dog", ["name-family"] = "見本", ["name-given"] = "花子", ["kana"] = "みほん はなこ", ["telephone"] = "09012345678" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, more.Status);
        Assert.Contains("質問が増えました", more.One("main").TextContent);
        Assert.Empty(more.All(".error-summary, .field-error"));
        Assert.False(more.One("[data-asked-if=moved]").HasAttribute("hidden"));
        Assert.Equal("見本", Value(more, "name-family"));
        Assert.DoesNotContain(more.All("[name=choice]"), i => i.GetAttribute("value") == "music");    // no music where somebody moves
        var missing = await hanako.Submit(more);
        Assert.Equal(["#movedOn"], missing.All(".error-summary a").Select(a => a.GetAttribute("href")!.Replace("-year", "")));
        var three = await hanako.Submit(missing, new() { ["movedOn-year"] = "2026", ["movedOn-month"] = "12", ["movedOn-day"] = "24", ["dogName"] = "ハチ" });
        Assert.EndsWith("/asking/every/three", three.Url);

        // What repeats: half of the page is kept while a row is added, and nobody is told of the rest.
        var row = await hanako.Submit(three, new() { ["costs-pc-price"] = "100,000", ["costs-pc-tax"] = "1万円", ["costs-soft-price"] = "5千" }, press: "家族を追加する");
        Assert.EndsWith("/asking/every/three/people/0", row.Url);
        var wrong = await hanako.Submit(row, new() { ["memberName-family"] = "見本" });
        Assert.Equal(["#memberName-family-kana", "#memberBorn-year"], wrong.All(".error-summary a").Select(a => a.GetAttribute("href")).Order().Reverse());
        three = await hanako.Submit(wrong, new() { ["memberName-given"] = "次郎", ["memberName-family-kana"] = "みほん", ["memberName-given-kana"] = "じろう", ["memberBorn-year"] = "2018", ["memberBorn-month"] = "4", ["memberBorn-day"] = "1" });
        Assert.EndsWith("/asking/every/three", three.Url);
        Assert.Contains("年齢: 8歳", three.One("#people").TextContent);
        Assert.Contains("105,000円", three.One("#costs tfoot").TextContent);
        three = await hanako.Submit(three, new() { ["_family-people"] = "1" }, press: "選んだ方を追加する");
        Assert.Equal(["1. 見本 次郎（ミホン ジロウ）", "2. 見本 太郎（ミホン タロウ）"], three.All("#people dt").Select(d => d.TextContent.Trim()));
        var without = await hanako.Submit(three, press: "家族を追加する");
        Assert.EndsWith("/people/2", without.Url);
        three = await hanako.Open("asking/every/three");
        Assert.Contains("未入力あり", three.One("#people").TextContent);
        three = await hanako.Submit(three, press: "取り消す: 3番目（未入力）");
        Assert.Equal(2, three.All("#people dt").Count());

        var last = await hanako.Submit(three, new(Account) { ["point-latitude"] = "36.6", ["consent"] = "true", ["declaration"] = "true" });
        Assert.Equal(["#point-longitude", "#photos"], last.All(".error-summary a").Select(a => a.GetAttribute("href")));
        await hanako.Submit(last, new(Account) { ["point-longitude"] = "136.87" });

        var check = await hanako.Open("asking/every/check");
        var said = check.All(".summary-row").ToDictionary(r => r.QuerySelector("dt")!.TextContent.Trim(), r => r.QuerySelector("dd")!.TextContent.Trim());
        Assert.Equal(("7000012050002", "12,000円", "24,000円", "18:30", "はい"), (said["法人番号"], said["見積額"], said["その2倍"], said["迎えの時刻"], said["引っ越しますか"]));
        Assert.StartsWith("1990年4月1日", said["生年月日"]);
        Assert.StartsWith("2026年12月", said["利用を始める月"]);
        Assert.Equal(("運動", "犬", "ハチ", "090-1234-5678"), (said["目的"], said["飼っている動物"], said["犬の名前"], said["電話番号"]));
        Assert.Contains("見本銀行 (0000) 本店 (001)\n普通 0012345\nミホン ハナコ", said["振込先の口座"]);
        Assert.Contains("後から提出", said["証明書"]);
        Assert.EndsWith("/asking/every/one#yen", check.All(".summary-change a").Single(a => a.TextContent.EndsWith(": 見積額", StringComparison.Ordinal)).GetAttribute("href"));
        foreach (var lang in new[] { "en", "plain" }) Assert.Equal(HttpStatusCode.OK, (await hanako.Open($"{lang}/asking/every/two")).Status);
        Assert.Contains("¥12,000", (await hanako.Open("en/asking/every/check")).Text);
        Assert.Contains("見本銀行", (await hanako.Open("asking/every/paper")).Text);
    }

    [Fact]
    public async Task What_was_changed_is_said_in_words()
    {
        var town = await program.NewTown("oyabe");
        using var hanako = town.Visitor();
        JsonObject Given(string json) => JsonNode.Parse(json)!.AsObject();
        Asking.Before[town.Slug + "every"] = Given("""{"text":"前の園","number":2,"yen":5000,"people":[{"memberName":{"family":"見本","given":"太郎"},"memberBorn":"2020-05-05"},{"memberName":{"family":"見本","given":"三郎"}}],"costs":{"pc":{"price":100}}}""");
        Asking.Drafts[town.Slug + "every"] = Given("""{"text":"次の園","number":2,"people":[{"memberName":{"family":"見本","given":"太郎"},"memberBorn":"2020-05-06"},{"memberName":{"family":"見本","given":"四郎"}}],"costs":{"pc":{"price":200}}}""");
        var changed = await hanako.Open("asking/every/changed");
        string Of(string term) => string.Join(' ', changed.All(".summary-row").Single(r => r.QuerySelector("dt")!.TextContent.Trim() == term).QuerySelector("dd")!.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("変更前： 前の園 変更次の園", Of("一行"));
        Assert.Equal("2人", Of("人数"));    // as it was
        Assert.Equal("変更前： 5,000円 取り消し回答なし", Of("見積額"));
        Assert.Contains("変更前： 100円 変更 200円", Of("費用の内訳"));
        var family = Of("家族");
        Assert.Matches("2. 見本 四郎 ?追加", family);
        Assert.Contains("取り消し 2. 見本 三郎", family);
        Assert.Contains("変更前： 2020年5月5日（火）", family);
    }

    [Fact]
    public async Task Files_stand_among_the_questions_and_each_row_has_its_own()
    {
        var town = await program.NewTown("oyabe");
        using var hanako = town.Visitor();
        var row = await hanako.Submit(await hanako.Open("asking/every/three"), press: "家族を追加する");

        // Half of the row is typed, and something of it does not fit: all of it is there after a file was sent.
        var sending = await hanako.Submit(row, new() { ["memberName-family"] = "見本", ["memberName-given"] = "次郎", ["memberBorn-era"] = "S", ["memberBorn-year"] = "99" }, press: "ファイルを選ぶ: 手帳の写真");
        Assert.EndsWith("/asking/every/three/people/0?file=memberPaper", sending.Url);
        Assert.Matches("^asking/every/people/[0-9a-f]{32}/memberPaper$", sending.One("input[name=place]").GetAttribute("value")!);
        var sent = await hanako.SendFile(sending, "手帳.png", Files.Samples.Png());
        Assert.Equal(sending.Url, sent.Url);
        Assert.Contains("手帳.png", sent.One("#memberPaper-box").TextContent);
        Assert.EndsWith("/asking/every/three/people/0#memberPaper-box", sent.One("main .actions a").GetAttribute("href"));
        var back = await hanako.Open("asking/every/three/people/0");
        AsTyped(back);
        Assert.Contains("手帳.png", back.One("#memberPaper-box").TextContent);
        Assert.Contains("手帳.png", (await hanako.Open("asking/every/check")).Text);

        // Taken away again by the button that stands among the questions, which keeps what is typed as well.
        var gone = await hanako.Submit(back, press: "取り消す: 手帳.png");
        AsTyped(gone);
        Assert.Empty(gone.All(".file-row"));
        Assert.DoesNotContain("手帳.png", (await hanako.Open("asking/every/check")).Text);

        // Sent at last as it is, it says what does not fit, each with the name of its field.
        var wrong = await hanako.Submit(gone);
        Assert.Equal(["#memberName-family-kana", "#memberName-given-kana", "#memberBorn-month"], wrong.All(".error-summary a").Select(a => a.GetAttribute("href")));
        Assert.All(wrong.All(".error-summary a").Take(2), a => Assert.StartsWith("氏名：", a.TextContent));
        Assert.StartsWith("生年月日：", wrong.All(".error-summary a").Last().TextContent);
        Assert.DoesNotContain("生年月日：", wrong.One("main form").TextContent);    // beside the field its label stands already

        static void AsTyped(Seen page)
        {
            Assert.Equal(("見本", "次郎", "99"), (page.One("#memberName-family").GetAttribute("value"), page.One("#memberName-given").GetAttribute("value"), page.One("#memberBorn-year").GetAttribute("value")));
            Assert.Equal("S", page.One("select[name=memberBorn-era] option[selected]").GetAttribute("value"));
            Assert.Empty(page.All("#memberName-no-kana[checked], [name=memberName-no-kana][checked]"));    // nobody said that there is no reading
        }
    }

    [Theory]
    [InlineData("waste")]
    [InlineData("dog")]
    [InlineData("subsidy")]
    public async Task The_shipped_forms_are_drawn_page_by_page_in_every_language(string which)
    {
        var town = await program.NewTown("komaki");
        using var hanako = town.Visitor();
        foreach (var lang in new[] { "", "en/", "plain/" })
            foreach (var page in Asking.Forms[which].Pages)
            {
                var seen = await hanako.Open($"{lang}asking/{which}/{page.Key}");
                Assert.Equal(HttpStatusCode.OK, seen.Status);
                Assert.DoesNotMatch(@"\{[a-z][A-Za-z]+\}", seen.One("main").TextContent);
                Assert.Equal(HttpStatusCode.UnprocessableEntity, (await hanako.Submit(seen)).Status is var sent && page.Fields.Any(f => f.Field.Required == "true" && f.When is null) ? sent : HttpStatusCode.UnprocessableEntity);
            }
    }

    [Fact]
    public async Task A_step_of_a_hundred_fields_is_quick_and_six_hundred_take_no_more_than_their_share()
    {
        var town = await program.NewTown("komaki");
        using var hanako = town.Visitor();
        async Task<TimeSpan> Step(string which)
        {
            var form = Asking.Forms[which];
            var given = new JsonObject();
            foreach (var field in form.Fields) given[field.Key] = 5;
            Asking.Drafts[town.Slug + which] = given;
            // The first page comes back, since one answer does not fit: read, told how it stands, and drawn.
            var step = hanako.Ready(await hanako.Open($"asking/{which}/p1"), new() { ["f1x0"] = "二千万個" });
            var least = TimeSpan.MaxValue;
            for (var i = 0; i < 60; i++)
            {
                var from = Stopwatch.GetTimestamp();
                var seen = await step();
                if (Stopwatch.GetElapsedTime(from) is var took && took < least) least = took;
                Assert.Equal(HttpStatusCode.UnprocessableEntity, seen.Status);
            }
            return least;
        }
        await Step("hundred");
        var (small, large) = (await Step("hundred"), await Step("sixhundred"));
        Assert.True(small < TimeSpan.FromMilliseconds(20), $"A step took {small.TotalMilliseconds} ms.");
        Assert.True(large < 12 * small, $"600 fields took {large / small} times as long as 100.");
    }

    [Fact]
    public void Six_hundred_fields_are_compiled_in_a_straight_line()
    {
        static TimeSpan Took(FormDefinition definition)
        {
            var from = Stopwatch.GetTimestamp();
            Assert.NotNull(CompiledForm.Of(definition, []));
            return Stopwatch.GetElapsedTime(from);
        }
        var (hundred, sixHundred, small, large) = (Asking.Large(10), Asking.Large(60), TimeSpan.MaxValue, TimeSpan.MaxValue);
        // In turn, the best of each: so what else the machine does meanwhile falls on both. A busy one interrupts what takes longer each time, and is given more of them.
        for (var i = 0; i < 40 || i < 1000 && large >= 15 * small; i++)
        {
            if (Took(hundred) is var one && one < small) small = one;
            if (Took(sixHundred) is var other && other < large) large = other;
        }
        Assert.True(large < 15 * small, $"600 fields took {large / small} times as long as 100.");
    }
}
