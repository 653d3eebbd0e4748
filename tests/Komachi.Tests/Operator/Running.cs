using Komachi.Platform.Data;
using Komachi.Platform.Operator;
using Komachi.Platform.People;
using Komachi.Tests.Harness;
using Person = Komachi.Tests.Harness.Person;

namespace Komachi.Tests.Operator;

/// <summary>An operator of one test, with a password and an authenticator.</summary>
sealed class Running(TestProgram program, string name, byte[] authenticator) : IDisposable
{
    public const string Password = "unten-no-aikotoba-1";
    static int _made;
    long _used;

    public string Name => name;
    public Person Person { get; } = new(program.Url, "");

    public static async Task<Running> Make(TestProgram program)
    {
        var (name, secret) = ($"unten-{Interlocked.Increment(ref _made)}", Totp.NewSecret());
        await using var owner = await program.Servers.OpenOwner(Servers.Main, program.Servers.Control);
        Assert.True(await Operators.Set(owner, program.Servers, name, "見本 運用", Password, secret, isNew: true, TimeProvider.System.GetUtcNow()));
        return new(program, name, secret);
    }

    public static async Task<Running> SignedIn(TestProgram program)
    {
        var running = await Make(program);
        Assert.EndsWith("/operator", (await running.SignIn()).Url);
        return running;
    }

    /// <summary>A code that was not used yet: of this half minute, or of the next one.</summary>
    public string Code()
    {
        _used = Math.Max(_used + 1, Totp.StepAt(TimeProvider.System.GetUtcNow()));
        return Totp.CodeAt(authenticator, _used);
    }

    public async Task<Seen> SignIn(string? password = null, string? code = null, Person? who = null)
    {
        var page = await (who ?? Person).Open("/operator/sign-in");
        return await (who ?? Person).Submit(page, new() { ["name"] = name, ["password"] = password ?? Password, ["code"] = code ?? Code() });
    }

    public void Dispose() => Person.Dispose();
}
