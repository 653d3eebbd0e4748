using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Files;
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
