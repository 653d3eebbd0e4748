using System.Diagnostics;
using Komachi.Platform.Audit;
using Komachi.Platform.Jobs;
using Komachi.Platform.Towns;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Komachi.Tests.Jobs;

/// <summary>Jobs and what is saved with them: together, once, in whichever program looks first.</summary>
public sealed class QueueStories(StoryProgram program)
{
    const string NothingWaits = "NOT EXISTS (SELECT FROM jobs.queue WHERE kind LIKE 'stories.%')";

    [Fact]
    public async Task A_job_is_saved_with_the_change_or_not_at_all()
    {
        var town = await program.NewTown();
        var entry = new AuditEntry { Action = "stories.write", Subject = "first" };
        await using (var db = town.Open())
        {
            db.Audit(entry);
            db.Enqueue(new Note("kept"));
            await db.Save();
        }
        await using (var db = town.Open())
        {
            db.Enqueue(new Note("lost"));
            db.Audit(new AuditEntry { Id = entry.Id, Action = "stories.write", Subject = "the same key again" });
            await Assert.ThrowsAsync<DbUpdateException>(() => db.Save());
        }
        await town.Until(NothingWaits);
        Assert.Equal("kept", Assert.Single(Ran.In(town), r => r.Text != "tick").Text);
    }

    [Fact]
    public async Task Each_job_runs_once_though_two_programs_share_the_work()
    {
        var town = await program.NewTown();
        await using (var db = town.Open())
        {
            for (var i = 0; i < 400; i++) db.Enqueue(new Note($"note {i}", Milliseconds: 10));
            for (var i = 0; i < 400; i++) db.Enqueue(new Glance($"glance {i}"));
            await db.Save();
        }
        await town.Until(NothingWaits, 60);
        var ran = Ran.In(town).Where(r => r.Text != "tick").ToArray();
        Assert.Equal(800, ran.Length);
        Assert.Equal(800, ran.Select(r => r.Text).Distinct().Count());
        Assert.Equal(2, ran.Select(r => r.Program).Distinct().Count());
        await town.Until("(SELECT count(*) = 400 AND count(DISTINCT subject) = 400 FROM audit.entries WHERE subject LIKE 'note %')");
    }

    [Fact]
    public async Task An_event_reaches_each_hearer_once()
    {
        var town = await program.NewTown();
        await using (var db = town.Open())
        {
            db.Raise(new Happened("rain"));
            await db.Save();
        }
        await town.Until(NothingWaits);
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind LIKE 'listeners.%')");
        Assert.Equal(["first rain", "second rain"], Ran.In(town).Select(r => r.Text).Where(t => t != "tick").Order());
    }

    [Fact, Trait("Category", "long")]
    public async Task A_job_for_later_waits_until_then()
    {
        var town = await program.NewTown();
        var now = TimeProvider.System.GetUtcNow();
        var at = Enumerable.Range(0, 5).Select(i => now.AddSeconds(1.5 + 1.3 * i)).ToArray();
        await using (var db = town.Open())
        {
            for (var i = 0; i < at.Length; i++) db.Enqueue(new Note($"later {i}"), at[i]);
            await db.Save();
        }
        await town.Until("(SELECT count(*) = 5 FROM audit.entries WHERE subject LIKE 'later %')");
        await using var read = town.Source.CreateCommand("SELECT array_agg(at ORDER BY subject) FROM audit.entries WHERE subject LIKE 'later %'");
        var late = ((DateTime[])(await read.ExecuteScalarAsync())!).Select((ran, i) => ran - at[i].UtcDateTime).Order().ToArray();
        Assert.True(late[0] >= TimeSpan.Zero);
        // Most of them, since a busy machine holds up one or the other; the sweep alone, every six seconds, would come in time for two at most.
        Assert.InRange(late[2], TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact, Trait("Category", "long")]
    public async Task A_job_that_nobody_rang_for_is_found_by_the_sweep()
    {
        var town = await program.NewTown();
        await town.Until("EXISTS (SELECT FROM audit.entries WHERE subject = 'tick')");
        await Insert(town, "gen_random_uuid(), 'stories.note', '{\"text\":\"unheard\"}', now(), 0, NULL, now()");
        await town.Until("EXISTS (SELECT FROM audit.entries WHERE subject = 'unheard')", 15);
    }

    [Fact, Trait("Category", "long")]
    public async Task A_slot_of_a_schedule_starts_once_whoever_asks()
    {
        var town = await program.NewTown();
        await town.Until("EXISTS (SELECT FROM audit.entries WHERE subject = 'tick')");
        var queue = new JobQueue(program.Service<Platform.Data.TownDatabases>(), program.House);
        var slot = new DateTimeOffset(2001, 2, 3, 4, 0, 0, TimeSpan.Zero);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => queue.StartSlots(town.Town, [("stories.tick", slot), ("stories.tick", slot.AddHours(1))], default)));
        await town.Until($"(SELECT count(*) = 3 FROM audit.entries WHERE subject = 'tick') AND {NothingWaits}");
        await town.Until("(SELECT count(*) = 3 FROM jobs.slots WHERE kind = 'stories.tick')");
    }

    [Fact]
    public async Task A_form_sent_twenty_times_at_once_changes_one_thing_and_starts_one_job()
    {
        var town = await program.NewTown();
        using var visitor = town.Visitor();
        var page = await visitor.Open("stories");
        var send = visitor.Ready(page, new() { ["text"] = "pressed often" });
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => send()));
        Assert.All(answers, a => Assert.True(a.Status == System.Net.HttpStatusCode.OK && a.Url.EndsWith("/stories", StringComparison.Ordinal), $"{a.Status} {a.Url}"));
        await town.Until(NothingWaits);
        await town.Until("(SELECT count(*) = 2 FROM audit.entries WHERE subject = 'pressed often')");    // the form's own entry, and its job's
    }

    internal static async Task Insert(TestTown town, string values, params string[] more)
    {
        await using var insert = town.Source.CreateCommand($"INSERT INTO jobs.queue ({string.Join(", ", ["id", "kind", "payload", "run_at", "attempt", "lease", "created_at", .. more])}) SELECT {values}");
        await insert.ExecuteNonQueryAsync();
    }
}

