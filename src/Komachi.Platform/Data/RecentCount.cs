namespace Komachi.Platform.Data;

/// <summary>
/// How much there was in the last while: in the window that runs, and of the one before the part that the last while still reaches into, as if it had come
/// evenly. So nobody has twice as many tries where one window ends and the next begins, and two rows are all that is kept.
/// </summary>
/// <param name="Running">In the window that runs.</param>
/// <param name="Before">In the one before.</param>
/// <param name="Gone">What part of the running window is over.</param>
readonly record struct RecentCount(int Running, int Before, double Gone, TimeSpan Window)
{
    /// <summary>Where the window begins that this moment is in.</summary>
    public static DateTimeOffset Begun(DateTimeOffset now, TimeSpan window) => new(now.Ticks - now.Ticks % window.Ticks, TimeSpan.Zero);

    /// <param name="counted">What the database answered: of the running window, and of the one before.</param>
    public static RecentCount Read(object? counted, DateTimeOffset now, TimeSpan window) =>
        counted is int[] and [var running, var before] ? new(running, before, (now - Begun(now, window)) / window, window) : throw new InvalidOperationException("Counts come in twos.");

    public bool Within(int limit) => Running + Before * (1 - Gone) <= limit;

    /// <summary>How long until there is room for so much more.</summary>
    public TimeSpan Wait(int limit, int more = 1)
    {
        var room = Math.Max(0, limit - more);
        return Running <= room
            ? Window * Math.Max(0, (Before > 0 ? 1 - (double)(room - Running) / Before : 0) - Gone)
            : Window * (1 - Gone + 1 - (double)room / Running);
    }
}
