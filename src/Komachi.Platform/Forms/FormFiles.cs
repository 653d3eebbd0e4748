using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Web;

namespace Komachi.Platform.Forms;

/// <summary>
/// The files of one filing. Each field that asks for files is a place of its own below <paramref name="Place"/> (<c>drafts/0192…/photos</c>, of a row
/// <c>drafts/0192…/items/k3f9/photo</c>), and its answer is the list of their ids. <see cref="Of"/> reads them once, before a page is read or shown.
/// </summary>
public sealed record FormFiles(FileKind Kind, string Place, IReadOnlyList<StoredFile> Sent)
{
    /// <summary>What was sent for a draft, and what already belongs to its case.</summary>
    public static async Task<FormFiles> Of(TownDb db, FileKind kind, string place, string? belongsTo = null, CancellationToken stop = default) => new(kind, place,
        [.. await db.FilesBelow(kind, place, stop), .. belongsTo is null ? [] : (await db.FilesOf(belongsTo, stop)).Where(f => f.Kind == kind.Key)]);

    /// <summary>Takes for good what the filed answers name; what was sent to a question that is not asked any more goes by itself.</summary>
    public void Claim(TownDb db, JsonObject filed, string belongsTo)
    {
        var named = new HashSet<Guid>();
        Name(filed);
        foreach (var file in Sent.Where(f => f is { BelongsTo: null, State: FileState.Checking or FileState.Ready } && named.Contains(f.Id)))
        {
            var kept = db.Set<StoredFile>().Local.FindEntry(file.Id)?.Entity ?? db.Attach(file).Entity;
            kept.Claim(belongsTo);
        }

        void Name(JsonNode? node)
        {
            if (node is JsonObject parts) foreach (var (_, part) in parts) Name(part);
            else if (node is JsonArray many) foreach (var one in many) Name(one);
            else if (node is JsonValue value && value.TryGetValue<string>(out var text) && Guid.TryParse(text, out var id)) named.Add(id);
        }
    }

    /// <summary>By which a row is found again when those above it are gone: files are sent to it.</summary>
    internal const string RowKey = "_row";

    public string PlaceOf(CompiledField field) => $"{Place}/{field.Key}";

    public string PlaceOf(CompiledField group, JsonObject row, CompiledField field) => $"{Place}/{group.Key}/{row[RowKey]?.ToString() ?? "0"}/{field.Key}";

    public IReadOnlyList<StoredFile> At(string place) => [.. Sent.Where(f => f.Place == place)];

    public StoredFile? Find(string id) => Guid.TryParse(id, out var key) ? Sent.FirstOrDefault(f => f.Id == key) : null;

    /// <summary>One that waits at this place goes, with what is saved next. Whoever may write there may take away what was sent there, also before they signed in.</summary>
    public void TakeAway(TownDb db, Visit visit, string place, Guid id)
    {
        if (At(place).FirstOrDefault(f => f.Id == id && f.BelongsTo is null) is not { } file) return;
        db.RemoveFile(file);
        if (file.State is FileState.Checking or FileState.Ready) db.Audit(visit.Did("files.remove", $"files/{id}", new { kind = Kind.Key }, about: file.OwnerId));
    }

    /// <summary>The answers with the files that were sent: what was taken away is gone, what was refused counts for nothing.</summary>
    public JsonObject In(CompiledForm form, JsonObject given)
    {
        var with = (JsonObject)given.DeepClone();
        foreach (var field in form.Fields)
            if (field.Field.Kind == "file") Fill(with, field, PlaceOf(field));
            else if (field.Repeats && field.Rows.Any(r => r.Field.Kind == "file"))
                foreach (var row in FormState.RowsOf(with, field.Key))
                    foreach (var inner in field.Rows.Where(r => r.Field.Kind == "file")) Fill(row, inner, PlaceOf(field, row, inner));
        return with;
    }

    void Fill(JsonObject answers, CompiledField field, string place)
    {
        var ids = (answers[field.Key] as JsonArray ?? []).Select(id => id?.ToString() ?? "").Where(id => Find(id) is { State: not FileState.Refused })
            .Concat(At(place).Where(f => f.State is FileState.Checking or FileState.Ready).Select(f => f.Id.ToString())).Distinct().ToArray();
        if (ids.Length == 0) answers.Remove(field.Key);
        else answers[field.Key] = new JsonArray([.. ids.Select(id => (JsonNode?)id)]);
    }

    /// <summary>What the field takes of what the kind takes.</summary>
    internal FileKind KindOf(CompiledField field, Answers answers)
    {
        var types = Kind.Types.Where(t => field.Field.Types.Count == 0 || t.Endings.Any(field.Field.Types.Contains)).ToArray();
        var most = field.Most?.Of(answers) is { Given: true } bound ? Math.Clamp(Answering.Whole(bound.Number), 1, Kind.Most) : Kind.Most;
        return Kind with { Types = types.Length > 0 ? types : Kind.Types, Most = most };
    }
}
