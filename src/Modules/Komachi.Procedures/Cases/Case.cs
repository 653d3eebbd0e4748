using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// The words of the law (行政手続法): it arrived when our server had it, at any hour (7条); whoever left something out is asked to correct it; then it is
/// accepted and looked at; it is granted or refused, with reasons (8条); or withdrawn. There is no "not accepted".
/// </summary>
public enum CaseState { Arrived, Correcting, Accepted, Granted, Refused, Withdrawn }

/// <summary>How it came in.</summary>
public enum Way { Online, Assisted, Counter, Post, Telephone, Fax, Email, System }

/// <summary>Where somebody can be reached.</summary>
public enum Contact { Email, Telephone }

/// <summary>
/// One filing with all that became of it. What is filed later in the same matter (a report, a claim) is a case of its own that belongs to the first.
/// Everything that happens is a <see cref="Move"/>, saved with it.
/// </summary>
public sealed class Case
{
    Case() { }

    public Guid Id { get; private init; } = Komachi.Platform.Data.Id.New();

    /// <summary>What people read out: ten digits of a <see cref="ReceiptNumber"/>.</summary>
    public string Number { get; private init; } = "";
    public Guid DefinitionId { get; private init; }

    /// <summary>The procedure's key, and the key of its stage: empty for the first filing.</summary>
    public string Procedure { get; private init; } = "";
    public string Stage { get; private init; } = "";
    public Guid? ParentId { get; private init; }

    public CaseState State { get; private set; }
    public Way Way { get; private init; }
    public DateTimeOffset ArrivedAt { get; private init; }

    /// <summary>The answers as they stand: what was filed, and corrected since.</summary>
    public JsonObject Answers { get; private set; } = [];

    /// <summary>What clerks filled in on the way: amounts, grades, conditions.</summary>
    public JsonObject Decided { get; private set; } = [];

    /// <summary>How lists call it: mostly the name of who files.</summary>
    public string Title { get; private set; } = "";
    public string SearchKey { get; private set; } = "";

    /// <summary>Whom it is about, where the town knows the person; whose account filed it; on what ground somebody files for another.</summary>
    public Guid? PersonId { get; private set; }
    public Guid? AccountId { get; private set; }
    public Guid? MandateId { get; private set; }

    /// <summary>The staff who filled it in for somebody.</summary>
    public Guid? AssistedById { get; private init; }
    public Assurance Assurance { get; private init; }
    public string? Email { get; private set; }
    public string? Telephone { get; private set; }

    /// <summary>Which of the two they showed that they read: by a code, or as the address of their account.</summary>
    public Contact? Proved { get; private set; }

    /// <summary>
    /// Where the code goes that opens it: to what was proved, so that nobody reads a filing because somebody else mistyped. Only where nothing had to
    /// be proved it goes to what was written. Under a mandate nowhere: the address is the agent's, and what a code opened would outlive the mandate.
    /// </summary>
    internal (string? Email, string? Telephone) CodesTo => this switch
    {
        { MandateId: not null } => default,
        { Proved: Contact.Email } or { Proved: null, Assurance: Assurance.None, Email: not null } => (Email, null),
        { Proved: Contact.Telephone } or { Proved: null, Assurance: Assurance.None } => (null, Telephone),
        _ => default,
    };

    /// <summary>In which language they filled it in, and are written to.</summary>
    public string Lang { get; private init; } = "ja";

    /// <summary>Asked in this very filing to get the decision electronically (情報通信技術活用行政推進法7条); everybody else gets paper.</summary>
    public bool Electronic { get; private init; }
    public long? FeeYen { get; private set; }

    public Guid DepartmentId { get; private set; }
    public Guid? AssigneeId { get; private set; }

    /// <summary>When the standard period (標準処理期間, 6条) is over; days on which the applicant had to answer are not counted.</summary>
    public DateOnly DueOn { get; private set; }
    public DateOnly? StoppedOn { get; private set; }
    public DateTimeOffset MovedAt { get; private set; }

    /// <summary>Who has to go on: the applicant was asked something, or has written.</summary>
    public bool Unread { get; private set; }
    public DateTimeOffset? AcceptedAt { get; private set; }
    public DateTimeOffset? DecidedAt { get; private set; }

    /// <summary>Decided or withdrawn: nothing more is done.</summary>
    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>Its period is over: what it said is gone, that it was stays for the counts.</summary>
    public DateTimeOffset? ErasedAt { get; private set; }

