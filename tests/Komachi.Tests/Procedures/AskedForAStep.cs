using System.Net;
using Komachi.Platform.Files;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Procedures;
using Komachi.Tests.Announcements;
using Komachi.Tests.Files;
using Komachi.Tests.Harness;
using Komachi.Tests.Pdf;
using Komachi.Tests.Persons;
using Komachi.Tests.Rights;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using static Komachi.Tests.Harness.FiledCases;
using Person = Komachi.Tests.Harness.Person;

namespace Komachi.Tests.Procedures;

/// <summary>A department that is asked for one step of another's case sees the case without its secrets: on the page, on paper, and among its files.</summary>
public sealed class AskedForAStep(FilesProgram program)
{
    const string Secret = "卵のアレルギー";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_gets_the_paper_without_the_secrets_and_nothing_when_it_is_asked_no_more()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("childcare-place");
        var (asked, inCharge) = (await Asked(town, of), await town.Staff("jimu"));
        Assert.Contains(Secret, (await inCharge.Open(PageOf(of))).Text);
        Assert.Contains(Secret, await Paper(inCharge, of));
        var page = await asked.Open(PageOf(of));
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.DoesNotContain(Secret, page.Text);
        var paper = await Paper(asked, of);
        Assert.Contains("ミホンサクラ", paper);
        Assert.DoesNotContain(Secret, paper);

        await town.Tell($"UPDATE procedures.steps SET state = 'Left' WHERE case_id = '{of.Id}' AND key = 'healthTalk'");
        foreach (var path in new[] { PageOf(of), PageOf(of) + "/pdf", PageOf(of) + "/paper" })
            Assert.Equal((path, HttpStatusCode.NotFound), (path, (await asked.Open(path)).Status));
    }

    [Fact]
    public async Task On_the_towns_own_form_the_places_of_secrets_stay_empty()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("childcare-place");
        await using var db = town.Open();
        var file = (await CaseFile.Open(db, of.Id, await DepartmentTrees.Today(db), db.Today, Stop))!;
        var ja = new Words(Lang.Japanese, program.House.Words);
        static PlacedField Place(string what) => new(1, what, 1, 0, 0, 10, 10);
        foreach (var secret in new[] { true, false })
        {
            var filled = new Filled(file.Stage, file.State(), file.Of.Answers, ja) { Secret = secret };
            Assert.Equal(secret, filled.TextOf(Place("healthText")).Contains(Secret));
            Assert.Equal(secret, filled.Marks(Source.Read("healthNotes=allergy")));
            Assert.Equal("見本 さくら", filled.TextOf(Place("childName")));
        }
    }

    [Fact]
    public async Task A_kept_address_of_a_file_opens_what_the_page_names_and_no_more()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("childcare-place");
        var (open, secret) = await Sent(town, of);
        var (asked, inCharge) = (await Asked(town, of), await town.Staff("jimu"));
        foreach (var file in new[] { open, secret }) Assert.Equal(HttpStatusCode.OK, await Get(inCharge, file));
        Assert.Equal(HttpStatusCode.OK, await Get(asked, open));
        Assert.Equal(HttpStatusCode.NotFound, await Get(asked, secret));
        await town.Tell($"UPDATE procedures.steps SET state = 'Left' WHERE case_id = '{of.Id}' AND key = 'healthTalk'");
        Assert.Equal(HttpStatusCode.NotFound, await Get(asked, open));
    }

    [Fact]
    public async Task Of_somebody_under_protection_paper_and_files_are_opened_with_a_reason_or_not_at_all()
    {
        var town = await program.NewTown("onojo");
        var person = await town.PersonOf("hanako");
        var of = await town.File("childcare-place", person: person);
        var (file, _) = await Sent(town, of);
        var clerk = await town.Staff("jimu");
        Assert.Equal(HttpStatusCode.OK, await Get(clerk, file));
        await town.Protect(person);
        Assert.Equal(HttpStatusCode.NotFound, await Get(clerk, file));
        Assert.Equal(HttpStatusCode.NotFound, (await clerk.Open(PageOf(of) + "/paper")).Status);

        await town.Grant("jimu", "people.protected");
        foreach (var path in new[] { PathOf(file), PageOf(of) + "/paper", PageOf(of) + "/pdf" }) Assert.Contains($"desk/protected/{person}/open?then=", (await clerk.Open(path)).Url);
        var why = await clerk.Open(PageOf(of));
        await clerk.Submit(why, new() { ["reason"] = "面談の前に読む" });
        Assert.Equal(HttpStatusCode.OK, await Get(clerk, file));
        Assert.Contains(Secret, await Paper(clerk, of));
    }

    /// <summary>Somebody of the department that talks about the child's health, and of no other.</summary>
    static async Task<Person> Asked(TestTown town, Case of)
    {
        await using (var db = town.Open())
        {
            var department = (await db.Set<Step>().SingleAsync(s => s.CaseId == of.Id && s.Key == "healthTalk", Stop)).DepartmentId!.Value;
            Assert.NotEqual(of.DepartmentId, department);
            db.Add(Assignment.Begin(await town.IdOf("koho"), department, null, await db.Set<Role>().Where(r => r.Key == "clerk").Select(r => r.Id).SingleAsync(Stop), AssignmentKind.Concurrent, "", db.Today));
            await db.Save(stop: Stop);
        }
        return await town.Staff("koho");
    }

    /// <summary>One that answers a question for everybody who works on it, and one that answers a secret one.</summary>
    static async Task<(StoredFile Open, StoredFile Secret)> Sent(TestTown town, Case of)
    {
        var applicant = new Applicant(town, await town.Resident(), "childcare-place");
        var draft = Applicant.DraftOf(await applicant.Begin());
        await using var db = town.Open();
        var answers = (System.Text.Json.Nodes.JsonObject)of.Answers.DeepClone();
        answers["hasMoved"] = true;
        (await db.Set<Draft>().SingleAsync(Stop)).Keep(answers, "ja", TimeProvider.System.GetUtcNow());
        await db.Save(stop: Stop);
        foreach (var (page, question) in new[] { ("start", "moveProof"), ("health", "healthFiles") })
            await applicant.Who.SendFile(await applicant.Who.Open($"procedures/filling/{draft}/{page}?file={question}"), $"{question}.png", Samples.Png());
        await town.Until("(SELECT count(*) = 2 FROM files.stored WHERE state = 'Ready')");
        foreach (var file in await db.Set<StoredFile>().ToListAsync(Stop)) file.Claim(of.Subject);
        await db.Save(stop: Stop);
        var all = await town.All<StoredFile>(f => f);
        return (all.Single(f => f.Name == "moveProof.png"), all.Single(f => f.Name == "healthFiles.png"));
    }

    static string PathOf(StoredFile file) => $"desk/files/{file.Id}/{file.Name}";

    static async Task<HttpStatusCode> Get(Person who, StoredFile file)
    {
        using var answer = await who.Send(HttpMethod.Get, PathOf(file));
        return answer.StatusCode;
    }

    static async Task<string> Paper(Person who, Case of)
    {
        using var answer = await who.Send(HttpMethod.Get, PageOf(of) + "/paper");
        Assert.Equal("application/pdf", answer.Content.Headers.ContentType?.MediaType);
        return string.Concat((await PressRoom.Text(await answer.Content.ReadAsByteArrayAsync(Stop))).Where(c => !char.IsWhiteSpace(c)));
    }
}
