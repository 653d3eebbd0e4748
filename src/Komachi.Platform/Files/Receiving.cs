using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Komachi.Platform.Files;

/// <summary>
/// Takes a file in, piece by piece: what has come is sealed, lies in the store and is counted in the database, part by part, so a
/// transfer goes on where it was cut, in whichever process. Each step forward is one statement that holds only at the offset that it
/// began from: of two who write at the same place, one does.
/// </summary>
sealed class Receiving(TownDatabases databases, TownKeys keys, IFileStore store, SharedCounters counters, Audit.Refusals refusals, FileSettings settings, TimeProvider time)
{
    const int MostRefusedShown = 10;
    const int MostNameLength = 255;

    /// <summary>Too much for one day; everything else that is wrong with a file stands in <see cref="StoredFile.Refusal"/>.</summary>
    public sealed class TooMuchToday(TimeSpan wait) : Exception
    {
        public TimeSpan Wait => wait;
    }

    /// <summary>Somebody else was faster, or it is not being received any more.</summary>
    public sealed class NotHere : Exception;

    /// <summary>What is left of a name that came over the wire: the last part of a path, without what no name holds.</summary>
    public static string NameOf(string sent)
    {
        var name = FormDoor.Clean(sent).Replace('\n', ' ').Replace('\t', ' ');
        name = name[(name.LastIndexOfAny(['/', '\\']) + 1)..].Trim().TrimStart('.');
        if (name.Length > MostNameLength)
        {
            // The ending stays, and no character is cut in two.
            var ending = name.LastIndexOf('.') is var dot && dot >= 0 && name.Length - dot <= 10 ? name[dot..] : "";
            var elements = StringInfo.ParseCombiningCharacters(name);
            name = name[..elements.Last(at => at <= MostNameLength - ending.Length)] + ending;
        }
        return name.Length == 0 ? "file" : name;
    }