    /// <summary>Made up, to show something on the first day (見本).</summary>
    public bool Sample { get; private init; }

    /// <summary>How many moves it has.</summary>
    public int Moves { get; private set; }

    /// <summary>Every change makes a new one; forms carry it.</summary>
    public int Version { get; private set; } = 1;

    readonly List<Move> _news = [];

    public bool IsOpen => ClosedAt is null;
    public bool IsLate(DateOnly today) => IsOpen && StoppedOn is null && DueOn < today;
    public DateOnly ArrivedOn => Komachi.Platform.Days.JapanTime.DayOf(ArrivedAt);
    public DateOnly? DecidedOn => DecidedAt is { } at ? Komachi.Platform.Days.JapanTime.DayOf(at) : null;

    /// <summary>How sentences and the audit name it.</summary>
    public string Subject => $"procedures/cases/{Id}";

    internal static Case Arrive(Guid definition, Procedure procedure, Stage stage, Arrival arrival, DateTimeOffset now)
    {
        var filed = new Case
        {
            Number = arrival.Number, DefinitionId = definition, Procedure = procedure.Key, Stage = stage.Key, ParentId = arrival.ParentId, Way = arrival.Way, ArrivedAt = now, PersonId = arrival.PersonId,
            AccountId = arrival.AccountId, MandateId = arrival.MandateId, AssistedById = arrival.AssistedById, Assurance = arrival.Assurance, Email = arrival.Email, Telephone = arrival.Telephone, Proved = arrival.Proved, Lang = arrival.Lang,
            Electronic = arrival.Electronic, FeeYen = arrival.FeeYen, DepartmentId = arrival.DepartmentId, DueOn = arrival.DueOn, Sample = arrival.Sample,
        };
        filed.Say(arrival.Answers, arrival.Title);
        filed.Happened(MoveKind.Arrived, arrival.AssistedById, now, told: true);
        return filed;
    }

    void Say(JsonObject answers, string title)
    {
        // What stands beside the answers is no question of the form: it is not lost to a correction.
        foreach (var (key, kept) in Answers)
            if (key.StartsWith('_') && !answers.ContainsKey(key)) answers[key] = kept?.DeepClone();
        (Answers, Title) = (answers, title);
        SearchKey = Folding.KeyOf([Title, Number, Email ?? "", Telephone ?? ""]);
    }

    /// <summary>補正: asks for single fields; until they come the clock stands.</summary>
    public Correction AskToCorrect(IReadOnlyList<string> fields, string text, DateOnly? until, Guid by, DateTimeOffset now, DateOnly today)
    {
        Must(IsOpen && State != CaseState.Correcting);
        (State, StoppedOn) = (CaseState.Correcting, today);
        Happened(MoveKind.CorrectionAsked, by, now, told: true, text: text);
        return Correction.Ask(this, fields, text, until, by, now);
    }

    /// <summary>The applicant answered: the clock goes on, later by the working days on which it stood.</summary>
    /// <param name="way">How the answer came that staff wrote down for them; null where they wrote it themselves.</param>
    public void Correct(Correction asked, JsonObject answers, string title, OpeningCalendar? calendar, Guid? by, DateTimeOffset now, DateOnly today, string? text = null, Way? way = null)
    {
        Must(State == CaseState.Correcting);
        asked.Answer(answers, now);
        Say(answers, title);
        State = AcceptedAt is null ? CaseState.Arrived : CaseState.Accepted;
        GoOn(calendar, today);
        // Whoever has it wrote it down themselves: there is nothing new to them.
        Unread = way is null || AssigneeId is { } owner && owner != by;
        Happened(MoveKind.Corrected, by, now, told: true, text: text, details: way is { } came ? new() { ["way"] = came.ToString() } : null);
    }

    /// <summary>A correction that is not waited for any longer, or was asked for by mistake.</summary>
    public void GoOnWithout(Correction asked, OpeningCalendar? calendar, Guid by, DateTimeOffset now, DateOnly today, string text)
    {
        Must(State == CaseState.Correcting);
        asked.Leave(now);
        State = AcceptedAt is null ? CaseState.Arrived : CaseState.Accepted;
        GoOn(calendar, today);
        Happened(MoveKind.CorrectionLeft, by, now, told: true, text: text);
    }

    void GoOn(OpeningCalendar? calendar, DateOnly today)
    {
        if (StoppedOn is { } since) Lengthen(since, calendar, today);
        StoppedOn = null;
    }

