using System.Globalization;
using System.Text;
using Komachi.Ui.Words;

namespace Komachi.Platform.Days;

/// <summary>
/// What is counted, with the word that counts it: 3人, 3 people, 3人《にん》. Japanese words change their reading with the number
/// (1人 ひとり, 3本 ぼん), English ones their ending.
/// </summary>
public sealed record Counter(string Japanese, string One, string Many, Func<long, string> Reading)
{
    public static readonly Counter People = new("人", "person", "people", n => n switch { 1 => "ひとり", 2 => "ふたり", _ => "にん" });
    public static readonly Counter Cases = Same("件", "けん", "case"), Sheets = Same("枚", "まい", "sheet"), Times = Same("回", "かい", "time"), Letters = Same("通", "つう", "letter"),
        Things = Same("個", "こ", "item"), Vehicles = Same("台", "だい", "vehicle"), Books = Same("冊", "さつ", "book"), Households = Same("世帯", "せたい", "household"),
        Places = Same("か所", "しょ", "place"), Facilities = Same("施設", "しせつ", "facility", "facilities"), Copies = Same("部", "ぶ", "copy", "copies"), Persons = Same("名", "めい", "person", "people"),
        Years = Same("年", "ねん", "year"), Months = Same("か月", "げつ", "month"), Weeks = Same("週間", "しゅうかん", "week"), Hours = Same("時間", "じかん", "hour"), Seconds = Same("秒", "びょう", "second"), Characters = Same("文字", "もじ", "character");
    public static readonly Counter Ages = new("歳", "year old", "years old", n => n == 20 ? "はたち" : "さい");
    public static readonly Counter Minutes = new("分", "minute", "minutes", n => n % 10 is 2 or 5 or 7 or 9 ? "ふん" : "ぷん");
    public static readonly Counter Days = new("日", "day", "days", n => n switch { 1 => "にち", 20 => "はつか", < 11 or 14 or 24 => DaysInWords.Readings[n <= 0 ? 0 : n], _ => "にち" });
    public static readonly Counter Bottles = new("本", "bottle", "bottles", n => Sounds(n, "ほん", "ぽん", "ぼん")), Animals = new("匹", "animal", "animals", n => Sounds(n, "ひき", "ぴき", "びき")),
        Cups = new("杯", "cup", "cups", n => Sounds(n, "はい", "ぱい", "ばい")), Floors = new("階", "floor", "floors", n => n % 10 == 3 ? "がい" : "かい"), Buildings = new("軒", "building", "buildings", n => n % 10 == 3 ? "げん" : "けん");

    // Where one word says number and counter together (ふたり, はつか, the よっか of 14日), it is the reading of both.
    string Read(string number, string reading) => Whole.IndexOf(reading) is -1 ? $"{number}{Japanese}《{reading}》"
        : number.Length == 2 && number[1] == '4' ? $"{number[0]}｜{number[1]}{Japanese}《{reading}》" : $"｜{number}{Japanese}《{reading}》";

    static readonly List<string> Whole = ["ひとり", "ふたり", "はたち", "ふつか", "みっか", "よっか", "いつか", "むいか", "なのか", "ようか", "ここのか", "とおか", "はつか"];

    static Counter Same(string japanese, string reading, string one, string? many = null) => new(japanese, one, many ?? one + "s", _ => reading);

    static string Sounds(long n, string usual, string one, string three) => n == 0 ? usual : n % 1000 == 0 || n % 10 == 3 ? three : n % 10 is 1 or 6 or 8 or 0 ? one : usual;

    /// <summary>1,234人, 1 person, 3人《にん》.</summary>
    public string Of(long count, Lang lang)
    {
        var number = NumbersInWords.Grouped(count);
        lang = lang.Ours;
        return lang == Lang.Plain ? Read(number, Reading(Math.Abs(count))) : lang.Html == "ja" ? number + Japanese : $"{number} {(count is 1 or -1 ? One : Many)}";
    }
}

/// <summary>Numbers as a page says them and as papers write them.</summary>
public static class NumbersInWords
{
    const string Digits = "〇一二三四五六七八九", Papers = "零壱弐参四五六七八九";
    static readonly string[] Myriads = ["", "万", "億", "兆", "京"];

