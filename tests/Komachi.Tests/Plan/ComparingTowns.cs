using System.Net;
using Komachi.Plan;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Komachi.Tests.Plan;

/// <summary>A program of its own, since this page asks every town that there is; and one town of another installation that does not answer.</summary>
public sealed class ProgramWithNeighbour : TestProgram
{
    public static readonly Uri Away = new("http://127.0.0.1:9/away");

    readonly WebApplication _odd = Odd();

    /// <summary>Programs of others, which answer what they like.</summary>
    static WebApplication Odd()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(http => http.Response.WriteAsync(http.Request.Path.Value!.Split('/')[1] switch { "empty" => "{}", "holes" => """{"title":{},"period":"running","from":"","until":"","town":{"slug":"x","name":{}},"totals":{"costByYear":{}},"policies":[null],"measures":[],"compare":true}""", "html" => "<!doctype html>", _ => new string('[', 100_000) }));
        app.StartAsync().GetAwaiter().GetResult();
        return app;
    }

    protected override WebOptions Options => base.Options with { Neighbours = [Away, .. new[] { "empty", "holes", "html", "deep" }.Select(odd => new Uri(_odd.Urls.Single() + "/" + odd))] };

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _odd.DisposeAsync();
    }
}

/// <summary>Plans of several towns side by side, read from what each town publishes.</summary>
[Trait("Category", "long")]
public sealed class ComparingTowns(ProgramWithNeighbour program) : IClassFixture<ProgramWithNeighbour>
{
    [Fact]
    public async Task Plans_of_towns_that_agreed_stand_side_by_side_and_one_that_is_away_takes_nothing_along()
    {
        var (komaki, onojo, alone) = (await program.NewTown("komaki", livedIn: true), await program.NewTown("onojo", livedIn: true), await program.NewTown("oyabe", livedIn: true));
        await using (var db = alone.Open())
        {
            var plan = PlanYaml.Read(File.ReadAllText(Path.Combine(TestProgram.TownsFolder, "oyabe", "plan", "dx.yaml")), "dx.yaml");
            plan.Plan.Compare = false;
            var second = Revision.Of(plan, 2, TimeProvider.System.GetUtcNow());
            second.Publish(TimeProvider.System.GetUtcNow());
            db.Add(second);
            await db.Save();
        }
        // A town that does not answer in time, as a busy machine's may, is asked again a little later.
        var (reader, patience) = (komaki.Visitor(), System.Diagnostics.Stopwatch.StartNew());
        var page = await reader.Open("/compare");
        for (; page.All("#glance-caption ~ tbody th").Count() < 2 && patience.Elapsed < TimeSpan.FromMinutes(1); page = await reader.Open("/compare")) await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal(["小牧市", "大野城市"], page.All("#glance-caption ~ tbody th").Select(t => t.TextContent));
        Assert.Equal(5, page.Text.Split("127.0.0.1の計画を今は読み込めませんでした").Length - 1);

        // Each measure stands in the line that it serves, under its town, and leads to its page.
        var link = page.One($"a[href='/{onojo.Slug}/plan/measures/I-1-1']");
        Assert.Contains("行政手続のオンライン化", link.Closest("tr")!.TextContent);
        Assert.Equal("大野城市", link.Closest("td")!.GetAttribute("data-label"));
        Assert.Equal(HttpStatusCode.OK, (await onojo.Visitor().Open("/" + onojo.Slug + "/plan/measures/I-1-1")).Status);

        // What the same figure measures is of the same kind.
        var online = page.One("#kind-procedures-online-caption").ParentElement!;
        Assert.Equal(2, online.QuerySelectorAll("tbody tr").Length);
        Assert.Contains("112", online.TextContent);

        // The chart's table, and what one takes along, are what the towns' API says.
        Assert.Contains("665,100", page.One(".chart").TextContent);
        var csv = await komaki.Visitor().Http.GetStringAsync("/compare/costs.csv", TestContext.Current.CancellationToken);
        Assert.Contains("令和7年度,665100", csv);
        Assert.Contains("計画に経費の記載がないまち：小牧市", page.Text);

        var one = await komaki.Visitor().Open($"/en/compare?town={komaki.Slug}&town=nonsense");
        Assert.Equal(["Komaki City"], one.All("#glance-caption ~ tbody th").Select(t => t.TextContent));
        Assert.Contains("/plain/compare?town=" + komaki.Slug, one.Html);
        Assert.Contains("まちの計画を比べる", (await komaki.Visitor().Open("/")).Text);
    }
}
