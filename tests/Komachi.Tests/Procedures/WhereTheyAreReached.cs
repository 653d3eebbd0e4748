using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Procedures;
using Komachi.Tests.Announcements;
using Komachi.Tests.Harness;
using Komachi.Tests.Rights;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>Mails about a filing go to its applicant, and what opens it to nothing that was not proved.</summary>
public sealed class WhereTheyAreReached(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_code_goes_to_the_telephone_that_was_proved_and_not_to_a_mistyped_address_beside_it()
    {
        var town = await program.NewTown("onojo");
        var (mobile, mistyped) = ("090" + Random.Shared.Next(100_000_000).ToString("00000000"), $"{town.Slug}@exmaple.jp");
        var applicant = new Applicant(town, town.Visitor(), "water-start-stop");
        var page = await applicant.Begin();
        applicant.Answers["email"] = mistyped;
        var check = await applicant.ToTheCheck(page);
        var typing = await applicant.Who.Submit(check, new() { ["contact"] = mobile }, form: "form[action$='/code']");
        check = await applicant.Who.Submit(typing, new() { ["code"] = await program.World.CodeForTelephone(mobile) });
        Assert.EndsWith("/done", (await applicant.Send(check)).Url);
        var of = Assert.Single(await town.All<Case>(c => c));
        Assert.Equal((mistyped, mobile, (Contact?)Contact.Telephone), (of.Email, of.Telephone, of.Proved));

        var somebody = town.Visitor();
        await somebody.Submit(await somebody.Submit(await somebody.Open("procedures/find"), new() { ["number"] = of.Number }), form: "form[action$='find/link']");
        await program.World.CodeForTelephone(mobile);    // the next message to it
        Assert.Equal(1, await town.Count("procedures.links"));
    }

    [Fact]
    public async Task Where_nothing_was_proved_and_something_had_to_be_no_code_goes_out()
    {
        var town = await program.NewTown("onojo");
        var (proof, none) = (await town.HasFiled("dog-registration", by: "hanako", email: "typed@example.jp"), await town.HasFiled("dog-registration", email: "typed@example.jp"));
        await town.Tell("UPDATE procedures.cases SET proved = NULL");
        await town.Tell($"UPDATE procedures.cases SET assurance = 'None' WHERE id = '{none.Id}'");
        Assert.Equal((null, null), (await town.Look(proof.Id)).CodesTo);
        Assert.Equal(("typed@example.jp", null), (await town.Look(none.Id)).CodesTo);
    }

    [Fact]
    public async Task The_address_of_somebody_else_in_the_form_is_no_address_of_the_applicant()
    {
        var town = await program.NewTown("onojo");
        Assert.Equal((null, null), await Filed(town, email: null, account: null));
        Assert.Equal(("typed@example.jp", null), await Filed(town, email: "typed@example.jp", account: null));
        Assert.Equal(("hanako@example.jp", Contact.Email), await Filed(town, email: "typed@example.jp", account: "hanako"));
    }

    /// <summary>By one of two guardians, each with an address in the form; the other's is always there.</summary>
    static async Task<(string? Email, Contact? Proved)> Filed(TestTown town, string? email, string? account)
    {
        await using var db = town.Open();
        var (draft, clock) = await TheWayOfACase.Filled(db, "childcare-place");
        var answers = (JsonObject)draft.Answers.DeepClone();
        answers["firstEmail"] = email;
        Assert.NotNull(answers["secondEmail"]);
        draft.Keep(answers, "ja", clock.GetUtcNow());
        var visit = new Visit();
        visit.Enter(town.Town, "/" + town.Slug, Lang.Japanese, "/");
        if (account is not null)
        {
            var who = await db.Set<Komachi.Platform.People.Account>().SingleAsync(a => a.SignInName == account, Stop);
            draft.Own(who.Id, who.PersonId);
            visit.Visitor = new(who.Id, Guid.CreateVersion7(), who.Name, who.Email, false, []) { PersonId = who.PersonId };
        }
        var sent = await Filing.Send((await Filling.Of(draft, db, clock.Today(), Stop)).OnPaper(db), false, visit, db, town.Program.Service<Receipts>(), clock, Stop, incomplete: true);
        return (sent.Case!.Email, sent.Case.Proved);
    }
}
