using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Komachi.Platform.Data;

public static class Overtaking
{
    /// <summary>
    /// Whether a save failed because somebody else was faster: with the same row, or with one that excludes ours. What else goes wrong with a save
    /// (the database is away, a rule of ours is broken) is nobody's being faster, and is not said to be.
    /// </summary>
    public static bool IsOvertaken(this Exception e) =>
        e is DbUpdateConcurrencyException || e.GetBaseException() is PostgresException { SqlState: PostgresErrorCodes.ExclusionViolation or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation };
}
