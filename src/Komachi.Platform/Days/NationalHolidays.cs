using System.Collections.Concurrent;
using System.Collections.Frozen;
using Komachi.Ui.Words;

namespace Komachi.Platform.Days;

/// <summary>Why a day is a national holiday: named by the law, in place of one that fell on a Sunday, between two others, or for one event.</summary>
public enum HolidayGround { Named, Substitute, Between, OneOff }

public sealed record NationalHoliday(DateOnly On, Said Name, HolidayGround Ground)
{
    /// <summary>As the Cabinet Office's list writes it, which names only the holidays of the law.</summary>
    public string ListName => (Ground, On.Year) switch
    {
        (HolidayGround.Substitute or HolidayGround.Between, _) => "休日",
        (HolidayGround.OneOff, 2019) => "休日（祝日扱い）",
        _ => Name.In(Lang.Japanese),
    };
}

/// <summary>
/// Japan's holidays, computed from 国民の祝日に関する法律 as it stood in each year since it began on 20 July 1948, and from the laws made for
/// one event. The two equinoxes are announced each February for the year after; until then the formula is as good as known.
/// What a town has brought for a year comes before this (<c>Offices/TownHolidays.cs</c>).
/// </summary>
public static class NationalHolidays
{
    /// <summary>The formula of the equinoxes ends there.</summary>
    public const int FirstYear = 1948, LastYear = 2150;

    // Where a version of the law begins.
    static readonly DateOnly Began = new(1948, 7, 20), SubstitutesBegan = new(1973, 4, 12), BetweenBegan = new(1985, 12, 27);
    const int SubstitutesPassHolidays = 2007;

    sealed record Rule(int From, int Until, Said Name, Func<int, DateOnly> Day);

    static readonly Said Emperor = new("天皇誕生日", "The Emperor's Birthday", "天皇《てんのう》の 誕生日《たんじょうび》"), Greenery = new("みどりの日", "Greenery Day", "みどりの 日《ひ》");

    static readonly Rule[] Rules =
    [
        new(1949, LastYear, new("元日", "New Year's Day", "元日《がんじつ》"), On(1, 1)),
        new(1949, 1999, new("成人の日", "Coming of Age Day", "成人《せいじん》の 日《ひ》"), On(1, 15)),
        new(2000, LastYear, new("成人の日", "Coming of Age Day", "成人《せいじん》の 日《ひ》"), Monday(2, 1)),
        new(1967, LastYear, new("建国記念の日", "National Foundation Day", "建国《けんこく》 記念《きねん》の 日《ひ》"), On(2, 11)),
        new(2020, LastYear, Emperor, On(2, 23)),
        new(1949, LastYear, new("春分の日", "Vernal Equinox Day", "春分《しゅんぶん》の 日《ひ》"), year => new(year, 3, Equinox(year, 20.8357, 20.8431, 21.8510))),
        new(1949, 1988, Emperor, On(4, 29)),
        new(1989, 2006, Greenery, On(4, 29)),
        new(2007, LastYear, new("昭和の日", "Showa Day", "昭和《しょうわ》の 日《ひ》"), On(4, 29)),
        new(1949, LastYear, new("憲法記念日", "Constitution Memorial Day", "憲法《けんぽう》 記念日《きねんび》"), On(5, 3)),
        new(2007, LastYear, Greenery, On(5, 4)),
        new(1949, LastYear, new("こどもの日", "Children's Day", "こどもの 日《ひ》"), On(5, 5)),
        new(1996, 2002, new("海の日", "Marine Day", "海《うみ》の 日《ひ》"), On(7, 20)),
        // In the years of the Olympic games three holidays lay round their ceremonies (平成三十二年…特別措置法 and its change in 2020).
        new(2003, LastYear, new("海の日", "Marine Day", "海《うみ》の 日《ひ》"), year => year switch { 2020 => new(2020, 7, 23), 2021 => new(2021, 7, 22), _ => Monday(3, 7)(year) }),
        new(2016, LastYear, new("山の日", "Mountain Day", "山《やま》の 日《ひ》"), year => year switch { 2020 => new(2020, 8, 10), 2021 => new(2021, 8, 8), _ => new(year, 8, 11) }),
        new(1966, 2002, new("敬老の日", "Respect for the Aged Day", "敬老《けいろう》の 日《ひ》"), On(9, 15)),
        new(2003, LastYear, new("敬老の日", "Respect for the Aged Day", "敬老《けいろう》の 日《ひ》"), Monday(3, 9)),
        new(1948, LastYear, new("秋分の日", "Autumnal Equinox Day", "秋分《しゅうぶん》の 日《ひ》"), year => new(year, 9, Equinox(year, 23.2588, 23.2488, 24.2488))),
        new(1966, 1999, new("体育の日", "Health and Sports Day", "体育《たいいく》の 日《ひ》"), On(10, 10)),
        new(2000, 2019, new("体育の日", "Health and Sports Day", "体育《たいいく》の 日《ひ》"), Monday(2, 10)),
        new(2020, LastYear, new("スポーツの日", "Sports Day", "スポーツの 日《ひ》"), year => year switch { 2020 => new(2020, 7, 24), 2021 => new(2021, 7, 23), _ => Monday(2, 10)(year) }),
        new(1948, LastYear, new("文化の日", "Culture Day", "文化《ぶんか》の 日《ひ》"), On(11, 3)),
        new(1948, LastYear, new("勤労感謝の日", "Labor Thanksgiving Day", "勤労《きんろう》 感謝《かんしゃ》の 日《ひ》"), On(11, 23)),
        new(1989, 2018, Emperor, On(12, 23)),
    ];

