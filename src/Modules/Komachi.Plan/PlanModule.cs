using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Files;
using Komachi.Platform.Offices;
using Komachi.Platform.Portal;
using Komachi.Platform.Rights;
using Komachi.Platform.Web;

namespace Komachi.Plan;

/// <summary>
/// The town's DX plan as live data: residents read what is to be done, by whom, when and for how much, and what became of it. A plan is
/// one document (<see cref="PlanDocument"/>); what is shown is the revision that was published last.
/// </summary>
public sealed class PlanModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("plan", "DX plan");
        m.Tables(Revision.Map, Actual.Map, Standing.Map);
        m.Permission("plan.draft", "Draft action sheets and say how far measures are");
        m.Permission("plan.check", "Check action sheets, keep the plan and publish it");
        m.Permission("plan.decide", "Decide on action sheets");

        m.Public(ShowPlan.Routes, ShowMeasure.Routes, ShowRoadmap.Routes, ShowCosts.Routes, DownloadPlan.Routes, ShowChanges.Routes);
        m.Menu(MenuPlace.Portal, "DX plan", "plan");
        m.Signpost("DX plan", "What the town makes digital, when, for how much, and how far it is", "plan", "DX 計画 デジタル化 施策 KPI 指標 経費 予算 ロードマップ strategy budget roadmap digital");
        m.Finds(MenuPlace.Portal, 25, "Measures of the plan", FindMeasures.Find, all: "plan");

        m.Front(ComparePlans.Routes);
        m.Menu(MenuPlace.Front, "Compare towns’ plans", "compare");

        m.Api(PlanApi.Routes);
        m.Town(PlanTown.Load);

        m.Public(ListMeasures.Routes, PlanPriorities.Routes, YearlyReport.Routes, DownloadActuals.Routes);
        m.Desk("plan.draft", ListActuals.Routes, WriteActual.Routes);
        m.Files(WriteActual.Evidence);
        m.Menu(MenuPlace.Desk, "Indicators of the plan", "desk/plan/actuals", "plan.draft");
        m.WaitsForMe("Indicators without a value for the last fiscal year", "desk/plan/actuals?state=waiting", "plan.draft", ListActuals.Waiting);
        m.Api(ActualsApi.Routes);
        m.Daily<MeasureIndicators>(new(0, 20)).Daily<TellOutlooks>(new(7, 0));
        m.Deed("plan.value", "Gave the value of an indicator").Deed("plan.correct", "Corrected the value of an indicator");

        m.Desk("plan.check", KeepPlan.Routes, EditDraft.Routes, CompareRevisions.Routes);
        m.Menu(MenuPlace.Desk, "DX plan", "desk/plan", "plan.check", key: 'j');
        m.Deed("plan.begin", "Began a draft of the plan").Deed("plan.bring", "Brought a file as the draft of the plan").Deed("plan.change", "Changed the draft of the plan");
        m.Deed("plan.publish", "Published the plan").Deed("plan.discard", "Threw a draft of the plan away").Deed("plan.take_sheets", "Took decided sheets into the draft of the plan");

        // The yearly round
        m.Tables(YearlyRound.Map, ActionSheet.Map);
        m.Desk(ShowInbox.Routes, ShowRound.Routes, ShowAgenda.Routes, WriteSheet.Routes);
        m.Desk("plan.draft", DraftSheet.Routes, WriteSheet.DraftRoutes);
        m.Desk("plan.check", OpenRound.Routes, RollOn.Routes, WriteSheet.CheckRoutes);
        m.Desk("plan.decide", WriteSheet.DecideRoutes);
        m.Menu(MenuPlace.Desk, "Action sheets", "desk/plan/inbox");
        m.Finds(MenuPlace.Desk, 30, "Action sheets", Rounds.Find, all: "desk/plan/rounds");
        m.WaitsForMe("Sheets for the committee to decide on", "desk/plan/inbox", "plan.decide", Rounds.CountFor(Turn.Committee));
        m.WaitsForMe("Sheets for the secretariat to check", "desk/plan/inbox", "plan.check", Rounds.CountFor(Turn.Secretariat));
        m.WaitsForMe("Sheets for my department to write", "desk/plan/inbox", "plan.draft", Rounds.CountFor(Turn.Department));
        m.Files(Rounds.Attachment);
        m.Daily<RemindOfSheets>(new(8, 0));
        m.OpenWork("Open action sheets", Rounds.OpenIn);
        m.Deed("plan.open_round", "Opened a round of action sheets").Deed("plan.set_days", "Changed the days of a round").Deed("plan.close_round", "Closed a round of action sheets").Deed("plan.roll_sheet", "Rolled an action sheet on");
        m.Deed("plan.draft_sheet", "Began an action sheet").Deed("plan.write_sheet", "Wrote on an action sheet").Deed("plan.pass_sheet", "Passed an action sheet on").Deed("plan.ask_back", "Asked a department back");
        m.Deed("plan.answer_sheet", "Answered a question to an action sheet").Deed("plan.adopt_sheet", "Adopted an action sheet").Deed("plan.decline_sheet", "Declined an action sheet").Deed("plan.withdraw_sheet", "Withdrew an action sheet");
        m.Deed("plan.reopen_sheet", "Opened an action sheet again").Deed("plan.comment_sheet", "Wrote a comment on an action sheet");
        m.Retains("plan.rounds", "Rounds of action sheets that were closed", "The town's own rules for its documents", Keep.FiscalYears(10), Rounds.All, Rounds.Due, Rounds.Erase);
        m.Town(RoundTown.Load);

        m.Desk("plan.draft", Papers.Routes);
        m.Menu(MenuPlace.Desk, "Papers of the plan", "desk/plan/papers", "plan.draft");
    }
}
