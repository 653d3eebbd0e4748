using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

public enum SheetState { Open, Declined, Withdrawn, Done }

public enum SheetEventKind { Created, Changed, Passed, AskedBack, Answered, Adopted, Declined, Withdrawn, Commented, Reminded, Reopened }

/// <summary>One field that was written anew.</summary>
public sealed record Change(string Field, string Before, string After);

/// <summary>What somebody wrote on a sheet; what their turn does not open is not among it, or null. A measure of "" is a new one.</summary>
public sealed record SheetText(string? Title, string? Measure, IReadOnlyDictionary<string, string> Answers, IReadOnlyList<SheetAmount> Amounts);

/// <summary>Thousand yen of a fiscal year from one source; step is requested, adopted or settled.</summary>
public sealed record SheetAmount(string Step, int Year, string Source, long? Amount);

/// <summary>
/// アクションシート: what a department proposes for a year. It stands at a stage of its round until it is declined, withdrawn or through; nothing else
/// about its way is in the program. Whoever's turn it is writes what the stage asks, and passes it on.
/// </summary>
public sealed class ActionSheet
{
    ActionSheet() { }

    public Guid Id { get; private init; } = Komachi.Platform.Data.Id.New();
    public string Number { get; private init; } = "";
    public Guid RoundId { get; private init; }
    public string? Measure { get; private set; }
    public string Title { get; private set; } = "";
    public Guid DepartmentId { get; private init; }
    public SheetState State { get; private set; }
    public string Stage { get; private set; } = "";
    public Turn Turn { get; private set; }

    /// <summary>The stage asked the department something, and gets it back with the answer.</summary>
    public bool Asked { get; private set; }
    public Dictionary<string, string> Answers { get; private set; } = [];
    public List<SheetMoney> Money { get; private init; } = [];

    /// <summary>Who wrote on it for the department.</summary>
    public Guid[] Writers { get; private set; } = [];
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset ChangedAt { get; private set; }
    public DateTimeOffset StageSince { get; private set; }
    public DateOnly? DueOn { get; private set; }
    public DateOnly? RemindedOn { get; private set; }
    public DateTimeOffset? AdoptedAt { get; private set; }
    public Guid? RolledFromId { get; private init; }

    /// <summary>How many events it has.</summary>
    public int Events { get; private set; }

    /// <summary>Every change by a person makes a new one, but for comments. Forms carry it, and so notice what came in between.</summary>
    public int Version { get; private set; } = 1;

    readonly List<SheetEvent> _new = [];

    internal static ActionSheet Draft(string number, YearlyRound round, string title, string? measure, Guid department, Guid? by, DateTimeOffset now, ActionSheet? rolledFrom = null, string? why = null)
    {
        var sheet = new ActionSheet
        {
            Number = number, RoundId = round.Id, Title = title, Measure = measure, DepartmentId = department, Writers = by is { } who ? [who] : [], CreatedAt = now, ChangedAt = now, RolledFromId = rolledFrom?.Id,
        };
        sheet.Enter(round.First, round, now);
        if (rolledFrom is not null)
        {
            foreach (var name in new[] { "need", "option", "effect" })
                if (rolledFrom.Answers.TryGetValue(name, out var said)) sheet.Answers[name] = said;
            foreach (var money in rolledFrom.Money.Where(m => m.Year >= round.Year && m.Year < round.Year + round.Covers && (m.Adopted ?? m.Requested) is not null))
                sheet.Money.Add(new() { SheetId = sheet.Id, Year = money.Year, Source = money.Source, Requested = money.Adopted ?? money.Requested });
        }
        sheet.Happened(SheetEventKind.Created, round.First.Key, by, now, why);
        return sheet;
    }

    /// <summary>What may be written on it now: questions of the stages, "title" where the department drafts, and "measure" where the secretariat may say which it became, too.</summary>
    public IReadOnlyList<string> Opens(YearlyRound round)
    {
        if (State != SheetState.Open || !round.IsOpen) return [];
        var stage = round.StageOf(Stage);
        if (Turn == Turn.Department && (Asked || stage == round.First)) return [.. new[] { "title", "measure", "need", "option", "cost", "effect" }.Union(round.First.Asks)];
        return [.. stage.Asks.Union(Turn switch { Turn.Secretariat => ["measure", SheetField.Remark], Turn.Committee => ["adopted"], _ => [] })];
    }

    /// <summary>What must be written down before it goes on.</summary>
    public IReadOnlyList<string> AskedNow(YearlyRound round) => Asked ? round.First.Asks : round.StageOf(Stage).Asks;

    /// <summary>Fields that are still empty: an answer by its name, an amount by its step.</summary>
    internal IEnumerable<string> Missing(YearlyRound round)
    {
        foreach (var asks in AskedNow(round))
            if (SheetField.StepOf(asks) is { } step)
            {
                if (Money.All(m => m.Of(step) is null)) yield return step;
            }
            else
                foreach (var field in SheetField.All.Where(f => f.Asks == asks && !Answers.ContainsKey(f.Name))) yield return field.Name;
    }

