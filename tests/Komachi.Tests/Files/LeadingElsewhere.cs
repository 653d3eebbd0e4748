using System.Collections.Concurrent;
using Komachi.Platform.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Komachi.Tests.Files;

/// <summary>The sanitiser and the store are asked where the operator said; where their answers lead to is not.</summary>
public sealed class LeadingElsewhere
{
    [Theory]
    [InlineData(301), InlineData(302), InlineData(303), InlineData(307), InlineData(308)]
    public async Task Redirects_of_the_sanitiser_and_of_S3_are_not_followed(int status)
    {
        var (asked, elsewhere) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        await using var trap = await Serve(http =>
        {
            elsewhere.Enqueue($"{http.Request.Method} {http.Request.Path}");
            return http.Response.WriteAsync("harmless, it says");
        });
        await using var leads = await Serve(http =>
        {
            asked.Enqueue($"{http.Request.Method} {http.Request.Path}");
            (http.Response.StatusCode, http.Response.Headers.Location) = (status, $"{trap.Urls.Single()}{http.Request.Path}{http.Request.QueryString}");
            return Task.CompletedTask;
        });

        using var sanitiser = new Sanitiser(new() { Sanitiser = new Uri($"{leads.Urls.Single()}/sanitise") });
        var taken = false;
        var outcome = await sanitiser.Clean(new MemoryStream("%PDF"u8.ToArray()), FileType.Pdf, Komachi.Platform.Data.Id.New(), _ => { taken = true; return Task.CompletedTask; }, TestContext.Current.CancellationToken);
        Assert.Equal((Sanitiser.Outcome.NotNow, false), (outcome, taken));

        using var store = new S3Store(new(leads.Urls.Single(), "bucket", "key", "secret"));
        await Assert.ThrowsAsync<FileStoreTrouble>(() => store.Put("town", "a/1", "sealed"u8.ToArray(), default));
        await Assert.ThrowsAsync<FileStoreTrouble>(() => store.Open("town", "a/1", 0, default));
        await Assert.ThrowsAsync<FileStoreTrouble>(() => store.Remove("town", "a/1", default));
        await Assert.ThrowsAsync<FileStoreTrouble>(async () => { await foreach (var _ in store.List("town", default)) { } });

        foreach (var wanted in new[] { "POST /sanitise", "PUT /bucket/town/a/1", "GET /bucket/town/a/1", "DELETE /bucket/town/a/1" }) Assert.Contains(wanted, asked);
        Assert.Empty(elsewhere);
    }

    static async Task<WebApplication> Serve(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }
}
