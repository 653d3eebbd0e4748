using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// Laws change, and definitions with them: each says by which day of the year somebody looks at it again (<c>review: 04-01</c>). It was looked at when somebody said
/// so, or when a version of it was published since.
/// </summary>
public sealed class YearlyReview
{
    public string Procedure { get; init; } = "";
    public DateOnly? ReviewedOn { get; private set; }
    public Guid? ReviewedById { get; private set; }
    public DateOnly? RemindedOn { get; private set; }
    public int Version { get; private set; }

    internal void Look(Guid by, DateOnly today) => (ReviewedOn, ReviewedById, Version) = (today, by, Version + 1);

    internal void Remind(DateOnly today) => (RemindedOn, Version) = (today, Version + 1);

    /// <summary>The day by which it is looked at: the last one that came, where nobody has looked at it since; else the next one. Null where it names none.</summary>
    internal static (DateOnly By, bool IsLate)? Due(string review, DateOnly lookedAt, DateOnly today)
    {
        if (DayIn(review, today.Year) is not { } day) return null;
        var last = day <= today ? day : DayIn(review, today.Year - 1)!.Value;
        return lookedAt < last ? (last, true) : (day > today ? day : DayIn(review, today.Year + 1)!.Value, false);
    }

    /// <summary>The 29th of February comes every year, too: a day earlier.</summary>
    internal static DateOnly? DayIn(string review, int year) =>
        DateOnly.TryParseExact("2024-" + review, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? new(year, day.Month, Math.Min(day.Day, DateTime.DaysInMonth(year, day.Month))) : null;

    /// <summary>Those that are offered and whose day is past.</summary>
    internal static async Task<IReadOnlyList<(Offered Of, DateOnly By)>> Late(TownDb db, DateOnly today, CancellationToken stop = default)
    {
        var offered = await Catalog.Of(db, today, stop);
        var published = await db.Set<Published>().Where(d => d.PublishedAt != null).GroupBy(d => d.Key).Select(g => new { g.Key, At = g.Max(d => d.PublishedAt) }).ToDictionaryAsync(d => d.Key, d => JapanTime.DayOf(d.At!.Value), stop);
        var looked = await db.Set<YearlyReview>().Where(r => r.ReviewedOn != null).ToDictionaryAsync(r => r.Procedure, r => r.ReviewedOn!.Value, stop);
        return [.. offered.Select(o => (Of: o, Due: Due(o.Procedure.Definition.Review, Latest(published[o.Key], looked.GetValueOrDefault(o.Key)), today))).Where(o => o.Due is { IsLate: true }).Select(o => (o.Of, o.Due!.Value.By))];
    }

    internal static DateOnly Latest(DateOnly a, DateOnly b) => a > b ? a : b;

    /// <summary>For the desk's first page.</summary>
    internal static async Task<int> CountLate(Visit visit, TownDb db, DateTimeOffset now) => (await Late(db, JapanTime.DayOf(now))).Count;

    internal static void Map(ModelBuilder model) => model.Entity<YearlyReview>(e =>
    {
        e.ToTable("reviews");
        e.HasKey(r => r.Procedure);
        e.Property(r => r.Version).IsConcurrencyToken();
    });
}
