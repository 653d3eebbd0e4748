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

/// <summary>A place to go; <paramref name="Count"/> is how much waits there.</summary>
public sealed record NavLink(string Text, string Href, bool Current = false, int? Count = null)
{
    /// <summary>The place is somebody's, and called by their name.</summary>
    public bool IsName { get; init; }
}

/// <summary>Places under one heading in the desk's menu.</summary>
public sealed record NavGroup(string? Title, IReadOnlyList<NavLink> Links);

public sealed record Option(string Value, string Text, string? Help = null);

/// <summary>What is wrong with a field; an empty field name speaks of the whole form.</summary>
public sealed record FieldError(string Field, string Message);

/// <summary>A piece of news; the caller writes the date out in the page's language.</summary>
public sealed record NewsItem(DateOnly On, string OnText, string Title, string Href, string? Category = null, Tone Tone = Tone.Neutral);

/// <summary>A line of a chart; <c>null</c> is a point not known (yet). A target is drawn dashed.</summary>
public sealed record Series(string Name, IReadOnlyList<double?> Values, bool Target = false);

/// <summary>A file in the list of a field; <paramref name="Why"/> says why it was not taken, <paramref name="Moving"/> that its state will change by itself.</summary>
public sealed record FileRow(string Name, string? Size, string State, Tone Tone, string? Why, string? Href, string RemoveAction, bool Moving = false);

/// <summary>Where a step of something longer stands.</summary>
public enum StepAt { Done, Now, Coming, Failed }

public sealed record ProgressStep(string Text, StepAt At);

/// <summary>Something that happened or will; <paramref name="When"/> is the date written out in the page's language, <paramref name="On"/> the same for machines.</summary>
public sealed record TimelineItem(string When, string Title, StepAt At, DateOnly? On = null, string? Text = null, string? Href = null);

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
