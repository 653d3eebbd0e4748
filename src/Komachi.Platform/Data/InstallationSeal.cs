using System.Security.Cryptography;
using System.Text;
using Komachi.Platform.Audit;
using Npgsql;

namespace Komachi.Platform.Data;

/// <summary>
/// What the house keeps under the installation's secret, and how it gets under a new one: the towns' keys in their own
/// databases, form keys and operators' authenticators in the control database. AES-256-GCM, each bound to its name.
/// </summary>
public static class InstallationSeal
{
    internal const string ProtectionKeys = "data protection", Operators = "operators";
    const int Nonce = 12, Tag = 16;

    internal static byte[] Seal(byte[] key, string name, ReadOnlySpan<byte> plain)
    {
        var box = new byte[Nonce + Tag + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, Nonce));
        using var aes = new AesGcm(key, Tag);
        aes.Encrypt(box.AsSpan(0, Nonce), plain, box.AsSpan(Nonce + Tag), box.AsSpan(Nonce, Tag), Encoding.UTF8.GetBytes(name));
        return box;
    }

    internal static byte[] Open(IEnumerable<byte[]> keys, string name, byte[] box)
    {
        foreach (var key in keys)
            if (TryOpen(key, name, box) is { } plain) return plain;
        throw new CryptographicException("This was sealed under another installation's secret, or was changed.");
    }

    static byte[]? TryOpen(byte[] key, string name, byte[] box)
    {
        var plain = new byte[box.Length - Nonce - Tag];
        using var aes = new AesGcm(key, Tag);
        try
        {
            aes.Decrypt(box.AsSpan(0, Nonce), box.AsSpan(Nonce + Tag), box.AsSpan(Nonce, Tag), plain, Encoding.UTF8.GetBytes(name));
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>Puts a town's keys under another secret; those that are there already stay. Says it once in the town's audit.</summary>
    public static async Task<int> MoveTown(NpgsqlConnection owner, byte[] from, byte[] to, AuditEntry? entry, CancellationToken stop = default)
    {
        await using var transaction = await owner.BeginTransactionAsync(stop);
        var moved = await TownKeys.Rewrap(owner, from, to, stop);
        if (entry is not null)
            // Looked up by its subject: a rotation that was interrupted comes by here again.
            await using (var audit = new NpgsqlCommand("""
                INSERT INTO audit.entries (id, at, action, subject, reason)
                SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM audit.entries WHERE subject = $4 AND action = $3)
                """, owner)
            {
                Parameters =
                {
                    new() { Value = entry.Id }, new() { Value = entry.At }, new() { Value = entry.Action }, new() { Value = entry.Subject! }, new() { Value = entry.Reason! },
                },
            })
                await audit.ExecuteNonQueryAsync(stop);
        await transaction.CommitAsync(stop);
        return moved;
    }

    /// <summary>The same for what the control database keeps.</summary>
    public static async Task<int> MoveControl(NpgsqlConnection owner, byte[] from, byte[] to, CancellationToken stop = default)
    {
        await using var transaction = await owner.BeginTransactionAsync(stop);
        var moved = await Move(owner, "SELECT name, sealed_xml FROM registry.protection_keys FOR UPDATE", "UPDATE registry.protection_keys SET sealed_xml = $2 WHERE name = $1", ProtectionKeys, from, to, stop);
        moved += await Move(owner, "SELECT id::text, sealed_authenticator FROM registry.operators FOR UPDATE", "UPDATE registry.operators SET sealed_authenticator = $2 WHERE id = $1::uuid", Operators, from, to, stop);
        await transaction.CommitAsync(stop);
        return moved;
    }

    static async Task<int> Move(NpgsqlConnection owner, string read, string write, string purpose, byte[] from, byte[] to, CancellationToken stop)
    {
        var (before, after) = (Servers.KeyOf(from, purpose), Servers.KeyOf(to, purpose));
        var boxes = new List<(string Name, byte[] Box)>();
        await using (var command = new NpgsqlCommand(read, owner))
        await using (var rows = await command.ExecuteReaderAsync(stop))
            while (await rows.ReadAsync(stop)) boxes.Add((rows.GetString(0), rows.GetFieldValue<byte[]>(1)));
        var moved = 0;
        foreach (var (name, box) in boxes)
        {
            if (TryOpen(after, name, box) is not null) continue;
            await using var command = new NpgsqlCommand(write, owner) { Parameters = { new() { Value = name }, new() { Value = Seal(after, name, Open([before], name, box)) } } };
            moved += await command.ExecuteNonQueryAsync(stop);
        }
        return moved;
    }
}
