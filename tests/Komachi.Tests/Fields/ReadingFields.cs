using FsCheck;
using FsCheck.Fluent;
using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Komachi.Ui;
using Komachi.Ui.Words;

namespace Komachi.Tests.Fields;

/// <summary>What people type into fields, and what the form's readers make of it.</summary>
public sealed class ReadingFields(TestProgram program)
{
    static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(3000);

    static Form Typing(string text) => Form.With(("f", text));

    /// <summary>Reads one field, and says what was read, or the mistake in Japanese.</summary>
    string Read(Form form, Func<Form, object?> read)
    {
        var value = read(form);
        return form.Mistakes.Count == 0 ? value?.ToString() ?? "" : Said(form, Lang.Japanese);
    }

    string Said(Form form, Lang lang) => form.Mistakes[0] is var m ? new Words(lang, program.House.Words)[m.Message, m.Values] : "";

    [Theory]
    [InlineData("ミホン ハナコ", "ミホン ハナコ")]
    [InlineData("みほん　はなこ", "ミホン ハナコ")]
    [InlineData("ﾐﾎﾝ ﾊﾅｺ", "ミホン ハナコ")]
    [InlineData("ﾊﾞｰﾊﾞﾗ", "バーバラ")]
    [InlineData("か゛き゛", "ガギ")]
    [InlineData("サ‐ビス", "サービス")]
    [InlineData("せ－ら−", "セーラー")]
    [InlineData("ゔぁいおりん", "ヴァイオリン")]
    [InlineData("ジョン・スミス", "ジョン・スミス")]
    [InlineData("ｼﾞｮﾝ･ｽﾐｽ", "ジョン・スミス")]
    [InlineData("\u200bみほん\u00a0", "ミホン")]
    [InlineData("見本", "カタカナかひらがなだけで、「ミホン ハナコ」のように入力してください。")]
    [InlineData("Mihon", "カタカナかひらがなだけで、「ミホン ハナコ」のように入力してください。")]
    [InlineData("ー", "カタカナかひらがなだけで、「ミホン ハナコ」のように入力してください。")]
    public void A_reading_becomes_katakana_however_it_was_typed(string typed, string read) => Assert.Equal(read, Read(Typing(typed), f => f.Kana("f")));

    [Fact]
    public void Whatever_kana_is_typed_in_whatever_form_is_the_same_reading()
    {
        var kana = Gen.Elements("アイウエオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモヤユヨラリルレロワヲンヴァィゥェォッャュョ".ToCharArray());
        Check.One(Often, Prop.ForAll(Gen.ListOf(kana).Where(k => k.Count is > 0 and <= 100).Select(k => string.Concat(k)).ToArbitrary(), name =>
        {
            var hiragana = string.Concat(name.Select(c => (char)(c - ('ァ' - 'ぁ'))));
            var apart = name.Normalize(System.Text.NormalizationForm.FormD).Replace('\u3099', '゛').Replace('\u309a', '゜');
            return new[] { name, hiragana, apart, $"　{name} " }.All(way => Typing(way).Kana("f") == name);
        }));
    }

    static Form Name(string family, string given, string familyKana = "", string givenKana = "", bool none = false, string alias = "") => Form.With(
        ("who-family", family), ("who-given", given), ("who-family-kana", familyKana), ("who-given-kana", givenKana), ("who-no-kana", none ? "true" : null), ("who-alias", alias));

    [Fact]
    public void A_name_is_stored_exactly_as_it_is_written()
    {
        var rare = Name("邉\U000E0104", "\uFA19太郎", "わたなべ", "ｶﾐﾀﾛｳ").Name("who")!;
        Assert.Equal(("邉\U000E0104", "\uFA19太郎", "ワタナベ", "カミタロウ"), (rare.Family, rare.Given, rare.FamilyKana, rare.GivenKana));
        Assert.Equal(("邉\U000E0104 \uFA19太郎", "ワタナベ カミタロウ"), (rare.Whole, rare.Kana));
        // Forty letters, each with a selector behind it, are forty.
        var longest = string.Concat(Enumerable.Repeat("邉\U000E0104", 40));
        Assert.Equal(longest, Name(longest, "花", "ワタナベ", "ハナ").Name("who")!.Family);
        Assert.NotEmpty(Wrongs(Name(new string('邉', 51), "花", "ワタナベ", "ハナ")));
    }

