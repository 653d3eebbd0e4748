using System.Net;
using Komachi.Platform.People;
using Komachi.Procedures;
using Komachi.Tests.Files;
using Komachi.Tests.Harness;
using Komachi.Tests.Rights;
using Microsoft.EntityFrameworkCore;
using Person = Komachi.Tests.Harness.Person;
using static Komachi.Tests.Harness.FiledCases;

namespace Komachi.Tests.Procedures;

/// <summary>The town's picture of its seal is on letters that are sealed while it is in use, and stays on them.</summary>
public sealed class SealOfTheTown(FilesProgram program)
{
    const string Page = "desk/procedures/letters/issuer", Using = "form[action$='/issuer/seal']";

    [Fact]
    public async Task A_letter_keeps_the_seal_with_which_it_was_sealed()
    {
        var town = await program.NewTown("onojo");
        var (clerk, decider, hanako) = (await town.Staff("jimu"), await town.Staff("iin"), await town.Resident());
        var plain = await Refused(town, clerk, decider);
        Assert.NotEmpty((await hanako.Open($"procedures/letters/{plain.Id}")).All("svg[aria-label='公印（見本）']"));

        await Use(town, decider, Samples.Picture(300, 300, (200, 0, 0)));
        var red = await Refused(town, clerk, decider);
        await Use(town, decider, Samples.Picture(400, 400, (150, 0, 0)));
        var dark = await Refused(town, clerk, decider);
        Assert.Equal(2, new[] { red.SealId, dark.SealId }.OfType<Guid>().Distinct().Count());
        var (first, second) = (Convert.ToBase64String(Samples.Picture(300, 300, (200, 0, 0))), Convert.ToBase64String(Samples.Picture(400, 400, (150, 0, 0))));
        Assert.EndsWith(first, (await hanako.Open($"procedures/letters/{red.Id}")).One(".letter-seal img").GetAttribute("src"));
        Assert.EndsWith(second, (await hanako.Open($"procedures/letters/{dark.Id}")).One(".letter-seal img").GetAttribute("src"));
        foreach (var path in new[] { $"procedures/letters/{red.Id}/pdf" })
        {
            using var pdf = await hanako.Send(HttpMethod.Get, path);
            Assert.Equal((HttpStatusCode.OK, "application/pdf"), (pdf.StatusCode, pdf.Content.Headers.ContentType!.MediaType));
        }
        using (var paper = await decider.Send(HttpMethod.Get, $"desk/procedures/letters/{dark.Id}/pdf")) Assert.Equal((HttpStatusCode.OK, "application/pdf"), (paper.StatusCode, paper.Content.Headers.ContentType!.MediaType));

        // Out of use it is printed no more, and what has it keeps it.
        await decider.Submit(await decider.Open(Page), form: "form[action$='/issuer/remove']");
        Assert.Null((await Refused(town, clerk, decider)).SealId);
        Assert.EndsWith(second, (await hanako.Open($"procedures/letters/{dark.Id}")).One(".letter-seal img").GetAttribute("src"));
        Assert.NotEmpty((await hanako.Open($"procedures/letters/{plain.Id}")).All("svg[aria-label='公印（見本）']"));
        Assert.Equal((2, 1), (await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'procedures.set_seal'"), await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'procedures.remove_seal'")));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => town.Tell("UPDATE procedures.seals SET width = 1"));
    }

    [Fact]
    public async Task What_is_no_picture_of_a_seal_is_not_taken_and_only_who_uses_the_seal_sees_the_page()
    {
        var town = await program.NewTown("onojo");
        var (clerk, decider) = (await town.Staff("jimu"), await town.Staff("iin"));
        Assert.Equal(HttpStatusCode.Forbidden, (await clerk.Open(Page)).Status);
        await Send(town, decider, "seal.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"u8.ToArray(), "Refused");
        Assert.Empty((await decider.Open(Page)).All(Using));
        await Send(town, decider, "seal.png", Samples.Picture(40, 40, (200, 0, 0)), "Ready");
        var small = await decider.Open(Page);
        Assert.Contains("40×40ドットしかない", small.Text);
        Assert.Empty(small.All(Using));
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM procedures.seals"));
    }

    [Fact]
    public async Task Of_two_who_name_the_mayor_the_second_sees_what_the_first_wrote()
    {
        var town = await program.NewTown("onojo");
        var decider = await town.Staff("iin");
        var (one, other) = (await decider.Open(Page), await decider.Open(Page));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await decider.Submit(one, new() { ["mayor"] = "" })).Status);
        Assert.EndsWith("?done=named", (await decider.Submit(one, new() { ["mayor"] = "見本 太郎" })).Url);
        var late = await decider.Submit(other, new() { ["mayor"] = "見本 次郎" });
        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        Assert.Equal("見本 次郎", late.One("input[name=mayor]").GetAttribute("value"));
        Assert.EndsWith("?done=named", (await decider.Submit(late, new() { ["mayor"] = "職務代理者 副市長 見本 次郎" })).Url);
        Assert.Contains("大野城市長 職務代理者 副市長 見本 次郎", (await decider.Open(Page)).Text);
    }

    [Fact]
    public async Task A_town_that_is_shown_has_a_made_up_mayor_until_somebody_writes_another()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        Assert.Equal("見本 太郎", await town.Ask<string>("SELECT mayor FROM procedures.issuers"));
        var page = await (await town.Staff("iin")).Open("desk/procedures/letters");
        Assert.DoesNotContain("市長の氏名が", page.Text);
    }

    static async Task<Letter> Refused(TestTown town, Person clerk, Person decider)
    {
        var of = await town.HasFiled("dog-registration", by: "hanako");
        await clerk.DoStep(of, "accept");
        Assert.Equal(HttpStatusCode.OK, (await decider.Decide(of, "refused", new() { ["reasons"] = "見本の理由" })).Status);
        return Assert.Single(await town.All<Letter>(l => l.Where(x => x.CaseId == of.Id)));
    }

    static async Task Use(TestTown town, Person decider, byte[] picture)
    {
        await Send(town, decider, "seal.png", picture, "Ready");
        var page = await decider.Submit(await decider.Open(Page), form: Using);
        Assert.EndsWith("?done=seal", page.Url);
    }

    /// <summary>As a page without scripts sends it, until it was looked at.</summary>
    static async Task Send(TestTown town, Person who, string name, byte[] bytes, string ends)
    {
        var page = await who.Open(Page);
        using var form = new MultipartFormDataContent();
        foreach (var field in page.All("form.file-form input[type=hidden]")) form.Add(new StringContent(field.GetAttribute("value")!), field.GetAttribute("name")!);
        form.Add(new ByteArrayContent(bytes), "file", name);
        using var answer = await who.Send(HttpMethod.Post, "desk/files/one", form);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        await town.Until($"EXISTS (SELECT FROM files.stored WHERE kind = 'procedures.seal_picture' AND state = '{ends}')");
    }
}
