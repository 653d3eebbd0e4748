namespace Komachi.Sandbox.Faults;

/// <summary>The fault panel for services that speak HTTP: <c>group.WithFaults("line")</c>.</summary>
public static class FaultFilter
{
    /// <summary>
    /// Refuses, cuts or delays the requests of these endpoints as the panel says. <paramref name="about"/> tells whom a request
    /// is about. Doing it twice has a meaning only for the service itself: it asks <see cref="TroubleOf"/>.
    /// </summary>
    public static TBuilder WithFaults<TBuilder>(this TBuilder builder, string place, Func<HttpContext, string[]>? about = null)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (call, next) =>
        {
            var http = call.HttpContext;
            var panel = http.RequestServices.GetRequiredService<FaultPanel>();
            var trouble = await panel.Next(place, http.RequestAborted, about?.Invoke(http) ?? []);
            if (trouble.Refuse is { } no)
                return Results.Json(new { error = no.Text }, statusCode: no.Status);
            if (trouble.DropBefore) return Cut(http);
            http.Items[typeof(Trouble)] = trouble;
            // The handler has run when next returns; its answer is a result that nobody has written yet.
            var answer = await next(call);
            return trouble.DropAfter ? Cut(http) : answer;
        });

    public static Trouble TroubleOf(HttpContext http) => http.Items[typeof(Trouble)] as Trouble ?? Trouble.None;

    static IResult Cut(HttpContext http)
    {
        http.Abort();
        return Results.Empty;
    }
}
