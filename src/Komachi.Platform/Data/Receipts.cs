using Komachi.Platform.Towns;
using Npgsql;

namespace Komachi.Platform.Data;

/// <summary>Gives the next receipt number of a town: unique without asking twice, and telling nobody how many there were.</summary>
public sealed class Receipts(TownDatabases databases, Servers servers, TownKeys keys)
{
    public async Task<ReceiptNumber> Next(Town town, CancellationToken stop = default)
    {
        // Under another key the counter would come by numbers that were given before. So it has one of the town's own, which is
        // never rotated and moves with the town; its first value is what numbers were made with before it was kept.
        var key = await keys.Only(town, TownKeys.Receipts, servers.KeyFor("receipts " + town.Code), stop);
        await using var connection = await databases.Connect(town, stop);
        await using var next = new NpgsqlCommand("SELECT nextval('house.receipts')", connection);
        return ReceiptNumber.Of((long)(await next.ExecuteScalarAsync(stop))!, key);
    }
}
