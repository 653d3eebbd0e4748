using System.Data.Common;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Komachi.Platform.Data;

/// <summary>
/// A server's own <c>max_connections</c> is the budget that all processes share: only the server can count for all of them.
/// Who finds it used up sends its idle connections home and waits a little, instead of turning a person away.
/// </summary>
sealed class RoomOnServer(Action letGo) : DbConnectionInterceptor
{
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    public async ValueTask Open(DbConnection connection, CancellationToken stop)
    {
        for (var began = Stopwatch.GetTimestamp(); ;)
            try
            {
                await connection.OpenAsync(stop);
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.TooManyConnections && Stopwatch.GetElapsedTime(began) < Longest)
            {
                letGo();
                await Task.Delay(Random.Shared.Next(20, 80), stop);
            }
    }

    public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(DbConnection connection, ConnectionEventData data, InterceptionResult result, CancellationToken stop = default)
    {
        await Open(connection, stop);
        return InterceptionResult.Suppress();
    }
}
