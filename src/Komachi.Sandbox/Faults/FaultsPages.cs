using System.Globalization;
using Komachi.Sandbox.Web;

namespace Komachi.Sandbox.Faults;

/// <summary>The fault panel for people.</summary>
static class FaultsPages
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/faults", () => Page.Show<FaultsPage>());
        app.MapPost("/faults", Set).DisableAntiforgery();
        app.MapPost("/faults/off", Off).DisableAntiforgery();
    }

    static IResult Set(FaultPanel panel, Here here, IFormCollection form)
    {
        var wrong = new List<(string Field, Remark Why)>();
        var request = new FaultRequest
        {
            Service = form["service"],
            Kind = form["kind"],
            Milliseconds = Number("milliseconds"),
            Status = Number("status"),
            Text = form["text"],
            When = form["when"],
            Times = Number("times"),
            Every = Number("every"),
            Only = form["only"],
        };
        var (fault, more) = request.Read(panel);
        wrong.AddRange(more.Where(m => wrong.All(w => w.Field != m.Field)));
        if (wrong.Count == 0 && panel.Set(fault!) is null) wrong.Add(("", new Remark("There are {0} faults already: switch some off first.", FaultPanel.Most)));
        return wrong.Count > 0 ? Page.Show<FaultsPage>(new { Form = form, Wrong = wrong }, 422) : Results.LocalRedirect(here.Url("/faults"));

        int? Number(string field)
        {
            var text = form[field].ToString().Trim();
            if (text.Length == 0) return null;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
            wrong.Add((field, new Remark("Write a whole number in digits")));
            return null;
        }
    }

    static IResult Off(FaultPanel panel, Here here, IFormCollection form)
    {
        var id = form["id"].ToString();
        // All only when the button says all: a lost id must not switch off everything.
        if (id == "all") panel.Clear();
        else if (long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var one)) panel.Clear(one);
        else return Page.Show<WrongPage>(new { What = new Remark("There is no such fault: it was switched off.") }, 422);
        return Results.LocalRedirect(here.Url("/faults"));
    }
}