    public bool WrittenBy(Guid account) => Array.IndexOf(Writers, account) >= 0;

    public long Sum(string step, int? year = null) => Money.Where(m => year is null || m.Year == year).Sum(m => m.Of(step) ?? 0);

    public bool IsLate(DateOnly today) => State == SheetState.Open && DueOn < today;

    internal void Write(SheetText text, Guid? by, DateTimeOffset now)
    {
        var changes = new List<Change>();
        if (text.Title is { } title)
        {
            if (title != Title) changes.Add(new("title", Title, title));
            Title = title;
        }
        if (text.Measure is { } measure)
        {
            if (measure != (Measure ?? "")) changes.Add(new("measure", Measure ?? "", measure));
            Measure = measure.Length == 0 ? null : measure;
        }
        var answers = new Dictionary<string, string>(Answers);
        foreach (var (name, said) in text.Answers)
        {
            if (answers.GetValueOrDefault(name, "") is var before && before != said) changes.Add(new(name, before, said));
            if (said.Length > 0) answers[name] = said;
            else answers.Remove(name);
        }
        Answers = answers;
        foreach (var amount in text.Amounts)
        {
            var money = Money.Find(m => m.Year == amount.Year && m.Source == amount.Source);
            if (money?.Of(amount.Step) == amount.Amount) continue;
            changes.Add(new($"{amount.Step} {new PlanYear(amount.Year).Label} {amount.Source}", Show(money?.Of(amount.Step)), Show(amount.Amount)));
            if (money is null) Money.Add(money = new() { SheetId = Id, Year = amount.Year, Source = amount.Source });
            money.Set(amount.Step, amount.Amount);
            if (money.IsEmpty) Money.Remove(money);
        }
        if (changes.Count == 0) return;
        if (Turn == Turn.Department && by is { } who && !WrittenBy(who)) Writers = [.. Writers, who];
        Changed(now);
        Happened(SheetEventKind.Changed, Stage, by, now, changes: changes);

        static string Show(long? amount) => amount?.ToString("#,0", CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>On to the next stage; back to the one that asked; and through after the last. What the committee passes on is adopted.</summary>
    internal void Pass(YearlyRound round, string? note, Guid? by, DateTimeOffset now)
    {
        if (Missing(round).Any()) throw new InvalidOperationException("It goes on when all is written that is asked.");
        Changed(now);
        var stage = round.StageOf(Stage);
        if (Turn == Turn.Department && by is { } who && !WrittenBy(who)) Writers = [.. Writers, who];
        if (Asked)
        {
            (Asked, Turn) = (false, stage.Whose());
            Happened(SheetEventKind.Answered, Stage, by, now, note);
            return;
        }
        var kind = Turn == Turn.Committee ? SheetEventKind.Adopted : SheetEventKind.Passed;
        if (kind == SheetEventKind.Adopted) AdoptedAt = now;
        if (round.After(Stage) is { } next) Enter(next, round, now);
        else (State, DueOn) = (SheetState.Done, null);
        Happened(kind, stage.Key, by, now, note);
    }

    internal void AskBack(string question, Guid? by, DateTimeOffset now)
    {
        if (State != SheetState.Open || Turn == Turn.Department) throw new InvalidOperationException("Only who checks or decides asks back.");
        (Asked, Turn) = (true, Turn.Department);
        Changed(now);
        Happened(SheetEventKind.AskedBack, Stage, by, now, question);
    }

    internal void Decline(string reason, Guid? by, DateTimeOffset now)
    {
        if (State != SheetState.Open || Turn != Turn.Committee) throw new InvalidOperationException("The committee declines, at its turn.");
        End(SheetState.Declined, SheetEventKind.Declined, reason, by, now);
    }

    internal void Withdraw(string reason, Guid? by, DateTimeOffset now)
    {
        if (State != SheetState.Open) throw new InvalidOperationException("Only what is open is withdrawn.");
        End(SheetState.Withdrawn, SheetEventKind.Withdrawn, reason, by, now);
    }

    /// <summary>From the beginning: what was declined or withdrawn is drafted anew, and decided anew.</summary>
    internal void Reopen(YearlyRound round, string reason, Guid? by, DateTimeOffset now)
    {
        if (State is not (SheetState.Declined or SheetState.Withdrawn)) throw new InvalidOperationException("Only what was declined or withdrawn is opened again.");
        var from = Stage;
        (State, AdoptedAt) = (SheetState.Open, null);
        Enter(round.First, round, now);
        Changed(now);
        Happened(SheetEventKind.Reopened, from, by, now, reason);
    }

    internal void Comment(string text, Guid? by, DateTimeOffset now) => Happened(SheetEventKind.Commented, Stage, by, now, text);

    internal void Remind(DateOnly today, DateTimeOffset now)
    {
        RemindedOn = today;
        Happened(SheetEventKind.Reminded, Stage, null, now, day: today);
    }

    /// <summary>The round's days were changed.</summary>
    internal void DueAnew(YearlyRound round)
    {
        if (State != SheetState.Open || round.DueOf(Stage) == DueOn) return;
        (DueOn, RemindedOn) = (round.DueOf(Stage), null);
    }

    /// <summary>What happened since it was read, to be saved with it.</summary>
    internal IReadOnlyList<SheetEvent> News() => _new;

    void Enter(Stage stage, YearlyRound round, DateTimeOffset now) =>
        (Stage, Turn, Asked, StageSince, DueOn, RemindedOn) = (stage.Key, stage.Whose(), false, now, round.DueOf(stage.Key), null);

    void End(SheetState state, SheetEventKind kind, string reason, Guid? by, DateTimeOffset now)
    {
        (State, Asked, DueOn) = (state, false, null);
        Changed(now);
        Happened(kind, Stage, by, now, reason);
    }

    void Changed(DateTimeOffset now) => (ChangedAt, Version) = (now, Version + 1);

    void Happened(SheetEventKind kind, string from, Guid? by, DateTimeOffset now, string? text = null, List<Change>? changes = null, DateOnly? day = null) =>
        _new.Add(new() { SheetId = Id, Number = ++Events, At = now, ById = by, Kind = kind, FromStage = from, ToStage = Stage, Text = string.IsNullOrEmpty(text) ? null : text, Changes = changes, DayOn = day });

    internal static void Map(ModelBuilder model)
    {
        model.Entity<ActionSheet>(e =>
        {
            e.ToTable("sheets");
            e.Property(s => s.Answers).AsJson();
            e.Property(s => s.Version).IsConcurrencyToken();
            // A comment or a reminder makes no new version, and yet two of them must not take the same number.
            e.Property(s => s.Events).IsConcurrencyToken();
            e.HasOne<YearlyRound>().WithMany().HasForeignKey(s => s.RoundId).HasConstraintName("sheets_round_id_fkey").OnDelete(DeleteBehavior.Cascade);
            e.HasMany(s => s.Money).WithOne().HasForeignKey(m => m.SheetId).HasConstraintName("sheet_money_sheet_id_fkey").OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(s => s.Number).IsUnique().HasDatabaseName("sheets_number");
            e.HasIndex(s => s.RolledFromId).IsUnique().HasDatabaseName("sheets_rolled_from").HasFilter("rolled_from_id IS NOT NULL");
            e.HasIndex(s => s.RoundId).HasDatabaseName("sheets_round");
            e.HasIndex(s => new { s.Turn, s.DepartmentId }).HasDatabaseName("sheets_turn").HasFilter("state = 'Open'");
        });
        model.Entity<SheetMoney>(e =>
        {
            e.ToTable("sheet_money");
            e.HasKey(m => new { m.SheetId, m.Year, m.Source });
        });
        model.Entity<SheetEvent>(e =>
        {
            e.ToTable("sheet_events");
            e.HasKey(s => new { s.SheetId, s.Number });
            e.Property(s => s.Changes).AsJson("json");
            e.HasOne<ActionSheet>().WithMany().HasForeignKey(s => s.SheetId).HasConstraintName("sheet_events_sheet_id_fkey").OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(s => new { s.SheetId, s.ToStage, s.DayOn }).IsUnique().HasDatabaseName("sheet_events_reminded").HasFilter("day_on IS NOT NULL");
        });
    }
}

/// <summary>Thousand yen of one fiscal year from one source: what is asked for, granted and spent.</summary>
public sealed class SheetMoney
{
    public Guid SheetId { get; init; }
    public int Year { get; init; }
    public string Source { get; init; } = "";
    public long? Requested { get; set; }
    public long? Adopted { get; set; }
    public long? Settled { get; set; }

    public long? Of(string step) => step switch { "adopted" => Adopted, "settled" => Settled, _ => Requested };

    internal void Set(string step, long? amount)
    {
        if (step == "adopted") Adopted = amount;
        else if (step == "settled") Settled = amount;
        else Requested = amount;
    }

    internal bool IsEmpty => (Requested, Adopted, Settled) is (null, null, null);
}

/// <summary>Something that happened to a sheet: written once.</summary>
public sealed class SheetEvent
{
    public Guid SheetId { get; init; }
    public int Number { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>None where the program did it by itself.</summary>
    public Guid? ById { get; init; }
    public SheetEventKind Kind { get; init; }
    public string FromStage { get; init; } = "";
    public string ToStage { get; init; } = "";
    public string? Text { get; init; }
    public List<Change>? Changes { get; init; }
    public DateOnly? DayOn { get; init; }
}
