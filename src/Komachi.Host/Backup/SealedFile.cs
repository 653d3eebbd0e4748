using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Komachi.Host.Backup;

/// <summary>
/// The envelope of a backup: a key made for this one file, locked once for each who may open it, then the content under it
/// (<see cref="SealingStream"/>). Who may open it: the installation, by the number of its backup key, and whoever has the
/// recovery key that was given. A change of the envelope changes the key of the content, so it is found.
/// <code>
/// "komachi backup" 0x00 0x01 · length of the rest of the head (2 bytes)
/// 'I' · number of the key (8) · nonce (12) · locked file key (32 + 16)
/// 'P' · salt (16) · rounds (4) · nonce (12) · locked file key (32 + 16)
/// then pieces of 64 KB + 16
/// </code>
/// </summary>
static class SealedFile
{
    const int KeySize = 32, NonceSize = 12, TagSize = 16, Locked = NonceSize + KeySize + TagSize, SaltSize = 16, IdSize = 8;
    const int Rounds = 600_000, MostRounds = 10_000_000, MostHead = 4096;

    static readonly byte[] Magic = [.. "komachi backup"u8, 0, 1];

    public static async Task<SealingStream> Begin(Stream to, BackupKey installation, string? recoveryKey, CancellationToken stop)
    {
        var fileKey = RandomNumberGenerator.GetBytes(KeySize);
        var slots = new MemoryStream();
        slots.WriteByte((byte)'I');
        slots.Write(installation.Id);
        slots.Write(Lock(installation.Key, fileKey, 'I'));
        if (recoveryKey is not null)
        {
            var salt = RandomNumberGenerator.GetBytes(SaltSize);
            var rounds = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(rounds, Rounds);
            slots.WriteByte((byte)'P');
            slots.Write(salt);
            slots.Write(rounds);
            slots.Write(Lock(FromRecovery(recoveryKey, salt, Rounds), fileKey, 'P'));
        }
        byte[] head = [.. Magic, (byte)(slots.Length >> 8), (byte)slots.Length, .. slots.ToArray()];
        await to.WriteAsync(head, stop);
        return new(to, ContentKey(fileKey, head));
    }

    /// <summary>The content, or null when this is no sealed file: then nothing was read of it. Throws a sentence when it cannot be opened.</summary>
    /// <param name="keyFile">A recovery key, or a copy of another installation's backup key.</param>
    public static async Task<OpeningStream?> Open(FileStream file, IReadOnlyList<BackupKey> installation, string? keyFile, CancellationToken stop)
    {
        var start = new byte[Magic.Length + 2];
        if (await file.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, stop) < start.Length || !start.AsSpan(0, Magic.Length - 1).SequenceEqual(Magic.AsSpan(0, Magic.Length - 1)))
        {
            file.Position = 0;
            return null;
        }
        if (start[Magic.Length - 1] != Magic[^1]) throw Refused.CannotRunHere($"{file.Name} was made by a newer Komachi: use that one; nothing was changed.");
        var head = new byte[start.Length + BinaryPrimitives.ReadUInt16BigEndian(start.AsSpan(Magic.Length))];
        start.CopyTo(head, 0);
        if (head.Length > MostHead || await file.ReadAtLeastAsync(head.AsMemory(start.Length), head.Length - start.Length, throwOnEndOfStream: false, stop) < head.Length - start.Length) throw Damaged();

        var given = keyFile is null ? (null, null) : ReadKeyFile(keyFile);
        if (given.Bare is { } bare) installation = [.. installation, new(bare)];
        var mayRecover = false;
        for (var rest = head.AsMemory(start.Length); rest.Length > 0;)
        {
            byte[]? wrapping = null;
            var kind = (char)rest.Span[0];
            var before = kind switch { 'I' => IdSize, 'P' => SaltSize + 4, _ => throw Damaged() };
            if (rest.Length < 1 + before + Locked) throw Damaged();
            var (about, locked) = (rest.Slice(1, before), rest.Slice(1 + before, Locked));
            rest = rest[(1 + before + Locked)..];
            if (kind == 'I') wrapping = installation.FirstOrDefault(k => about.Span.SequenceEqual(k.Id))?.Key;
            else
            {
                mayRecover = true;
                var rounds = BinaryPrimitives.ReadInt32BigEndian(about.Span[SaltSize..]);
                if (rounds is < 1 or > MostRounds) throw Damaged();
                if (given.Words is { } words) wrapping = FromRecovery(words, about[..SaltSize].ToArray(), rounds);
            }
            if (wrapping is not null && Unlock(wrapping, locked.Span, kind) is { } fileKey) return new(file, ContentKey(fileKey, head));
        }
        throw Refused.Failed(keyFile is not null ? $"The key in {keyFile} does not open {file.Name}, or the file is damaged; nothing was changed."
            : mayRecover ? $"{file.Name} was encrypted by another installation, or is damaged: give its recovery key with --key-file; nothing was changed."
            : $"{file.Name} was encrypted by another installation, which gave it no recovery key, or is damaged: give a copy of that installation's secrets/backup with --key-file; nothing was changed.");

        Refused Damaged() => Refused.Failed($"{file.Name} is cut off or damaged: its head cannot be read; nothing was changed.");
    }

    /// <summary>The words in a key file: what a person keeps in a safe. Line ends around them do not count.</summary>
    public static string ReadRecoveryKey(string path)
    {
        var words = ReadKeyFile(path).Words ?? "";
        return words.Length >= 16 ? words : throw Refused.WrongUse($"{path} holds no recovery key: at least 16 characters, better 40 random ones.");
    }

    static (string? Words, byte[]? Bare) ReadKeyFile(string path)
    {
        try
        {
            if (new FileInfo(path).Length > 4096) throw Refused.WrongUse($"{path} is too long for a key.");
            var bytes = File.ReadAllBytes(path);
            string? words = null;
            try { words = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).Trim(); }
            catch (ArgumentException) { }    // random bytes: an installation's own key
            return (words, bytes.Length == KeySize ? bytes : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused.WrongUse($"The key file {path} cannot be read ({e.Message.TrimEnd('.')}).");
        }
    }

    static byte[] FromRecovery(string words, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(words.Normalize(NormalizationForm.FormC)), salt, rounds, HashAlgorithmName.SHA512, KeySize);

    static byte[] ContentKey(byte[] fileKey, byte[] head) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, fileKey, KeySize, salt: SHA256.HashData(head), info: "komachi backup content"u8.ToArray());

    static byte[] Lock(byte[] key, byte[] fileKey, char kind)
    {
        var locked = new byte[Locked];
        RandomNumberGenerator.Fill(locked.AsSpan(0, NonceSize));
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(locked.AsSpan(0, NonceSize), fileKey, locked.AsSpan(NonceSize, KeySize), locked.AsSpan(NonceSize + KeySize), [(byte)kind]);
        return locked;
    }

    static byte[]? Unlock(byte[] key, ReadOnlySpan<byte> locked, char kind)
    {
        var fileKey = new byte[KeySize];
        using var aes = new AesGcm(key, TagSize);
        try
        {
            aes.Decrypt(locked[..NonceSize], locked.Slice(NonceSize, KeySize), locked[(NonceSize + KeySize)..], fileKey, [(byte)kind]);
            return fileKey;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

/// <summary>A key of the installation for its backups; its number is made of it and tells nothing about it.</summary>
sealed class BackupKey(byte[] key)
{
    public byte[] Key => key;
    public byte[] Id { get; } = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 8, info: "komachi backup key id"u8.ToArray());
}
