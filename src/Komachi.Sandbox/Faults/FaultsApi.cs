using Komachi.Sandbox.Web;

namespace Komachi.Sandbox.Faults;

/// <summary>The fault panel for tests: set, look, switch off.</summary>
static class FaultsApi
{
    public static void Map(WebApplication app)
    {
        var api = app.MapGroup("/api/faults");
        api.MapGet("", (FaultPanel panel) => Answers.Json(new
        {
            services = panel.Places.Select(p => new { name = p.Name, title = p.Title, status = p.Status, kinds = p.Kinds.Select(k => Lower(k)) }),
            faults = panel.All.Select(Shape),
        }));
        api.MapPut("", Set);
        api.MapDelete("", (FaultPanel panel, string? service) =>
            service is not null && !panel.Places.Any(p => p.Name == service || p.Name.StartsWith(service + ".", StringComparison.Ordinal))
                ? Answers.Wrong($"service: Choose one of: {string.Join(", ", panel.Places.Select(p => p.Name))}", 422)
                : Answers.Json(new { deleted = panel.Clear(service: service) }));
        api.MapDelete("/{id:long}", (FaultPanel panel, long id) =>
            panel.Clear(id) > 0 ? Answers.Json(new { deleted = 1 }) : Answers.Wrong("There is no such fault: it was switched off.", 404));
    }

    static async Task<IResult> Set(FaultPanel panel, HttpContext http)
    {
        var (request, no) = await Answers.Body<FaultRequest>(http);
        if (no is not null) return no;
        var (fault, wrong) = request!.Read(panel);
        if (fault is null) return Answers.Wrong(string.Join(" ", wrong.Select(w => $"{w.Field}: {w.Why}.")), 422);
        return panel.Set(fault) is { } set
            ? Answers.Json(Shape(set))
            : Answers.Wrong($"There are {FaultPanel.Most} faults already: switch some off first.", 409);
    }

    static object Shape(Fault f) => new
    {
        id = f.Id,
        service = f.Service,
        kind = Lower(f.Kind),
        milliseconds = f.Kind == FaultKind.Delay ? f.Milliseconds : (int?)null,
        status = f.Kind == FaultKind.Refuse ? f.Status : (int?)null,
        text = f.Text,
        when = f.Kind == FaultKind.Drop ? Lower(f.When) : null,
        times = f.Times,
        every = f.Every,
        only = f.Only,
        seen = f.Seen,
        struck = f.Struck,
        over = f.Over,
    };

    static string Lower(Enum value) => value.ToString().ToLowerInvariant();
}
