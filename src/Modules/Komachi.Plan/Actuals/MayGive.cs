using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Ui.Words;

namespace Komachi.Plan;

/// <summary>
/// Who may give an indicator's value: the departments that the plan names at the measure, as far as the town has departments of these names, and
/// the secretariat. Where the plan names none the secretariat alone.
/// </summary>
static class MayGive
{
    public static IReadOnlyList<DepartmentNode> DepartmentsOf(Measure? measure, DepartmentTree tree) =>
        measure is null or { Departments.Count: 0 } ? [] : [.. tree.All.Where(d => measure.Departments.Contains(d.Name.In(Lang.Japanese)))];

    public static bool Secretariat(Visitor who, DepartmentTree tree) => who.MayEverywhere("plan.draft", tree) || who.May("plan.check");

    public static bool Value(Visitor who, Measure? measure, DepartmentTree tree) =>
        Secretariat(who, tree) || DepartmentsOf(measure, tree).Any(d => who.May("plan.draft", d.Id, tree));
}
