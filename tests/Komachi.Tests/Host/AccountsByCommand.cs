using System.Diagnostics;
using Komachi.Host;
using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Komachi.Tests.Host;

/// <summary><c>komachi account …</c> as it is typed into a shell.</summary>
[Trait("Category", "long")]
public sealed class AccountsByCommand
{
    [Fact]
    public async Task A_password_that_was_printed_has_to_be_changed_and_one_that_was_typed_does_not()
    {
        var folder = Directory.CreateTempSubdirectory("komachi-accounts").FullName;
        var postgres = new NpgsqlConnectionStringBuilder(TestProgram.OwnerString) { Database = "a" + Guid.CreateVersion7().ToString("N")[^12..] }.ConnectionString;
        var where = Installation.Open(folder, name => name == "KOMACHI_POSTGRES" ? postgres : null);
        await using var operation = await Operation.Begin(where, Modules.House(), Operation.Needs.Server, default);
        try
        {
            await operation.MigrateAll(default);
            var town = await operation.Loader.Add(Path.Combine(TestProgram.TownsFolder, "oyabe"), null, demoPassword: TestProgram.Password);
            async Task<(string Hash, DateTimeOffset? Until)> Account(string name)
            {
                await using var db = operation.Databases.Open(town);
                var account = await db.Set<Account>().SingleAsync(a => a.SignInName == name);
                return (account.PasswordHash!, account.FirstPasswordUntil);
            }
            Assert.Null((await Account("koho")).Until);    // printed as well, for everybody to try

            foreach (var (command, name) in new[] { ("add", "shinnin"), ("reset", "koho") })
            {
                var said = await Run(folder, postgres, null, "account", command, "oyabe", name);
                Assert.Contains("chooses another one before anything else", said);
                var (hash, until) = await Account(name);
                var week = TimeProvider.System.GetUtcNow().AddDays(7);
                Assert.InRange(until!.Value, week.AddMinutes(-2), week);
                Assert.True(Passwords.Fits(said.Split('\n')[0].Split(' ')[^1], hash));

                said = await Run(folder, postgres, "umi yama kawa sora", "account", command == "add" ? "add" : "reset", "oyabe", command == "add" ? "another" : name, "--password-from-input");
                Assert.DoesNotContain("chooses", said);
                (hash, until) = await Account(command == "add" ? "another" : name);
                Assert.Null(until);
                Assert.True(Passwords.Fits("umi yama kawa sora", hash));
            }
        }
        finally
        {
            NpgsqlConnection.ClearAllPools();
            await operation.Registry.Refresh();
            foreach (var database in operation.Registry.Towns.Select(t => t.Database).Append(where.Servers.Template)) await operation.Migrator.DropTown(Servers.Main, database);
            await operation.Migrator.DropTown(Servers.Main, where.Servers.Control);
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<string> Run(string folder, string postgres, string? typed, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Environment.GetEnvironmentVariable("KOMACHI_TEST_PROGRAM") ?? AppContext.BaseDirectory, "komachi"), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["KOMACHI_DATA"], start.Environment["KOMACHI_POSTGRES"]) = (folder, postgres);
        using var komachi = Process.Start(start)!;
        if (typed is not null) await komachi.StandardInput.WriteLineAsync(typed);
        komachi.StandardInput.Close();
        var (said, wrong) = (komachi.StandardOutput.ReadToEndAsync(), komachi.StandardError.ReadToEndAsync());
        await komachi.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(komachi.ExitCode == 0, await wrong);
        return (await said).TrimEnd();
    }
}
