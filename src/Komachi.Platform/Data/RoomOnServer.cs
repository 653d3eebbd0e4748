using System.Data.Common;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Komachi.Platform.Data;

/// <summary>
/// A server's own <c>max_connections</c> is the budget that all processes share: only the server can count for all of them.
/// Who finds it used up sends its idle connections home and waits a little, instead of turning a person away: longer than
/// other processes keep theirs open unused, which is seven seconds.
/// </summary>
sealed class RoomOnServer(Action letGo) : DbConnectionInterceptor
{
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(12), Moment = TimeSpan.FromMilliseconds(10);

    readonly SemaphoreSlim _first = new(1);
    int _waiting;

    public async ValueTask Open(DbConnection connection, CancellationToken stop)
    {
        // Who comes while others wait stands behind them.
        if (Volatile.Read(ref _waiting) == 0 && await TryOpen(connection, stop)) return;
        Interlocked.Increment(ref _waiting);
        try
        {
            if (!await _first.WaitAsync(Longest, stop)) throw new TimeoutException("The server has no room for more connections.");
            try
            {
                for (var began = Stopwatch.GetTimestamp(); !await TryOpen(connection, stop); await Task.Delay(Moment, stop))
                {
                    if (Stopwatch.GetElapsedTime(began) > Longest) throw new TimeoutException("The server has no room for more connections.");
                    letGo();
                }
            }
            finally
            {
                _first.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    static async ValueTask<bool> TryOpen(DbConnection connection, CancellationToken stop)
    {
        try
        {
            await connection.OpenAsync(stop);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            return false;
        }
    }

    public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(DbConnection connection, ConnectionEventData data, InterceptionResult result, CancellationToken stop = default)
    {
        await Open(connection, stop);
        return InterceptionResult.Suppress();
    }
}
