using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Files;
using Komachi.Platform.Portal;
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
        m.Deed("procedures.write", "Wrote to the department about a filing").Deed("procedures.withdraw", "Withdrew a filing").Deed("procedures.correct", "Corrected a filing");
        m.Desk("procedures.review", ShowCounts.Routes);
        m.Menu(MenuPlace.Desk, "Counts of procedures", "desk/procedures/counts", "procedures.review");
        m.Figure("procedures.online", "Procedures that can be filed online", CountProcedures.Online);
        m.Figure("procedures.online_share", "Filings of the last 12 months that came online (%)", CountProcedures.OnlineShare);
        m.Figure("procedures.days_median", "Working days until the decision, median of the last 12 months", CountProcedures.DaysMedian);
        m.Town(SampleCases.Load);
        m.Deed("procedures.open_by_code", "Opened a filing with a code").Deed("procedures.open_letter", "Opened a letter");
    }
}
