using System.Text.Json.Nodes;
using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Platform.Forms;
using Komachi.Platform.People;
using Komachi.Platform.Rights;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// How long filings are kept, what somebody is told of theirs, and how they are forgotten. When its time is over what a filing said is erased:
/// answers, files, letters, every text of its history. That there was one, of which kind and how long it took, stays for the counts.
/// </summary>
static class CasesEnd
{
    const string Kind = "procedures.cases";

    /// <summary>The town's own period where it set none: each procedure has a longer one of its own.</summary>
    static readonly Keep Least = Keep.FiscalYears(1);

    public static void Define(ModuleBuilder m)
    {
        m.Retains(Kind, "Filings that are closed", "Each procedure says how many years it is kept; the town's own rules for its documents", Least,
            all: night => night.Db.Set<Case>().Where(c => c.ClosedAt != null && c.ErasedAt == null).Take(100_001).CountAsync(night.Stop),
            due: async night =>
            {
                var count = 0;
                foreach (var due in await Due(night)) count += await due.Take(100_001).CountAsync(night.Stop);
                return count;
            },
            erase: Erase);
        m.Discloses("Your filings", Tell);
        m.Forgets(Look, Forget);
        m.Canary("Filings, with their answers, history, corrections and letters", Plant);
    }

    /// <summary>By the years that their definitions say, and never before the town's own period.</summary>
    static async Task<IReadOnlyList<IQueryable<Case>>> Due(Night night)
    {
        var db = night.Db;
        var used = await db.Set<Published>().AsNoTracking().Where(d => d.PublishedAt != null && db.Set<Case>().Any(c => c.DefinitionId == d.Id && c.ClosedAt < night.Before)).Select(d => d.Id).ToListAsync(night.Stop);
        var versions = await Catalog.Versions(db, used, night.Stop);
        var (held, accounts) = (night.Held, night.HeldAccounts);
        return [.. versions.GroupBy(v => v.Value.Definition.Retention.Years).Select(same =>
        {
            var (ids, own) = (same.Select(v => v.Key).ToArray(), Keep.FiscalYears(same.Key).Before(night.Now));
            var before = own < night.Before ? own : night.Before;
            return db.Set<Case>().Where(c => c.ErasedAt == null && c.ClosedAt < before && ids.Contains(c.DefinitionId)
                && !(c.PersonId != null && held.Contains(c.PersonId.Value)) && !(c.PersonId == null && c.AccountId != null && accounts.Contains(c.AccountId.Value)));
        })];
    }

    static async Task<int> Erase(Night night, int most)
    {
        var erased = 0;
        foreach (var due in await Due(night))
        {
            if (erased >= most) break;
            var cases = await due.OrderBy(c => c.ClosedAt).Take(most - erased).ToListAsync(night.Stop);
            await EraseAll(cases, night.Db, night.Now, night.Stop);
            await night.Db.Save(stop: night.Stop);
            night.Db.ChangeTracker.Clear();
            erased += cases.Count;
        }
        return erased;
    }

    static async Task EraseAll(IReadOnlyList<Case> cases, TownDb db, DateTimeOffset now, CancellationToken stop)
    {
        Guid[] ids = [.. cases.Select(c => c.Id)];
        string[] subjects = [.. cases.Select(c => c.Subject)];
        foreach (var file in await db.Set<StoredFile>().Where(f => f.BelongsTo != null && subjects.Contains(f.BelongsTo)).ToListAsync(stop)) db.RemoveFile(file);
        await db.Set<Correction>().Where(c => ids.Contains(c.CaseId)).ExecuteDeleteAsync(stop);
        await db.Set<Letter>().Where(l => ids.Contains(l.CaseId)).ExecuteDeleteAsync(stop);
        await db.Set<Signer>().Where(s => s.CaseId != null && ids.Contains(s.CaseId.Value)).ExecuteDeleteAsync(stop);
        await db.Set<CaseLink>().Where(l => ids.Contains(l.CaseId)).ExecuteDeleteAsync(stop);
        await db.Set<Move>().Where(m => ids.Contains(m.CaseId)).ExecuteUpdateAsync(m => m.SetProperty(x => x.Text, (string?)null), stop);
        await db.Set<Rating>().Where(r => ids.Contains(r.CaseId)).ExecuteUpdateAsync(r => r.SetProperty(x => x.Words, (string?)null), stop);
        await db.Database.ExecuteSqlAsync($"UPDATE procedures.steps SET note = NULL, fields = CAST('{{}}' AS jsonb) WHERE case_id = ANY ({ids})", stop);
        await db.Database.ExecuteSqlAsync($"DELETE FROM procedures.drafts WHERE case_id = ANY ({ids})", stop);
        foreach (var of in cases) of.Erase(now);
    }

