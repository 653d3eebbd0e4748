using System.Text;
using Komachi.Platform.Systems;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Systems;

/// <summary>A request with a key of its own counts once, however often a nervous system sends it.</summary>
public sealed class OnceOnlyRequests(SystemsProgram program)
{
    [Fact]
    public async Task The_same_request_gets_the_same_answer_and_changes_nothing_more()
    {
        using var story = await SystemStory.Begin(program);
        var first = await story.Write("一度", once: "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"");
        Assert.Equal(201, first.Status);
        Assert.StartsWith($"/{story.Town.Slug}/api/v1/probes/", first["Location"]);
        var again = await story.Write("一度", once: "8e03978e-40d5-43dd-bc93-6894a57f9324");
        Assert.Equal((first.Status, first["Location"], first.Body), (again.Status, again["Location"], again.Body));
        Assert.Equal((null, "true"), (first["Idempotency-Replayed"], again["Idempotency-Replayed"]));
        Assert.Equal(1, await story.Times("一度"));

        var other = await story.Write("二度", once: "8e03978e-40d5-43dd-bc93-6894a57f9324");
        Assert.Equal((422, "once_key_used"), (other.Status, other.Reason));
        Assert.Equal(0, await story.Times("二度"));
    }

    [Fact]
    public async Task Without_a_key_each_counts_and_keys_of_two_systems_are_two()
    {
        using var story = await SystemStory.Begin(program);
        using var another = await SystemStory.Begin(program);
        await story.Write("each");
        await story.Write("each");
        Assert.Equal(2, await story.Times("each"));
        Assert.Equal(201, (await story.Write("mine", once: "k")).Status);
        Assert.Null((await another.Write("theirs", once: "k"))["Idempotency-Replayed"]);
        foreach (var wrong in new[] { new string('k', 256), "a b", "\"\"" })
        {
            var refused = await story.Write("never", once: wrong);
            Assert.Equal((400, "once_key_wrong"), (refused.Status, refused.Reason));
        }
        Assert.Equal(0, await story.Times("never"));
    }

    [Fact]
    public async Task Of_twenty_at_once_in_two_processes_one_counts()
    {
        using var story = await SystemStory.Begin(program);
        Task<Answer> Send(string? at = null) => story.Ask(HttpMethod.Post, "probes", new { text = "race" }, once: "race", at: at);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Send(i % 2 == 0 ? null : program.UrlBeside)));
        Assert.Equal(1, await story.Times("race"));
        Assert.All(answers, a => Assert.Contains(a.Status, new[] { 201, 409 }));
        var made = answers.Where(a => a.Status == 201).Select(a => a["Location"]).Distinct();
        Assert.Equal((await Send())["Location"], Assert.Single(made));
    }

    [Fact]
    public async Task While_one_is_under_way_the_other_waits_and_after_a_refusal_the_key_is_free()
    {
        using var story = await SystemStory.Begin(program);
        var text = "gate " + story.Town.Slug;
        var gate = Probes.Gates[text] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = story.Write(text, once: "slow");
        await story.Town.Until("count(*) = 1 FROM systems.answers");
        var early = await story.Write(text, once: "slow");
        Assert.Equal((409, "in_flight"), (early.Status, early.Reason));
        Assert.NotNull(early["Retry-After"]);
        gate.SetResult();
        Assert.Equal(201, (await slow).Status);
        Assert.Equal(1, await story.Times(text));

        Assert.Equal(422, (await story.Write("refused", once: "free", wrong: true)).Status);
        Assert.Equal(201, (await story.Write("refused", once: "free")).Status);
    }

    [Fact]
    public async Task Whoever_was_killed_in_the_middle_loses_the_turn_and_saves_nothing()
    {
        using var story = await SystemStory.Begin(program);
        var text = "killed " + story.Town.Slug;
        var gate = Probes.Gates[text] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var dead = story.Write(text, once: "turn");
        await story.Town.Until("count(*) = 1 FROM systems.answers");
        await using (var db = story.Town.Open()) await db.Set<OnceAnswer>().ExecuteUpdateAsync(set => set.SetProperty(a => a.BegunAt, a => a.BegunAt.AddMinutes(-3)));
        var second = story.Write(text, once: "turn");
        await story.Town.Until("begun_at > now() - interval '1 minute' FROM systems.answers");
        gate.SetResult();
        // Both went through the gate; of the two one may save, and the other changed nothing.
        var statuses = new[] { (await dead).Status, (await second).Status };
        Assert.Equal([409, 201], statuses);
        Assert.Equal(1, await story.Times(text));
    }

    [Fact]
    public async Task Large_and_broken_bodies_are_refused_and_leave_the_key_free()
    {
        using var story = await SystemStory.Begin(program);
        foreach (var (body, status) in new[] { ("{\"text\":", 400), ("{\"text\":\"" + new string('x', 34 * 1024 * 1024) + "\"}", 413) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{story.Town.Slug}/api/v1/probes") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new("Bearer", story.Key);
            request.Headers.Add("Idempotency-Key", "broken");
            request.Headers.ExpectContinue = true;    // so that the answer is heard before the line is cut
            using var answer = await story.Http.SendAsync(request);
            Assert.Equal(status, (int)answer.StatusCode);
        }
        Assert.Equal(201, (await story.Write("whole", once: "broken")).Status);
    }

    [Fact]
    public async Task After_a_week_an_answer_is_forgotten()
    {
        using var story = await SystemStory.Begin(program);
        await story.Write("old", once: "old");
        await story.Write("new", once: "new");
        await using var db = story.Town.Open();
        await db.Set<OnceAnswer>().Where(a => a.Key == "old").ExecuteUpdateAsync(set => set.SetProperty(a => a.BegunAt, a => a.BegunAt.AddDays(-8)));
        db.Enqueue(new TidySystems());
        await db.Save();
        await story.Town.Until("array_agg(key) = ARRAY['new'] FROM systems.answers");
    }
}
