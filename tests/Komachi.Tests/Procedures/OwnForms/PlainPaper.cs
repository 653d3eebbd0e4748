using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Tests.Pdf;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>Where a town has no form of its own, every procedure still stands on paper: empty for the pen, and filled.</summary>
public sealed class PlainPaper(TestProgram program)
{
    [Fact]
    public async Task Every_procedure_prints_empty_in_japanese_with_the_readers_language_beside_it()
    {
        var town = await program.NewTown("onojo");
        await using var db = town.Open();
        var all = await Catalog.Of(db, db.Today, TestContext.Current.CancellationToken);
        Assert.Equal(10, all.Count);
        foreach (var one in all)
        {
            using var answer = await town.Visitor().Send(HttpMethod.Get, $"en/procedures/{one.Key}/paper");
            Assert.Equal("application/pdf", answer.Content.Headers.ContentType?.MediaType);
            var pdf = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            var text = Bare(await PressRoom.Text(pdf));
            Assert.Contains(Bare(one.Procedure.Title["ja"]), text);
            Assert.Contains(Bare(one.Procedure.Title["en"]), text);
            // Every question is there with room, and every choice with a box.
            foreach (var field in one.Procedure.First.Form.Fields.Where(f => f.Field.Kind is not ("statement" or "calculated" or "declaration" or "consent") && !f.Field.Label.Values.Any(l => l.Contains('{')))) Assert.Contains(Bare(field.Field.Label["ja"]), text);
            foreach (var option in one.Procedure.First.Form.Fields.Where(f => f.Field.Kind is "choice" or "choices").SelectMany(f => f.Field.Options).Where(o => !o.Text.Values.Any(l => l.Contains('{')))) Assert.Contains("□" + Bare(option.Text["ja"]), text);
        }
    }

    [Fact]
    public async Task It_says_who_fills_in_what_and_what_everybody_has_to()
    {
        var town = await program.NewTown("onojo");
        async Task<string> Paper(string path)
        {
            using var answer = await town.Visitor().Send(HttpMethod.Get, path);
            Assert.Equal("application/pdf", answer.Content.Headers.ContentType?.MediaType);
            return Bare(await PressRoom.Text(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)));
        }
        var water = await Paper("procedures/water-start-stop/paper");
        Assert.Contains("届け出る内容（※必須）", water);
        Assert.Contains("「届け出る内容」が「使うのをやめる」・「市内で引っ越す（やめて、新しい所で使い始める）」の方だけお書きください", water);
        // Of who moves in nobody asks for a last day, nor of who has no well how many drink from it.
        Assert.Contains("水道を最後に使う日", water);
        Assert.DoesNotContain("水道を最後に使う日（※必須）", water);
        Assert.Contains("「井戸水も使いますか」が「はい」の方だけお書きください", water);
        Assert.Contains("Onlyifyouranswerto“Iwantto”is“Stop”", await Paper("en/procedures/water-start-stop/paper"));
        // What hangs on more than one answer.
        Assert.Contains("該当する方だけお書きください", await Paper("procedures/digital-subsidy/paper"));

        // Whoever else signs has a place for it.
        var childcare = await Paper("procedures/childcare-place/paper");
        Assert.Contains("もう1人の保護者の署名", childcare);
        Assert.Contains("署名（氏名）", childcare);
        Assert.Contains("署名した日", childcare);
        Assert.DoesNotContain("署名（氏名）", water);

        // Later filings have papers of their own.
        var page = await town.Visitor().Open("procedures/digital-subsidy");
        foreach (var (stage, title, asked) in new[] { ("change", "計画の変更・中止の承認申請", "変更か中止か"), ("report", "実績報告", "支払った費用"), ("claim", "補助金の請求", "振込先の口座") })
        {
            var path = page.All("a").Select(a => a.GetAttribute("href")!).Single(h => h.EndsWith($"paper?stage={stage}"));
            var text = await Paper(path[(path.IndexOf("procedures/", StringComparison.Ordinal))..]);
            Assert.Contains(title, text[..60]);
            Assert.Contains(asked, text);
        }
        using var none = await town.Visitor().Send(HttpMethod.Get, "procedures/digital-subsidy/paper?stage=nothing");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Every_procedure_prints_filled_where_the_town_has_no_form()
    {
        var town = await program.NewTown("onojo");
        var me = await town.Resident();
        await using var db = town.Open();
        var hanako = await db.Set<Komachi.Platform.People.Account>().SingleAsync(a => a.SignInName == "hanako", TestContext.Current.CancellationToken);
        foreach (var one in await Catalog.Of(db, db.Today, TestContext.Current.CancellationToken))
        {
            var (draft, _) = await TheWayOfACase.Filled(db, one.Key);
            draft.Own(hanako.Id, hanako.PersonId);
            await db.Save(stop: TestContext.Current.CancellationToken);
            using var answer = await me.Send(HttpMethod.Get, $"procedures/filling/{draft.Id}/paper");
            Assert.Equal("application/pdf", answer.Content.Headers.ContentType?.MediaType);
            var text = Bare(await PressRoom.Text(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)));
            Assert.Contains(Bare(one.Procedure.Title["ja"]), text);
            Assert.Contains(Bare(Filing.TitleOf(one.Procedure.First.Form, draft.Answers)), text);
            // Who has not signed here signs on the paper.
            Assert.Equal(one.Key == "childcare-place", text.Contains("もう1人の保護者の署名署名（氏名）署名した日", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_form_for_nothing_is_not_there()
    {
        var town = await program.NewTown("onojo");
        using var answer = await town.Visitor().Send(HttpMethod.Get, "procedures/no-such-thing/paper");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
    }

    static string Bare(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
