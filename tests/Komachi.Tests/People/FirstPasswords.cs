using System.Net;
using Komachi.Platform.Audit;
using Komachi.Platform.People;
using Komachi.Tests.Harness;
using Person = Komachi.Tests.Harness.Person;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.People;

/// <summary>A password that a command printed was seen by somebody else: it leads to the page where another is chosen, and nowhere else.</summary>
[Trait("Category", "long")]
public sealed class FirstPasswords(TestProgram program)
{
    const string Given = "kmqt7-w3xyz-pgh2n-5dkrb", Own = "umi yama kawa sora";

    [Fact]
    public async Task Staff_choose_one_of_their_own_after_both_proofs_and_before_anything_opens()
    {
        var town = await program.NewTown();
        await Give(town, "koho");
        using var koho = town.Visitor();
        var setUp = await koho.Submit(await koho.Open("desk/sign-in?then=desk/announcements"), new() { ["name"] = "koho", ["password"] = Given });
        Assert.Contains("sign-in/set-up", setUp.Url);    // the second proof comes first
        var codes = await koho.SetUp(setUp);
        var choose = await koho.Open(codes.One("main .actions a").GetAttribute("href")!);
        Assert.Equal($"/{town.Slug}/desk/sign-in/new-password?then=desk%2Fannouncements", new Uri(choose.Url).PathAndQuery);

        foreach (var path in new[] { "desk", "desk/announcements", "desk/security", "desk/sign-in/set-up" }) Assert.Contains("sign-in", (await koho.Open(path)).Url);
        Assert.Contains("desk/sign-in/new-password?then=desk%2Fsecurity%2Fpassword", (await koho.Open("desk/security/password")).Url);
        await using (var db = town.Open()) Assert.False(await db.Set<AuditEntry>().AnyAsync(e => e.Action == "people.sign_in"));

        foreach (var (typed, says) in new[] { (Given, "渡されたパスワードと同じです"), ("password123", "推測されやすい"), ("", "入力") })
        {
            var refused = await koho.Submit(choose, new() { ["password"] = typed });
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
            Assert.Contains(says, refused.Text);
        }
        Assert.EndsWith("/desk/announcements", (await koho.Submit(choose, new() { ["password"] = Own })).Url);
        Assert.Equal(HttpStatusCode.OK, (await koho.Open("desk/security")).Status);
        await using (var db = town.Open())
        {
            Assert.Null((await db.Set<Account>().SingleAsync(a => a.SignInName == "koho")).FirstPasswordUntil);
            Assert.Equal(1, await db.Set<AuditEntry>().CountAsync(e => e.Action == "people.sign_in"));
            Assert.Equal(1, await db.Set<AuditEntry>().CountAsync(e => e.Action == "people.new_password"));
        }
        Assert.False(await PasswordFits(town, "koho", Given));
        Assert.True(await PasswordFits(town, "koho", Own));
    }

    [Fact]
    public async Task A_resident_does_on_whatever_device_and_by_whatever_way_they_come()
    {
        var town = await program.NewTown();
        using var before = await town.Resident();    // signed in when the password was given: that device waits as well
        Assert.EndsWith("/my", (await before.Open("my")).Url);
        await Give(town, "hanako");
        Assert.EndsWith("/sign-in/new-password?then=my", (await before.Open("my")).Url);
        Assert.Empty((await before.Open("figures")).All("header bdi"));    // what everybody may read stays open

        using var hanako = town.Visitor();
        var choose = await hanako.Submit(await hanako.Open("sign-in"), new() { ["name"] = "hanako", ["password"] = Given });
        Assert.EndsWith("/sign-in/new-password", choose.Url);
        Assert.EndsWith("/my", (await hanako.Submit(choose, new() { ["password"] = Own })).Url);
        Assert.Contains("/sign-in?", (await before.Open("my")).Url);    // ended: somebody else may have sat there
    }

    [Fact]
    public async Task After_seven_days_it_opens_nothing_and_says_so_to_nobody_who_does_not_know_it()
    {
        var town = await program.NewTown();
        var given = TimeProvider.System.GetUtcNow();
        await Give(town, "hanako");
        await using (var db = town.Open())
        {
            Assert.InRange((await db.Set<Account>().SingleAsync(a => a.SignInName == "hanako")).FirstPasswordUntil!.Value, given.AddDays(7).AddMinutes(-1), given.AddDays(7).AddMinutes(1));
            await db.Database.ExecuteSqlAsync($"UPDATE people.accounts SET first_password_until = now() - interval '1 second' WHERE sign_in_name = 'hanako'");
        }
        using var hanako = town.Visitor();
        var door = await hanako.Open("sign-in");
        var over = await hanako.Submit(door, new() { ["name"] = "hanako", ["password"] = Given });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, over.Status);
        Assert.Contains("期限（7日間）が切れました", over.Text);
        Assert.DoesNotContain("期限", (await hanako.Submit(door, new() { ["name"] = "hanako", ["password"] = "chigau" })).Text);
        Assert.Contains("sign-in", (await hanako.Open("my")).Url);
    }

    static async Task Give(TestTown town, string name)
    {
        await using var db = town.Open();
        (await db.Set<Account>().SingleAsync(a => a.SignInName == name)).SetFirstPassword(Given, TimeProvider.System.GetUtcNow());
        await db.Save();
    }

    static async Task<bool> PasswordFits(TestTown town, string name, string password)
    {
        await using var db = town.Open();
        return Passwords.Fits(password, (await db.Set<Account>().SingleAsync(a => a.SignInName == name)).PasswordHash);
    }
}
