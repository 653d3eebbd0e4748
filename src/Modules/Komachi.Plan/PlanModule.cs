using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Files;
using Komachi.Platform.Portal;
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
        m.Deed("plan.publish", "Published the plan").Deed("plan.discard", "Threw a draft of the plan away");
    }
}