    [Fact]
    public void One_part_is_a_name_and_not_everybody_has_a_reading()
    {
        Assert.Equal("スカルノ", Name("スカルノ", "").Name("who", required: true)!.Kana);
        Assert.Equal(("SUHARTO", null), Name("", "SUHARTO").Name("who", required: true) is { } one ? (one.Whole, one.Kana) : default);
        Assert.Equal("NGUYEN THI MIHON", Name("NGUYEN", "THI MIHON").Name("who", required: true)!.Whole);
        Assert.Equal("ミホン マリ", Name("見本", "まり", "みほん").Name("who", required: true)!.Kana);
        Assert.Equal("李", Name("李", "", none: true).Name("who", required: true)!.Whole);
        Assert.Equal("見本 花", Name("NGUYEN", "THI", alias: "見本 花").Name("who", required: true)!.Alias);
        Assert.Null(Name("", "").Name("who"));

        Assert.Equal(["who-family"], Wrongs(Name("", ""), required: true));
        Assert.Equal(["who-family"], Wrongs(Name("", "", "ミホン")));
        Assert.Equal(["who-family-kana", "who-given-kana"], Wrongs(Name("見本", "花子")));
        Assert.Equal(["who-given-kana"], Wrongs(Name("見本", "花子", "ミホン", "花子")));
        Assert.Empty(Wrongs(Name("見本", "花子"), kana: false));
    }

    static string[] Wrongs(Form form, bool required = false, bool kana = true)
    {
        Assert.True(form.Name("who", required, kana) is null == form.Mistakes.Count > 0);
        return [.. form.Mistakes.Select(m => m.Field)];
    }

    [Theory]
    [InlineData("0568721101", "0568-72-1101", TelephoneKind.Fixed)]
    [InlineData("０５６８（７２）１１０１", "0568-72-1101", TelephoneKind.Fixed)]
    [InlineData("電話：0299-48-1111", "0299-48-1111", TelephoneKind.Fixed)]
    [InlineData("092ー501−2211", "092-501-2211", TelephoneKind.Fixed)]
    [InlineData("0766-67-1760", "0766-67-1760", TelephoneKind.Fixed)]
    [InlineData("072 892 0121", "072-892-0121", TelephoneKind.Fixed)]
    [InlineData("0312345678", "03-1234-5678", TelephoneKind.Fixed)]
    [InlineData("+81 3-1234-5678", "03-1234-5678", TelephoneKind.Fixed)]
    [InlineData("0471671111", "04-7167-1111", TelephoneKind.Fixed)]
    [InlineData("0422515131", "0422-51-5131", TelephoneKind.Fixed)]
    [InlineData("0428221111", "0428-22-1111", TelephoneKind.Fixed)]
    [InlineData("0426203111", "042-620-3111", TelephoneKind.Fixed)]
    [InlineData("0112112111", "011-211-2111", TelephoneKind.Fixed)]
    [InlineData("0499822111", "04998-2-2111", TelephoneKind.Fixed)]
    [InlineData("09012345678", "090-1234-5678", TelephoneKind.Mobile)]
    [InlineData("+81 (0)90-1234-5678", "090-1234-5678", TelephoneKind.Mobile)]
    [InlineData("８１９０１２３４５６７８", "090-1234-5678", TelephoneKind.Mobile)]
    [InlineData("tel: 060.1234.5678", "060-1234-5678", TelephoneKind.Mobile)]
    [InlineData("05012345678", "050-1234-5678", TelephoneKind.Internet)]
    [InlineData("0120123456", "0120-123-456", TelephoneKind.Free)]
    [InlineData("08001234567", "0800-123-4567", TelephoneKind.Free)]
    [InlineData("0570001234", "0570-001-234", TelephoneKind.Other)]
    public void A_telephone_number_is_read_as_people_write_it_and_shown_as_Japan_does(string typed, string shown, TelephoneKind kind)
    {
        var number = Typing(typed).Telephone("f");
        Assert.Equal((shown, kind, shown.Replace("-", "")), (number!.ToString(), number.Kind, number.Digits));
    }

    [Theory]
    [InlineData("72-1101", "市外局番から「0568-12-3456」のように入力してください。")]
    [InlineData("090-1234-567", "090で始まる番号は11けたです。入力された数字は10けたです。")]
    [InlineData("0568-72-11011", "0568で始まる番号は10けたです。入力された数字は11けたです。")]
    [InlineData("03-1234-567", "03で始まる番号は10けたです。入力された数字は9けたです。")]
    [InlineData("+1 212 555 0100", "日本の電話番号（0または+81で始まる番号）を入力してください。")]
    [InlineData("0012345678", "00で始まる電話番号はありません。番号をもう一度確かめてください。")]
    [InlineData("なし", "電話番号を「090-1234-5678」「0568-12-3456」のように入力してください。")]
    [InlineData("0", "電話番号を「090-1234-5678」「0568-12-3456」のように入力してください。")]
    public void What_is_no_telephone_number_is_kept_and_the_sentence_says_what_to_do(string typed, string said)
    {
        var form = Typing(typed);
        Assert.Equal(said, Read(form, f => f.Telephone("f")));
        Assert.Equal(typed, form.Typed("f"));
    }

