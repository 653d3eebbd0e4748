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
