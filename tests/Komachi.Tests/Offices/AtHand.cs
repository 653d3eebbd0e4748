using System.Globalization;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Person = Komachi.Tests.Harness.Person;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Offices;

/// <summary>What the stories about departments share.</summary>
static class AtHand
{
    public static DateOnly Today => JapanTime.DayOf(TimeProvider.System.GetUtcNow());

    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static async Task<Guid> Department(this TestTown town, string code) => await town.Ask<Guid>($"SELECT id FROM offices.departments WHERE code = '{code}' ORDER BY from_on DESC LIMIT 1");

    public static Task<Guid> Account(this TestTown town, string signIn) => town.Ask<Guid>($"SELECT id FROM people.accounts WHERE sign_in_name = '{signIn}'");

    public static async Task<T> Ask<T>(this TestTown town, string sql)
    {
        await using var ask = town.Source.CreateCommand(sql);
        return (T)(await ask.ExecuteScalarAsync() ?? throw new InvalidOperationException($"Nothing: {sql}"));
    }

    public static async Task Do(this TestTown town, string sql)
    {
        await using var command = town.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>One more member of staff, who holds nothing.</summary>
    public static async Task<Guid> NewStaff(this TestTown town, string signIn, string name = "見本 新人")
    {
        await using var db = town.Open();
        var hash = await db.Set<Account>().Select(a => a.PasswordHash).FirstAsync();
        var account = Komachi.Platform.People.Account.Open(AccountKind.Staff, signIn, name, null, [], hash, TimeProvider.System.GetUtcNow());
        db.Add(account);
        await db.Save();
        return account.Id;
    }

    public static async Task Assign(this TestTown town, string signIn, string department, string? role, DateOnly from, DateOnly? until = null, AssignmentKind kind = AssignmentKind.Main)
    {
        var (account, where) = (await town.Account(signIn), await town.Department(department));
        await using var db = town.Open();
        var roleId = role is null ? (Guid?)null : (await db.Set<Role>().SingleAsync(r => r.Key == role)).Id;
        var organisation = await Organisation.ToChange(db);
        organisation.Changed();
        db.Add(Assignment.Begin(account, where, null, roleId, kind, "", from, until));
        await db.Save();
    }

    /// <summary>The search, the choice and the form, as a person does it.</summary>
    public static async Task<Seen> AssignAtDesk(this Person manager, TestTown town, string signIn, string department, string? role, params (string Name, string? Value)[] more)
    {
        var (where, who) = (await town.Department(department), await town.Account(signIn));
        var form = await manager.Open($"desk/offices/assign?department={where}&person={who}");
        var fill = new Dictionary<string, string?> { ["department"] = where.ToString() };
        if (role is not null) fill["role"] = (await town.Ask<Guid>($"SELECT id FROM offices.roles WHERE key = '{role}'")).ToString();
        foreach (var (name, value) in more) fill[name] = value;
        return await manager.Submit(form, fill);
    }

    public static async Task RunMidnight(this TestTown town, TimeProvider time)
    {
        await using var db = town.Open();
        await TellReplacements.Run(new(), new JobRun(Platform.Data.Id.New(), 1, town.Town, db, new Clockwork(time), default));
        await db.Save();
    }

    sealed class Clockwork(TimeProvider time) : IServiceProvider
    {
        public object? GetService(Type type) => type == typeof(TimeProvider) ? time : null;
    }
}

/// <summary>A clock that a test sets; it goes on from there, or stands where the very second counts.</summary>
public sealed class SettableTime : TimeProvider
{
    TimeSpan _ahead;
    DateTimeOffset? _stands;

    public override DateTimeOffset GetUtcNow() => _stands ?? System.GetUtcNow() + _ahead;

    public void Set(DateTimeOffset now) => (_ahead, _stands) = (now - System.GetUtcNow(), null);

    /// <summary>A time on Japan's clock at which it stands: a slow machine does not carry the last second of a day into the next day.</summary>
    public void Stand(string local) => Stand(JapanTime.At(DateTime.Parse(local, CultureInfo.InvariantCulture)));

    public void Stand(DateTimeOffset now)
    {
        Set(now);
        _stands = now;
    }

    /// <summary>A time on Japan's clock.</summary>
    public void Set(string local) => Set(JapanTime.At(DateTime.Parse(local, CultureInfo.InvariantCulture)));
}

/// <summary>The real program with a clock of its own, for one class.</summary>
public sealed class ProgramWithClock : TestProgram
{
    public SettableTime Clock { get; } = new();

    protected override WebOptions Options => base.Options with { Time = Clock };
}