    [Fact]
    public void Where_a_message_is_to_arrive_only_a_mobile_number_will_do()
    {
        Assert.Equal("09012345678", Typing("090-1234-5678").Telephone("f", mobile: true)!.Digits);
        Assert.Equal("携帯電話の番号を「090-1234-5678」のように入力してください。", Read(Typing("0568-72-1101"), f => f.Telephone("f", mobile: true)));
    }

    [Fact]
    public void Every_number_of_ten_digits_is_shown_with_all_its_digits_in_three_parts() => Check.One(Often, Prop.ForAll(Gen.Choose(100_000_000, 999_999_999).ToArbitrary(), number =>
    {
        var digits = "0" + number;
        if (Telephone.Read(digits) is not { } read) return digits[1..3] is "50" or "60" or "70" or "80" or "90" or "20";
        var shown = read.ToString().Split('-');
        return string.Concat(shown) == digits && shown.Length == 3 && shown.All(part => part.Length > 0) && Telephone.Read(read.ToString()) == read && Telephone.Read("+81" + digits[1..]) == read;
    }));

    [Theory]
    [InlineData("hanako@example.jp", "hanako@example.jp")]
    [InlineData(" ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ　", "hanako@example.jp")]
    [InlineData("mailto:Hanako@example.jp", "Hanako@example.jp")]
    [InlineData("hanako@example。jp", "hanako@example.jp")]
    [InlineData("hanako", "hanako@example.jp のようなメールアドレスを入力してください。")]
    [InlineData("hanako@localhost", "hanako@example.jp のようなメールアドレスを入力してください。")]
    [InlineData("花子 <hanako@example.jp>", "hanako@example.jp のようなメールアドレスを入力してください。")]
    public void An_address_for_mail_is_read_from_a_Japanese_keyboard(string typed, string read) => Assert.Equal(read, Read(Typing(typed), f => f.Email("f")));

    [Theory]
    [InlineData("12.5", "12.5")]
    [InlineData("１２．５", "12.5")]
    [InlineData("12。5", "12.5")]
    [InlineData("65.5㎡", "65.5")]
    [InlineData("65.5 m2", "65.5")]
    [InlineData("1,065.25", "1065.25")]
    [InlineData("二十", "20")]
    [InlineData("▲3", "-3")]
    [InlineData("−3", "-3")]
    [InlineData("1,5", "数字を「12.5」のように入力してください。")]
    [InlineData("たくさん", "数字を「12.5」のように入力してください。")]
    [InlineData("12.345", "小数点より下は2けたまでにしてください。")]
    [InlineData("10001", "-10から10000までの数を入力してください。")]
    [InlineData("99999999999999999999999999999", "数字を「12.5」のように入力してください。")]
    public void A_number_is_read_with_its_places_its_groups_and_its_unit(string typed, string read) =>
        Assert.Equal(read, Read(Typing(typed), f => f.Decimal("f", -10, 10_000, places: 2, unit: "㎡") is { } n ? n.ToString(System.Globalization.CultureInfo.InvariantCulture) : null));

    [Fact]
    public void A_count_is_whole()
    {
        Assert.Equal("小数点のない数で入力してください。", Read(Typing("3.5"), f => f.Decimal("f", 0, 20)));
        Assert.Equal(3, Typing("３").Number("f", 1, 20));
        Assert.Equal("1から20までの数を入力してください。", Read(Typing("3.5"), f => f.Number("f", 1, 20)));
        Assert.Equal("1から20までの数を入力してください。", Read(Typing(""), f => f.Number("f", 1, 20)));
    }

    [Theory]
    [InlineData("12000", 12_000)]
    [InlineData("12,000", 12_000)]
    [InlineData("１２，０００円", 12_000)]
    [InlineData("¥12,000-", 12_000)]
    [InlineData("￥12000", 12_000)]
    [InlineData("1万2千円", 12_000)]
    [InlineData("１万２０００", 12_000)]
    [InlineData("1.2万円", 12_000)]
    [InlineData("一万二千円", 12_000)]
    [InlineData("金壱万弐千円也", 12_000)]
    [InlineData("3億2,000万", 320_000_000)]
    [InlineData("0", 0)]
    public void A_sum_is_read_as_papers_and_people_write_it(string typed, long yen) => Assert.Equal(new Yen(yen), Typing(typed).Yen("f"));

    [Theory]
    [InlineData("だいたい3万円", "金額を「12,000」のように数字で入力してください。")]
    [InlineData("12.5円", "金額を「12,000」のように数字で入力してください。")]
    [InlineData("円", "金額を「12,000」のように数字で入力してください。")]
    [InlineData("-500", "0円から1,000,000円までの金額を入力してください。")]
    [InlineData("100万1円", "0円から1,000,000円までの金額を入力してください。")]
    public void What_is_no_sum_is_said_beside_the_field(string typed, string said) => Assert.Equal(said, Read(Typing(typed), f => f.Yen("f", most: 1_000_000)));

