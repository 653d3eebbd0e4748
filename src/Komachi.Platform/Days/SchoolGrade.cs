using Komachi.Ui.Words;

namespace Komachi.Platform.Days;

/// <summary>
/// 学年, by age alone: school begins with the school year after the sixth birthday has been attained (学校教育法17条), so a year's children are
/// those born from 2 April to 1 April. 1 is the first year of primary school, 12 the last of high school; −2 to 0 the years of kindergarten before.
/// </summary>
public readonly record struct SchoolGrade(int Number)
{
    public const int First = -2, Last = 12;

    /// <summary>Null for who is too young or has left school.</summary>
    public static SchoolGrade? Of(DateOnly bornOn, FiscalYear year) =>
        LegalAge.On(year.First, bornOn) - 5 is { } number and >= First and <= Last ? new SchoolGrade(number) : null;

    /// <summary>Compulsory education: primary and lower secondary school (学校教育法16条, 17条).</summary>
    public bool IsCompulsory => Number is >= 1 and <= 9;

    /// <summary>Who is in this grade in that year.</summary>
    public (DateOnly From, DateOnly Until) Born(FiscalYear year) => (new(year.Year - Number - 6, 4, 2), new(year.Year - Number - 5, 4, 1));

    /// <summary>The school year in which somebody enters primary school.</summary>
    public static FiscalYear Enters(DateOnly bornOn) => new(bornOn.Year + (bornOn is { Month: < 4 } or { Month: 4, Day: 1 } ? 6 : 7));

    /// <summary>小1, 中3, 高2, 年長 for tables.</summary>
    public string Short => Number switch { < 1 => Number switch { 0 => "年長", -1 => "年中", _ => "年少" }, <= 6 => $"小{Number}", <= 9 => $"中{Number - 6}", _ => $"高{Number - 9}" };

    public string Show(Lang lang)
    {
        lang = lang.Ours;
        if (lang == Lang.Plain)
            return Number switch
            {
                < 1 => $"幼稚園《ようちえん》 {Number + 3}年目《ねんめ》", <= 6 => $"小学校《しょうがっこう》 {Number}年生《ねんせい》", <= 9 => $"中学校《ちゅうがっこう》 {Number - 6}年生《ねんせい》", _ => $"高校《こうこう》 {Number - 9}年生《ねんせい》",
            };
        if (lang.Html == "ja")
            return Number switch { < 1 => Short + "児", <= 6 => $"小学{Number}年生", <= 9 => $"中学{Number - 6}年生", _ => $"高校{Number - 9}年生" };
        return Number switch { < 1 => $"kindergarten, year {Number + 3}", <= 6 => $"primary school, grade {Number}", <= 9 => $"lower secondary school, grade {Number - 6}", _ => $"high school, grade {Number - 9}" };
    }
}
