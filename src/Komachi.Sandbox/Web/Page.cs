using Microsoft.AspNetCore.Components;
using Komachi.Ui;

namespace Komachi.Sandbox.Web;

static class Page
{
    public static IResult Show<TPage>(object? parameters = null, int status = 200) where TPage : IComponent =>
        new HtmlPage(typeof(TPage), parameters, status);
}
