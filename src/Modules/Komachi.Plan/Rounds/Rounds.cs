using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Offices;
using Komachi.Platform.Portal;
using Komachi.Platform.Rights;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>A sheet as a list shows it; amounts are thousand yen over all its years.</summary>
public sealed record SheetLine(Guid Id, string Number, string Title, Guid RoundId, Guid DepartmentId, SheetState State, string Stage, Turn Turn, bool Asked, DateOnly? DueOn, DateTimeOffset? AdoptedAt, long Requested, long Adopted)
{
    public bool IsLate(DateOnly today) => State == SheetState.Open && DueOn < today;
}

/// <summary>What the pages of the round ask the database, and who may do what. Everybody who works in the town hall reads sheets; acting on one takes its turn.</summary>
static class Rounds
{
    /// <summary>How many sheets a page shows at most: a town has some dozens a year.</summary>
    public const int MostShown = 500;

    public static readonly FileKind Attachment = new("plan.sheet")
    {
        Types = [.. FileType.Documents, .. FileType.Pictures, FileType.Csv, FileType.Text],
        MostBytes = 20 * 1024 * 1024,
        Most = 10,
        MayWrite = (visit, place, db) => Task.FromResult(visit.Visitor is { } who && TakesPart(who) && place.EndsWith($"/{who.AccountId}", StringComparison.Ordinal)),
        MayRead = (visit, file, db) => Task.FromResult(visit.Visitor is { IsStaff: true } who && (file.BelongsTo is not null || file.OwnerId == who.AccountId)),
    };

    /// <summary>Where somebody's files lie until they save the sheet: each clerk's own.</summary>
    public static string PlaceOf(ActionSheet sheet, Visitor who) => $"sheets/{sheet.Id}/{who.AccountId}";

    public static string FilesOf(ActionSheet sheet) => $"plan/sheets/{sheet.Id}";

    public static string SubjectOf(ActionSheet sheet) => $"plan/sheets/{sheet.Number}";

    public static bool TakesPart(Visitor who) => who.May("plan.draft") || who.May("plan.check") || who.May("plan.decide");

    public static bool MayAct(this Visitor who, ActionSheet sheet, DepartmentTree tree) => who.May(sheet.Turn.Permission(), sheet.DepartmentId, tree);

    /// <summary>Nobody decides on what they wrote themselves.</summary>
    public static bool IsOwnDecision(this Visitor who, ActionSheet sheet) => sheet.Turn == Turn.Committee && sheet.WrittenBy(who.AccountId);

    /// <summary>The round of a year, as R9; of two plans in one year the newer one's.</summary>
    public static async Task<YearlyRound?> Find(TownDb db, string label, CancellationToken stop = default) => PlanYear.Read(label) is not { } year ? null
        : await db.Set<YearlyRound>().Where(r => r.Year == year.Year).OrderByDescending(r => r.OpenedAt).FirstOrDefaultAsync(stop);

    /// <summary>Newest year first.</summary>
    public static async Task<IReadOnlyList<YearlyRound>> All(TownDb db, CancellationToken stop = default) =>
        await db.Set<YearlyRound>().AsNoTracking().OrderByDescending(r => r.Year).ThenByDescending(r => r.OpenedAt).Take(50).ToListAsync(stop);

    public static async Task<(ActionSheet Sheet, YearlyRound Round)?> FindSheet(TownDb db, string number, CancellationToken stop = default) =>
        await db.Set<ActionSheet>().Include(s => s.Money).SingleOrDefaultAsync(s => s.Number == number, stop) is { } sheet
            ? (sheet, await db.Set<YearlyRound>().SingleAsync(r => r.Id == sheet.RoundId, stop)) : null;

    /// <summary>For the desk's search: by number or title, newest first. A town has some dozens a year.</summary>
    public static async Task<IReadOnlyList<Found>> Find(Visit visit, TownDb db, Asked asked, int n) =>
        [.. (await db.Set<ActionSheet>().AsNoTracking().OrderByDescending(s => s.CreatedAt).ThenByDescending(s => s.Number).Take(2 * MostShown).Select(s => new { s.Number, s.Title, s.ChangedAt }).ToListAsync(asked.Stop))
            .Where(s => asked.In(Folding.Fold($"{s.Number} {s.Title}"))).Take(n).Select(s => new Found(s.Title, s.Number, $"desk/plan/sheets/{s.Number}", s.ChangedAt, Komachi.Ui.Words.Lang.Japanese))];

