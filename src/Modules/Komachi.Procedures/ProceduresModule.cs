using Komachi.Platform.Audit;
using Komachi.Platform.Files;
using Komachi.Platform.Offices;
using Komachi.Platform.Portal;
using Komachi.Platform.Rights;
using Komachi.Platform.Systems;
using Komachi.Platform.Web;
using Komachi.Platform;

namespace Komachi.Procedures;

/// <summary>
/// What residents file with the town, and what becomes of it: a procedure is data (<see cref="ProcedureDefinition"/>), what is filed is a
/// <see cref="Case"/>, and its way through the office a <see cref="Flow"/>.
/// </summary>
public sealed class ProceduresModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("procedures", "Procedures");
        m.Tables(Published.Map, Case.Map, Correction.Map, Step.Map, Letter.Map, Draft.Map, CaseLink.Map);
        m.Permission("procedures.review", "Work on filings");
        m.Permission("procedures.assist", "Fill in forms for others");
        m.Permission("procedures.approve", "Approve filings");
        m.Permission("procedures.decide", "Decide on filings");
        m.Permission("procedures.seal", "Use the official seal");
        m.Permission("procedures.keep", "Keep the procedures and publish them");
        m.Town(ProceduresTown.Load);

        // Filling in and filing
        m.Files(Filing.Attachment);
        m.Job<TellApplicant>();
        m.Deed("procedures.file", "Filed a procedure");

        // Keeping procedures, and other systems
        m.Tables(YearlyReview.Map, SystemFiling.Map);
        m.Desk("procedures.keep", KeepProcedures.Routes, KeepProcedure.Routes);
        m.Menu(MenuPlace.Desk, "Keep procedures", "desk/procedures/kept", "procedures.keep");
        m.Waits("Procedures to be looked at this year", "desk/procedures/kept", "procedures.keep", YearlyReview.CountLate);
        m.Daily<RemindOfReviews>(new(8, 10));
        m.Api(ProceduresApi.Routes);
        m.Scope("procedures.file", "File for somebody").Scope("procedures.read", "Ask how filings stand");
        m.SystemApi("procedures.file", FilingsApi.FileRoutes);
        m.SystemApi("procedures.read", FilingsApi.ReadRoutes);
        m.Announces<CaseArrived>("procedures.case_arrived", "A filing arrived", e => new { e.Number, e.Procedure, e.Stage, e.At });
        m.Announces<CaseMoved>("procedures.case_moved", "A filing went on", e => new { e.Number, e.Procedure, e.Stage, State = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(e.State.ToString()), e.At });
        m.Announces<CaseDecided>("procedures.case_decided", "A filing was decided", e => new { e.Number, e.Procedure, e.Stage, e.Granted, e.At });
        m.Deed("procedures.begin_by_system", "Began a filing by another system");
        m.Deed("procedures.bring", "Brought a file as the draft of a procedure").Deed("procedures.publish", "Published a version of a procedure").Deed("procedures.discard", "Threw a draft of a procedure away");
        m.Deed("procedures.end", "Ended the offer of a procedure").Deed("procedures.resume", "Offered a procedure again").Deed("procedures.look_again", "Looked at a procedure again");

        // The desk
        m.Tables(BulkRun.Map, AssignRule.Map, Issuer.Map);
        m.Desk("procedures.review", Inbox.Routes, ShowCase.Routes, WorkOnCase.Routes, WorkOnSteps.Routes, WorkOnMany.Routes, SendLetters.Routes, LookAtLetter.Routes, Export.Routes, SetAssignRules.Routes, CorrectMyCase.DeskRoutes);
        m.Desk("procedures.approve", WorkOnSteps.ApproveRoutes);
        m.Desk("procedures.decide", Decide.Routes, LookAtLetter.DecideRoutes);
        m.Desk("procedures.seal", SendLetters.SealRoutes);
        m.Files(KeepSeal.Picture);
        m.Menu(MenuPlace.Desk, "Filings|desk", "desk/procedures", "procedures.review", key: 'g');
        m.Finds(MenuPlace.Desk, 15, "Filings|desk", Inbox.Find, "procedures.review", all: "desk/procedures");
        m.WaitsForMe("My filings", "desk/procedures?who=me", "procedures.review", Inbox.Count(new() { Who = "me" }));
        m.WaitsForMe("Filings to approve", "desk/procedures?step=approve", "procedures.approve", Inbox.Count(new() { Step = "approve" }));
        m.WaitsForMe("Filings to decide on", "desk/procedures?step=decide", "procedures.decide", Inbox.Count(new() { Step = "decide" }));
        m.Waits("Filings with something new from the applicant", "desk/procedures?only=unread", "procedures.review", Inbox.Count(new() { Only = "unread" }));
        m.Waits("Filings that are late", "desk/procedures?only=late", "procedures.review", Inbox.Count(new() { Only = "late" }));
        m.OpenWork("Filings|desk", Inbox.OpenIn);
        m.Hears<CaseArrived>("Give what comes in to somebody by rule", AssignRule.OnArrived);
        m.Hears<DepartmentReplaced>("Hand open filings on to the department that takes the place of another", Inbox.OnReplaced);
        m.Job<GoOnWithMany>();
        CasesEnd.Define(m);
        m.Deed("procedures.read", "Read a filing").Deed("procedures.print", "Printed a filing").Deed("procedures.accept", "Began to review a filing").Deed("procedures.assign", "Gave a filing to somebody").Deed("procedures.give_back", "Gave a filing back");
        m.Deed("procedures.transfer", "Handed a filing to another department").Deed("procedures.ask_correction", "Asked an applicant to correct something").Deed("procedures.print_request", "Printed a request to correct").Deed("procedures.leave_correction", "Went on without a correction");
        m.Deed("procedures.message", "Wrote to an applicant").Deed("procedures.note", "Wrote a note on a filing").Deed("procedures.seen", "Marked a filing as read").Deed("procedures.withdraw", "Withdrew a filing for its applicant");
        m.Deed("procedures.keep_step", "Saved a step of a filing").Deed("procedures.do_step", "Did a step of a filing").Deed("procedures.approve", "Approved a filing").Deed("procedures.return_step", "Gave a step of a filing back");
        m.Deed("procedures.grant", "Granted a filing").Deed("procedures.refuse", "Refused a filing").Deed("procedures.many", "Did something to many filings").Deed("procedures.set_rule", "Changed who gets what comes in");
        m.Deed("procedures.export", "Handed filings over as a file").Deed("procedures.print_letter", "Printed a letter").Deed("procedures.post_letter", "Marked a letter as posted").Deed("procedures.seal", "Set the official seal").Deed("procedures.name_issuer", "Named in whose name letters go out");

        m.Deed("procedures.set_aside", "Set a decision aside").Deed("procedures.revoke_letter", "Took a letter back").Deed("procedures.make_letter", "Made a letter in another's place").Deed("procedures.set_seal", "Put a picture of the official seal to use").Deed("procedures.remove_seal", "Took the picture of the official seal out of use");

        // Filling in, step by step
        m.Public(StartFiling.Routes, FillPages.Routes, CheckFiling.Routes, ProveContact.Routes, FilingDone.Routes, ComeBack.Routes, Signing.Routes);
        m.Desk("procedures.assist", AssistFiling.Routes, FillPages.Routes, CheckFiling.Routes, FilingDone.Routes, ComeBack.DeskRoutes);
        m.Menu(MenuPlace.Desk, "Fill in for somebody", "desk/procedures/assist", "procedures.assist");
        m.Resident(KeepFamily.Routes);
        m.Daily<TidyDrafts>(new(3, 20));
        m.Discloses("Forms that you fill in", KeepFamily.Tell);
        m.Forgets(KeepFamily.Look, KeepFamily.Forget);
        m.Canary("Forms that are filled in, and families kept for them", KeepFamily.Plant);
        m.Deed("procedures.assist", "Began to fill in a form for somebody").Deed("procedures.keep_family", "Changed the family kept for forms").Deed("procedures.rate", "Said how easy a filing was");
        m.Deed("procedures.ask_signers", "Asked others to sign").Deed("procedures.sign", "Signed a form").Deed("procedures.decline", "Declined to sign a form").Deed("procedures.throw_away", "Threw away a form that was begun");

        // What residents read before and after filing
        m.Public(FindProcedures.Routes, ReadProcedure.Routes, ShowMyCase.Routes, CorrectMyCase.Routes, StartStage.Routes, MyLetters.Routes, FindCase.Routes, VerifyLetter.Routes);
        m.Menu(MenuPlace.Portal, "Procedures", "procedures");
        m.Finds(MenuPlace.Portal, 10, "Procedures", FindProcedures.Find, all: "procedures");
        m.Life(10, "Procedures", FindProcedures.ForLife);
        m.Signpost("Procedures", "What you can file with the town: at any hour, from home, without a stamp.", "procedures", "手続き 申請 届出 届け出 証明書 電子申請 オンライン申請 application form apply file");
        m.Signpost("See how your filing stands", "With the receipt number, without signing in", "procedures/find", "受付番号 照会 申請状況 進み具合 処理状況 receipt number status");
        m.Signpost("Is this letter genuine?", "For whoever was shown a letter or certificate of the town", "procedures/verify", "通知書 証明書 真偽 検証 確認コード verify genuine certificate");
        m.MyTasks(MyProcedures.Tasks).MyMatters(MyProcedures.Matters);
        m.Job<SendCaseLink>();
        m.Deed("procedures.write", "Wrote to the department about a filing").Deed("procedures.take_back", "Withdrew a filing").Deed("procedures.correct", "Corrected a filing").Deed("procedures.correct_for", "Wrote down a correction for an applicant");
        m.Desk("procedures.review", ShowCounts.Routes);
        m.Menu(MenuPlace.Desk, "Counts of procedures", "desk/procedures/counts", "procedures.review");
        m.Figure("procedures.online", "Procedures that can be filed online", CountProcedures.Online);
        m.Figure("procedures.online_share", "Filings of the last 12 months that came online (%)", CountProcedures.OnlineShare);
        m.Figure("procedures.days_median", "Working days until the decision, median of the last 12 months", CountProcedures.DaysMedian);
        m.Town(SampleCases.Load);
        m.Deed("procedures.open_by_code", "Opened a filing with a code").Deed("procedures.open_letter", "Opened a letter");

        // On paper
        m.Tables(OwnForm.Map);
        m.Public(PrintPapers.Routes);
        m.Desk("procedures.review", PrintPapers.DeskRoutes);
        m.Desk("procedures.keep", KeepPapers.Routes, PlaceFields.Routes);
        m.Menu(MenuPlace.Desk, "Own paper forms", "desk/procedures/papers", "procedures.keep");
        m.Deed("procedures.print_form", "Printed a filing on a form").Deed("procedures.paper_bring", "Brought a paper form").Deed("procedures.paper_place", "Placed fields on a paper form").Deed("procedures.paper_publish", "Published a paper form");
        m.Deed("procedures.paper_begin", "Began a version of a paper form").Deed("procedures.paper_leave", "Left a draft of a paper form").Deed("procedures.paper_end", "Ended a paper form");
    }
}
