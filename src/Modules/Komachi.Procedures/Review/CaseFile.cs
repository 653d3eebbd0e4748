using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>Who sits at the desk, and what endpoints there ask for again and again.</summary>
sealed record AtDesk(Visit Visit, TownDb Db, TimeProvider Time, Persons Persons, House House, Words Words, HttpContext Http)
{
    public Visitor Me => Visit.Visitor!;
    public Guid MyId => Me.AccountId;
    public DateTimeOffset Now { get; } = Time.GetUtcNow();
    public DateOnly Today => JapanTime.DayOf(Now);
    public CancellationToken Stop => Http.RequestAborted;

    public ValueTask<DepartmentTree> Tree() => DepartmentTrees.Today(Db, Stop);
}

/// <summary>A case with all that somebody needs who goes on with it: read once, changed by its verbs, saved together.</summary>
public sealed class CaseFile
{
    CaseFile(Case of, Procedure procedure, List<Step> steps, IReadOnlyList<Case> matter, DepartmentTree tree, DateOnly today) =>
        (Of, Procedure, Steps, _matter, Tree, Today) = (of, procedure, steps, matter, tree, today);

    readonly IReadOnlyList<Case> _matter;

    public Case Of { get; }
    public Procedure Procedure { get; }
    public Stage Stage => Procedure.StageOf(Of.Stage);
    public List<Step> Steps { get; }
    public DepartmentTree Tree { get; }
    public DateOnly Today { get; }

    /// <summary>The filings of the same matter, this one as it stands now.</summary>
    public IReadOnlyList<Case> Matter => [.. _matter.Select(c => c.Id == Of.Id ? Of : c)];

    /// <summary>Later filings of the matter that can be sent now.</summary>
    public IReadOnlyList<OpenStage> OpenStages => ShowMyCase.OpenStages(Procedure, Matter, Today);

    /// <summary>What expressions read: told anew each time, since answers and what clerks fill in change.</summary>
    public Answers Answers => Flow.AnswersOf(Procedure, Of, Matter, Today);

    internal static async Task<CaseFile?> Open(TownDb db, Guid id, DepartmentTree tree, DateOnly today, CancellationToken stop = default)
    {
        if (await db.Set<Case>().SingleOrDefaultAsync(c => c.Id == id && c.ErasedAt == null, stop) is not { } of) return null;
        var file = new CaseFile(of, await Catalog.Version(db, of.DefinitionId, stop), await Flow.StepsOf(db, id, stop), await Flow.Matter(db, of, stop), tree, today);
        foreach (var step in file.Open().Where(s => s.Kind == "approve"))
            if (file.PostOf(step) is { } post) file._inPost[step.Key] = await db.WhoHoldsInPost("procedures.approve", post, file.DepartmentOf(step), tree, today, stop);
        return file;
    }

    readonly Dictionary<string, IReadOnlySet<Guid>> _inPost = [];

    /// <summary>Whose approval a step asks for (課長), as its definition says.</summary>
    public string? PostOf(Step step) => Stage.StepOf(step.Key)?.Step.Post is { Length: > 0 } post ? post : null;

    /// <summary>Nobody who may approve there has the post today: then the permission alone counts, or the filing could not go on.</summary>
    public bool IsPostEmpty(Step step) => _inPost.TryGetValue(step.Key, out var holders) && holders.Count == 0;

    /// <summary>Approving is for who has the post in that line of the house, a higher one, or stands in for somebody who does (職務代理).</summary>
    bool IsInPost(Guid account, Step step) => !_inPost.TryGetValue(step.Key, out var holders) || holders.Count == 0 || holders.Contains(account);

    public Guid DepartmentOf(Step step) => step.DepartmentId ?? Of.DepartmentId;

    /// <summary>The department that has the case: what is secret is for it alone, and so is what moves the case as a whole.</summary>
    public bool InCharge(Visitor who) => who.May("procedures.review", Of.DepartmentId, Tree);

    /// <summary>In charge, or asked for a step of it.</summary>
    public bool MayRead(Visitor who) => InCharge(who) || Steps.Any(s => s.DepartmentId is { } asked && s.State != StepState.Left && who.May("procedures.review", asked, Tree));

    public bool MayDo(Visitor who, Step step) => who.May(step.Kind switch { "approve" => "procedures.approve", "decide" => "procedures.decide", _ => "procedures.review" }, DepartmentOf(step), Tree) && IsInPost(who.AccountId, step);

    /// <summary>May approve there, and has not the post that is asked for.</summary>
    public bool LacksPost(Visitor who, Step step) => step.Kind == "approve" && !IsInPost(who.AccountId, step) && who.May("procedures.approve", DepartmentOf(step), Tree);

    /// <summary>Four eyes: where a flow asks for an approval, who checked it neither approves nor decides.</summary>
    public bool IsOwnWork(Guid account, Step step) =>
        step.Kind != "check" && Steps.Any(s => s.Kind == "approve" && s.State != StepState.Left) && Steps.Any(s => s.Kind == "check" && s.State == StepState.Done && s.ById == account);

