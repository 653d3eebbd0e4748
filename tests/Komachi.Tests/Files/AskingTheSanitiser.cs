using System.Net;
using Komachi.Platform.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Komachi.Tests.Files;

/// <summary>What the sanitiser is told and what of its answers is followed, with a stand-in that does what the test says.</summary>
public sealed class AskingTheSanitiser
{
    [Fact]
    public async Task It_is_told_who_asks_and_where_it_leads_elsewhere_nobody_follows()
    {
        var (authorization, elsewhere) = ("", 0);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        await using var standIn = builder.Build();
        standIn.Run(async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null);
            if (http.Request.Path == "/elsewhere") elsewhere++;
            else if (http.Request.Path == "/moves") http.Response.Redirect("/elsewhere", permanent: false, preserveMethod: true);
            else
            {
                authorization = http.Request.Headers.Authorization.ToString();
                await http.Response.WriteAsync("clean");
            }
        });
        await standIn.StartAsync();
        var at = standIn.Urls.Single();

        var cleaned = "";
        using (var sanitiser = new Sanitiser(new() { Sanitiser = new(at + "/clean"), SanitiserToken = "a-token" }))
            Assert.Equal(Sanitiser.Outcome.Cleaned, await Clean(sanitiser));
        Assert.Equal(("clean", "Bearer a-token"), (cleaned, authorization));
        using (var sanitiser = new Sanitiser(new() { Sanitiser = new(at + "/moves"), SanitiserToken = "a-token" }))
            Assert.Equal(Sanitiser.Outcome.NotNow, await Clean(sanitiser));
        Assert.Equal(0, elsewhere);

        Task<Sanitiser.Outcome> Clean(Sanitiser sanitiser) => sanitiser.Clean(new MemoryStream("dirty"u8.ToArray()), FileType.Promised("a.pdf")!, Guid.CreateVersion7(), async answer =>
        {
            using var reader = new StreamReader(answer);
            cleaned = await reader.ReadToEndAsync();
        }, TestContext.Current.CancellationToken);
    }
}
