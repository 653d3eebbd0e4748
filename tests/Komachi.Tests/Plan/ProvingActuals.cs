using System.Net;
using Komachi.Tests.Files;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Plan;

/// <summary>What proves a value is sent with it, stays with it, and is opened by colleagues alone.</summary>
public sealed class ProvingActuals(FilesProgram program)
{
    [Fact]
    public async Task A_file_that_proves_a_value_belongs_to_it_and_colleagues_open_it()
    {
        var town = await PlannedTown.New(program, "proof", """
            plan: { key: dx, title: { ja: 見本の計画 }, vision: { ja: 目 }, summary: { ja: 要 }, publisher: { ja: 見本市 }, from: R4, until: R9 }
            policies: [ { code: "1", title: { ja: 方針 }, indicators: [ { title: 割合, unit: "%", direction: up, of: state, baseline: { value: 40, at: R4 } } ] } ]
            """);
        var jimu = await town.Staff("jimu");
        var page = await jimu.Open("desk/plan/actuals/1/1");
        var form = new MultipartFormDataContent();
        foreach (var field in page.One("form.file-form").QuerySelectorAll("input[type=hidden]")) form.Add(new StringContent(field.GetAttribute("value")!), field.GetAttribute("name")!);
        form.Add(new ByteArrayContent(Samples.Pdf()), "file", "記録.pdf");
        using (var sent = await jimu.Send(HttpMethod.Post, "desk/files/one", form)) Assert.EndsWith("/desk/plan/actuals/1/1", sent.Headers.Location!.ToString());
        await town.Until("(SELECT state = 'Ready' FROM files.stored)");

        var saved = await jimu.Submit(await jimu.Open("desk/plan/actuals/1/1"), new() { ["on"] = "2026-03-31", ["how"] = "typed", ["value"] = "52", ["evidence"] = "庁内の記録" }, form: "#give form.form");
        Assert.Contains("値を保存しました", saved.Text);
        await town.Until("(SELECT belongs_to = (SELECT 'plan/actuals/' || id FROM plan.actuals) FROM files.stored)");
        var link = saved.All("#history-caption").Single().ParentElement!.QuerySelector("a[href*='/desk/files/']")!.GetAttribute("href")!;
        using (var open = await (await town.Staff("tanto")).Send(HttpMethod.Get, link)) Assert.Equal("application/pdf", open.Content.Headers.ContentType!.MediaType);
        using (var closed = await (await town.Staff("koho")).Send(HttpMethod.Get, link)) Assert.Equal(HttpStatusCode.NotFound, closed.StatusCode);
        // The policy's indicator is drawn now, with the baseline where it began.
        var plan = await town.Visitor().Open("plan");
        Assert.Equal("令和4年度40%", plan.One("#indicator-1-1-table-caption").ParentElement!.QuerySelector("tbody tr")!.TextContent.Replace("\n", "").Replace(" ", ""));
        Assert.Contains("52%", plan.Text);
    }
}
