using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// 取消し: on an objection, by a court, or by the town itself a decision is set aside. All its letters are taken back, their numbers stay used; the filing is accepted as it was before
/// and waits for who decides, who may give it back to be looked at again.
/// </summary>
static class SetAside
{
    /// <summary>Why it cannot be; null where it can.</summary>
    public static string? Hindrance(CaseFile? file) =>
        file is not { Of.IsDecided: true } ? "There is no decision any more that could be set aside."
        : file.Of.ParentId is not null && file.Matter.Any(c => c.Id != file.Of.Id && c.Stage == file.Of.Stage && c.State is not (CaseState.Refused or CaseState.Withdrawn)) ? "The same was filed once more in the meantime. Decide on that filing, or have it withdrawn first."
        : null;

    public static async Task<IReadOnlyList<Letter>> Make(CaseFile file, string why, Guid by, TownDb db, DateTimeOffset now, CancellationToken stop)
    {
        var of = file.Of;
        of.SetAside(why, await OpeningCalendar.OfDepartment(of.DepartmentId, file.Tree, db, of.DecidedOn!.Value, stop), by, now, file.Today);
        foreach (var step in file.Steps.Where(s => s is { Kind: "decide", State: StepState.Done })) step.Return(now);
        // What was decided is not known any more; it stands in its step, for who decides anew.
        foreach (var step in file.Stage.Flow.Where(s => s.Step.Kind == "decide")) of.Fill(step, []);
        file.TellSteps(db, now);
        var letters = await db.Set<Letter>().Where(l => l.CaseId == of.Id && l.RevokedAt == null).OrderBy(l => l.MadeAt).ThenBy(l => l.Id).ToListAsync(stop);
        foreach (var letter in letters)
        {
            letter.Revoke(why, setAside: true, by, now);
            of.Happened(MoveKind.PaperRevoked, by, now, details: new() { ["letter"] = letter.Id.ToString() });
        }
        return letters;
    }
}
