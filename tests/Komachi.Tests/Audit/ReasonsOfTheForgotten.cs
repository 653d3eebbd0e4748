using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Tests.Harness;
using Komachi.Tests.Persons;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using Person = Komachi.Tests.Harness.Person;

namespace Komachi.Tests.Audit;

/// <summary>What staff typed about a person goes with the person, and nothing of the record is changed for it.</summary>
public sealed class ReasonsOfTheForgotten(TestProgram program)
{
    const string Hers = "花子さんの免許証を見た", His = "太郎さんの免許証を見た", Gone = "本人の情報とともに消去されました";

    static async Task Copy(Person staff, Guid person, string reason) =>
        await staff.Submit(await staff.Open($"desk/rights/{person}"), new() { ["reason"] = reason }, press: "表示して印刷する", form: "form[action$=about]");

    static async Task<string> Csv(Person staff)
    {
        using var file = await staff.Send(HttpMethod.Get, "desk/audit/entries.csv?action=rights.copy");
        return await file.Content.ReadAsStringAsync();
    }

    [Fact]
    public async Task The_words_go_with_the_person_and_the_chain_stays_whole()
    {
        var town = await program.NewTown();
        var (hanako, taro, account) = (await town.PersonOf("hanako"), await town.PersonOf("taro"), await town.AccountOf("hanako"));
        var joho = await town.Staff("joho");
        await Copy(joho, hanako, Hers);
        await Copy(joho, taro, His);
        await joho.Submit(await joho.Open($"desk/accounts/{account}"), new() { ["reason"] = "花子さんが端末をなくした" }, form: "form[action$=reset]");
        await town.Seal();

        // Whoever may read the record reads them; the row holds no word of it.
        var entry = $"desk/audit/entries/{await town.Ask<Guid>($"SELECT id FROM audit.entries WHERE about_id = '{hanako}' AND action = 'rights.copy'")}";
        foreach (var page in new[] { "desk/audit/entries?action=rights.copy", entry }) Assert.Contains(Hers, (await joho.Open(page)).Text);
        Assert.Contains(His, await Csv(joho));
        Assert.Contains("花子さんが端末をなくした", (await joho.Open($"desk/accounts/{account}")).Text);
        Assert.Equal(3, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE reason LIKE 'sealed:1:%'"));
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM audit.entries e WHERE e::text LIKE '%免許証%' OR e::text LIKE '%端末をなくした%'"));

        await joho.Submit(await joho.Open($"desk/rights/{hanako}"), new() { ["reason"] = "本人の申し出", ["sure"] = "true" }, form: "form[action$=erase]");
        Assert.Equal("", await town.Ask<string>($"SELECT name FROM people.persons WHERE id = '{hanako}'"));

        foreach (var page in new[] { "desk/audit/entries?action=rights.copy", entry, $"desk/accounts/{account}" })
        {
            var text = (await joho.Open(page)).Text;
            Assert.DoesNotContain("花子さん", text);
            Assert.Contains(Gone, text);
        }
        var csv = await Csv(joho);
        Assert.DoesNotContain(Hers, csv);
        Assert.Contains(Gone, csv);
        Assert.Contains(His, csv);    // another person's are another key's
        // Why somebody was forgotten is read on: nobody could answer for it otherwise.
        Assert.Contains("本人の申し出", (await joho.Open("desk/audit/entries?action=rights.erase")).Text);

        await town.Seal();
        var state = await town.Check();
        Assert.True(state.Whole, state.Kinds());
        Assert.True(state.Blocks >= 2);
    }

    [Fact]
    public async Task Of_many_who_write_the_first_reason_about_a_person_at_once_all_are_read_and_it_opens_at_no_other_entry()
    {
        var town = await program.NewTown();
        var person = await town.PersonOf("hanako");
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async n =>
        {
            await using var own = town.Open();
            own.Audit(new() { At = TimeProvider.System.GetUtcNow(), Action = "reasons.first", AboutId = person, Reason = $"理由{n}" });
            own.Audit(new() { At = TimeProvider.System.GetUtcNow(), Action = "reasons.nobody", Reason = "sealed:1:だれのことでもない" });
            await own.Save();
        }));
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM rights.reason_keys"));
        await using var db = town.Open();
        var words = new Words(Lang.Japanese, program.House.Words);
        var entries = await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Action == "reasons.first").ToListAsync();
        var reasons = await Reasons.About(db, entries.Select(e => e.AboutId));
        Assert.Equal(Enumerable.Range(0, 12).Select(n => $"理由{n}").Order(StringComparer.Ordinal), entries.Select(e => reasons.Of(e.Id, e.AboutId, e.Reason, words)!).Order(StringComparer.Ordinal));
        Assert.Contains(Gone, reasons.Of(entries[0].Id, person, entries[1].Reason, words));
        // What is about nobody is as it was typed, whatever it looks like.
        Assert.Equal("sealed:1:だれのことでもない", reasons.Of(Id.New(), null, await db.Set<AuditEntry>().Where(e => e.Action == "reasons.nobody").Select(e => e.Reason).FirstAsync(), words));
    }

    [Fact]
    public async Task A_reason_from_before_there_were_keys_is_read_as_it_was_typed()
    {
        var town = await program.NewTown();
        var hanako = await town.PersonOf("hanako");
        await using (var old = town.Source.CreateCommand($"INSERT INTO audit.entries (id, at, action, about_id, reason) VALUES (gen_random_uuid(), now(), 'reasons.before', '{hanako}', '以前の理由')")) await old.ExecuteNonQueryAsync();
        Assert.Contains("以前の理由", (await (await town.Staff("joho")).Open("desk/audit/entries?action=reasons.before")).Text);
    }
}
