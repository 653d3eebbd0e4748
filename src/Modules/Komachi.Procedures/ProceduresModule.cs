using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Files;
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
    }
}