    [Fact]
    public void Every_sum_in_every_writing_is_the_same_sum() => Check.One(Often, Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), yen =>
    {
        var wide = string.Concat(yen.ToString().Select(c => (char)(c - '0' + '０')));
        string[] ways = [yen.ToString(), wide, Komachi.Platform.Days.NumbersInWords.Yen(yen, Lang.Japanese), Komachi.Platform.Days.NumbersInWords.Large(yen, Lang.Japanese) + "円", Komachi.Platform.Days.NumbersInWords.Kanji(yen), Komachi.Platform.Days.NumbersInWords.YenForPapers(yen)];
        return ways.All(way => Typing(way).Yen("f") == new Yen(yen));
    }));

    static readonly string[] Wishes = ["child", "road", "bus", "green"];

    static Form Ticking(string other, params string[] ticked) => new([new("wish", new Microsoft.Extensions.Primitives.StringValues(ticked)), new("wish-other", other)]);

    [Fact]
    public void Several_are_chosen_within_limits_and_something_else_counts_as_one()
    {
        var chosen = Ticking("", "bus", "child", "bus").Choices("wish", Wishes, most: 3, other: true);
        Assert.Equal(["child", "bus"], chosen.Values);
        Assert.Null(chosen.Other);
        Assert.Equal("雪かき", Ticking(" 雪かき ", "bus", Option.Other).Choices("wish", Wishes, most: 3, other: true).Other);
        // Written and not ticked: it was meant.
        Assert.Equal("雪かき", Ticking("雪かき", "bus").Choices("wish", Wishes, most: 3, other: true).Other);
        Assert.Equal("雪かき", Ticking("雪かき").Choices("wish", Wishes, least: 1, most: 1, other: true).Other);
        Assert.Null(Ticking("雪かき", "bus").Choices("wish", Wishes, least: 1, most: 1, other: true).Other);

        Assert.Equal("3つまで選べます。今は4つ選ばれています。", Read(Ticking("雪かき", "bus", "child", "road"), f => f.Choices("wish", Wishes, most: 3, other: true)));
        Assert.Equal("2つ以上選んでください。", Read(Ticking("", "bus"), f => f.Choices("wish", Wishes, least: 2)));
        Assert.Equal("1つ選んでください。", Read(Ticking(""), f => f.Choices("wish", Wishes, least: 1, most: 1)));
        Assert.Equal("表示された中から選んでください。", Read(Ticking("", "made up"), f => f.Choices("wish", Wishes)));
        Assert.Equal("表示された中から選んでください。", Read(Ticking("", Option.Other), f => f.Choices("wish", Wishes)));
        var empty = Ticking("", Option.Other);
        Assert.Equal("具体的な内容を入力してください。", Read(empty, f => f.Choices("wish", Wishes, other: true)));
        Assert.Equal("wish-other", empty.Mistakes[0].Field);
    }

    [Fact]
    public void Who_agreed_did_so_to_the_text_that_stands_there_now()
    {
        Assert.True(Typing("2026-04").Consent("f", "2026-04"));
        Assert.Equal("文章が新しくなりました。もう一度読み、同意する場合は欄に印を付けてください。", Read(Typing("2025-04"), f => f.Consent("f", "2026-04")));
        Assert.Equal("進むには、文章を読んで欄に印を付けてください。", Read(Typing(""), f => f.Consent("f", "2026-04")));
    }

    [Fact]
    public void All_that_readers_of_telephone_numbers_say_is_said_in_every_language()
    {
        foreach (var sentence in Telephone.Sentences)
            Assert.All([Lang.Japanese, Lang.Plain], lang => Assert.NotNull(program.House.Words.Find(sentence, lang)));
    }

    /// <summary>What a browser would never send does not hurt, either.</summary>
    [Fact]
    public void No_reader_stumbles_over_anything() => Check.One(Often, Prop.ForAll(ArbMap.Default.ArbFor<string>(), typed =>
    {
        foreach (var text in new[] { typed ?? "", "\u0301\ud842" + typed, "＋" + typed, typed + "億", new string('9', 200) })
        {
            var form = Form.With(("f", text), ("f-family", text), ("f-given-kana", text), ("f-postcode", text), ("f-city", text), ("f-number", text), ("f-place", text), ("f-other", text));
            form.Kana("f"); form.Name("f"); form.Telephone("f"); form.Email("f"); form.Decimal("f", 0, 9, unit: "kg"); form.Yen("f"); form.Choices("f", Wishes, other: true); form.Consent("f"); form.Postcode("f"); form.Address("f"); form.Number("f", 0, 9);
        }
        return true;
    }));
}
