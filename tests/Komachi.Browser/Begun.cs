using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Tests.Procedures;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Browser;

/// <summary>What somebody has begun to fill in, has filed, was asked to sign, keeps of their family: the pages of these belong to them, and no list leads there.</summary>
sealed class Begun
{
    readonly Dictionary<string, string> _addresses = [];

    /// <summary>The address of a page by its route; null where it is none of these.</summary>
    public string? Of(string route) => _addresses.GetValueOrDefault(route);

    public static async Task<Begun> In(TestTown town)
    {
        var begun = new Begun();
        await using var db = town.Open();
        var now = TimeProvider.System.GetUtcNow();
        async Task<Account> Who(string name) => await db.Set<Account>().SingleAsync(a => a.SignInName == name);
        var (yoshiko, jimu) = (await Who("yoshiko"), await Who("jimu"));

        async Task<Draft> Draft(string key, bool atDesk)
        {
            var published = await db.Set<Published>().SingleAsync(d => d.Key == key);
            var draft = Procedures.Draft.Begin(published.Id, published.Procedure, published.Procedure.First, atDesk ? Way.Counter : Way.Online, "ja", now, atDesk ? null : yoshiko.Id, yoshiko.PersonId, assistedBy: atDesk ? jimu.Id : null);
            draft.Keep(await FilledForm.AnswersOf(town, key), "ja", now);
            db.Add(draft);
            return draft;
        }

        foreach (var desk in new[] { false, true })
        {
            var (open, filed) = (await Draft("bulky-waste", desk), await Draft("water-start-stop", desk));
            var visit = new Visit();
            visit.Enter(town.Town, "/" + town.Slug, Lang.Japanese, "/");
            Assert.NotNull((await Filing.Send((await Filling.Of(filed, db, db.Today)).Ready(), electronic: false, visit, db, town.Program.Service<Receipts>(), TimeProvider.System)).Case);
            var filling = await Filling.Of(open, db, db.Today);
            var repeats = filling.State.Pages.First(p => p.Fields.Any(f => f.Repeats));
            var before = (desk ? "desk/" : "") + "procedures/filling/";
            foreach (var (route, address) in new[]
            {
                ("{id:guid}", $"{open.Id}"), ("{id:guid}/{page}", $"{open.Id}/{repeats.Key}"), ("{id:guid}/{page}/{group}/{row}", $"{open.Id}/{repeats.Key}/{repeats.Fields.First(f => f.Repeats).Key}/0"),
                ("{id:guid}/check", $"{open.Id}/check"), ("{id:guid}/later", $"{open.Id}/later"), ("{id:guid}/code/{sent:guid}", $"{open.Id}/code/{Guid.CreateVersion7()}"),
                ("{id:guid}/done", $"{filed.Id}/done"), ("{id:guid}/done/copy", $"{filed.Id}/done/copy"),
            }) begun._addresses[before + route] = before + address;
            if (!desk) begun._addresses["procedures/back/{token}"] = $"procedures/back/{open.NewLink(now)}";
        }

        var signed = await Draft("childcare-place", false);
        var token = Procedures.Draft.NewSecret();
        db.Add(Signer.Ask(signed.Id, "secondGuardian", "mou-hitori@example.jp", Procedures.Draft.HashOf(token), now));
        begun._addresses["procedures/sign/{token}"] = $"procedures/sign/{token}";
        begun._addresses["procedures/{key}/start"] = "procedures/water-start-stop/start";

        var member = Guid.CreateVersion7();
        var family = new Family { PersonId = yoshiko.PersonId!.Value };
        family.Put(new JsonObject { ["key"] = member.ToString(), ["relation"] = "child", ["birthday"] = "2025-06-15", ["name"] = new JsonObject { ["family"] = "見本", ["given"] = "さくら" } }, now);
        db.Add(family);
        begun._addresses["procedures/family/{key:guid}"] = $"procedures/family/{member}";
        await db.Save();
        return begun;
    }
}
