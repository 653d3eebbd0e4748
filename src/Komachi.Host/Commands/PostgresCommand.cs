using System.CommandLine;
using System.Text;

namespace Komachi.Host.Commands;

static class PostgresCommand
{
    public static Command Make()
    {
        var settings = new Option<string[]>("--set") { Description = "A setting of PostgreSQL, like shared_buffers=64MB; may stand several times" };
        var command = new Command("postgres", "Run just the data folder's PostgreSQL, until told to stop; prints \"postgres ready FILE\", where FILE holds the owner's connection string") { settings };
        command.SetAction(async (given, stop) =>
        {
            var where = Installation.Open();
            var postgres = where.Postgres ?? throw Refused.WrongUse("KOMACHI_POSTGRES names another PostgreSQL: there is no private one to run.");
            await using var alone = where.TryLock() ?? throw Refused.CannotRunHere($"Komachi is already running on {where.Folder}.");
            var postmaster = await postgres.Start(given.GetValue(settings) ?? [], Say.Error, stop);
            try
            {
                // In a file, since a terminal's scrollback and a script's log are no place for a password.
                var file = Path.Combine(where.Folder, "secrets", "owner-connection");
                File.Delete(file);
                Unix.WriteWhole(file, Encoding.UTF8.GetBytes(postgres.OwnerString + "\n"), secret: true);
                Say.Line($"postgres ready {file}");
                while (postmaster.IsAlive) await Task.Delay(200, stop);
                throw Refused.Failed("PostgreSQL ended by itself.");
            }
            catch (OperationCanceledException)
            {
                return Exit.Done;
            }
            finally
            {
                await postgres.Stop(postmaster, TimeSpan.FromSeconds(8));
            }
        });
        return command;
    }
}