    public Step? Find(string key) => Steps.Find(s => s.Key == key);

    public IEnumerable<Step> Open() => Of.IsOpen ? Steps.Where(s => s.State == StepState.Open) : [];

    /// <summary>The steps that the case needs now, after something was filled in or corrected.</summary>
    public void TellSteps(TownDb db, DateTimeOffset now) => Flow.Tell(Of, Stage, Steps, Answers, Tree, db, now);

    public async Task<OpeningCalendar?> Calendar(TownDb db, CancellationToken stop = default) =>
        await OpeningCalendar.OfDepartment(Of.DepartmentId, Tree, db, Of.StoppedOn is { } since && since < Today ? since : Today, stop);

    public FormState State() => Flow.StateOf(Procedure, Of, Matter);

    /// <summary>What a clerk fills in at a step.</summary>
    public FormState StateOf(CompiledStep step, System.Text.Json.Nodes.JsonObject fields) => FormState.Of(step.Fields!, fields, Today, Of.ArrivedOn, Answers);
}

static class CaseWords
{
    public static string Of(CaseState state) => state switch
    {
        CaseState.Arrived => "Arrived|case",
        CaseState.Correcting => "Waits for the applicant|case",
        CaseState.Accepted => "In review|case",
        CaseState.Granted => "Granted|case",
        CaseState.Refused => "Refused|case",
        _ => "Withdrawn|case",
    };

    public static Komachi.Ui.Tone ToneOf(CaseState state) => state switch
    {
        CaseState.Arrived => Komachi.Ui.Tone.Info,
        CaseState.Correcting => Komachi.Ui.Tone.Warning,
        CaseState.Granted => Komachi.Ui.Tone.Success,
        CaseState.Refused => Komachi.Ui.Tone.Danger,
        _ => Komachi.Ui.Tone.Neutral,
    };

    public static string Of(Way way) => way switch
    {
        Way.Online => "Online|way",
        Way.Assisted => "Filled in by staff|way",
        Way.Counter => "At the counter|way",
        Way.Post => "By post|way",
        Way.Telephone => "By telephone|way",
        Way.Fax => "By fax|way",
        Way.Email => "By e-mail|way",
        _ => "From another system|way",
    };

    public static string Of(MoveKind kind) => kind switch
    {
        MoveKind.Arrived => "It arrived",
        MoveKind.CorrectionAsked => "Asked to correct",
        MoveKind.Corrected => "The correction came",
        MoveKind.CorrectionLeft => "Went on without the correction",
        MoveKind.Accepted => "Review began",
        MoveKind.StepDone => "A step was done",
        MoveKind.StepReturned => "A step was given back",
        MoveKind.Assigned => "Given to somebody",
        MoveKind.Transferred => "Handed to another department",
        MoveKind.Message => "Message to the applicant",
        MoveKind.Answer => "Message from the applicant",
        MoveKind.Note => "Note among staff",
        MoveKind.Granted => "Granted|case",
        MoveKind.Refused => "Refused|case",
        MoveKind.PaperMade => "A letter was made",
        MoveKind.PaperDelivered => "A letter was delivered",
        MoveKind.PaperOpened => "The applicant opened the letter",
        MoveKind.PaperRevoked => "A letter was taken back",
        MoveKind.SetAside => "The decision was set aside",
        MoveKind.Withdrawn => "Withdrawn|case",
        MoveKind.Signed => "Somebody else signed",
        MoveKind.Printed => "It was printed",
        MoveKind.Exported => "Handed over to another system",
        MoveKind.StageFiled => "The next filing of it came",
        _ => "The applicant rated it",
    };

    public static string Of(Letter letter) => letter switch
    {
        { RevokedAt: not null } => "Taken back|letter",
        { WaitsForSeal: true } => "Waits for the seal",
        { OpenedAt: not null } => "Opened by the applicant",
        { DeliveredAt: null } => "To be posted",
        { Delivery: Delivery.Paper } => "Posted|letter",
        _ => "Lies with the applicant",
    };

    /// <summary>How long there is still, in working days.</summary>
    public static (string Text, Komachi.Ui.Tone Tone) Clock(CaseState state, DateOnly due, DateOnly? stopped, bool closed, DateOnly today, OpeningCalendar? calendar, Words t)
    {
        if (closed) return (t["Over|clock"], Komachi.Ui.Tone.Neutral);
        if (stopped is not null) return (t["Stands still|clock"], Komachi.Ui.Tone.Neutral);
        int Between(DateOnly from, DateOnly until) => calendar?.WorkingDaysBetween(from, until) ?? until.DayNumber - from.DayNumber;
        if (due < today) return (t.Count("Late by {0} working days", Math.Max(1, Between(due, today))), Komachi.Ui.Tone.Danger);
        // Also where no working day comes before its day: today is the last one.
        var left = Between(today, due);
        if (left == 0) return (t["Due today"], Komachi.Ui.Tone.Warning);
        return (t.Count("{0} working days left", left), left <= 2 ? Komachi.Ui.Tone.Warning : Komachi.Ui.Tone.Neutral);
    }
}