/// <summary>What goes wrong with jobs: failures, dead workers, crowds.</summary>
[Trait("Category", "long")]
public sealed class WhenJobsGoWrong(StoryProgram program)
{
    [Fact]
    public async Task A_failing_job_is_tried_again_with_growing_waits_then_parked_and_started_again_at_the_desk()
    {
        var town = await program.NewTown();
        await using (var db = town.Open())
        {
            db.Enqueue(new Break("bridge"));
            await db.Save();
        }
        foreach (var (attempt, seconds) in new[] { (1, 5.0), (2, 15.0) })
        {
            await town.Until($"EXISTS (SELECT FROM jobs.queue WHERE kind = 'stories.break' AND attempt = {attempt} AND lease IS NULL AND dead_at IS NULL AND last_error = 'The bridge is closed.')");
            await using var wait = town.Source.CreateCommand("SELECT extract(epoch FROM run_at - now())::float8 FROM jobs.queue WHERE kind = 'stories.break'");
            Assert.InRange((double)(await wait.ExecuteScalarAsync())!, seconds * 0.75 - 3, seconds * 1.25);
            await using var hurry = town.Source.CreateCommand("UPDATE jobs.queue SET run_at = now() WHERE kind = 'stories.break'");
            await hurry.ExecuteNonQueryAsync();
        }
        await town.Until("EXISTS (SELECT FROM jobs.queue WHERE kind = 'stories.break' AND attempt = 3 AND dead_at IS NOT NULL)");

        using var staff = await town.Staff("joho");
        var page = await staff.Open("desk/jobs");
        Assert.Contains("The bridge is closed.", page.Text);
        Break.Mended[town.Slug] = true;
        await staff.Submit(page);
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind = 'stories.break')");
        await town.Until("(SELECT count(*) = 1 FROM audit.entries WHERE action = 'stories.ran' AND subject = 'bridge')");
        await town.Until("(SELECT count(*) = 1 FROM audit.entries WHERE action = 'jobs.retry' AND actor_id IS NOT NULL AND details ->> 'kind' = 'stories.break')");
    }

    [Fact]
    public void Waits_grow_to_an_hour_and_never_march_in_step()
    {
        Assert.Equal([5, 15, 45, 135, 405, 1215, 3600, 3600], Enumerable.Range(1, 8).Select(n => JobRules.Backoff(n, 0.5).TotalSeconds));
        Assert.Equal((3.75, 6.25), (JobRules.Backoff(1, 0).TotalSeconds, JobRules.Backoff(1, 1).TotalSeconds));
        Assert.True(JobRules.Backoff(10_000, 0.5) <= TimeSpan.FromMinutes(75));
    }

    [Fact]
    public async Task What_a_dead_worker_held_is_taken_over_when_its_lease_ends()
    {
        var town = await program.NewTown();
        await QueueStories.Insert(town, "gen_random_uuid(), 'stories.note', '{\"text\":\"left behind\"}', now() + interval '1.5 s', 1, gen_random_uuid(), now()");
        await town.Until("EXISTS (SELECT FROM audit.entries WHERE subject = 'left behind')", 30);    // nobody rings for it: the slow sweep finds it at the latest
        Assert.Equal(2, Ran.In(town).Single(r => r.Text == "left behind").Attempt);
    }

    [Fact]
    public async Task A_job_that_outlasts_its_lease_is_not_run_a_second_time_beside_itself()
    {
        var town = await program.NewTown();
        await using (var db = town.Open())
        {
            db.Enqueue(new Slow("slow", Milliseconds: 4000));
            await db.Save();
        }
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind = 'stories.slow')");
        Assert.Equal(1, Crowd.Most(town, "slow"));
        Assert.Equal(1, Assert.Single(Ran.In(town), r => r.Text == "slow").Attempt);
        await town.Until("(SELECT count(*) = 1 FROM audit.entries WHERE subject = 'slow')");
    }

    [Fact]
    public async Task A_limit_holds_over_both_programs()
    {
        var town = await program.NewTown();
        await using (var db = town.Open())
        {
            for (var i = 0; i < 60; i++) db.Enqueue(new Narrow($"narrow {i}"));
            await db.Save();
        }
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind = 'stories.narrow')", 40);
        Assert.Equal(2, Crowd.Most(town, "narrow"));    // and as many as it allows do run beside each other
        Assert.Equal(60, Ran.In(town).Where(r => r.Text.StartsWith("narrow", StringComparison.Ordinal)).Select(r => r.Text).Distinct().Count());
    }

    [Fact]
    public async Task A_crowd_that_waits_for_its_turn_holds_nobody_else_up()
    {
        var town = await program.NewTown();
        await QueueStories.Insert(town, "gen_random_uuid(), 'stories.narrow', jsonb_build_object('text', 'narrow ' || n), now() - interval '1 hour', 0, NULL, now(), 'stories.narrow' FROM generate_series(1, 3000) n", "lane");
        await using (var db = town.Open())
        {
            db.Enqueue(new Note("past the crowd"));
            await db.Save();
        }
        await town.Until("EXISTS (SELECT FROM audit.entries WHERE subject = 'past the crowd')");
        await using var end = town.Source.CreateCommand("DELETE FROM jobs.queue WHERE kind = 'stories.narrow' AND lease IS NULL");
        Assert.True(await end.ExecuteNonQueryAsync() > 100);
    }

    [Fact]
    public async Task What_was_queued_before_its_kind_had_a_limit_keeps_to_it_too()
    {
        var town = await program.NewTown();
        var later = "now() + interval '1 day'";
        await QueueStories.Insert(town, $"gen_random_uuid(), 'stories.narrow', '{{}}', {later}, 0, NULL, now(), ''", "lane");
        await QueueStories.Insert(town, $"gen_random_uuid(), 'stories.note', '{{}}', {later}, 0, NULL, now(), 'stories.note'", "lane");
        await new JobQueue(program.Service<Platform.Data.TownDatabases>(), program.House).SettleLanes(town.Town, default);
        await town.Until("(SELECT array_agg(kind || ':' || lane ORDER BY kind) = '{stories.narrow:stories.narrow,stories.note:}' FROM jobs.queue WHERE run_at > now() + interval '1 hour')");
    }

    [Fact]
    public async Task A_slow_job_does_not_hold_those_that_were_taken_with_it()
    {
        var town = await program.NewTown();
        await town.Until("EXISTS (SELECT FROM audit.entries WHERE subject = 'tick')");
        // Fast ones first: the workers learn to take many at a time.
        await QueueStories.Insert(town, "gen_random_uuid(), 'stories.glance', jsonb_build_object('text', 'fast ' || n), now(), 0, NULL, now() FROM generate_series(1, 300) n");
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind = 'stories.glance')");
        await QueueStories.Insert(town, """
            gen_random_uuid(), k.kind, jsonb_build_object('text', k.kind || n, 'milliseconds', 20000), now() - (interval '1 s' / n), 0, NULL, now()
            FROM (VALUES ('stories.slow', 1, 1), ('stories.glance', 2, 40)) k (kind, from_n, to_n), generate_series(from_n, to_n) n
            """);
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind = 'stories.glance') AND EXISTS (SELECT FROM jobs.queue WHERE kind = 'stories.slow' AND lease IS NOT NULL)");
        Assert.Equal(1, Crowd.Most(town, "stories.slow1"));
    }

    [Fact]
    public async Task Nothing_happens_in_a_suspended_town_until_it_is_open_again()
    {
        var town = await program.NewTown();
        await town.Until("EXISTS (SELECT FROM audit.entries WHERE subject = 'tick')");
        await program.Service<Registry>().SetState(town.Slug, TownState.Suspended);
        var beside = program.Beside.Services.GetRequiredService<Registry>();
        await Patiently(() => beside.Find(town.Slug)!.State == TownState.Suspended);
        await using (var db = town.Open())
        {
            db.Enqueue(new Note("behind closed doors"));
            await db.Save();
        }
        // Each program has looked since: their answer to another town's bell came after this town's.
        var other = await program.NewTown();
        await other.Until("EXISTS (SELECT FROM audit.entries WHERE subject = 'tick')");
        await town.Until("EXISTS (SELECT FROM jobs.queue WHERE kind = 'stories.note' AND lease IS NULL AND attempt = 0)");

        await program.Service<Registry>().SetState(town.Slug, TownState.Open);
        await town.Until("EXISTS (SELECT FROM audit.entries WHERE subject = 'behind closed doors')");
    }

    [Fact]
    public async Task A_module_that_is_switched_off_neither_hears_nor_starts_by_itself()
    {
        var town = await program.NewTown();
        await using (var db = town.Open())
        {
            db.Raise(new Happened("snow"));
            await db.Save();
        }
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind LIKE 'stories.%' OR kind LIKE 'listeners.%')");
        Assert.Equal(["first snow", "second snow"], Ran.In(town).Select(r => r.Text).Where(t => t != "tick").Order());
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind LIKE 'extras.%') AND NOT EXISTS (SELECT FROM jobs.slots WHERE kind LIKE 'extras.%')");
    }

    static async Task Patiently(Func<bool> holds)
    {
        for (var began = Stopwatch.GetTimestamp(); !holds(); await Task.Delay(20))
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_kind_that_no_module_knows_waits_for_one_that_does_and_is_parked_at_last()
    {
        var town = await program.NewTown();
        await QueueStories.Insert(town, "gen_random_uuid(), 'tomorrow.sing', '{}', now(), 0, NULL, now()");
        await town.Until("EXISTS (SELECT FROM jobs.queue WHERE kind = 'tomorrow.sing' AND attempt = 1 AND lease IS NULL AND dead_at IS NULL AND run_at > now())");
        await using (var hurry = town.Source.CreateCommand("UPDATE jobs.queue SET run_at = now(), attempt = 4 WHERE kind = 'tomorrow.sing'")) await hurry.ExecuteNonQueryAsync();
        await town.Until("EXISTS (SELECT FROM jobs.queue WHERE kind = 'tomorrow.sing' AND dead_at IS NOT NULL AND last_error LIKE 'No module%')");
    }

    [Fact]
    public async Task A_town_with_five_thousand_jobs_and_slow_ones_starves_nobody()
    {
        var (busy, quiet) = (await program.NewTown(), await program.NewTown());
        await QueueStories.Insert(busy, "gen_random_uuid(), 'stories.glance', jsonb_build_object('text', 'glance ' || n), now(), 0, NULL, now() FROM generate_series(1, 5000) n");
        await using (var db = busy.Open())
        {
            for (var i = 0; i < 8; i++) db.Enqueue(new Slow($"slow {i}", Milliseconds: 3000));
            await db.Save();
        }
        var waits = new List<TimeSpan>();
        for (var i = 0; i < 5; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await using (var db = quiet.Open())
            {
                db.Enqueue(new Note($"quiet {i}"));
                await db.Save();
            }
            await quiet.Until($"EXISTS (SELECT FROM audit.entries WHERE subject = 'quiet {i}')");
            waits.Add(Stopwatch.GetElapsedTime(began));
        }
        Assert.InRange(waits.Order().ElementAt(2), TimeSpan.Zero, TimeSpan.FromSeconds(2));    // most of them: what else runs on this machine holds up one or the other
        await busy.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind LIKE 'stories.%')", 90);
        Assert.Equal(5_000, Ran.In(busy).Where(r => r.Text.StartsWith("glance", StringComparison.Ordinal)).Select(r => r.Text).Distinct().Count());
    }
}
