using System.Net;
using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.People;

/// <summary>What is no password because others know it, how long one may be, and how it is kept.</summary>
[Trait("Category", "long")]
public sealed class GoodPasswords(TestProgram program)
{
    [Fact]
    public void The_list_is_there_and_is_long() => Assert.InRange(KnownPasswords.Count, 400_000, 1_000_000);

    [Theory]
    // Leaked as they are: of the list's 46,000 that are long enough.
    [InlineData("q1w2e3r4t5y6"), InlineData("Liverpool1"), InlineData("chocolate1"), InlineData("1qaz2wsx3edc"), InlineData("ILOVEYOU123")]
    // A known word with what people put about it, again and again, and with a zero for an o.
    [InlineData("Excelsior24"), InlineData("dragon2024"), InlineData("##Dragon1!"), InlineData("monkeymonkey"), InlineData("monkeymonkey12"), InlineData("Ch0c0l@te99"), InlineData("w3lc0m3b4ck")]
    // Names, as Japanese lists have them.
    [InlineData("takahashi1985"), InlineData("suzukiichirou"), InlineData("tanaka.hiroshi1"), InlineData("Yamada_Hanako")]
    public void What_stands_in_lists_of_leaked_passwords_or_mostly_does_is_none(string password) => Assert.True(GoodPassword.IsGuessed(password, "komaki-1"), password);

    [Theory]
    [InlineData("correct horse battery staple"), InlineData("kumo-to-kaze-no-michi"), InlineData("dragon83017264"), InlineData("Xk7#pQ2vLm9"), InlineData("雨の日の傘は青い色だよ"), InlineData("suzukiichirou-ni-aimashita")]
    public void What_is_made_of_many_words_or_of_chance_is_one(string password) => Assert.False(GoodPassword.IsGuessed(password, "komaki-1"), password);

    [Fact]
    public async Task Beside_the_field_stands_what_to_do_and_from_ten_to_two_hundred_characters_are_taken()
    {
        var town = await program.NewTown();
        var hanako = await town.Resident();
        // 9 and 201 are refused by their length, a leaked one by the list; 10, 64 and 200 are taken.
        foreach (var (password, wrong) in new[] { ("Xk7#pQ2vL", "10文字以上"), (new string('x', 1) + Odd(200), "200文字以内"), ("Liverpool1", "関係のない言葉を4つ") })
        {
            var refused = await hanako.Submit(await hanako.Open("my/security/password"), new() { ["password"] = password });
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
            Assert.Contains(wrong, refused.One(".field-error").TextContent);
            Assert.DoesNotContain(password, refused.Html);
        }
        foreach (var password in new[] { "Xk7#pQ2vLm", Odd(64), Odd(200) })
        {
            Assert.Equal(HttpStatusCode.OK, (await hanako.Submit(await hanako.Open("my/security/password"), new() { ["password"] = password })).Status);
            await using var db = town.Open();
            Assert.True(Passwords.Fits(password, (await db.Set<Account>().SingleAsync(a => a.SignInName == "hanako")).PasswordHash));
        }

        static string Odd(int length) => string.Concat(Enumerable.Range(0, length).Select(i => (char)('!' + i * 37 % 90)));
    }

    [Fact]
    public async Task A_hash_of_fewer_rounds_is_made_anew_at_the_next_sign_in_with_the_right_password()
    {
        var town = await program.NewTown();
        var old = Passwords.Hash(TestProgram.Password, rounds: 1000);
        await using (var db = town.Open()) await db.Database.ExecuteSqlAsync($"UPDATE people.accounts SET password_hash = {old} WHERE sign_in_name = 'hanako'");
        var wrong = town.Visitor();
        await wrong.Submit(await wrong.Open("sign-in"), new() { ["name"] = "hanako", ["password"] = "chigau-aikotoba" });
        Assert.Equal(old, await Hash());

        await town.Visitor().SignIn("hanako", desk: false);
        var grown = await Hash();
        Assert.Equal(Passwords.Rounds, Passwords.RoundsOf(grown));
        Assert.True(Passwords.Fits(TestProgram.Password, grown));
        await town.Visitor().SignIn("hanako", desk: false);
        Assert.Equal(grown, await Hash());

        async Task<string> Hash()
        {
            await using var db = town.Open();
            return (await db.Set<Account>().AsNoTracking().SingleAsync(a => a.SignInName == "hanako")).PasswordHash!;
        }
    }
}
