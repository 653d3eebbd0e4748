using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Komachi.Platform.Pdf;

namespace Komachi.Tests.Pdf;

/// <summary>Chromium dies, hangs, grows or is not there: the next print works, and who waits hears of it in time.</summary>
[Trait("Category", "long")]
public sealed class WhenThePressFails
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task What_was_under_way_when_chromium_was_killed_is_made_again(bool pageAlone)
    {
        await using var room = new PressRoom();
        await room.Press.Print(PressRoom.Sheet("<p>一枚</p>"));
        var first = room.Press.Current!;
        var before = Work(first);
        var printing = room.Press.Print(PressRoom.Pages(300));
        if (pageAlone)
        {
            // What draws the page: a process of its own, that is killed and takes nothing else with it. A tenth of a second of the
            // processor's time says that it is at the pages, and no longer waiting for one.
            int[] drawing = [];
            await PressRoom.Until("its page is drawn", () => (drawing = [.. Work(first).Where(p => p.Value - before.GetValueOrDefault(p.Key) >= 10).Select(p => p.Key)]).Length > 0);
            foreach (var process in drawing) Kill(process);
        }
        else
        {
            await PressRoom.Until("it prints", () => first.Users == 1);
            Kill(first.ProcessId);
        }
        Assert.False(printing.IsCompleted);
        Assert.Equal(300, await PressRoom.PagesOf(await printing));
        Assert.Contains(room.Said, said => said.Contains("made again"));
        Assert.NotEqual(first.ProcessId, room.Press.Current!.ProcessId);
        await room.Press.Print(PressRoom.Sheet("<p>次の一枚</p>"));
        await PressRoom.Until("nothing is left of the first", () => PressRoom.Session(first.ProcessId).Count == 0);
    }

    [Fact]
    public async Task A_dead_one_is_replaced_before_anybody_notices()
    {
        await using var room = new PressRoom();
        await room.Press.Print(PressRoom.Sheet("<p>一枚</p>"));
        var first = room.Press.Current!;
        Kill(first.ProcessId);
        await PressRoom.Until("it is dead", () => first.HasEnded);
        Assert.Contains("次", await PressRoom.Text(await room.Press.Print(PressRoom.Sheet("<p>次の一枚</p>"))));
        Assert.Empty(room.Said);
    }

    [Fact]
    public async Task What_takes_too_long_is_given_up_and_takes_its_chromium_with_it()
    {
        await using var room = new PressRoom(new() { Limit = TimeSpan.FromSeconds(2) });
        await room.Press.Print(PressRoom.Sheet("<p>一枚</p>"));
        var first = room.Press.Current!;
        var began = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<PressTrouble>(() => room.Press.Print(PressRoom.Pages(5000)));
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 1.9, 20);
        Assert.Contains(room.Said, said => said.Contains("longer than 2 s"));
        await PressRoom.Until("nothing is left of it", () => PressRoom.Session(first.ProcessId).Count == 0);
        await room.Press.Print(PressRoom.Sheet("<p>次の一枚</p>"));
    }

    [Fact]
    public async Task Who_leaves_lets_go_of_the_page_and_of_nothing_else()
    {
        await using var room = new PressRoom(new() { AtOnce = 1 });
        await room.Press.Print(PressRoom.Sheet("<p>一枚</p>"));
        var first = room.Press.Current!;
        using var leaving = new CancellationTokenSource();
        var long1 = room.Press.Print(PressRoom.Pages(3000), leaving.Token);
        await PressRoom.Until("it prints", () => first.Users == 1);
        var waiting = room.Press.Print(PressRoom.Sheet("<p>待つ人</p>"), leaving.Token);    // has no turn yet
        var staying = room.Press.Print(PressRoom.Sheet("<p>残る人</p>"));
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => long1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Contains("残る人", await PressRoom.Text(await staying));
        Assert.Same(first, room.Press.Current);
    }

    [Fact]
    public async Task No_more_than_a_number_wait()
    {
        await using var room = new PressRoom(new() { AtOnce = 1, MostWaiting = 1 });
        var printing = new[] { room.Press.Print(PressRoom.Pages(20)), room.Press.Print(PressRoom.Pages(1)) };
        await Assert.ThrowsAsync<PressTrouble>(() => room.Press.Print(PressRoom.Pages(1)));
        await Task.WhenAll(printing);
        await room.Press.Print(PressRoom.Pages(1));
    }

    [Theory, InlineData(2, long.MaxValue, 3), InlineData(int.MaxValue, 1, 9)]
    public async Task After_a_number_of_prints_or_above_a_size_another_takes_over(int mostPrints, long mostMemory, int print)
    {
        await using var room = new PressRoom(new() { MostPrints = mostPrints, MostMemory = mostMemory });
        var used = new List<int>();
        for (var n = 1; n <= print; n++)
        {
            var printing = room.Press.Print(PressRoom.Sheet($"<p>{n}</p>"));
            await PressRoom.Until("it is there", () => printing.IsCompleted || room.Press.Current is { Users: > 0 });
            if (room.Press.Current is { } current) used.Add(current.ProcessId);
            await printing;
        }
        Assert.Equal(2, used.Distinct().Count());
        await PressRoom.Until("the first has gone", () => PressRoom.Session(used[0]).Count == 0);
    }

    [Fact]
    public async Task With_the_program_goes_everything_that_it_started()
    {
        var room = new PressRoom();
        await room.Press.Print(PressRoom.Sheet("<p>一枚</p>"));
        var chromium = room.Press.Current!.ProcessId;
        Assert.True(PressRoom.Session(chromium).Count > 1);
        var folder = Regex.Match(await File.ReadAllTextAsync($"/proc/{chromium}/cmdline"), "--user-data-dir=([^ \0]+)").Groups[1].Value;
        Assert.True(Directory.Exists(folder));
        var printing = room.Press.Print(PressRoom.Pages(3000));
        await PressRoom.Until("it prints", () => room.Press.Current is { Users: 1 });
        await room.DisposeAsync();
        await Assert.ThrowsAsync<PressTrouble>(() => printing);
        await PressRoom.Until("nothing runs", () => PressRoom.Session(chromium).Count == 0);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task Without_a_chromium_one_sentence_says_what_to_do()
    {
        await using var room = new PressRoom(new() { Program = "/nowhere/chromium" });
        Assert.False(room.Press.IsThere);
        await Assert.ThrowsAsync<PressTrouble>(() => room.Press.Print(PressRoom.Sheet("<p>一枚</p>")));
        Assert.Contains("/nowhere/chromium", Assert.Single(room.Said));
    }

    [Fact]
    public async Task A_chromium_that_does_not_start_is_not_started_with_fewer_walls()
    {
        await using var room = new PressRoom(new() { Program = "/bin/false" });
        await Assert.ThrowsAsync<PressTrouble>(() => room.Press.Print(PressRoom.Sheet("<p>一枚</p>")));
        Assert.Contains("does not start", Assert.Single(room.Said));
    }

    /// <summary>The processes that draw pages, and what each has worked, in hundredths of a second.</summary>
    static Dictionary<int, long> Work(Chromium chromium)
    {
        var work = new Dictionary<int, long>();
        foreach (var process in PressRoom.Session(chromium.ProcessId))
            try
            {
                if (!File.ReadAllText($"/proc/{process}/cmdline").Contains("--type=renderer", StringComparison.Ordinal)) continue;
                var stat = File.ReadAllText($"/proc/{process}/stat");
                work[process] = long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[11], CultureInfo.InvariantCulture);
            }
            catch (IOException) { }    // gone by itself
        return work;
    }

    static void Kill(int process)
    {
        try
        {
            using var one = Process.GetProcessById(process);
            one.Kill();
        }
        catch (ArgumentException) { }    // gone by itself
    }
}
