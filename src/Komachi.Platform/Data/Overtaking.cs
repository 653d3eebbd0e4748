using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Npgsql;

namespace Komachi.Platform.Data;

/// <summary>Something of which a change may hold although it was changed elsewhere in the same moment: then the save is made again, and nobody hears of it.</summary>
interface IMayHoldStill
{
    /// <summary>Reads it anew; if what was to be saved still holds, makes that change once more.</summary>
    Task<bool> HoldsStill(EntityEntry entry, CancellationToken stop);
}

public static class Overtaking
{
    /// <summary>
    /// Whether a save failed because somebody else was faster: with the same row, or with one that excludes ours. What else goes wrong with a save
    /// (the database is away, a rule of ours is broken) is nobody's being faster, and is not said to be.
    /// </summary>
    public static bool IsOvertaken(this Exception e) =>
        e is DbUpdateConcurrencyException || e.GetBaseException() is PostgresException { SqlState: PostgresErrorCodes.ExclusionViolation or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation };
}