    /// <summary>Later by the working days since then.</summary>
    void Lengthen(DateOnly since, OpeningCalendar? calendar, DateOnly today)
    {
        var stood = calendar?.WorkingDaysBetween(since, today) ?? today.DayNumber - since.DayNumber;
        DueOn = calendar?.WorkingDaysAfter(DueOn, stood) ?? DueOn.AddDays(stood);
    }

    public void Accept(Guid? by, DateTimeOffset now)
    {
        Must(State == CaseState.Arrived);
        (State, AcceptedAt, Unread) = (CaseState.Accepted, now, false);
        Happened(MoveKind.Accepted, by, now, told: true);
    }

    /// <summary>What a step filled in, in place of what it had filled in before; later steps, letters and fees read it.</summary>
    public void Fill(CompiledStep step, JsonObject fields)
    {
        if (step.Fields is not { } form) return;
        var all = (JsonObject)Decided.DeepClone();
        foreach (var field in form.Fields)
            if (fields[field.Key] is { } value) all[field.Key] = value.DeepClone();
            else all.Remove(field.Key);
        Decided = all;
    }

    internal void Charge(long? feeYen) => FeeYen = feeYen;

    public void Decide(bool granted, string reasons, Guid by, DateTimeOffset now)
    {
        Must(State == CaseState.Accepted);
        (State, DecidedAt, ClosedAt, Unread) = (granted ? CaseState.Granted : CaseState.Refused, now, now, false);
        Happened(granted ? MoveKind.Granted : MoveKind.Refused, by, now, told: true, text: reasons.Length > 0 ? reasons : null);
    }

    public bool IsDecided => State is CaseState.Granted or CaseState.Refused;

    /// <summary>取消し: the decision does not hold any more, and another has to be made. The days on which it held are not counted, since nobody had to decide then.</summary>
    public void SetAside(string why, OpeningCalendar? calendar, Guid by, DateTimeOffset now, DateOnly today)
    {
        Must(IsDecided && ErasedAt is null);
        Lengthen(DecidedOn!.Value, calendar, today);
        (State, DecidedAt, ClosedAt) = (CaseState.Accepted, null, null);
        Happened(MoveKind.SetAside, by, now, told: true, text: why);
    }

    /// <summary>Nobody works on it any more, and nothing is waited for.</summary>
    public void Withdraw(string? reasons, IEnumerable<Step> steps, Correction? asked, Guid? by, DateTimeOffset now)
    {
        Must(IsOpen);
        foreach (var step in steps.Where(s => s.State is StepState.Waiting or StepState.Open)) step.Leave();
        asked?.Leave(now);
        (State, ClosedAt, StoppedOn, Unread) = (CaseState.Withdrawn, now, null, false);
        Happened(MoveKind.Withdrawn, by, now, told: true, text: reasons);
    }

    public void Assign(Guid? to, Guid? by, DateTimeOffset now)
    {
        Must(IsOpen);
        AssigneeId = to;
        Happened(MoveKind.Assigned, by, now, details: to is { } who ? new() { ["to"] = who.ToString() } : null);
    }

    public void Transfer(Guid department, string why, Guid by, DateTimeOffset now)
    {
        Must(IsOpen);
        var from = DepartmentId;
        (DepartmentId, AssigneeId) = (department, null);
        Happened(MoveKind.Transferred, by, now, told: true, text: why, details: new() { ["from"] = from.ToString(), ["to"] = department.ToString() });
    }

    /// <summary>From the town to the applicant, or from the applicant (by null or their account) to the town.</summary>
    public void Message(string text, bool fromApplicant, Guid? by, DateTimeOffset now)
    {
        if (fromApplicant) Unread = true;
        Happened(fromApplicant ? MoveKind.Answer : MoveKind.Message, by, now, told: true, text: text);
    }

    /// <summary>Among the staff alone.</summary>
    public void Note(string text, Guid by, DateTimeOffset now) => Happened(MoveKind.Note, by, now, text: text);

    public void Read() => Unread = false;

    internal void Recognise(Guid person) => PersonId = person;

    internal void Erase(DateTimeOffset now) =>
        (Answers, Decided, Title, SearchKey, PersonId, AccountId, MandateId, Email, Telephone, Proved, ErasedAt, Version) = ([], [], "", "", null, null, null, null, null, null, now, Version + 1);

