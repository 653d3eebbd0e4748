using Komachi.Platform.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Platform.Web;

/// <summary>
/// Of two presses of one button the second goes where the first one went, whatever it stumbled over on its way: what the first one changed is no longer
/// there to be chosen, closed to more, or newer than the page. So it is asked after the handler. Where that saved something its
/// answer stands: another button of the page, which keeps what was typed or prints, is no second press.
/// </summary>
static class SentTwice
{
    public static void GoesWhereTheFirstWent(this IEndpointConventionBuilder pages) => pages.AddEndpointFilterFactory((about, next) =>
        !about.MethodInfo.GetParameters().Any(p => p.ParameterType == typeof(Form) || p.ParameterType == typeof(SentFile)) ? next : async call =>
        {
            var (answer, http) = (await next(call), call.HttpContext);
            await http.RequestServices.GetRequiredService<TownDb>().NotTwice(FormDoor.FormOf(http).Once ?? SentFile.Of(http)?.Once, http.RequestAborted);
            return answer;
        });
}
