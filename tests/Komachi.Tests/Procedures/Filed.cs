using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>Filings that arrived already, and what the office does with them, for tests of what their applicants see.</summary>
public static class Filed
{
    public static readonly Guid Clerk = Guid.CreateVersion7();

    /// <summary>The definition's first sample, filed by somebody with an account, or by nobody.</summary>
    /// <param name="under">The mandate under which it was filed for another person.</param>
    public static async Task<Case> HasFiled(this TestTown town, string key, string? by = null, string? email = null, string? telephone = null, bool electronic = true, Way way = Way.Online, (Guid Mandate, Guid Principal)? under = null)
    {
        await using var db = town.Open();
        var definition = await db.Set<Published>().SingleAsync(d => d.Key == key);
        var (procedure, stage) = (definition.Procedure, definition.Procedure.First);
        var account = by is null ? null : await db.Set<Account>().SingleAsync(a => a.SignInName == by);
        var tree = await DepartmentTrees.Today(db);
        var answers = FormState.Of(stage.Form, SampleCases.SamplesOf(definition.Document)[0].Answers, db.Today, db.Today).Filed(SampleCases.SamplesOf(definition.Document)[0].Answers);
        var of = Case.Arrive(definition.Id, procedure, stage, new((await town.Program.Service<Receipts>().Next(town.Town)).Digits, answers, Filing.TitleOf(stage.Form, answers), way, Catalog.DepartmentOf(procedure.Definition.Department, tree), db.Today.AddDays(procedure.Definition.Days))
        {
            AccountId = account?.Id, PersonId = under?.Principal ?? account?.PersonId, MandateId = under?.Mandate, Assurance = account is null ? Assurance.Code : Assurance.SignedIn, Email = email, Telephone = telephone, Electronic = electronic,
            Proved = email is not null ? Contact.Email : telephone is not null ? Contact.Telephone : null,
        }, db.Now);
        db.Add(of);
        Flow.Tell(of, stage, [], Flow.AnswersOf(procedure, of, [], db.Today), tree, db, db.Now);
        db.AddRange(of.TakeNews());    // no mail that it arrived: tests wait for the mails that they are about
        await db.Save();
        return of;
    }

    /// <summary>As if all was well: for tests of what comes of sending it.</summary>
    public static Checked Ready(this Filling filling) => new(filling, Closed: null, NewVersion: false, NeedsContact: false, MustSignIn: false, Signers: []);

    /// <summary>As a clerk sends a paper, whatever is missing on it.</summary>
    public static Checked OnPaper(this Filling filling, TownDb db)
    {
        db.Entry(filling.Draft).Property(d => d.AssistedById).CurrentValue = Clerk;
        return filling.Ready();
    }

    public static async Task AskToCorrect(this TestTown town, Guid id, string text, params string[] fields)
    {
        await using var db = town.Open();
        var of = await db.Set<Case>().SingleAsync(c => c.Id == id);
        db.Add(of.AskToCorrect(fields, text, db.Today.AddDays(14), Clerk, db.Now, db.Today));
        db.AddNews(of);
        await db.Save();
    }

    /// <summary>A later filing that its applicant has begun.</summary>
    public static async Task<Guid> BeginsStage(this TestTown town, Case of, string stage)
    {
        await using var db = town.Open();
        var procedure = await Catalog.Version(db, of.DefinitionId);
        var draft = Draft.Begin(of.DefinitionId, procedure, procedure.StageOf(stage), Way.Online, "ja", db.Now, of.AccountId, of.PersonId, parent: of.Id);
        draft.Take(new() { ["doneText"] = "会計ソフトを入れました。" });
        db.Add(draft);
        await db.Save();
        return draft.Id;
    }

    /// <summary>Granted, with a letter.</summary>
    public static async Task<Letter> Grant(this TestTown town, Guid id, JsonObject? decided = null, DateTimeOffset? at = null, string code = "ABCD2345EFGH")
    {
        await using var db = town.Open();
        var of = await db.Set<Case>().SingleAsync(c => c.Id == id);
        var now = at ?? db.Now;
        if (of.State == CaseState.Arrived) of.Accept(Clerk, now);
        var stage = (await Catalog.Version(db, of.DefinitionId)).StageOf(of.Stage);
        of.Fill(stage.Flow.Single(s => s.Step.Kind == "decide"), decided ?? []);
        of.Decide(granted: true, "", Clerk, now);
        var paper = stage.Results.First(r => r.Paper.When == Komachi.Procedures.Procedure.Granted).Paper;
        var letter = Letter.Of(of, paper, paper.Title, new("見本 花子 様\n認めました。", "Granted.", "だいじょうぶです。"), "環第12号（見本）", Clerk, code, of.Electronic ? Delivery.Electronic : Delivery.Paper, now);
        db.Add(letter);
        of.Happened(MoveKind.PaperMade, Clerk, now, told: letter.DeliveredAt is not null);
        db.AddNews(of);
        await db.Save();
        return letter;
    }

    public static async Task<Case> Look(this TestTown town, Guid id)
    {
        await using var db = town.Open();
        return await db.Set<Case>().AsNoTracking().SingleAsync(c => c.Id == id);
    }

    public static string Shown(this Case of) => $"{of.Number[..3]}-{of.Number[3..6]}-{of.Number[6..]}";

    /// <summary>A page without what is new on each: tokens and once-only keys.</summary>
    public static string Bare(this Seen page)
    {
        foreach (var hidden in page.All("input[name=_token], input[name=_once]").ToArray()) hidden.Remove();
        return page.One("main").InnerHtml;
    }
}
