using Komachi.Platform.Data;
using Komachi.Platform.Mail;
using Komachi.Platform.People;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Persons;

/// <summary>What the stories on persons have in common.</summary>
static class PersonStories
{
    public static async Task<Guid> Knows(this TestTown town, string name, string? kana = null, DateOnly? born = null, string? address = null, PersonKind kind = PersonKind.Human)
    {
        await using var db = town.Open();
        var person = Komachi.Platform.People.Person.Known(kind, new(name, kana, born, Address: address), TimeProvider.System.GetUtcNow(), ToldBy.Desk);
        db.Add(person);
        await db.Save();
        return person.Id;
    }

    public static async Task<Guid> PersonOf(this TestTown town, string signIn)
    {
        await using var db = town.Open();
        return (await db.Set<Account>().SingleAsync(a => a.SignInName == signIn)).PersonId!.Value;
    }

    public static async Task<Guid> AccountOf(this TestTown town, string signIn)
    {
        await using var db = town.Open();
        return (await db.Set<Account>().SingleAsync(a => a.SignInName == signIn)).Id;
    }

    /// <summary>One asks the other, who agrees; what it is called.</summary>
    public static async Task<Guid> MayActFor(this TestTown town, string agent, string principal)
    {
        var (asks, agrees) = (await town.Resident(agent), await town.Resident(principal));
        await asks.Submit(await asks.Open("my/acting"), new() { ["who"] = "me", ["email"] = $"{principal}@example.jp", ["ground"] = "Carer" }, form: "form[action$=ask]");
        Assert.Contains("同意しました", (await agrees.Submit(await agrees.Open("my/acting"), form: "form[action$=agree]")).Text);
        await using var db = town.Open();
        return (await db.Set<Mandate>().SingleAsync(m => m.EndedAt == null)).Id;
    }

    public static async Task Protect(this TestTown town, Guid person)
    {
        var shien = await town.Staff("shien");
        var done = await shien.Submit(await shien.Open($"desk/protected/new?person={person}"), new() { ["office"] = "小牧警察署", ["note"] = "加害者は元配偶者" });
        Assert.Contains("done=begun", done.Url);
    }

    /// <summary>A demo member of staff with other permissions.</summary>
    public static async Task Grant(this TestTown town, string signIn, params string[] permissions)
    {
        await using var db = town.Open();
        (await db.Set<Account>().SingleAsync(a => a.SignInName == signIn)).Grant(permissions);
        await db.Save();
    }

    public static async Task<bool> Is(this TestTown town, string sqlCondition)
    {
        await using var ask = town.Source.CreateCommand($"SELECT {sqlCondition}");
        return await ask.ExecuteScalarAsync() is true;
    }

    public static async Task Run<T>(this TestTown town) where T : class, Komachi.Platform.Jobs.IJob<T>, new()
    {
        await using var db = town.Open();
        await T.Run(new T(), new Komachi.Platform.Jobs.JobRun(Id.New(), 1, town.Town, db, town.Program.App.Services, CancellationToken.None));
        await db.Save();
    }
}
