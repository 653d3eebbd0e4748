using System.Net.Sockets;
using Komachi.Platform.Towns;
using Npgsql;

namespace Komachi.Host;

/// <summary>What went wrong, in one sentence: an operator needs the reason, not our call stack.</summary>
static class Sentences
{
    public static string Of(Exception e) => e switch
    {
        Refused or BadTown => e.Message,
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => "The disk of the database is full.",
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } => "PostgreSQL takes no more connections.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } p => $"PostgreSQL does not let us in: {p.MessageText}.",
        PostgresException p => $"PostgreSQL says: {p.MessageText} ({p.SqlState}).",
        NpgsqlException { InnerException: SocketException or TimeoutException or IOException } or SocketException or TimeoutException =>
            "PostgreSQL does not answer: ./run or komachi up starts the private one, KOMACHI_POSTGRES names another.",
        NpgsqlException n => Ended($"PostgreSQL: {n.Message}"),
        System.ComponentModel.Win32Exception w => Ended($"A program that Komachi needs is missing: {w.Message}"),
        _ => Ended(e.Message.ReplaceLineEndings(" ")),
    };

    public static int ExitCodeOf(Exception e) => e switch
    {
        Refused refused => refused.ExitCode,
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } => Exit.CannotRunHere,
        PostgresException => Exit.Failed,
        NpgsqlException or SocketException or System.ComponentModel.Win32Exception => Exit.CannotRunHere,
        _ => Exit.Failed,
    };

    static string Ended(string sentence) => sentence.TrimEnd() is var s && s.EndsWith('.') ? s : s + ".";
}
