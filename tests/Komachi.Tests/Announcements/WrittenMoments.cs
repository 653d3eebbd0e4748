using Komachi.Announcements;
using Komachi.Platform.Days;
using Komachi.Platform.Towns;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Announcements;

/// <summary>Times in a town's files: they never grow old, on whatever day the town is loaded.</summary>
public sealed class WrittenMoments
{
    static DateTimeOffset At(string japanese) => JapanTime.At(DateTime.ParseExact(japanese, "yyyy-MM-dd HH:mm", null));

    [Theory]
    [InlineData("04-01 09:00", "2026-05-10 12:00", "2026-04-01 09:00")]
    [InlineData("04-01 09:00", "2026-04-01 09:00", "2026-04-01 09:00")]
    [InlineData("04-01 09:00", "2026-04-01 08:59", "2025-04-01 09:00")]
    [InlineData("12-31 23:59", "2026-01-01 00:00", "2025-12-31 23:59")]
    [InlineData("01-01 00:30", "2026-01-01 00:30", "2026-01-01 00:30")]    // still the old year in UTC
    [InlineData("02-29 09:00", "2026-03-01 00:00", "2024-02-29 09:00")]
    [InlineData("02-29 09:00", "2028-02-29 08:00", "2024-02-29 09:00")]
    [InlineData("02-29 09:00", "2028-02-29 10:00", "2028-02-29 09:00")]
    [InlineData("02-29 09:00", "2103-01-01 00:00", "2096-02-29 09:00")]
    [InlineData("+3 09:00", "2026-05-30 23:00", "2026-06-02 09:00")]
    [InlineData("-1 15:00", "2026-01-01 00:10", "2025-12-31 15:00")]
    [InlineData("+0 07:00", "2026-01-01 00:10", "2026-01-01 07:00")]
    [InlineData("2026-04-01 09:00", "2020-01-01 00:00", "2026-04-01 09:00")]
    public void When_is_the_last_time_it_was(string written, string now, string expected) =>
        Assert.Equal(At(expected), WrittenMoment.When(written, At(now)));

    [Theory]
    [InlineData("09-15 00:00", "2026-08-20 09:00", "2026-09-15 00:00")]
    [InlineData("03-31 00:00", "2026-08-20 09:00", "2027-03-31 00:00")]
    [InlineData("08-20 09:00", "2026-08-20 09:00", "2027-08-20 09:00")]
    [InlineData("02-29 00:00", "2026-08-20 09:00", "2028-02-29 00:00")]
    [InlineData("+10 00:00", "2026-08-20 09:00", "2026-09-11 00:00")]    // from today, not from the beginning
    public void Until_is_the_first_time_after_the_beginning(string written, string begins, string expected) =>
        Assert.Equal(At(expected), WrittenMoment.Until(written, At(begins), At("2026-09-01 12:00")));

    [Theory]
    [InlineData("")]
    [InlineData("02-30 09:00")]
    [InlineData("13-01 09:00")]
    [InlineData("04-01 24:00")]
    [InlineData("04-01")]
    [InlineData("tomorrow")]
    [InlineData("+999999 09:00")]
    [InlineData("2026-02-29 09:00")]
    public void What_is_no_time_is_refused(string written) =>
        Assert.Throws<FormatException>(() => WrittenMoment.When(written, At("2026-05-10 12:00")));

    [Fact]
    public void What_is_written_is_read_back()
    {
        var at = At("2026-11-20 17:05");
        Assert.Equal(at, WrittenMoment.When(WrittenMoment.Write(at), At("2020-01-01 00:00")));
    }

    /// <summary>The five towns can be loaded on any day of a leap year and of the year after; nothing of their drafts gets out.</summary>
    [Theory]
    [InlineData("komaki")]
    [InlineData("omitama")]
    [InlineData("onojo")]
    [InlineData("oyabe")]
    [InlineData("katano")]
    public void The_towns_own_files_fit_every_day(string town)
    {
        var entries = Directory.EnumerateFiles(Path.Combine(TestProgram.TownsFolder, town, "announcements"), "*.yaml")
            .SelectMany(path => TownLoad.Read<List<AnnouncementYaml>>(path).Select(entry => (path, entry))).ToArray();
        // What they say has nothing to do with the day, and takes nearly all of the time to read: one word of each stands for it.
        foreach (var (_, entry) in entries)
            foreach (var said in new[] { entry.Title, entry.Body })
                foreach (var language in said.Keys.ToArray()) said[language] = "見本";
        Assert.True(entries.Length > 30);
        for (var now = At("2027-12-30 12:00"); now < At("2029-01-03 00:00"); now = now.AddDays(1))
            foreach (var (path, entry) in entries)
            {
                var standing = AnnouncementsTown.Read(entry, path, now).StandingAt(now);
                if (entry.State == "draft") Assert.Equal(Standing.Draft, standing);
                if (entry.State == "withdrawn") Assert.Equal(Standing.Withdrawn, standing);
                if (entry is { State: "published", When: not ['+', ..] }) Assert.True(standing is Standing.Visible or Standing.Ended);
            }
    }
}
