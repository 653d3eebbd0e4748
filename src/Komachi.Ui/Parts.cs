using Komachi.Ui.Words;

namespace Komachi.Ui;

// The small things that components are given.

/// <summary>How something stands. A word always says it too: colour alone says nothing.</summary>
public enum Tone { Neutral, Info, Success, Warning, Danger }

/// <summary>One main button a page; danger is for what cannot be undone; link is for the quiet way out.</summary>
public enum ButtonKind { Main, Second, Danger, Link }

public enum ChoiceAs { Radios, Select, Checks }

/// <summary>This page in another language; <paramref name="Beside"/> is what can be chosen within that language, like its furigana.</summary>
public sealed record LanguageLink(Lang Lang, string Href, bool Current = false, NavLink? Beside = null);

/// <summary>A place to go; <paramref name="Count"/> is how much waits there, <paramref name="Keys"/> what is pressed to go there: "g n".</summary>
public sealed record NavLink(string Text, string Href, bool Current = false, int? Count = null, string? Keys = null)
{
    /// <summary>The place is somebody's, and called by their name.</summary>
    public bool IsName { get; init; }
}

/// <summary>What is pressed, and what that does.</summary>
public sealed record KeyLine(string Keys, string Text);

/// <summary>Places under one heading in the desk's menu.</summary>
public sealed record NavGroup(string? Title, IReadOnlyList<NavLink> Links);

/// <summary>A picture with what it shows, in words; its size keeps its place free until it is there.</summary>
public sealed record Picture(string Src, string Alt, int Width, int Height);

public sealed record Option(string Value, string Text, string? Help = null)
{
    /// <summary>It is somebody's name: as it was written, among radios or checks.</summary>
    public bool IsName { get; init; }

    /// <summary>The value of "something else", whose words stand in a field of their own: <c>name-other</c>.</summary>
    public const string Other = "_other";
}

/// <summary>What is wrong with a field; an empty field name speaks of the whole form.</summary>
public sealed record FieldError(string Field, string Message)
{
    /// <summary>What the field is called: in a summary, where its label does not stand beside the message.</summary>
    public string? Of { get; init; }
}

/// <summary>A piece of news; the caller writes the date out in the page's language.</summary>
public sealed record NewsItem(DateOnly On, string OnText, string Title, string Href, string? Category = null, Tone Tone = Tone.Neutral);

/// <summary>A line of a chart; <c>null</c> is a point not known (yet). A target is drawn dashed.</summary>
public sealed record Series(string Name, IReadOnlyList<double?> Values, bool Target = false);

/// <summary>Something by two scores; <paramref name="State"/> is said beside its name.</summary>
public sealed record ChartPoint(string Name, double X, double Y, string? State = null, string? Href = null);

/// <summary>A file in the list of a field; <paramref name="Why"/> says why it was not taken, <paramref name="RemoveAction"/> where it is taken away (inside of another form: what its button says), <paramref name="Moving"/> that its state will change by itself.</summary>
public sealed record FileRow(string Name, string? Size, string State, Tone Tone, string? Why, string? Href, string RemoveAction, bool Moving = false);

/// <summary>Where a step of something longer stands.</summary>
public enum StepAt { Done, Now, Coming, Failed }

public sealed record ProgressStep(string Text, StepAt At);

/// <summary>Something that happened or will; <paramref name="When"/> is the date written out in the page's language, <paramref name="On"/> the same for machines.</summary>
public sealed record TimelineItem(string When, string Title, StepAt At, DateOnly? On = null, string? Text = null, string? Href = null)
{
    /// <summary>Who did it, by their name.</summary>
    public string? By { get; init; }
}

/// <summary>What somebody said; <paramref name="Internal"/>: for staff alone.</summary>
public sealed record Comment(string Author, DateTimeOffset At, string When, string Text, string? Role = null, bool Internal = false);

/// <summary>A place in a list beside a map; without a position it stands in the list alone.</summary>
public sealed record MapPlace(string Name, string? Text = null, string? Href = null, double? Latitude = null, double? Longitude = null, string? State = null, Tone Tone = Tone.Neutral);

public enum SortOrder { None, Up, Down }

/// <summary>A day as it stands in the three fields of a form; the era is its letter, or nothing for Western years.</summary>
public sealed record TypedDay(string Era, string Year, string Month, string Day)
{
    public static readonly TypedDay Empty = new("", "", "", "");
}

public enum DayState { None, Open, Few, Full, Closed, Holiday }

/// <summary>A day of a calendar: <paramref name="Word"/> instead of its state's own word, <paramref name="Note"/> under the month.</summary>
public sealed record CalendarDay(DateOnly On, DayState State, string? Word = null, string? Href = null, string? Note = null);

public enum SlotState { Free, Mine, Lottery, Taken, Closed }

/// <summary>A time of a day: a link where something can be done with it.</summary>
public sealed record Slot(SlotState State, string? Word = null, string? Href = null);

/// <summary>A day of a week grid, in the page's words; <paramref name="Href"/> is this page with that day, for phones. A column without a slot is null.</summary>
public sealed record WeekDay(DateOnly On, string Long, string Short, string Href, IReadOnlyList<Slot?> Slots, string? Note = null);

