using Komachi.Platform.Portal;

namespace Komachi.Platform.Figures;

/// <summary>Numbers that modules publish: measured now, kept each day, shown on a page and given by the API.</summary>
sealed class FiguresModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("figures", "Figures").Platform("Figures");
        m.Tables(FigureSnapshot.Map);
        m.Public(ShowFigures.Routes);
        m.Api(ShowFigures.ApiRoutes);
        m.Daily<TakeFigures>(new(0, 5));
        m.Menu(Web.MenuPlace.Portal, "Figures", "figures");
        m.Signpost("Figures", "What the town measures of itself, day by day", "figures", "統計 数値 実績 グラフ オープンデータ statistics open data KPI");
    }
}