    /// <summary>Anything else that belongs into its history.</summary>
    internal void Happened(MoveKind kind, Guid? by, DateTimeOffset now, bool told = false, string? text = null, JsonObject? details = null)
    {
        _news.Add(new() { CaseId = Id, Number = ++Moves, At = now, Kind = kind, ById = by, Told = told, Text = text, Details = details });
        (MovedAt, Version) = (now, _news.Count == 1 && Moves > 1 ? Version + 1 : Version);
    }

    /// <summary>What happened since it was read: saved with it.</summary>
    internal IReadOnlyList<Move> TakeNews()
    {
        Move[] news = [.. _news];
        _news.Clear();
        return news;
    }

    static void Must(bool so)
    {
        if (!so) throw new InvalidOperationException("The case does not stand where this can be done.");
    }

    internal static void Map(ModelBuilder model)
    {
        model.Entity<Case>(e =>
        {
            e.ToTable("cases");
            e.Ignore(c => c.IsOpen).Ignore(c => c.IsDecided).Ignore(c => c.ArrivedOn).Ignore(c => c.DecidedOn).Ignore(c => c.Subject).Ignore(c => c.CodesTo);
            e.Property(c => c.Answers).AsJson();
            e.Property(c => c.Decided).AsJson();
            e.Property(c => c.Version).IsConcurrencyToken();
            e.HasOne<Published>().WithMany().HasForeignKey(c => c.DefinitionId).HasConstraintName("cases_definition_id_fkey").OnDelete(DeleteBehavior.Restrict);
            e.HasOne<Case>().WithMany().HasForeignKey(c => c.ParentId).HasConstraintName("cases_parent_id_fkey").OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(c => c.Number).IsUnique().HasDatabaseName("cases_number");
            e.HasIndex(c => new { c.DueOn, c.Id }, "cases_open").HasFilter("closed_at IS NULL");
            e.HasIndex(c => new { c.DepartmentId, c.DueOn, c.Id }).HasDatabaseName("cases_open_department").HasFilter("closed_at IS NULL");
            e.HasIndex(c => new { c.Procedure, c.DueOn, c.Id }).HasDatabaseName("cases_open_procedure").HasFilter("closed_at IS NULL");
            e.HasIndex(c => new { c.State, c.DueOn, c.Id }).HasDatabaseName("cases_open_state").HasFilter("closed_at IS NULL");
            e.HasIndex(c => new { c.DueOn, c.Id }, "cases_open_unread").HasFilter("closed_at IS NULL AND unread");
            e.HasIndex(c => new { c.AssigneeId, c.DueOn, c.Id }).HasDatabaseName("cases_open_assignee").HasFilter("closed_at IS NULL AND assignee_id IS NOT NULL");
            e.HasIndex(c => new { c.ClosedAt, c.Id }).IsDescending().HasDatabaseName("cases_closed").HasFilter("closed_at IS NOT NULL");
            e.HasIndex(c => new { c.Procedure, c.ArrivedAt, c.Id }).IsDescending(false, true, true).HasDatabaseName("cases_procedure");
            e.HasIndex(c => c.ArrivedAt).HasDatabaseName("cases_arrived");
            e.HasIndex(c => new { c.PersonId, c.MovedAt }).IsDescending(false, true).HasDatabaseName("cases_person").HasFilter("person_id IS NOT NULL");
            e.HasIndex(c => new { c.AccountId, c.MovedAt }).IsDescending(false, true).HasDatabaseName("cases_account").HasFilter("account_id IS NOT NULL");
            e.HasIndex(c => c.ParentId).HasDatabaseName("cases_parent").HasFilter("parent_id IS NOT NULL");
            e.HasIndex(c => new { c.ParentId, c.Stage }).IsUnique().HasDatabaseName("cases_stage").HasFilter("parent_id IS NOT NULL AND state NOT IN ('Refused', 'Withdrawn')");
            e.HasIndex(c => c.DefinitionId).HasDatabaseName("cases_definition");
            e.HasIndex(c => c.SearchKey).HasMethod("gin").HasOperators("gin_trgm_ops").HasDatabaseName("cases_search");
            e.HasIndex(c => c.Answers).HasMethod("gin").HasOperators("jsonb_path_ops").HasDatabaseName("cases_answers");
            e.HasIndex(c => new { c.MovedAt, c.Id }).HasDatabaseName("cases_by_systems").HasFilter("way = 'System'");
        });
        model.Entity<Move>(e =>
        {
            e.ToTable("moves");
            e.HasKey(m => new { m.CaseId, m.Number });
            e.Property(m => m.Details).AsJson();
            e.HasOne<Case>().WithMany().HasForeignKey(m => m.CaseId).HasConstraintName("moves_case_id_fkey").OnDelete(DeleteBehavior.Cascade);
        });
    }
}