/// <summary>A name as it stands in the fields of a form.</summary>
public sealed record TypedName(string Family, string Given, string FamilyKana = "", string GivenKana = "", bool NoKana = false, string Alias = "")
{
    public static readonly TypedName Empty = new("", "");
}

/// <summary>An address as it stands in the fields of a form.</summary>
public sealed record TypedAddress(string Postcode, string Prefecture, string City, string Town, string Number, string Building = "")
{
    public static readonly TypedAddress Empty = new("", "", "", "", "");

    /// <summary>Those that have the postcode, where there are several: one is to be chosen.</summary>
    public IReadOnlyList<Option> Places { get; init; } = [];

    /// <summary>The postcode was looked up just now, and the parts are filled from it.</summary>
    public bool Found { get; init; }

    /// <summary>The page comes back from looking up: it goes on at what is to be written next.</summary>
    public bool GoesOnHere { get; init; }

    /// <summary>Where a script asks for a postcode, which it writes behind this; null: nowhere.</summary>
    public string? Postcodes { get; init; }
}

/// <summary>都道府県, from north to south, as the law names them.</summary>
public sealed record Prefecture(string Name, string Kana, string English)
{
    public static readonly IReadOnlyList<Prefecture> All =
    [
        new("北海道", "ほっかいどう", "Hokkaido"), new("青森県", "あおもりけん", "Aomori"), new("岩手県", "いわてけん", "Iwate"), new("宮城県", "みやぎけん", "Miyagi"),
        new("秋田県", "あきたけん", "Akita"), new("山形県", "やまがたけん", "Yamagata"), new("福島県", "ふくしまけん", "Fukushima"), new("茨城県", "いばらきけん", "Ibaraki"),
        new("栃木県", "とちぎけん", "Tochigi"), new("群馬県", "ぐんまけん", "Gunma"), new("埼玉県", "さいたまけん", "Saitama"), new("千葉県", "ちばけん", "Chiba"),
        new("東京都", "とうきょうと", "Tokyo"), new("神奈川県", "かながわけん", "Kanagawa"), new("新潟県", "にいがたけん", "Niigata"), new("富山県", "とやまけん", "Toyama"),
        new("石川県", "いしかわけん", "Ishikawa"), new("福井県", "ふくいけん", "Fukui"), new("山梨県", "やまなしけん", "Yamanashi"), new("長野県", "ながのけん", "Nagano"),
        new("岐阜県", "ぎふけん", "Gifu"), new("静岡県", "しずおかけん", "Shizuoka"), new("愛知県", "あいちけん", "Aichi"), new("三重県", "みえけん", "Mie"),
        new("滋賀県", "しがけん", "Shiga"), new("京都府", "きょうとふ", "Kyoto"), new("大阪府", "おおさかふ", "Osaka"), new("兵庫県", "ひょうごけん", "Hyogo"),
        new("奈良県", "ならけん", "Nara"), new("和歌山県", "わかやまけん", "Wakayama"), new("鳥取県", "とっとりけん", "Tottori"), new("島根県", "しまねけん", "Shimane"),
        new("岡山県", "おかやまけん", "Okayama"), new("広島県", "ひろしまけん", "Hiroshima"), new("山口県", "やまぐちけん", "Yamaguchi"), new("徳島県", "とくしまけん", "Tokushima"),
        new("香川県", "かがわけん", "Kagawa"), new("愛媛県", "えひめけん", "Ehime"), new("高知県", "こうちけん", "Kochi"), new("福岡県", "ふくおかけん", "Fukuoka"),
        new("佐賀県", "さがけん", "Saga"), new("長崎県", "ながさきけん", "Nagasaki"), new("熊本県", "くまもとけん", "Kumamoto"), new("大分県", "おおいたけん", "Oita"),
        new("宮崎県", "みやざきけん", "Miyazaki"), new("鹿児島県", "かごしまけん", "Kagoshima"), new("沖縄県", "おきなわけん", "Okinawa"),
    ];

    internal string In(Lang lang) => lang == Lang.Plain ? $"{Name}（{Kana}）" : lang == Lang.English ? $"{Name} {English}" : Name;
}
/// <summary>Something that was found; <paramref name="WhenText"/> is its date written out in the page's language, <paramref name="Lang"/> where title and line are in another.</summary>
public sealed record Hit(string Title, string Href, string? Line = null, string? WhenText = null, DateOnly? On = null, string? Lang = null)
{
    /// <summary>How it stands, in a word.</summary>
    public string? State { get; init; }
    public Tone Tone { get; init; }
}

/// <summary>What stands at a time of a schedule. <see cref="EndLost"/>: it begins there, and the source does not say how long it goes on.</summary>
public enum ScheduleCell { Free, Busy, EndLost }

/// <param name="Cells">A cell a column; null where the source says nothing of all of it.</param>
/// <param name="Lang">The language of the title where it is not the page's.</param>
public sealed record ScheduleRow(string Title, string? Href, IReadOnlyList<ScheduleCell>? Cells, string? Lang = null);
