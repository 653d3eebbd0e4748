using FsCheck;
using FsCheck.Fluent;
using Komachi.Ui;

namespace Komachi.Tests.Web;

/// <summary>Where a heading may break in browsers that do not find phrases themselves.</summary>
public sealed class Headings
{
    [Theory]
    [InlineData("引っ越しの|手続きと|住まい")]
    [InlineData("粗大ごみの|収集を|申し込む")]
    [InlineData("子ども会からの|連絡")]
    [InlineData("「小町ふれあい交流|センター」の|インターネット|予約を|始めます")]
    [InlineData("高齢者福祉計画・|介護保険事業計画の|策定について")]
    [InlineData("取り消せません")]
    [InlineData("Send the application")]
    [InlineData("")]
    public void A_heading_breaks_between_phrases(string phrases) =>
        Assert.Equal(phrases.Split('|', StringSplitOptions.RemoveEmptyEntries), Phrases.Of(phrases.Replace("|", "")));

    [Fact]
    public void Nothing_is_lost_whatever_it_says() => Prop.ForAll<NonNull<string>>(text =>
        string.Concat(Phrases.Of(text.Get)) == text.Get && Phrases.Of(text.Get).All(p => p.Length > 0)).QuickCheckThrowOnFailure();

    [Fact]
    public void No_letter_of_two_halves_is_torn() =>
        Assert.Equal(["𠮷野の", "𠮷"], Phrases.Of("𠮷野の𠮷"));
}
