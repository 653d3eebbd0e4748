using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Komachi.Sandbox.Web;

static class Page
{
    public static IResult Show<TPage>(object? parameters = null, int status = 200) where TPage : IComponent =>
        new RazorComponentResult<TPage>(parameters ?? new { }) { StatusCode = status, PreventStreamingRendering = true };
}