    public static IQueryable<SheetLine> Lines(this IQueryable<ActionSheet> some) => some.AsNoTracking().OrderBy(s => s.DueOn == null).ThenBy(s => s.DueOn).ThenBy(s => s.Number)
        .Select(s => new SheetLine(s.Id, s.Number, s.Title, s.RoundId, s.DepartmentId, s.State, s.Stage, s.Turn, s.Asked, s.DueOn, s.AdoptedAt, s.Money.Sum(m => m.Requested ?? 0), s.Money.Sum(m => m.Adopted ?? 0)));

    /// <summary>Open sheets of open rounds whose turn it is, in these departments (null: in all).</summary>
    public static IQueryable<ActionSheet> Waiting(TownDb db, Turn turn, IReadOnlySet<Guid>? departments)
    {
        var open = db.Set<ActionSheet>().Where(s => s.State == SheetState.Open && s.Turn == turn && db.Set<YearlyRound>().Any(r => r.Id == s.RoundId && r.ClosedAt == null));
        if (departments is null) return open;
        var theirs = departments.ToArray();
        return open.Where(s => theirs.Contains(s.DepartmentId));
    }

    /// <summary>For the desk's first page.</summary>
    public static Func<Visit, TownDb, DateTimeOffset, Task<int>> CountFor(Turn turn) => async (visit, db, now) =>
        await Waiting(db, turn, visit.Visitor!.DepartmentsFor(turn.Permission(), await DepartmentTrees.On(Komachi.Platform.Days.JapanTime.DayOf(now), db))).CountAsync();

    /// <summary>The next number of that year: R9-012. Within a transaction, since two at once would get the same.</summary>
    public static async Task<string> NextNumber(TownDb db, YearlyRound round, CancellationToken stop = default)
    {
        var before = round.Label + "-";
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtext({"plan sheets " + before}))", stop);
        var last = await db.Set<ActionSheet>().Where(s => s.Number.StartsWith(before)).OrderByDescending(s => s.Number.Length).ThenByDescending(s => s.Number).Select(s => s.Number).FirstOrDefaultAsync(stop);
        return Numbered(round, last is null ? 1 : int.Parse(last[before.Length..], System.Globalization.CultureInfo.InvariantCulture) + 1);
    }

    public static string Numbered(YearlyRound round, int n) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{round.Label}-{n:000}");

    /// <summary>For a reorganisation: what is under way in these departments.</summary>
    public static async Task<IReadOnlyDictionary<Guid, int>> OpenIn(TownDb db, IReadOnlyCollection<Guid> departments, CancellationToken stop) =>
        await db.Set<ActionSheet>().Where(s => s.State == SheetState.Open && departments.Contains(s.DepartmentId)).GroupBy(s => s.DepartmentId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, stop);

    public static Task<int> All(Night night) => night.Db.Set<YearlyRound>().CountAsync(night.Stop);

    public static Task<int> Due(Night night) => night.Db.Set<YearlyRound>().CountAsync(r => r.ClosedAt < night.Before, night.Stop);

    /// <summary>A round goes with its sheets and all that happened to them, and with their files.</summary>
    public static async Task<int> Erase(Night night, int most)
    {
        var rounds = await night.Db.Set<YearlyRound>().Where(r => r.ClosedAt < night.Before).OrderBy(r => r.ClosedAt).Take(most).ToListAsync(night.Stop);
        foreach (var round in rounds)
        {
            var places = (await night.Db.Set<ActionSheet>().Where(s => s.RoundId == round.Id).Select(s => s.Id).ToListAsync(night.Stop)).ConvertAll(id => $"plan/sheets/{id}");
            foreach (var file in await night.Db.Set<StoredFile>().Where(f => f.BelongsTo != null && places.Contains(f.BelongsTo)).ToListAsync(night.Stop)) night.Db.RemoveFile(file);
            night.Db.Remove(round);
        }
        await night.Db.Save(stop: night.Stop);
        return rounds.Count;
    }

    public static void AddNews(this TownDb db, ActionSheet sheet) => db.AddRange(sheet.News());
}
