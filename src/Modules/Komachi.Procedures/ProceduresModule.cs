using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Files;
using Komachi.Platform.Offices;
using Komachi.Platform.Portal;
using Komachi.Platform.Systems;
using Komachi.Platform.Web;

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
        m.Desk("procedures.review", Inbox.Routes, ShowCase.Routes, WorkOnCase.Routes, WorkOnSteps.Routes, WorkOnMany.Routes, SendLetters.Routes, Export.Routes, SetAssignRules.Routes);
        m.Desk("procedures.approve", WorkOnSteps.ApproveRoutes);
        m.Desk("procedures.decide", Decide.Routes);
        m.Desk("procedures.seal", SendLetters.SealRoutes);
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
        m.Deed("procedures.transfer", "Handed a filing to another department").Deed("procedures.ask_correction", "Asked an applicant to correct something").Deed("procedures.leave_correction", "Went on without a correction");
        m.Deed("procedures.message", "Wrote to an applicant").Deed("procedures.note", "Wrote a note on a filing").Deed("procedures.seen", "Marked a filing as read").Deed("procedures.withdraw", "Withdrew a filing for its applicant");
        m.Deed("procedures.keep_step", "Saved a step of a filing").Deed("procedures.do_step", "Did a step of a filing").Deed("procedures.approve", "Approved a filing").Deed("procedures.return_step", "Gave a step of a filing back");
        m.Deed("procedures.grant", "Granted a filing").Deed("procedures.refuse", "Refused a filing").Deed("procedures.many", "Did something to many filings").Deed("procedures.set_rule", "Changed who gets what comes in");
        m.Deed("procedures.export", "Handed filings over as a file").Deed("procedures.print_letter", "Printed a letter").Deed("procedures.post_letter", "Marked a letter as posted").Deed("procedures.seal", "Set the official seal").Deed("procedures.name_issuer", "Named in whose name letters go out");
    }
}
