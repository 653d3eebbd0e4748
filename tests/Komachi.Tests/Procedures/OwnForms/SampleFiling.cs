using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Ui.Words;

namespace Komachi.Tests.Procedures;

static class SampleFiling
{
    /// <summary>The first sample of the dog's registration, sent now.</summary>
    public static async Task<Case> Of(TestTown town, TownDb db)
    {
        var (draft, clock) = await TheWayOfACase.Filled(db, "dog-registration");
        var answers = (System.Text.Json.Nodes.JsonObject)draft.Answers.DeepClone();
        answers.Remove("vaccineProof");    // a file, which is not there
        answers["vaccineDone"] = "later";
        draft.Keep(answers, "ja", clock.GetUtcNow());
        var visit = new Visit();
        visit.Enter(town.Town, "/" + town.Slug, Lang.Japanese, "/");
        var sent = await Filing.Send((await Filling.Of(draft, db, clock.Today())).Ready(), false, visit, db, town.Program.Service<Receipts>(), clock, TestContext.Current.CancellationToken);
        Assert.Equal([], sent.State.Mistakes.Select(m => $"{m.Path}: {m.Message ?? m.Said?["ja"]}"));
        await db.Save(stop: TestContext.Current.CancellationToken);
        // The sample has a day of its own; this one came just now.
        await using var arrive = town.Source.CreateCommand($"UPDATE procedures.cases SET arrived_at = now() WHERE id = '{sent.Case!.Id}'");
        await arrive.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return sent.Case!;
    }
}
