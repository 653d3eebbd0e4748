using Komachi.Platform.Web;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace Komachi.Plan;

/// <summary>A page about one of the town's plans. Who came to read an earlier one by its key (<c>?plan=</c>) goes on reading that one: every link to a page of the plan keeps it.</summary>
public abstract class PlanPage : TownPage
{
    [Inject] IHttpContextAccessor Http { get; set; } = null!;

    protected new string Link(string path = "") => path == "plan" || path.StartsWith("plan/", StringComparison.Ordinal) ? base.Link(path).With((Revision.Key, Http.HttpContext?.Request.Query[Revision.Key])) : base.Link(path);

    /// <summary>Another plan of the town.</summary>
    protected string LinkTo(string path, string key) => base.Link(path).With((Revision.Key, key));
}
