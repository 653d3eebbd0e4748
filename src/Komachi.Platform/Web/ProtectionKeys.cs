using System.Text;
using System.Xml.Linq;
using Komachi.Platform.Data;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace Komachi.Platform.Web;

/// <summary>The keys that protect forms' tokens: shared by all processes in the control database, sealed with AES-GCM under the house's secret.</summary>
sealed class ProtectionKeys(NpgsqlDataSource control, Servers servers) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        var keys = new List<XElement>();
        using var read = control.CreateCommand("SELECT name, sealed_xml FROM registry.protection_keys ORDER BY created_at");
        using var rows = read.ExecuteReader();
        while (rows.Read()) keys.Add(XElement.Parse(Encoding.UTF8.GetString(InstallationSeal.Open(servers.OpeningKeysFor(InstallationSeal.ProtectionKeys), rows.GetString(0), rows.GetFieldValue<byte[]>(1)))));
        return keys;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var store = control.CreateCommand("INSERT INTO registry.protection_keys (name, sealed_xml) VALUES ($1, $2)");
        store.Parameters.Add(new() { Value = friendlyName });
        store.Parameters.Add(new() { Value = InstallationSeal.Seal(servers.SealingKeyFor(InstallationSeal.ProtectionKeys), friendlyName, Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting))) });
        store.ExecuteNonQuery();
    }
}