    public static string Grouped(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>1,234円, ¥1,234, 1,234円《えん》.</summary>
    public static string Yen(long yen, Lang lang) => lang == Lang.Plain ? Grouped(yen) + "円《えん》" : lang.Html == "ja" ? Grouped(yen) + "円" : yen < 0 ? "−¥" + Grouped(yen)[1..] : "¥" + Grouped(yen);

    /// <summary>1億2,345万6,789, for who would lose count of the noughts; exact. Elsewhere than in Japan large numbers are counted by threes.</summary>
    public static string Large(long number, Lang lang)
    {
        if (lang.Html != "ja" || number is > -10_000 and < 10_000) return Grouped(number);
        var (text, rest) = (new StringBuilder(), Absolute(number));
        for (var i = 0; rest > 0; i++, rest /= 10_000)
            if (rest % 10_000 is > 0 and var part) text.Insert(0, part.ToString("#,0", CultureInfo.InvariantCulture) + Myriads[i]);
        return number < 0 ? "-" + text : text.ToString();
    }

    /// <summary>千二百三十四, 一億二千万; nothing below nought is written so.</summary>
    public static string Kanji(long number) => Spell(number, Digits, "十百千", oneBeforeTens: false);

    /// <summary>壱百弐拾: the numerals of deeds and certificates, which nobody can change by a stroke (戸籍法施行規則31条, 商業登記規則48条).</summary>
    public static string ForPapers(long number) => Spell(number, Papers, "拾百千", oneBeforeTens: true);

    /// <summary>金壱百弐拾円也, for receipts.</summary>
    public static string YenForPapers(long yen) => $"金{ForPapers(yen)}円也";

    static string Spell(long number, string digits, string tens, bool oneBeforeTens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        if (number == 0) return digits[..1] == "〇" ? "零" : digits[..1];
        var text = new StringBuilder();
        for (var i = 0; number > 0; i++, number /= 10_000)
        {
            if (number % 10_000 is not (> 0 and var part)) continue;
            var group = new StringBuilder();
            for (var place = 3; place >= 0; place--)
            {
                var digit = (int)(part / (long)Math.Pow(10, place) % 10);
                if (digit == 0) continue;
                // 千二百万, but 一千万: alone before a myriad the one is spoken.
                if (place == 0 || digit > 1 || oneBeforeTens || part == 1000 && i > 0) group.Append(digits[digit]);
                if (place > 0) group.Append(tens[place - 1]);
            }
            text.Insert(0, group.Append(Myriads[i]));
        }
        return text.ToString();
    }

    /// <summary>Numerals as <see cref="Kanji"/> and <see cref="ForPapers"/> write them, or digit by digit (二〇二六); null where it is none.</summary>
    public static long? ReadKanji(string text)
    {
        if (text.Length is 0 or > 40) return null;
        if (text.All(c => Digit(c) >= 0))
            return text.Length > 18 ? null : text.Aggregate(0L, (all, c) => all * 10 + Digit(c));
        var (all, group, digit) = (0L, 0L, -1);
        // Each unit may come once and only in falling order, so that one number is written in one way.
        var (lastTen, lastMyriad) = (4, 5);
        foreach (var c in text)
        {
            if (Digit(c) is >= 0 and var read)
            {
                if (digit >= 0 || read == 0) return null;
                digit = read;
            }
            else if ("十拾百千".IndexOf(c) is >= 0 and var ten)
            {
                var place = ten switch { 0 or 1 => 1, 2 => 2, _ => 3 };
                if (place >= lastTen) return null;
                lastTen = place;
                group += (digit < 0 ? 1 : digit) * (long)Math.Pow(10, place);
                digit = -1;
            }
            else if (Array.IndexOf(Myriads, c.ToString()) is > 0 and var myriad)
            {
                group += digit < 0 ? 0 : digit;
                if (group == 0 || myriad >= lastMyriad) return null;
                (lastMyriad, lastTen, digit) = (myriad, 4, -1);
                var unit = (long)Math.Pow(10_000, myriad);
                if (group > (long.MaxValue - all) / unit) return null;
                all += group * unit;
                group = 0;
            }
            else return null;
        }
        group += digit < 0 ? 0 : digit;
        return group > long.MaxValue - all ? null : all + group;
    }

    static int Digit(char c) => c == '零' ? 0 : Digits.IndexOf(c) is >= 0 and var digit ? digit : Papers.IndexOf(c);

    static ulong Absolute(long number) => number < 0 ? (ulong)-(number + 1) + 1 : (ulong)number;
}
