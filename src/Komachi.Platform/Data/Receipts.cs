using Komachi.Platform.Towns;

namespace Komachi.Platform.Data;

/// <summary>Gives the next receipt number of a town: unique without asking twice, and telling nobody how many there were.</summary>
public sealed class Receipts(TownDatabases databases, Servers servers)
{
    public async Task<ReceiptNumber> Next(Town town, CancellationToken stop = default)
    {
        await using var next = databases.Source(town).CreateCommand("SELECT nextval('house.receipts')");
        return ReceiptNumber.Of((long)(await next.ExecuteScalarAsync(stop))!, servers.KeyFor("receipts " + town.Code));
    }
}
