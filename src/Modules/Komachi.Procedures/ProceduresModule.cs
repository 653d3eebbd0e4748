using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Files;
using Komachi.Platform.Rights;
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
    }
}
