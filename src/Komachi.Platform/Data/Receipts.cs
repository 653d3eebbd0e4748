using Komachi.Platform.Towns;
using Npgsql;

namespace Komachi.Platform.Data;

/// <summary>Gives the next receipt number of a town: unique without asking twice, and telling nobody how many there were.</summary>
public sealed class Receipts(TownDatabases databases, Servers servers)
{
    public async Task<ReceiptNumber> Next(Town town, CancellationToken stop = default)
    {
        await using var connection = await databases.Connect(town, stop);
        await using var next = new NpgsqlCommand("SELECT nextval('house.receipts')", connection);
        return ReceiptNumber.Of((long)(await next.ExecuteScalarAsync(stop))!, servers.KeyFor("receipts " + town.Code));
    }
}
