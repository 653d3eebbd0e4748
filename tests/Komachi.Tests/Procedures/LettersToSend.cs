using Komachi.Platform.People;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Tests.Rights;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>Letters on their way: each list a page at a time, and none of them in the other's way.</summary>
public sealed class LettersToSend(TestProgram program)
{
    const string Page = "desk/procedures/letters", Rows = " input[name=row]";

    [Fact]
    public async Task What_waits_for_the_seal_hides_nothing_of_what_is_to_be_posted_and_pages_leave_nothing_out()
    {
        var town = await program.NewTown("onojo");
        var letter = await town.Grant((await town.HasFiled("dog-registration", by: "hanako", electronic: false)).Id);
        await Copies(town, letter, 103, "'wants_seal', true, 'sealed', false, 'sealed_by_id', null", "- interval '1 day'");
        var decider = await town.Staff("iin");
        var page = await decider.Open(Page);
        Assert.Equal(letter.Id.ToString(), Assert.Single(page.All("form[action$='/desk/procedures/letters']" + Rows)).GetAttribute("value"));
        var first = page.All("form[action$='/letters/seal']" + Rows).Select(r => r.GetAttribute("value")).ToArray();
        Assert.Equal(100, first.Length);

        // Its next page; the other list stays where it is. What is ticked there is sealed from there.
        page = await decider.Open(page.One("a[rel=next]").GetAttribute("href")!);
        var rest = page.All("form[action*='/letters/seal']" + Rows).Select(r => r.GetAttribute("value")).ToArray();
        Assert.Equal(103, first.Concat(rest).Distinct().Count());
        Assert.Single(page.All("form[action*='/desk/procedures/letters?']" + Rows), r => r.GetAttribute("value") == letter.Id.ToString());
        page.All("form[action*='/letters/seal']" + Rows).Last().SetAttribute("checked", "");
        await decider.Submit(page, form: "form[action*='/letters/seal']");
        Assert.Equal(102, await town.Ask<long>("SELECT count(*) FROM procedures.letters WHERE wants_seal AND NOT sealed"));
    }

    [Fact]
    public async Task Letters_about_people_of_whom_a_clerk_must_not_know_take_no_place()
    {
        var town = await program.NewTown("onojo");
        var (hidden, seen) = (await town.Grant((await town.HasFiled("dog-registration", by: "hanako", electronic: false)).Id), await town.Grant((await town.HasFiled("water-start-stop", electronic: false)).Id, code: "ABCD2345EFGX"));
        await Copies(town, hidden, 120, "'delivered_at', null", "- interval '1 day'");
        await using (var db = town.Open())
        {
            var person = await db.Set<Account>().Where(a => a.SignInName == "hanako").Select(a => a.PersonId!.Value).SingleAsync(TestContext.Current.CancellationToken);
            db.Add(Protection.Of(person, "見本の相談窓口", db.Today, db.Today.AddYears(1), await town.IdOf("shien"), TimeProvider.System.GetUtcNow()));
            await db.Save(stop: TestContext.Current.CancellationToken);
        }
        var page = await (await town.Staff("jimu")).Open(Page);
        Assert.Equal(seen.Id.ToString(), Assert.Single(page.All("form[action$='/desk/procedures/letters']" + Rows)).GetAttribute("value"));
        Assert.Empty(page.All("a[rel=next]"));
    }

    static Task Copies(TestTown town, Letter of, int count, string but, string made) => town.Tell($"""
        INSERT INTO procedures.letters SELECT (jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid(), 'code', lpad(n::text, 12, 'X'), 'made_at', l.made_at {made}, {but}))).* FROM procedures.letters l, generate_series(1, {count}) n WHERE id = '{of.Id}'
        """);
}
