using Komachi.Platform.Forms;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>A page of a form, and a procedure, has the address that its definition names: one that another page of the house has could not be reached, or would do something else.</summary>
public sealed class NamesOfPages(TestProgram program)
{
    /// <summary>What stands in an address right behind these words.</summary>
    string[] Behind(params string[] before) =>
        [.. program.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(e => e.RoutePattern.RawText!.Trim('/').Split('/')).Where(a => !a.Contains("api"))
            .SelectMany(a => Enumerable.Range(0, Math.Max(0, a.Length - before.Length)).Where(i => !(before.Length == 1 && i > 0 && a[i - 1] == "desk") && before.Select((b, n) => b == "*" ? a[i + n].StartsWith('{') : a[i + n] == b).All(so => so)).Select(i => a[i + before.Length]))
            .Where(w => !w.StartsWith('{')).Distinct().Order(StringComparer.Ordinal)];

    [Fact]
    public void What_stands_beside_pages_and_procedures_is_known()
    {
        Assert.Equal(Behind("filling", "*"), Stage.Taken);
        Assert.Equal(Behind("procedures"), Procedure.Taken);
    }

    [Fact]
    public async Task A_page_that_is_called_end_is_kept_like_every_other()
    {
        var town = await program.NewTown("onojo");
        var me = await town.Resident();
        await using var db = town.Open();
        var (draft, _) = await TheWayOfACase.Filled(db, "disaster-certificate");
        draft.Own(await FiledCases.IdOf(town, "hanako"), null);
        await db.Save(stop: TestContext.Current.CancellationToken);
        var next = await me.Submit(await me.Open($"procedures/filling/{draft.Id}/end"), new() { ["copies"] = "4" });
        Assert.EndsWith($"{draft.Id}/check", next.Url);
        await using var now = town.Open();
        Assert.Equal(4, (await now.Set<Draft>().SingleAsync(d => d.Id == draft.Id, TestContext.Current.CancellationToken)).Answers["copies"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("key: water-start-stop", "key: find", "key")]
    [InlineData("    - key: wish\n      title", "    - key: later\n      title", "page later")]
    public void A_definition_that_takes_one_of_them_is_refused(string was, string now, string place)
    {
        var text = File.ReadAllText(Path.Combine(TestProgram.TownsFolder, "common", "procedures", "water-start-stop.yaml"));
        var problems = new List<FormProblem>();
        Assert.Contains(was, text);
        Assert.Null(Procedure.Compile(ProcedureYaml.Read(text.Replace(was, now), problems)!, problems));
        Assert.Equal(place, Assert.Single(problems).Place);
    }
}
