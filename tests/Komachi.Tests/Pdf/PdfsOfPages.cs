using System.Net;
using Komachi.Host;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Jobs;
using Komachi.Platform.Pdf;
using Komachi.Platform.Rights;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Komachi.Tests.Rights;
using Komachi.Ui.Words;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Tests.Pdf;

/// <summary>The program on a machine without Chromium.</summary>
public sealed class PaperlessProgram() : TestProgram(Modules.House())
{
    protected override WebOptions Options => base.Options with { Press = new() { Program = "/nowhere/chromium" } };
}

/// <summary>Pages that can be kept as a PDF, and what they say where none can be made.</summary>
public sealed class PdfsOfPages(TestProgram program, PaperlessProgram paperless) : IClassFixture<PaperlessProgram>
{
    [Fact]
    public async Task A_person_keeps_what_is_held_about_them_as_a_pdf()
    {
        var town = await program.NewTown();
        await town.Tell("UPDATE people.persons SET name = '𠮷田 葛󠄀子' WHERE id = (SELECT person_id FROM people.accounts WHERE sign_in_name = 'hanako')");
        using var me = await town.Resident();
        var page = await me.Open("my/about-me");
        Assert.NotNull(page.One("button[data-print]"));

        using var answer = await me.Send(HttpMethod.Get, page.All("main a").Single(a => a.TextContent == "PDFで保存する").GetAttribute("href")!);
        Assert.Equal((HttpStatusCode.OK, "application/pdf"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Matches(@"^私について保有している情報 \d{4}-\d\d-\d\d\.pdf$", answer.Content.Headers.ContentDisposition!.FileNameStar);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition.DispositionType);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());

        var pdf = await answer.Content.ReadAsByteArrayAsync();
        var (info, text) = (await PressRoom.Info(pdf), await PressRoom.Text(pdf));
        Assert.Matches(@"Author:\s+小牧市", info);
        Assert.Matches(@"Title:\s+.* - 小牧市", info);
        Assert.Matches(@"Tagged:\s+yes", info);
        Assert.Contains("𠮷田 葛󠄀子", text);
        Assert.Contains("hanako", text);
        Assert.DoesNotContain("PDFで保存する", text);
        Assert.Equal(1L, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'rights.copy' AND details->>'how' = 'pdf'"));

        using var english = await me.Send(HttpMethod.Get, "en/my/about-me/pdf");
        Assert.Matches(@"Author:\s+Komaki", await PressRoom.Info(await english.Content.ReadAsByteArrayAsync()));
        using var visitor = town.Visitor();
        Assert.Contains("sign-in", (await visitor.Open("my/about-me/pdf")).Url);
    }

    [Fact]
    public async Task At_the_counter_it_is_handed_over()
    {
        var town = await program.NewTown();
        var person = await town.Ask<Guid>("SELECT person_id FROM people.accounts WHERE sign_in_name = 'hanako'");
        var name = await town.Ask<string>($"SELECT name FROM people.persons WHERE id = '{person}'");
        using var staff = await town.Staff("joho");
        var page = await staff.Open($"desk/rights/{person}");
        var form = page.One("form[action$=about]");
        Assert.Contains(page.All("form[action$=about] button"), b => b.GetAttribute("value") == "pdf");
        using var answer = await staff.Send(HttpMethod.Post, form.GetAttribute("action")!, new FormUrlEncodedContent(
            page.All("form[action$=about] input[type=hidden]").Select(i => KeyValuePair.Create(i.GetAttribute("name")!, i.GetAttribute("value")!)).Append(new("reason", "運転免許証")).Append(new("as", "pdf"))));
        Assert.Equal("application/pdf", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Contains(name, await PressRoom.Text(await answer.Content.ReadAsByteArrayAsync()));
        Assert.Equal(1L, await town.Ask<long>($"SELECT count(*) FROM audit.entries WHERE action = 'rights.copy' AND about_id = '{person}' AND details->>'how' = 'pdf'"));
    }

    [Fact]
    public async Task A_job_makes_one_in_the_language_of_whom_it_is_for()
    {
        var town = await program.NewTown();
        await using var db = town.Open();
        await using var scope = program.App.Services.CreateAsyncScope();
        var run = new JobRun(Id.New(), 1, town.Town, db, scope.ServiceProvider, TestContext.Current.CancellationToken);
        var copy = new PersonCopy(TimeProvider.System.GetUtcNow(), [new("papers", "Papers", false, [new("A paper", null, null, null, [new("what", "What", "葛󠄀城")])])]);
        var pdf = await run.Pdf<CopyPaper>(Lang.English, new { Copy = copy, Title = "A copy" });
        Assert.Contains("葛󠄀城", await PressRoom.Text(pdf));
        Assert.Matches(@"Title:\s+A copy - Komaki", await PressRoom.Info(pdf));

        // And away with it: bytes like any others.
        var folder = Directory.CreateTempSubdirectory("komachi-papers").FullName;
        var store = new FolderStore(folder, leastFree: 0);
        await store.Put(town.Slug, "papers/one", pdf, TestContext.Current.CancellationToken);
        await using (var kept = await store.Open(town.Slug, "papers/one", 0, TestContext.Current.CancellationToken)) Assert.Equal(pdf.Length, kept.Length);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Without_a_chromium_pages_offer_the_browsers_printing_and_an_old_link_says_so()
    {
        var town = await paperless.NewTown();
        using var me = await town.Resident();
        var page = await me.Open("my/about-me");
        Assert.Contains("今はPDFを作れません", page.Text);
        Assert.NotNull(page.One("button[data-print]"));
        Assert.DoesNotContain(page.All("a"), a => a.GetAttribute("href")!.EndsWith("/pdf", StringComparison.Ordinal));

        var sorry = await me.Open("my/about-me/pdf");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, sorry.Status);
        Assert.Contains("ブラウザーの印刷機能", sorry.Text);
        Assert.Equal(("60", "no-store"), (sorry.Headers["Retry-After"], sorry.Headers["Cache-Control"]));

        using var staff = await town.Staff("joho");
        var person = await town.Ask<Guid>("SELECT person_id FROM people.accounts WHERE sign_in_name = 'hanako'");
        Assert.DoesNotContain((await staff.Open($"desk/rights/{person}")).All("button"), b => b.GetAttribute("value") == "pdf");
    }
}
