using System.Security.Cryptography;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Rights;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Audit;

/// <summary>
/// What staff typed as their reason may speak of the person, and the audit forgets nothing. So the reason of an entry about a person
/// stands there sealed with a key of that person's, which an erasure throws away: the chain is made over the sealed bytes and stays
/// whole, and the words are gone. AES-256-GCM, bound to the entry. Reasons of entries about nobody stand as they were typed, and so do those from
/// before there were keys.
/// </summary>
sealed class Reasons
{
    const string Mark = "sealed:1:";
    const int Nonce = 12, Tag = 16;

    readonly Dictionary<Guid, byte[]> _keys;

    Reasons(Dictionary<Guid, byte[]> keys) => _keys = keys;

    /// <summary>To read what entries about these persons say: one question, however many.</summary>
    public static async Task<Reasons> About(TownDb db, IEnumerable<Guid?> persons, CancellationToken stop = default) => new(await KeysOf(db, [.. persons.OfType<Guid>().Distinct()], stop));

    /// <summary>As it was typed; words in its place once the person was forgotten.</summary>
    public string? Of(Guid entry, Guid? about, string? written, Words words)
    {
        if (about is not { } person || written is null || !written.StartsWith(Mark, StringComparison.Ordinal)) return written;
        return _keys.TryGetValue(person, out var key) && Open(key, written[Mark.Length..], entry) is { } typed ? typed : words["(erased with the person)"];
    }

    /// <summary>Seals what is to be saved now. Few entries are about a person and have a reason, so the key is asked for each time.</summary>
    internal static async Task Seal(TownDb db, IReadOnlyCollection<AuditEntry> entries, CancellationToken stop)
    {
        var persons = entries.Select(e => e.AboutId!.Value).Distinct().Order().ToArray();
        var keys = await KeysOf(db, persons, stop);
        if (keys.Count < persons.Length)
        {
            // In order, so that two who make the same ones wait for each other and never both; of two keys the first counts.
            foreach (var person in persons.Where(p => !keys.ContainsKey(p)))
                await db.Database.ExecuteSqlAsync($"INSERT INTO rights.reason_keys (about_id, key) VALUES ({person}, {RandomNumberGenerator.GetBytes(32)}) ON CONFLICT DO NOTHING", stop);
            keys = await KeysOf(db, persons, stop);
        }
        foreach (var entry in entries)
            db.Entry(entry).Property(e => e.Reason).CurrentValue = Mark + Locked(keys[entry.AboutId!.Value], entry.Reason!, entry.Id);
    }

    static Task<Dictionary<Guid, byte[]>> KeysOf(TownDb db, Guid[] persons, CancellationToken stop) =>
        persons.Length == 0 ? Task.FromResult(new Dictionary<Guid, byte[]>()) : db.Set<ReasonKey>().AsNoTracking().Where(k => persons.Contains(k.AboutId)).ToDictionaryAsync(k => k.AboutId, k => k.Key, stop);

    static string Locked(byte[] key, string typed, Guid entry)
    {
        var plain = Encoding.UTF8.GetBytes(typed);
        var locked = new byte[Nonce + plain.Length + Tag];
        RandomNumberGenerator.Fill(locked.AsSpan(0, Nonce));
        using var aes = new AesGcm(key, Tag);
        aes.Encrypt(locked.AsSpan(0, Nonce), plain, locked.AsSpan(Nonce, plain.Length), locked.AsSpan(Nonce + plain.Length), entry.ToByteArray());
        return Convert.ToBase64String(locked);
    }

    /// <summary>Null when it does not open: after an erasure, whoever wrote about the person anew did it under another key.</summary>
    static string? Open(byte[] key, string written, Guid entry)
    {
        var locked = new byte[written.Length];
        if (!Convert.TryFromBase64String(written, locked, out var length) || length < Nonce + Tag) return null;
        var plain = new byte[length - Nonce - Tag];
        using var aes = new AesGcm(key, Tag);
        try { aes.Decrypt(locked.AsSpan(0, Nonce), locked.AsSpan(Nonce, plain.Length), locked.AsSpan(length - Tag, Tag), plain, entry.ToByteArray()); }
        catch (AuthenticationTagMismatchException) { return null; }
        return Encoding.UTF8.GetString(plain);
    }
}