    /// <summary>About them, whoever filled it in; and what their account filed without the town knowing about whom. What they filed for another is the other's.</summary>
    static IQueryable<Case> CasesOf(AboutPerson about)
    {
        var accounts = about.Accounts;
        return about.Db.Set<Case>().Where(c => c.ErasedAt == null && (c.PersonId == about.PersonId || c.PersonId == null && c.AccountId != null && accounts.Contains(c.AccountId.Value)));
    }

    static async Task<IReadOnlyList<HeldRecord>> Tell(AboutPerson about)
    {
        var t = about.Words;
        var cases = await CasesOf(about).AsNoTracking().OrderBy(c => c.ArrivedAt).ToListAsync(about.Stop);
        var versions = await Catalog.Versions(about.Db, [.. cases.Select(c => c.DefinitionId)], about.Stop);
        var ids = cases.Select(c => c.Id).ToArray();
        var moves = (await about.Db.Set<Move>().AsNoTracking().Where(m => ids.Contains(m.CaseId) && m.Text != null && m.Told).OrderBy(m => m.Number).Select(m => new { m.CaseId, m.At, m.Text }).ToListAsync(about.Stop)).ToLookup(m => m.CaseId);
        return [.. cases.Select(c =>
        {
            var stage = versions[c.DefinitionId].StageOf(c.Stage);
            var state = FormState.Of(stage.Form, c.Answers, c.ArrivedOn, c.ArrivedOn);
            var facts = new List<Fact> { new("number", t["Receipt number"], new ReceiptText(c.Number).ToString()), new("state", t["State|case"], t[CaseWords.Of(c.State)]), new("way", t["How it came in|case"], t[CaseWords.Of(c.Way)]), new("email", t["E-mail address"], c.Email), new("telephone", t["Telephone"], c.Telephone) };
            foreach (var field in stage.Form.Fields.Where(f => f.Field.Kind != "statement" && state.IsAsked(f.Key)))
                facts.Add(new(field.Key, state.Say(field.Field.Label).In(t.Lang) is { Length: > 0 } label ? label : field.Key,
                    field.Repeats || field.Field.Kind is "amounts" or "file" ? c.Answers[field.Key]?.ToJsonString(Readable) : AnswerWords.Of(t, state, field, c.Answers[field.Key])));
            foreach (var (move, n) in moves[c.Id].Select((m, n) => (m, n))) facts.Add(new($"message{n + 1}", JapanTime.Show(move.At, t.Lang), move.Text));
            return new HeldRecord(versions[c.DefinitionId].Title.In(t.Lang), c.ArrivedAt, facts, c.ClosedAt is null ? null : Kind, c.ClosedAt, Because: c.ClosedAt is null ? t["It is still being worked on"] : null);
        })];
    }

    internal static readonly System.Text.Json.JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A closed filing, and until when it is kept: by its procedure's own years, and the town's where those are longer.</summary>
    sealed record Kept(Guid Id, Guid Definition, DateTimeOffset? Until);

    static async Task<(IReadOnlyList<Kept> Closed, IReadOnlyDictionary<Guid, Procedure> Versions)> Closed(AboutPerson about)
    {
        var closed = await CasesOf(about).AsNoTracking().Where(c => c.ClosedAt != null).Select(c => new { c.Id, c.DefinitionId, ClosedAt = c.ClosedAt!.Value }).ToListAsync(about.Stop);
        var versions = await Catalog.Versions(about.Db, [.. closed.Select(c => c.DefinitionId).Distinct()], about.Stop);
        // Null: a hold on all filings stops their erasing, for how long nobody knows.
        var towns = await about.Db.KeepOf(Kind, Least, about.Now, about.Stop);
        return ([.. closed.Select(c => new Kept(c.Id, c.DefinitionId, towns is { } keep ? Later(keep.EndOf(c.ClosedAt), Keep.FiscalYears(versions[c.DefinitionId].Definition.Retention.Years).EndOf(c.ClosedAt)) : null))], versions);

        static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
    }

