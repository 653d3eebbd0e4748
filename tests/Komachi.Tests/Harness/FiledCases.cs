using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Procedures;
using Microsoft.EntityFrameworkCore;
using YamlDotNet.Serialization;
using Person = Komachi.Tests.Harness.Person;

namespace Komachi.Tests.Harness;

/// <summary>Filings as they lie at the desk on the morning of a test: the samples of the definitions, with their steps.</summary>
public static class FiledCases
{
    static int _filed;

    /// <param name="code">Of the department that has it; else the one that the definition wishes for.</param>
    public static async Task<Case> File(this TestTown town, string key, string? code = null, Action<JsonObject>? but = null, Guid? person = null, bool electronic = false, int dueIn = 7)
    {
        await using var db = town.Open();
        var offered = (await Catalog.Find(db, key, db.Today))!;
        var published = await db.Set<Published>().SingleAsync(d => d.Id == offered.Id);
        var answers = Sample(published.Document);
        but?.Invoke(answers);
        var (now, tree, stage) = (TimeProvider.System.GetUtcNow(), await DepartmentTrees.Today(db), offered.Procedure.First);
        var number = ReceiptNumber.Of(Interlocked.Increment(ref _filed), new byte[32]);
        var of = Case.Arrive(offered.Id, offered.Procedure, stage, new(number.Digits, answers, Filing.TitleOf(stage.Form, answers), Way.Online, code is null ? Catalog.DepartmentOf(offered.Procedure.Definition.Department, tree) : tree.ByCode(code)!.Id, db.Today.AddDays(dueIn))
        {
            PersonId = person, Electronic = electronic, Email = "moushikomi@example.jp",
        }, now);
        db.Add(of);
        Flow.Tell(of, stage, [], Flow.AnswersOf(offered.Procedure, of, [of], db.Today), tree, db, now);
        db.AddNews(of);
        await db.Save();
        return of;
    }

    public static async Task<Case> Now(this TestTown town, Case of)
    {
        await using var db = town.Open();
        return await db.Set<Case>().AsNoTracking().SingleAsync(c => c.Id == of.Id);
    }

    public static async Task<IReadOnlyList<T>> All<T>(this TestTown town, Func<IQueryable<T>, IQueryable<T>> which) where T : class
    {
        await using var db = town.Open();
        return await which(db.Set<T>().AsNoTracking()).ToListAsync();
    }

    public static async Task<Guid> IdOf(this TestTown town, string name)
    {
        await using var db = town.Open();
        return await db.Set<Account>().Where(a => a.SignInName == name).Select(a => a.Id).SingleAsync();
    }

    public static string PageOf(Case of) => $"desk/procedures/cases/{of.Id}";

    /// <summary>Ticks all lines of a step's list and says that it is done.</summary>
    public static async Task<Seen> DoStep(this Person clerk, Case of, string step, Dictionary<string, string?>? fill = null)
    {
        var page = await clerk.Open(PageOf(of));
        var ticks = page.All($"input[name={step}-tick]").Count();
        var form = page.Document.QuerySelector($"form[action$='/approve/{step}']") is not null ? $"form[action$='/approve/{step}']" : $"form[action$='/steps/{step}']";
        return await clerk.Tick(page, form, step, ticks, new(fill ?? []) { ["do"] = "done" });
    }

    public static async Task<Seen> Decide(this Person clerk, Case of, string outcome, Dictionary<string, string?>? fill = null, string press = "decide", string step = "decide")
    {
        var page = await clerk.Open(PageOf(of));
        return await clerk.Tick(page, "form[action$='/decide']", step, page.All($"form[action$='/decide'] input[name={step}-tick]").Count(), new(fill ?? []) { ["outcome"] = outcome, ["do"] = press });
    }

    // Several boxes of one name are sent together, which a dictionary cannot hold: they are ticked on the page.
    static Task<Seen> Tick(this Person clerk, Seen page, string form, string step, int ticks, Dictionary<string, string?> fill)
    {
        foreach (var box in page.All($"{form} input[name={step}-tick]").Take(ticks)) box.SetAttribute("checked", "");
        return clerk.Submit(page, fill, form: form);
    }

    static JsonObject Sample(string document)
    {
        var whole = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<Dictionary<string, object>>(document);
        var samples = JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(whole["samples"]))!.AsArray();
        return (JsonObject)samples[0]!["answers"]!.DeepClone();
    }
}
