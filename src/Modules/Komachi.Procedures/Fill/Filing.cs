using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>What came of sending a draft.</summary>
/// <param name="Case">Null where something is missing, which the state says, or where it is a later filing that is not open (any more).</param>
sealed record Sent(Case? Case, FormState State);

/// <summary>
/// The moment at which a draft becomes a case: files, steps, receipt, audit and jobs are saved in one transaction. A draft becomes one case and never
/// two: its version is asked when it is saved, and who comes second is led to the case of the first.
/// </summary>
static class Filing
{
    /// <summary>Files of answers: where they lie while it is filled in, and to what they belong afterwards.</summary>
    public static readonly FileKind Attachment = new("procedures.attachment")
    {
        Types = [FileType.Pdf, FileType.Jpeg, FileType.Png, FileType.Heic], MostBytes = 20 * 1024 * 1024, Most = 20, Waits = Draft.Kept,
        MayWrite = MayAttach, MayRead = MayOpen, About = WhomItIsAbout,
    };

    /// <summary>Whoever may write on the draft may send files for it.</summary>
    static async Task<bool> MayAttach(Visit visit, string place, TownDb db) =>
        DraftOf(place) is { } id ? await Drafts.MayWrite(visit, id, db) : CorrectionOf(place) is { } correction && await CorrectMyCase.MayAttach(visit, correction, db);

    static async Task<bool> MayOpen(Visit visit, StoredFile file, TownDb db) =>
        file.BelongsTo is { } belongs ? CaseOf(belongs) is { } id && await CaseReaders.MayRead(visit, id, file, db) : await MayAttach(visit, file.Place, db);

    static async Task<Guid?> WhomItIsAbout(StoredFile file, TownDb db) =>
        file.BelongsTo is { } belongs && CaseOf(belongs) is { } id ? await db.Set<Case>().Where(c => c.Id == id).Select(c => c.PersonId).SingleOrDefaultAsync() : null;

    static Guid? DraftOf(string place) => place.Split('/') is ["drafts", var id, ..] && Guid.TryParse(id, out var draft) ? draft : null;

    static Guid? CorrectionOf(string place) => place.Split('/') is ["corrections", var id, ..] && Guid.TryParse(id, out var correction) ? correction : null;

    static Guid? CaseOf(string belongs) => belongs.Split('/') is ["procedures", "cases", var id, ..] && Guid.TryParse(id, out var of) ? of : null;

    /// <param name="electronic">The decision is wanted electronically; it is sent so where somebody can open it.</param>
    /// <param name="incomplete">A paper arrives when it comes, whatever is missing on it (7条): the clerk asks for the rest.</param>
    public static async Task<Sent> Send(Checked ready, bool electronic, Visit visit, TownDb db, Receipts receipts, TimeProvider time, CancellationToken stop = default, bool incomplete = false)
    {
        var (now, today, filling) = (time.GetUtcNow(), time.Today(), ready.Filling);
        if (!ready.CanBeSent(incomplete)) return new(null, filling.State);
        var (draft, procedure, stage, files, state, parent) = (filling.Draft, filling.Procedure, filling.Stage, filling.Files, filling.State, filling.Parent);
        var answers = state.Filed(filling.Given);
        var reads = draft.Email ?? (draft.AccountId is { } own && visit.Visitor is { IsStaff: false } me && me.AccountId == own ? me.Email : null);
        foreach (var beside in new[] { Agent.Key, AssistFiling.Came })
            if (draft.Answers[beside] is { } kept) answers[beside] = kept.DeepClone();
        var filed = Case.Arrive(draft.DefinitionId, procedure, stage, new((await receipts.Next(visit.Town, stop)).Digits, answers, parent?.Title is { Length: > 0 } matter ? matter : TitleOf(stage.Form, answers), draft.Way, filling.Department,
            filling.Calendar?.AnswerBy(now, procedure.Definition.Days) ?? today.AddDays(procedure.Definition.Days))
        {
            ParentId = parent?.Id, PersonId = draft.PersonId, AccountId = draft.AccountId, MandateId = draft.MandateId, AssistedById = draft.AssistedById, Assurance = draft.Assurance,
            Email = reads ?? Known.In(stage.Form, answers, "person.email"), Telephone = draft.Telephone ?? Known.In(stage.Form, answers, "person.telephone"),
            Proved = draft.Assurance < Assurance.Code ? null : reads is not null ? Contact.Email : draft.Telephone is not null ? Contact.Telephone : null, Lang = draft.Lang, Electronic = electronic && ready.MayBeElectronic, FeeYen = filling.FeeYen,
        }, now);
        db.Add(filed);
        var steps = new List<Step>();
        Flow.Tell(filed, stage, steps, Flow.AnswersOf(procedure, filed, filling.Matter, today), filling.Tree, db, now);

        files.Claim(db, answers, filed.Subject);
        foreach (var signer in stage.Signers.Count == 0 ? [] : await db.Set<Signer>().Where(s => s.DraftId == draft.Id).ToListAsync(stop))
        {
            // Asked for when the answers were others: nobody waits for that any more.
            if (!stage.Signers.Any(s => s.Key == signer.Key && s.When?.Holds(state.Answers) != false))
            {
                db.Remove(signer);
                continue;
            }
            signer.Belongs(filed.Id);
            if (signer.SignedAt is not null) HasSigned(filed, signer, now);
        }
        draft.Filed(filed.Id, now);
        db.Audit(visit.Did("procedures.file", filed.Subject, new { filed.Procedure, filed.Stage, filed.Way, filed.Assurance }, about: filed.PersonId, at: now));
        db.AddNews(filed);
        return new(filed, state);
    }

    internal static void HasSigned(Case of, Signer signer, DateTimeOffset now) =>
        of.Happened(MoveKind.Signed, null, now, details: new() { ["signer"] = signer.Key, ["at"] = signer.SignedAt?.ToString("O", System.Globalization.CultureInfo.InvariantCulture) });

    /// <summary>Files of questions that are not asked any more stay behind, and go by themselves.</summary>
    internal static bool IsAnswer(JsonNode? answers, Guid file) => answers switch
    {
        JsonObject parts => parts.Any(p => IsAnswer(p.Value, file)),
        JsonArray many => many.Any(one => IsAnswer(one, file)),
        JsonValue value => value.TryGetValue<string>(out var text) && Guid.TryParse(text, out var id) && id == file,
        _ => false,
    };

    /// <summary>How lists call it: the name that the person is called by, or of the firm, or how to reach them.</summary>
    public static string TitleOf(CompiledForm form, JsonObject answers)
    {
        var named = form.Fields.Where(f => f.Field.Prefill == "person.name").Concat(form.Fields.Where(f => f.Field.Kind == "name"));
        foreach (var field in named)
            if (answers[field.Key] is JsonObject parts && Written(parts) is { Length: > 0 } name) return name;
        foreach (var field in form.Fields.Where(f => f.Field.Kind == "text" && !f.Field.Secret && f.Field.Required != "false"))
            if (answers[field.Key] is JsonValue text && text.ToString() is { Length: > 0 } said) return said.Length > 60 ? said[..60] : said;
        return First(form, answers, "email") ?? "";

        static string Written(JsonObject parts) => string.Join(' ', new[] { parts["family"], parts["given"] }.Where(p => p is not null).Select(p => p!.ToString()).Where(p => p.Length > 0));
    }

    static string? First(CompiledForm form, JsonObject answers, string kind) =>
        form.Fields.Where(f => f.Field.Kind == kind).Select(f => answers[f.Key] is JsonValue v ? v.ToString() : null).FirstOrDefault(v => !string.IsNullOrEmpty(v));
}
