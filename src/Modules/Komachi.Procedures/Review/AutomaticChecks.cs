using System.Globalization;
using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Forms;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>What the program saw by itself.</summary>
/// <param name="Text">In the clerk's language.</param>
/// <param name="Alike">The other filing, of a duplicate.</param>
public sealed record Noticed(string Text, Guid? Alike = null, string? AlikeNumber = null);

public sealed record Point(string Title, string Ground, decimal Value);

/// <summary>
/// What the program looks at before a clerk does: what is missing or does not fit together, whether the same was filed before, what came too late.
/// It says what it sees; what follows from it is for people.
/// </summary>
static class AutomaticChecks
{
    const int MostAlike = 5;

    /// <param name="hiddenAmong">Who must not be told of: another filing about them is not mentioned, since a warning tells that it is there.</param>
    public static async Task<IReadOnlyList<Noticed>> Of(CaseFile file, TownDb db, Words t, Func<IReadOnlyCollection<Guid>, Task<IReadOnlySet<Guid>>> hiddenAmong, CancellationToken stop = default)
    {
        var (seen, about, answers, state) = (new List<Noticed>(), new Dictionary<Guid, Guid>(), file.Answers, file.State());
        // What was right on the day on which it came stays right, and so does what was right on the day of its correction.
        var corrected = await db.Set<Correction>().Where(c => c.CaseId == file.Of.Id && c.AnsweredAt != null).MaxAsync(c => c.AnsweredAt, stop);
        var then = corrected is { } at ? Flow.StateOf(file.Procedure, file.Of, file.Matter, correctedOn: JapanTime.DayOf(at)) : null;
        foreach (var mistake in state.Mistakes.Where(m => then is null || then.Mistakes.Any(also => also.Path == m.Path))) seen.Add(new(T(t, state, mistake)));
        foreach (var field in file.Stage.Form.Fields.Where(f => f.Field.Later && state.IsAsked(f.Key) && !state.Answers[f.Key].Given)) seen.Add(new(t["To be brought later: {0}", state.Say(field.Field.Label).In(t.Lang)]));
        foreach (var (check, that) in file.Stage.Checks)
            if (that?.Fails(answers) == true) seen.Add(new(check.Say.In(t.Lang)));
            else if (check.Kind == "duplicate")
                foreach (var (id, number, person) in await Alike(file, check, db, stop))
                {
                    seen.Add(new(check.Say.In(t.Lang), id, number));
                    if (person is { } known) about[id] = known;
                }
        if (file.Stage.Due?.Of(answers) is { Sort: Sort.Day } due && due.Day < file.Of.ArrivedOn) seen.Add(new(t["It came after the last day, {0}", JapanTime.Show(due.Day, t.Lang)]));
        seen.AddRange(await Signers(file, state, db, t, stop));
        var hidden = await hiddenAmong([.. about.Values.Distinct()]);
        return [.. seen.Where(n => n.Alike is not { } id || !about.TryGetValue(id, out var person) || !hidden.Contains(person))];
    }

    /// <summary>Whoever has to sign these answers, and did not: also where they signed others, before something was corrected. Who signs a paper signs it there.</summary>
    static async Task<IReadOnlyList<Noticed>> Signers(CaseFile file, FormState state, TownDb db, Words t, CancellationToken stop)
    {
        if (file.Stage.Signers.Count == 0) return [];
        var asked = await db.Set<Signer>().AsNoTracking().Where(s => s.CaseId == file.Of.Id).ToListAsync(stop);
        if (asked.Count == 0 && file.Of.Way != Way.Online) return [];
        var (seen, over) = (new List<Noticed>(), Signing.OverOf(state, file.Of.Answers));
        foreach (var signer in file.Stage.Signers.Where(s => s.When?.Holds(state.Answers) != false))
            if (asked.Find(a => a.Key == signer.Key) is not { } row) seen.Add(new(t["Somebody else has to sign these answers, and was not asked: {0}", signer.Signer.Title.In(t.Lang)]));
            else if (row.DeclinedAt is not null) seen.Add(new(t["Somebody else said no to signing it"]));
            else if (row.OverHash is not { } signed) seen.Add(new(t["Somebody else has not signed yet"]));
            else if (!signed.AsSpan().SequenceEqual(over)) seen.Add(new(t["Other answers were signed, before they were corrected: {0}", signer.Signer.Title.In(t.Lang)]));
        return seen;
    }

    /// <summary>The same procedure with the same answers, within the days of the check. Of what was not answered nothing is the same.</summary>
    static async Task<IReadOnlyList<(Guid Id, string Number, Guid? PersonId)>> Alike(CaseFile file, CaseCheck check, TownDb db, CancellationToken stop)
    {
        var same = new JsonObject();
        foreach (var key in check.Of)
            if (file.Of.Answers[key] is { } answer) same[key] = answer.DeepClone();
        if (same.Count == 0) return [];
        var (procedure, stage, id, json) = (file.Of.Procedure, file.Of.Stage, file.Of.Id, same.ToJsonString());
        var (from, until) = (file.Of.ArrivedAt.AddDays(-check.Days), file.Of.ArrivedAt.AddDays(check.Days));
        return [.. (await db.Set<Case>().FromSql($"""
            SELECT * FROM procedures.cases WHERE procedure = {procedure} AND stage = {stage} AND id <> {id} AND arrived_at BETWEEN {from} AND {until} AND state <> 'Withdrawn' AND answers @> CAST({json} AS jsonb)
            """).AsNoTracking().OrderByDescending(c => c.ArrivedAt).Take(MostAlike).Select(c => new { c.Id, c.Number, c.PersonId }).ToListAsync(stop)).Select(c => (c.Id, c.Number, c.PersonId))];
    }

    public static IReadOnlyList<Point> Points(CaseFile file, Words t)
    {
        if (file.Of.Stage.Length > 0) return [];
        var answers = file.Answers;
        return [.. file.Procedure.Points.Select(p => (p.Rule, Value: p.Value.Of(answers))).Where(p => p.Value.Sort == Sort.Number).Select(p => new Point(p.Rule.Title.In(t.Lang), p.Rule.Ground.In(t.Lang), p.Value.Number))];
    }

    static string T(Words t, FormState state, AnswerMistake mistake)
    {
        var said = mistake.Said is { } own ? state.Say(own).In(t.Lang) : t[mistake.Message!, [.. mistake.Values.Select(v => v is DateOnly day ? JapanTime.Show(day, t.Lang) : v)]];
        return state.Form.Find(mistake.Path.Split('/')[0]) is { } field && state.Say(field.Field.Label).In(t.Lang) is { Length: > 0 } label ? $"{label}: {said}" : said;
    }
}
