using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Komachi.Platform.Data;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace Komachi.Platform.Web;

/// <summary>The keys that protect forms' tokens: shared by all processes in the control database, sealed with AES-GCM under the house's secret.</summary>
sealed class ProtectionKeys(NpgsqlDataSource control, Servers servers) : IXmlRepository
{
    readonly byte[] _key = servers.KeyFor("data protection");

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        var keys = new List<XElement>();
        using var read = control.CreateCommand("SELECT name, sealed_xml FROM registry.protection_keys ORDER BY created_at");
        using var rows = read.ExecuteReader();
        while (rows.Read()) keys.Add(XElement.Parse(Unseal(rows.GetString(0), rows.GetFieldValue<byte[]>(1))));
        return keys;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var store = control.CreateCommand("INSERT INTO registry.protection_keys (name, sealed_xml) VALUES ($1, $2)");
        store.Parameters.Add(new() { Value = friendlyName });
        store.Parameters.Add(new() { Value = Seal(friendlyName, element.ToString(SaveOptions.DisableFormatting)) });
        store.ExecuteNonQuery();
    }

    byte[] Seal(string name, string xml)
    {
        var plain = Encoding.UTF8.GetBytes(xml);
        var box = new byte[12 + 16 + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, 12));
        using var aes = new AesGcm(_key, 16);
        aes.Encrypt(box.AsSpan(0, 12), plain, box.AsSpan(28), box.AsSpan(12, 16), Encoding.UTF8.GetBytes(name));
        return box;
    }

    string Unseal(string name, byte[] box)
    {
        var plain = new byte[box.Length - 28];
        using var aes = new AesGcm(_key, 16);
        aes.Decrypt(box.AsSpan(0, 12), box.AsSpan(28), box.AsSpan(12, 16), plain, Encoding.UTF8.GetBytes(name));
        return Encoding.UTF8.GetString(plain);
    }
}
