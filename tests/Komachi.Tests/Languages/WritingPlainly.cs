using System.Net;
using Komachi.Platform.Languages;
using Komachi.Tests.Announcements;
using Komachi.Tests.Harness;
using Komachi.Ui.Words;

namespace Komachi.Tests.Languages;

/// <summary>What the look at plain Japanese finds, and what it lets be; and how a clerk meets it.</summary>
public sealed class WritingPlainly(TestProgram program)
{
    [Theory]
    [InlineData("市《し》が 手紙《てがみ》を 送《おく》ります。")]
    [InlineData("赤《あか》ちゃんが 生《う》まれたら、市役所《しやくしょ》に 来《き》て ください。")]
    [InlineData("本《ほん》は 2週間《しゅうかん》 借《か》りられます。だれでも 来《こ》られます。")]    // what one can do is no passive
    [InlineData("電話《でんわ》：0000-00-0000 [くわしい ページ](https://example.org/2026/04/01)")]
    [InlineData("「申請《しんせい》する」を おして ください。")]    // a button is called what it is called
    [InlineData("避難《ひなん》（にげる）して ください。")]
    [InlineData("")]
    public void What_is_plain_is_let_be(string text) => Assert.Empty(PlainJapanese.Check(text));

    [Theory]
    [InlineData("きょうは 天気《てんき》が いいので、みんなで 近《ちか》くの 大《おお》きな 公園《こうえん》に 行《い》って、おべんとうを 食《た》べて、それから 帰《かえ》ります。", "thought")]
    [InlineData("手紙《てがみ》が 送《おく》られます。", "it is sent")]
    [InlineData("会議《かいぎ》が 開《ひら》かれました。", "it is sent")]
    [InlineData("この 道《みち》は 使《つか》われて います。", "it is sent")]
    [InlineData("はんこが ないと、できません。", "Two nots")]
    [InlineData("書《か》かなければ なりません。", "Two nots")]
    [InlineData("申請《しんせい》して ください。", "申し込み")]
    [InlineData("駅《えき》への アクセス", "行きかた")]
    [InlineData("4/1から", "Write numbers out")]
    [InlineData("8:30に あきます。", "Write numbers out")]
    [InlineData("月《げつ》〜金《きん》 9〜17時《じ》", "Write numbers out")]
    [InlineData("避難して ください。", "child of ten")]
    public void What_is_hard_gets_a_hint_that_says_what_to_do(string text, string hint) =>
        Assert.Contains(PlainJapanese.Check(text), h => (h.Message + string.Concat(h.Values)).Contains(hint, StringComparison.Ordinal));

    [Fact]
    public void Of_two_hard_words_at_one_place_the_longer_counts()
    {
        var hints = PlainJapanese.Check("避難指示《ひなんしじ》です。");
        Assert.Equal(["避難指示"], hints.Select(h => h.Found));
    }

    [Fact]
    public void Every_hint_speaks_three_languages()
    {
        var messages = PlainJapanese.Check("4/1に 申請されないと、アクセスできません。避 きょうは 天気が いいので、みんなで 近くの 大きな 公園に 行って、おべんとうを 食べて、それから 帰ります").Select(h => h.Message).Distinct().ToArray();
        Assert.Equal(7, messages.Length);
        Assert.All(messages, m => Assert.All([Lang.Japanese, Lang.Plain], l => Assert.NotNull(program.House.Words.Find(m, l))));
    }

    [Fact]
    public async Task A_clerk_checks_the_words_before_anything_is_saved_and_without_scripts()
    {
        var town = await program.NewTown();
        var koho = await town.Staff("koho");
        var checkedOnce = await koho.Submit(await koho.Open("desk/announcements/new"), Desk.Filled("", "", ("title-plain", "申請の お知らせ"), ("body-plain", "市役所に 書類を 提出しなければ なりません。")), "やさしい日本語を点検する");
        Assert.Equal(HttpStatusCode.OK, checkedOnce.Status);
        var hints = checkedOnce.All("#hints li").Select(li => li.TextContent).ToArray();
        Assert.Contains(hints, h => h.Contains("提出") && h.Contains("「出す」"));
        Assert.Contains(hints, h => h.Contains("2回打ち消し"));
        Assert.Equal("市役所に 書類を 提出しなければ なりません。", checkedOnce.One("textarea[name=body-plain]").TextContent);
        Assert.Empty(checkedOnce.All(".error-summary"));    // the Japanese is still to be written
        Assert.Equal(0, await town.Count("announcements.announcements"));

        var better = await koho.Submit(checkedOnce, new() { ["title-plain"] = "市《し》からの お知《し》らせ", ["body-plain"] = "市役所《しやくしょ》に 紙《かみ》を 出《だ》して ください。" }, "やさしい日本語を点検する");
        Assert.Empty(better.All("#hints li"));
        Assert.Contains("指摘はありません", better.One("#hints").TextContent);
    }
}