/// <summary>Everything with which a case begins.</summary>
sealed record Arrival(string Number, JsonObject Answers, string Title, Way Way, Guid DepartmentId, DateOnly DueOn)
{
    public Guid? ParentId { get; init; }
    public Guid? PersonId { get; init; }
    public Guid? AccountId { get; init; }
    public Guid? MandateId { get; init; }
    public Guid? AssistedById { get; init; }
    public Assurance Assurance { get; init; }
    public string? Email { get; init; }
    public string? Telephone { get; init; }
    public Contact? Proved { get; init; }
    public string Lang { get; init; } = "ja";
    public bool Electronic { get; init; }
    public long? FeeYen { get; init; }
    public bool Sample { get; init; }
}

public enum MoveKind { Arrived, CorrectionAsked, Corrected, CorrectionLeft, Accepted, StepDone, StepReturned, Assigned, Transferred, Message, Answer, Note, Granted, Refused, PaperMade, PaperDelivered, PaperOpened, Withdrawn, Signed, Printed, Exported, StageFiled, Rated, PaperRevoked, SetAside }

/// <summary>One thing that happened to a case, for good. The applicant sees what was told.</summary>
public sealed class Move
{
    public Guid CaseId { get; init; }
    public int Number { get; init; }
    public DateTimeOffset At { get; init; }
    public MoveKind Kind { get; init; }

    /// <summary>The account; none where the applicant has none, or the program did it.</summary>
    public Guid? ById { get; init; }
    public bool Told { get; init; }
    public string? Text { get; init; }
    public JsonObject? Details { get; init; }
}

/// <summary>補正の求め: which fields, why, until when; and what stood there before and after.</summary>
public sealed class Correction
{
    Correction() { }

    public Guid Id { get; private init; } = Komachi.Platform.Data.Id.New();
    public Guid CaseId { get; private init; }

    /// <summary>Paths of fields: <c>email</c>, <c>children/1/name</c>.</summary>
    public string[] Fields { get; private init; } = [];
    public string Text { get; private init; } = "";
    public DateOnly? UntilOn { get; private init; }
    public Guid AskedById { get; private init; }
    public DateTimeOffset AskedAt { get; private init; }

    /// <summary>The answers as they were before the correction.</summary>
    public JsonObject Before { get; private init; } = [];

    /// <summary>What the applicant has typed so far.</summary>
    public JsonObject? Typed { get; private set; }
    public DateTimeOffset? AnsweredAt { get; private set; }

    /// <summary>Not waited for any longer.</summary>
    public DateTimeOffset? LeftAt { get; private set; }
    public int Version { get; private set; } = 1;

    /// <summary>The one that is waited for; null where none is.</summary>
    internal static async Task<Correction?> Awaited(TownDb db, Case of, CancellationToken stop = default) =>
        of.State == CaseState.Correcting ? await db.Set<Correction>().SingleOrDefaultAsync(c => c.CaseId == of.Id && c.AnsweredAt == null && c.LeftAt == null, stop) : null;

    internal static Correction Ask(Case of, IReadOnlyList<string> fields, string text, DateOnly? until, Guid by, DateTimeOffset now) =>
        new() { CaseId = of.Id, Fields = [.. fields], Text = text, UntilOn = until, AskedById = by, AskedAt = now, Before = (JsonObject)of.Answers.DeepClone() };

    internal void Keep(JsonObject typed) => (Typed, Version) = (typed, Version + 1);

    internal void Answer(JsonObject answers, DateTimeOffset now) => (Typed, AnsweredAt, Version) = (answers, now, Version + 1);

    internal void Leave(DateTimeOffset now) => (LeftAt, Version) = (now, Version + 1);

    internal static void Map(ModelBuilder model) => model.Entity<Correction>(e =>
    {
        e.ToTable("corrections");
        e.Property(c => c.Before).AsJson();
        e.Property(c => c.Typed).AsJson();
        e.Property(c => c.Version).IsConcurrencyToken();
        e.HasOne<Case>().WithMany().HasForeignKey(c => c.CaseId).HasConstraintName("corrections_case_id_fkey").OnDelete(DeleteBehavior.Cascade);
        e.HasIndex(c => c.CaseId, "corrections_case");
        e.HasIndex(c => c.CaseId, "corrections_open").IsUnique().HasFilter("answered_at IS NULL AND left_at IS NULL");
    });
}