    /// <summary>What has served its time goes at once. The rest stays for as long as its rule says, and that is told, procedure by procedure.</summary>
    static async Task<IReadOnlyList<Fate>> Look(AboutPerson about)
    {
        var t = about.Words;
        var open = await CasesOf(about).CountAsync(c => c.ClosedAt == null, about.Stop);
        var (closed, versions) = await Closed(about);
        return
        [
            .. open > 0 ? new[] { new Fate(t["Filings that are being worked on"], open, t["They have to be decided first, or withdrawn"], SaysWho: true) } : [],
            new(t["Filings whose time is over"], closed.Count(c => c.Until <= about.Now)),
            .. closed.Where(c => !(c.Until <= about.Now)).GroupBy(c => versions[c.Definition].Key).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => Stays(versions[g.First().Definition], [.. g])),
        ];

        Fate Stays(Procedure procedure, IReadOnlyList<Kept> kept) => new(t["Filings: {0}", procedure.Title.In(t.Lang)], kept.Count,
            kept.Any(c => c.Until is null) ? t["The town must not erase filings at the moment: a court, an audit or a quarrel needs them"] : t["Kept for {0}: {1}", Keep.FiscalYears(procedure.Definition.Retention.Years).In(t), procedure.Definition.Retention.Basis],
            kept.Any(c => c.Until is null) ? null : kept.Max(c => c.Until), SaysWho: true);
    }

    /// <summary>What is kept by law goes when its time is over (<see cref="Erase"/>), whoever asks. No code opens it any more meanwhile.</summary>
    static async Task Forget(AboutPerson about)
    {
        var (closed, _) = await Closed(about);
        Guid[] over = [.. closed.Where(c => c.Until <= about.Now).Select(c => c.Id)];
        await EraseAll(await about.Db.Set<Case>().Where(c => over.Contains(c.Id)).ToListAsync(about.Stop), about.Db, about.Now, about.Stop);
        var theirs = CasesOf(about).Select(c => c.Id);
        await about.Db.Set<CaseLink>().Where(l => theirs.Contains(l.CaseId)).ExecuteDeleteAsync(about.Stop);
    }

    static async Task Plant(CanaryNest nest)
    {
        var (db, now) = (nest.Db, nest.Now);
        if (await Catalog.Find(db, "water-start-stop", db.Today) is not { } offered) return;
        var department = (await Komachi.Platform.Offices.DepartmentTrees.Today(db)).Root?.Id ?? Guid.Empty;
        var n = 0;
        foreach (var ends in new Func<Case, Task>[]
        {
            _ => Task.CompletedTask,
            of => { db.Add(of.AskToCorrect(["name"], nest.Sing("補正"), null, nest.AccountId, now, db.Today)); return Task.CompletedTask; },
            of =>
            {
                of.Accept(nest.AccountId, now);
                of.Decide(true, nest.Sing("決定"), nest.AccountId, now);
                db.Add(Letter.Of(of, new() { Key = "letter", Kind = "letter" }, new("通知"), new(nest.Sing("通知書")), "見本第1号", null, $"CANARY{nest.Is(Guid.CreateVersion7()).ToString("N")[^6..].ToUpperInvariant()}", Delivery.Paper, now));
                return Task.CompletedTask;
            },
        })
        {
            var name = nest.Sing("申請者");
            var answers = new JsonObject { ["name"] = new JsonObject { ["family"] = name, ["given"] = nest.Sing("名") }, ["oldAddress"] = nest.Sing("住所") };
            var of = Case.Arrive(offered.Id, offered.Procedure, offered.Procedure.First, new($"00000{now.ToUnixTimeMilliseconds() % 10000:0000}{n++}", answers, name, Way.Online, department, db.Today.AddDays(3))
            {
                PersonId = nest.PersonId, AccountId = nest.AccountId, Email = nest.Sing("宛先") + "@example.jp", Telephone = "090-0000-0000", Assurance = Assurance.SignedIn,
            }, now);
            db.Add(of);
            nest.Is(of.Id);
            of.Message(nest.Sing("返信"), fromApplicant: true, nest.AccountId, now);
            of.Note(nest.Sing("付せん"), nest.AccountId, now);
            await ends(of);
            db.AddRange(of.TakeNews());
        }
    }
}