    static readonly NationalHoliday[] OneOffs =
    [
        new(new(1959, 4, 10), new("結婚の儀", "Wedding of Crown Prince Akihito", "皇太子《こうたいし》の 結婚《けっこん》"), HolidayGround.OneOff),
        new(new(1989, 2, 24), new("大喪の礼", "Funeral of Emperor Showa", "昭和《しょうわ》 天皇《てんのう》の お葬式《そうしき》"), HolidayGround.OneOff),
        new(new(1990, 11, 12), new("即位礼正殿の儀", "Enthronement Ceremony", "天皇《てんのう》の 即位《そくい》の 式《しき》"), HolidayGround.OneOff),
        new(new(1993, 6, 9), new("結婚の儀", "Wedding of Crown Prince Naruhito", "皇太子《こうたいし》の 結婚《けっこん》"), HolidayGround.OneOff),
        new(new(2019, 5, 1), new("天皇の即位の日", "Accession of the Emperor", "天皇《てんのう》の 即位《そくい》の 日《ひ》"), HolidayGround.OneOff),
        new(new(2019, 10, 22), new("即位礼正殿の儀", "Enthronement Ceremony", "天皇《てんのう》の 即位《そくい》の 式《しき》"), HolidayGround.OneOff),
    ];

    static readonly Said Substitute = new("振替休日", "Substitute holiday", "かわりの 休《やす》み"), Between = new("国民の休日", "Citizens' holiday", "国民《こくみん》の 休日《きゅうじつ》"),
        InLists = new("休日", "Holiday", "休《やす》み"), InLists2019 = new("休日（祝日扱い）", "Holiday", "休《やす》み");

    static readonly FrozenDictionary<string, Said> Names = Rules.Select(r => r.Name).Concat(OneOffs.Select(o => o.Name)).Concat([Substitute, Between, InLists, InLists2019])
        .DistinctBy(n => n.In(Lang.Japanese)).ToFrozenDictionary(n => n.In(Lang.Japanese));

    static readonly ConcurrentDictionary<int, FrozenDictionary<DateOnly, NationalHoliday>> Known = [];

    /// <summary>In the order of their days; none before 1948 and behind 2150.</summary>
    public static IReadOnlyList<NationalHoliday> Of(int year) => [.. In(year).Values.OrderBy(h => h.On)];

    public static NationalHoliday? On(DateOnly day) => In(day.Year).GetValueOrDefault(day);

    /// <summary>A holiday's Japanese name in the other languages too, where it is one that we know; a town may bring others.</summary>
    public static Said Named(string japanese) => Names.TryGetValue(japanese, out var name) ? name : new(japanese);

    static FrozenDictionary<DateOnly, NationalHoliday> In(int year) =>
        year is < FirstYear or > LastYear ? FrozenDictionary<DateOnly, NationalHoliday>.Empty : Known.GetOrAdd(year, Compute);

    static FrozenDictionary<DateOnly, NationalHoliday> Compute(int year)
    {
        var days = Rules.Where(r => r.From <= year && year <= r.Until).Select(r => new NationalHoliday(r.Day(year), r.Name, HolidayGround.Named)).Where(h => h.On >= Began).ToDictionary(h => h.On);
        foreach (var event_ in OneOffs.Where(o => o.On.Year == year)) days[event_.On] = event_;
        // The laws before 2019 made their day a day off, not a 国民の祝日; none of them met a Sunday or another holiday, so it made no difference.
        var law = days.Keys.ToHashSet();

        foreach (var sunday in law.Where(d => d.DayOfWeek == DayOfWeek.Sunday && d >= SubstitutesBegan))
        {
            var instead = sunday.AddDays(1);
            if (year >= SubstitutesPassHolidays)
                while (law.Contains(instead)) instead = instead.AddDays(1);
            days.TryAdd(instead, new(instead, Substitute, HolidayGround.Substitute));
        }
        foreach (var between in law.Select(d => d.AddDays(1)).Where(d => d > BetweenBegan && law.Contains(d.AddDays(1)) && !law.Contains(d)))
            if (year >= SubstitutesPassHolidays || between.DayOfWeek != DayOfWeek.Sunday) days.TryAdd(between, new(between, Between, HolidayGround.Between));
        return days.ToFrozenDictionary();
    }

    static Func<int, DateOnly> On(int month, int day) => year => new(year, month, day);

    static Func<int, DateOnly> Monday(int nth, int month) => year =>
    {
        var first = new DateOnly(year, month, 1);
        return first.AddDays((DayOfWeek.Monday - first.DayOfWeek + 7) % 7 + 7 * (nth - 1));
    };

    /// <summary>海上保安庁水路部 暦計算研究会編『新こよみ便利帳』: the day of the month, for the years to 1979, to 2099 and to 2150.</summary>
    static int Equinox(int year, double to1979, double to2099, double to2150) =>
        (int)((year < 1980 ? to1979 : year < 2100 ? to2099 : to2150) + 0.242194 * (year - 1980) - (year < 1980 ? (year - 1983) / 4 : (year - 1980) / 4));
}
