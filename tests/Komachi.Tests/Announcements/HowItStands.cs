using Komachi.Announcements;
using Komachi.Ui.Words;

namespace Komachi.Tests.Announcements;

/// <summary>The verbs of an announcement, and what the clock makes of them.</summary>
public sealed class HowItStands
{
    static readonly DateTimeOffset Now = new(2026, 4, 1, 0, 0, 30, TimeSpan.Zero);

    static AnnouncementText Text(DateTimeOffset? until = null) =>
        new(new("題", "Title", "  "), new("本文\n", "Body"), Category.Life, Urgency.Normal, "広報課", until);

    static Announcement New(DateTimeOffset? until = null) => Announcement.Draft(Text(until), null, null, Now);

    [Fact]
    public void It_is_visible_from_its_hour_to_its_end_to_the_second()
    {
        var (begins, ends) = (Now.AddHours(1), Now.AddHours(2));
        var announcement = New(ends);
        announcement.Publish(begins, Now);
        var all = new[] { announcement }.AsQueryable();
        foreach (var (at, standing) in new[]
        {
            (begins.AddTicks(-1), Standing.Scheduled), (begins, Standing.Visible), (ends.AddTicks(-1), Standing.Visible), (ends, Standing.Ended),
        })
        {
            Assert.Equal(standing, announcement.StandingAt(at));
            Assert.Equal(standing == Standing.Visible, all.VisibleAt(at).Any());
        }
        announcement.Withdraw(begins);
        Assert.Equal(Standing.Withdrawn, announcement.StandingAt(begins));
        Assert.False(all.VisibleAt(begins).Any());
    }

    [Fact]
    public void A_draft_never_gets_out_by_itself()
    {
        var draft = Announcement.Draft(Text(), Now.AddHours(1), null, Now);
        Assert.Equal(Standing.Draft, draft.StandingAt(Now.AddYears(1)));
        Assert.False(draft.Announce(Now.AddYears(1)));
    }

    [Fact]
    public void Published_now_it_is_out_at_once_and_keeps_its_time_when_the_form_sends_it_back()
    {
        var announcement = New();
        announcement.Publish(null, Now);
        Assert.Equal(Standing.Visible, announcement.StandingAt(Now));
        Assert.Equal(0, announcement.PublishAt!.Value.Second);
    }

    [Fact]
    public void It_is_announced_once_each_time_that_it_goes_out()
    {
        var announcement = New();
        announcement.Publish(null, Now);
        Assert.True(announcement.Announce(Now));
        Assert.False(announcement.Announce(Now));
        announcement.Publish(announcement.PublishAt, Now);    // a change
        Assert.False(announcement.Announce(Now));
        announcement.Withdraw(Now);
        Assert.False(announcement.Announce(Now));
        announcement.Publish(null, Now);
        Assert.True(announcement.Announce(Now));
        announcement.Publish(Now.AddDays(1), Now);    // put off: it will be news again
        Assert.True(announcement.Announce(Now.AddDays(1)));
    }

    [Fact]
    public void Every_verb_makes_a_new_version()
    {
        var announcement = New();
        Assert.Equal(1, announcement.Version);
        announcement.Publish(null, Now);
        announcement.Withdraw(Now);
        announcement.KeepAsDraft(null, Now);
        Assert.Equal(4, announcement.Version);
        Assert.Null(announcement.WithdrawnAt);
    }

    [Fact]
    public void What_residents_see_is_not_taken_back_in_silence()
    {
        var announcement = New();
        announcement.Publish(null, Now);
        Assert.Throws<InvalidOperationException>(() => announcement.KeepAsDraft(null, Now));
    }

    [Fact]
    public void A_language_counts_when_title_and_text_are_said_in_it()
    {
        var announcement = New();
        Assert.Equal(["ja", "en"], announcement.SaidIn);
        Assert.Equal(Lang.English, announcement.LangFor(Lang.English));
        Assert.Equal(Lang.Japanese, announcement.LangFor(Lang.Plain));
        Assert.Equal("本文", announcement.Body["ja"]);
    }
}