    /// <summary>Begins a file, or writes down why not. Throws <see cref="FileStoreTrouble"/> and <see cref="TooMuchToday"/>.</summary>
    public async Task<StoredFile> Begin(TownDb db, Visit visit, FileKind kind, string place, string sentName, long? bytes, long atMost, CancellationToken stop)
    {
        store.CheckRoom();
        var (now, name, owner) = (time.GetUtcNow(), NameOf(sentName), visit.Visitor?.AccountId);
        FileRefusal? why = bytes == 0 ? FileRefusal.Empty : bytes > kind.MostBytes ? FileRefusal.TooLarge
            : FileType.Promised(name) is not { } promised || !kind.Types.Contains(promised) ? FileRefusal.WrongType : null;
        // What is refused counts a little too, or its rows would have no limit.
        var (within, wait) = await counters.Count(visit.Town, "files", owner?.ToString() ?? visit.From, Kilobytes(why is null ? bytes ?? atMost : 0), settings.MegabytesADay * 1024, TimeSpan.FromDays(1), stop);
        if (!within)
        {
            refusals.Note(visit, Audit.Refusals.TooOften, "files of a day");
            throw new TooMuchToday(wait);
        }
        var id = Id.New();
        var key = why is null ? await keys.Seal(visit.Town, "files", RandomNumberGenerator.GetBytes(32), $"files/{id}", stop) : [];
        await using var transaction = await db.Database.BeginTransactionAsync(stop);
        // One at a time at one place, or two would both be the last that fits.
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtext({kind.Key + "\n" + place}))", stop);
        var there = db.Set<StoredFile>().Where(f => f.Kind == kind.Key && f.Place == place && f.BelongsTo == null);
        if (why is null && await there.CountAsync(f => f.State != FileState.Refused, stop) >= kind.Most) why = FileRefusal.TooMany;
        var file = why is { } no ? StoredFile.NotTaken(kind.Key, place, name, no, owner, now) : StoredFile.Begin(id, kind.Key, place, name, bytes, owner, key, now);
        if (why is not null)
            foreach (var old in await there.Where(f => f.State == FileState.Refused).OrderByDescending(f => f.CreatedAt).Skip(MostRefusedShown - 1).ToListAsync(stop)) db.Remove(old);
        db.Add(file);
        await db.Save(stop: stop);
        await transaction.CommitAsync(stop);
        return file;
    }

    static int Kilobytes(long bytes) => (int)Math.Min(int.MaxValue / 2, Math.Max(64, (bytes + 1023) / 1024));

    /// <summary>
    /// Takes what the body holds, until it ends, is cut or is enough. Says how much of the file is here now, and whether the body came to its end.
    /// What came before a cut is kept.
    /// </summary>
    /// <param name="most">Of the whole file; one byte more ends it (<see cref="FileRefusal.TooLarge"/>).</param>
    public async Task<(long Received, bool Ended)> Take(Town town, StoredFile file, Stream body, long most, CancellationToken stop)
    {
        var key = await keys.Open(town, "files", file.SealedKey, $"files/{file.Id}", stop);
        var buffer = ArrayPool<byte>.Shared.Rent(SealedParts.Most + SealedParts.Chunk);
        try
        {
            var (stored, filled) = (file.Received, 0);    // what the database counts; what of the file is in the buffer
            if (file.Tail is { } tail)
            {
                var opened = await keys.Open(town, "files", tail, TailOf(file.Id, file.Received), stop);
                opened.CopyTo(buffer, 0);
                filled = opened.Length;
            }
            var (at, ended) = (file.Received - filled, false);    // where in the file the buffer begins
            while (true)
            {
                var room = (int)Math.Min(SealedParts.Most + SealedParts.Chunk - filled, most - at - filled);
                if (room == 0 && file.Bytes is not null)
                {
                    ended = true;
                    break;    // all that was announced; what comes behind is not of this file
                }
                int read;
                try
                {
                    read = await body.ReadAsync(room == 0 ? new byte[1] : buffer.AsMemory(filled, room), stop);
                }
                // Kept without the caller's token: it is the caller who is gone.
                catch (Exception e) when (e is IOException or OperationCanceledException or Microsoft.AspNetCore.Http.BadHttpRequestException)
                {
                    if (e is InvalidDataException) throw;
                    break;
                }
                if (read == 0)
                {
                    ended = true;
                    break;
                }
                if (room == 0) return (most + 1, false);
                filled += read;
                if (filled <= SealedParts.Most) continue;
                await Advance(town, file.Id, key, stored, at, buffer.AsMemory(0, SealedParts.Most), ends: false, tail: default);
                stored = at += SealedParts.Most;
                filled -= SealedParts.Most;
                buffer.AsSpan(SealedParts.Most, filled).CopyTo(buffer);
            }
            // Where the length was not announced, the body's end is the file's.
            var whole = file.Bytes is { } announced ? at + filled == announced : ended;
            if (at + filled == stored && !whole) return (stored, ended);
            var full = whole ? filled : filled / SealedParts.Chunk * SealedParts.Chunk;
            if (filled > 0) await Advance(town, file.Id, key, stored, at, buffer.AsMemory(0, full), whole, buffer.AsMemory(full, filled - full));
            return (at + filled, ended);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    static string TailOf(Guid file, long received) => $"files/{file}/tail/{received}";

    async Task Advance(Town town, Guid file, byte[] key, long from, long at, ReadOnlyMemory<byte> part, bool ends, ReadOnlyMemory<byte> tail)
    {
        string? name = null;
        var to = at + part.Length + tail.Length;
        if (part.Length > 0)
        {
            name = $"{file:N}/{Id.New():N}";
            await store.Put(town.Slug, name, SealedParts.Seal(key, file, clean: false, at, part.Span, ends), CancellationToken.None);
        }
        var sealedTail = tail.Length > 0 ? await keys.Seal(town, "files", tail, TailOf(file, to)) : null;
        await using var connection = await databases.Connect(town);
        await using var advance = new NpgsqlCommand("""
            WITH advanced AS (
                UPDATE files.stored SET received = $3, tail = $4, bytes = CASE WHEN $5 THEN $3 ELSE bytes END
                WHERE id = $1 AND received = $2 AND state = 'Receiving' RETURNING id),
            placed AS (
                INSERT INTO files.parts (file_id, clean, start_at, bytes, object) SELECT id, false, $6, $7, $8 FROM advanced WHERE $8 IS NOT NULL)
            SELECT count(*) FROM advanced
            """, connection);
        foreach (var value in new object[] { file, from, to }) advance.Parameters.Add(new() { Value = value });
        advance.Parameters.Add(new() { Value = sealedTail ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea });
        foreach (var value in new object[] { ends, at, part.Length }) advance.Parameters.Add(new() { Value = value });
        advance.Parameters.Add(new() { Value = name ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        if (await advance.ExecuteScalarAsync() is 1L) return;
        if (name is not null) await store.Remove(town.Slug, name, CancellationToken.None);
        throw new NotHere();
    }

    /// <summary>All of it is here: looks what it is, and hands it on to be checked. Doing it twice does it once.</summary>
    public async Task<StoredFile?> Finish(TownDb db, Visit visit, Guid id, FileKind kind, CancellationToken stop)
    {
        db.ChangeTracker.Clear();
        var file = await db.Set<StoredFile>().SingleOrDefaultAsync(f => f.Id == id, stop);
        if (file is null || !file.IsWhole) return file;
        var type = FileType.Promised(file.Name)!;
        bool itIs;
        await using (var content = await Open(visit.Town, db, file, clean: false, stop)) itIs = await type.Is(content, stop);
        if (itIs)
        {
            file.Complete(type);
            db.Enqueue(new CheckFile(id));
            db.Audit(visit.Did("files.send", $"files/{id}", new { kind = kind.Key, type = type.Key, bytes = file.Bytes }, about: file.OwnerId));
        }
        else Refuse(db, file, FileRefusal.WrongType);
        try
        {
            await db.Save(stop: stop);
        }
        catch (DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear();
            return await db.Set<StoredFile>().AsNoTracking().SingleOrDefaultAsync(f => f.Id == id, stop);
        }
        return file;
    }

    /// <summary>The caller saves. The bytes go by a job; what is left of them until then has no key any more.</summary>
    public static void Refuse(TownDb db, StoredFile file, FileRefusal why)
    {
        file.Refuse(why);
        db.Enqueue(new RemoveFileBytes(file.Id));
    }

    public async Task<OpenedFile> Open(Town town, TownDb db, StoredFile file, bool clean, CancellationToken stop)
    {
        var key = await keys.Open(town, "files", file.SealedKey, $"files/{file.Id}", stop);
        var parts = await db.Set<FilePart>().AsNoTracking().Where(p => p.FileId == file.Id && p.Clean == clean).ToListAsync(stop);
        return new(store, town.Slug, file.Id, clean, key, parts, (clean ? file.CleanBytes : file.Bytes) ?? throw new CryptographicException("The file is not whole."));
    }

    /// <summary>Puts a cleaned version beside what was sent; the caller saves. Says how large it is; nothing where it is larger than it may be.</summary>
    public async Task<long?> TakeCleaned(Town town, TownDb db, StoredFile file, Stream body, long most, CancellationToken stop)
    {
        var key = await keys.Open(town, "files", file.SealedKey, $"files/{file.Id}", stop);
        var buffer = new byte[SealedParts.Most + 1];
        var (at, filled) = (0L, 0);
        while (true)
        {
            filled += await body.ReadAtLeastAsync(buffer.AsMemory(filled), buffer.Length - filled, throwOnEndOfStream: false, stop);
            if (at + filled > most || filled == 0) return null;
            var ends = filled <= SealedParts.Most;
            var bytes = Math.Min(filled, SealedParts.Most);
            var part = new FilePart { FileId = file.Id, Clean = true, StartAt = at, Bytes = bytes, Object = $"{file.Id:N}/{Id.New():N}" };
            await store.Put(town.Slug, part.Object, SealedParts.Seal(key, file.Id, clean: true, at, buffer.AsSpan(0, bytes), ends), stop);
            db.Add(part);
            at += bytes;
            if (ends) return at;
            buffer[0] = buffer[SealedParts.Most];
            filled = 1;
        }
    }
}
