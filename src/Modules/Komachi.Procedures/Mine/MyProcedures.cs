using Komachi.Platform.Days;
using Komachi.Platform.Portal;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>What "My page" shows of procedures: what waits for somebody, and how their filings stand.</summary>
static class MyProcedures
{
    const int Most = 50, MostDrafts = 10;
    static readonly TimeSpan New = TimeSpan.FromDays(14);

    /// <summary>Corrections that were asked for, letters and messages that are new, what is due in a later stage, and drafts to finish.</summary>
    public static async Task<IReadOnlyList<MyTask>> Tasks(Mine mine)
    {
        var (visit, db, t, today, stop) = (mine.Visit, mine.Db, mine.Words, mine.Db.Today, mine.Stop);
        var tasks = new List<MyTask>();
        var cases = await MyCases.Of(visit, db).OrderByDescending(c => c.MovedAt).Take(Most).ToListAsync(stop);
        var drafts = await Drafts.Of(visit.Visitor!, db, mine.Now).OrderByDescending(d => d.ChangedAt).Take(MostDrafts).Select(d => new { d.Id, d.DefinitionId, d.Stage, d.ParentId, d.EndsAt }).ToListAsync(stop);
        if (cases.Count + drafts.Count == 0) return tasks;
        var procedures = await Catalog.Versions(db, [.. cases.Select(c => c.DefinitionId).Concat(drafts.Select(d => d.DefinitionId)).Distinct()], stop);
        string Title(Guid definition, string stage) => procedures[definition].StageOf(stage).Definition.Title.In(t.Lang);

        Guid[] correcting = [.. cases.Where(c => c.State == CaseState.Correcting).Select(c => c.Id)];
        if (correcting.Length > 0)
            foreach (var asked in await db.Set<Correction>().AsNoTracking().Where(c => correcting.Contains(c.CaseId) && c.AnsweredAt == null && c.LeftAt == null).Select(c => new { c.CaseId, c.UntilOn }).ToListAsync(stop))
                if (cases.First(c => c.Id == asked.CaseId) is var of) tasks.Add(new(t["Please correct your filing: {0}", Title(of.DefinitionId, of.Stage)], ShowMyCase.PathOf(of.Id) + "/correct", null, asked.UntilOn));
        Guid[] mineAll = [.. cases.Select(c => c.Id)];
        foreach (var letter in mineAll.Length == 0 ? [] : await db.Set<Letter>().AsNoTracking().Where(l => mineAll.Contains(l.CaseId) && l.Delivery == Delivery.Electronic && l.DeliveredAt != null && l.OpenedAt == null && l.RevokedAt == null).ToListAsync(stop))
            tasks.Add(new(t["A letter to open: {0}", letter.Title.In(t.Lang)], $"procedures/letters/{letter.Id}"));
        // The last word is the town's: it waits for an answer, or at least to be read.
        var since = mine.Now - New;
        Guid[] open = [.. cases.Where(c => c.IsOpen).Select(c => c.Id)];
        foreach (var said in open.Length == 0 ? [] : await db.Set<Move>().AsNoTracking().Where(m => open.Contains(m.CaseId) && (m.Kind == MoveKind.Message || m.Kind == MoveKind.Answer)).GroupBy(m => m.CaseId).Select(g => g.OrderByDescending(m => m.Number).First()).ToListAsync(stop))
            if (said.Kind == MoveKind.Message && said.At > since && cases.First(c => c.Id == said.CaseId) is var of) tasks.Add(new(t["A message about your filing: {0}", Title(of.DefinitionId, of.Stage)], ShowMyCase.PathOf(of.Id)));
        foreach (var matter in cases.GroupBy(c => c.ParentId ?? c.Id))
            if (matter.FirstOrDefault(c => c.ParentId is null) is { State: CaseState.Granted } first && procedures[first.DefinitionId].Stages.Count > 1)
                foreach (var stage in ShowMyCase.OpenStages(procedures[first.DefinitionId], [.. matter.OrderBy(c => c.ArrivedAt)], today).Where(s => !s.Stage.Definition.Optional && !drafts.Any(d => d.ParentId == first.Id && d.Stage == s.Stage.Key)))
                    tasks.Add(new(stage.Stage.Definition.Title.In(t.Lang), ShowMyCase.PathOf(first.Id), procedures[first.DefinitionId].Title.In(t.Lang), stage.DueOn));
        foreach (var draft in drafts)
            tasks.Add(new(t["Finish what you began: {0}", Title(draft.DefinitionId, draft.Stage)], $"procedures/filling/{draft.Id}", t["It is kept until {0}.", JapanTime.Show(JapanTime.DayOf(draft.EndsAt), t.Lang)]));
        return tasks;
    }

    public static async Task<IReadOnlyList<MyMatter>> Matters(Mine mine)
    {
        var t = mine.Words;
        var cases = await MyCases.Of(mine.Visit, mine.Db).OrderByDescending(c => c.MovedAt).Take(Most).ToListAsync(mine.Stop);
        if (cases.Count == 0) return [];
        var procedures = await Catalog.Versions(mine.Db, [.. cases.Select(c => c.DefinitionId).Distinct()], mine.Stop);
        return [.. cases.Select(c => new MyMatter(procedures[c.DefinitionId].StageOf(c.Stage).Definition.Title.In(t.Lang), ShowMyCase.PathOf(c.Id), c.State switch { CaseState.Granted => StepAt.Done, CaseState.Refused or CaseState.Withdrawn => StepAt.Done, _ => StepAt.Now }, c.MovedAt,
            c.IsOpen && c.State != CaseState.Correcting ? t["{0}. You get the decision by {1}.", MyCaseWords.StateOf(t, c.State), JapanTime.Show(c.DueOn, t.Lang)] : MyCaseWords.StateOf(t, c.State)))];
    }
}
