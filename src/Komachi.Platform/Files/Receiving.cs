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

    /// <param name="Received">How much of the file is here now.</param>
    /// <param name="Ended">The body came to its end.</param>
    public readonly record struct Taken(long Received, bool Ended, OnePiece? Whole = null);

    /// <summary>All of it came at once: it lies in the store, and of that the database hears with what it is (<see cref="Finish(TownDb, Visit, StoredFile, Taken, FileKind, CancellationToken)"/>).</summary>
    /// <param name="Fits">It is what its name promises: it was looked at on its way.</param>
    public sealed record OnePiece(FilePart Part, bool Fits);

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
        var id = Id.New();
        var begun = why is not null ? null
            : StoredFile.Begin(id, kind.Key, place, name, bytes, owner, await keys.Seal(visit.Town, "files", RandomNumberGenerator.GetBytes(32), $"files/{id}", stop), now, kind.Waits);
        var kilobytes = Kilobytes(begun is null ? 0 : bytes ?? atMost);
        var (counting, asked) = counters.Counting("files", owner?.ToString() ?? visit.From, kilobytes, Day);
        var (counted, placed) = await Place(visit.Town, counting, begun, kind.Most, stop);
        if (RecentCount.Read(counted, asked, Day) is var today && !today.Within(settings.MegabytesADay * 1024))
        {
            if (placed) await db.Set<StoredFile>().Where(f => f.Id == id).ExecuteDeleteAsync(CancellationToken.None);
            refusals.Note(visit, Audit.Refusals.TooOften, "files of a day");
            throw new TooMuchToday(today.Wait(settings.MegabytesADay * 1024, kilobytes));
        }
        if (placed) return begun!;
        var refused = StoredFile.NotTaken(kind.Key, place, name, why ?? FileRefusal.TooMany, owner, now);
        var before = db.Set<StoredFile>().Where(f => f.Kind == kind.Key && f.Place == place && f.BelongsTo == null && f.State == FileState.Refused);
        // Whoever is refused in the same moment takes the same ones away: what is gone needs no removing.
        await before.OrderByDescending(f => f.CreatedAt).Skip(MostRefusedShown - 1).ExecuteDeleteAsync(stop);
        db.Add(refused);
        await db.Save(stop: stop);
        return refused;
    }

    /// <summary>
    /// What is counted by now, and whether it found a place. One at a time at one place, or two would both be the last that fits: the lock and the row go to the
    /// database together, and the row counts behind the lock. No byte of it has been acknowledged yet, so the disk is not waited for.
    /// </summary>
    async Task<(object? Counted, bool Placed)> Place(Town town, NpgsqlBatchCommand counting, StoredFile? file, int most, CancellationToken stop)
    {
        await using var connection = await databases.Connect(town, stop);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { counting } };
        var add = new NpgsqlBatchCommand("""
            INSERT INTO files.stored (id, kind, place, name, bytes, received, state, owner_id, sealed_key, created_at, ends_at)
            SELECT $1, $2, $3, $4, $5, 0, 'Receiving', $6, $7, $8, $9
            WHERE (SELECT count(*) FROM files.stored WHERE kind = $2 AND place = $3 AND belongs_to IS NULL AND state <> 'Refused') < $10
            """);
        if (file is not null)
        {
            batch.BatchCommands.Add(new("SELECT pg_advisory_xact_lock(hashtext($1))") { Parameters = { new() { Value = file.Kind + "\n" + file.Place } } });
            foreach (var value in new object[] { file.Id, file.Kind, file.Place, file.Name }) add.Parameters.Add(new() { Value = value });
            add.Parameters.Add(new() { Value = file.Bytes ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint });
            add.Parameters.Add(new() { Value = file.OwnerId ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
            foreach (var value in new object[] { file.SealedKey, file.CreatedAt, file.EndsAt!.Value, most }) add.Parameters.Add(new() { Value = value });
            batch.BatchCommands.Add(add);
        }
        var counted = await batch.ExecuteScalarAsync(stop);
        return (counted, file is not null && add.RecordsAffected == 1);
    }

    static readonly TimeSpan Day = TimeSpan.FromDays(1);

    static int Kilobytes(long bytes) => (int)Math.Min(int.MaxValue / 2, Math.Max(64, (bytes + 1023) / 1024));

    /// <summary>
    /// Takes what the body holds, until it ends, is cut or is enough. What came before a cut is kept.
    /// </summary>
    /// <param name="most">Of the whole file; one byte more ends it (<see cref="FileRefusal.TooLarge"/>).</param>
    /// <param name="begunHere">This very request began it, and finishes it with what is taken: nobody else can have sent a part of it.</param>
    public async Task<Taken> Take(Town town, StoredFile file, Stream body, long most, CancellationToken stop, bool begunHere = false)
    {
        var key = await keys.Open(town, "files", file.SealedKey, $"files/{file.Id}", stop);
        // No larger than what may come: most files are far smaller than a part.
        var large = (int)Math.Min(SealedParts.Most + SealedParts.Chunk, Math.Min(file.Bytes ?? long.MaxValue, most) - file.Received + SealedParts.Chunk);
        var buffer = ArrayPool<byte>.Shared.Rent(large);
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
                var room = (int)Math.Min(large - filled, most - at - filled);
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
                if (room == 0) return new(most + 1, false);
                filled += read;
                if (filled <= SealedParts.Most) continue;
                await Advance(town, file.Id, key, stored, at, buffer.AsMemory(0, SealedParts.Most), ends: false, tail: default);
                stored = at += SealedParts.Most;
                filled -= SealedParts.Most;
                buffer.AsSpan(SealedParts.Most, filled).CopyTo(buffer);
            }
            // Where the length was not announced, the body's end is the file's.
            var whole = file.Bytes is { } announced ? at + filled == announced : ended;
            if (at + filled == stored && !whole) return new(stored, ended);
            if (begunHere && whole && at == 0 && filled > 0)
            {
                var part = new FilePart { FileId = file.Id, Bytes = filled, Object = $"{file.Id:N}/{Id.New():N}" };
                await PutPart(town, part.Object, key, file.Id, clean: false, at, buffer.AsMemory(0, filled), ends: true, CancellationToken.None);
                return new(filled, ended, new(part, await FileType.Promised(file.Name)!.Is(new MemoryStream(buffer, 0, filled, writable: false), CancellationToken.None)));
            }
            var full = whole ? filled : filled / SealedParts.Chunk * SealedParts.Chunk;
            if (filled > 0) await Advance(town, file.Id, key, stored, at, buffer.AsMemory(0, full), whole, buffer.AsMemory(full, filled - full));
            return new(at + filled, ended);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer.AsSpan(0, large));
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
            await PutPart(town, name, key, file, clean: false, at, part, ends, CancellationToken.None);
        }
        var sealedTail = tail.Length > 0 ? await keys.Seal(town, "files", tail, TailOf(file, to)) : null;
        await using var connection = await databases.Connect(town);
        // Nobody is told that it is whole before it was looked at, and that is saved behind this: then the disk is waited for once.
        await using var advance = new NpgsqlCommand("""
            WITH advanced AS (
                UPDATE files.stored SET received = $3, tail = $4, bytes = CASE WHEN $5 THEN $3 ELSE bytes END
                WHERE id = $1 AND received = $2 AND state = 'Receiving' RETURNING id),
            placed AS (
                INSERT INTO files.parts (file_id, clean, start_at, bytes, object) SELECT id, false, $6, $7, $8 FROM advanced WHERE $8 IS NOT NULL)
            SELECT count(*), set_config('synchronous_commit', CASE WHEN $5 THEN 'off' ELSE current_setting('synchronous_commit') END, true) FROM advanced
            """, connection);
        foreach (var value in new object[] { file, from, to }) advance.Parameters.Add(new() { Value = value });
        advance.Parameters.Add(new() { Value = sealedTail ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea });
        foreach (var value in new object[] { ends, at, part.Length }) advance.Parameters.Add(new() { Value = value });
        advance.Parameters.Add(new() { Value = name ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        if (await advance.ExecuteScalarAsync() is 1L) return;
        if (name is not null) await store.Remove(town.Slug, name, CancellationToken.None);
        throw new NotHere();
    }

    async Task PutPart(Town town, string name, byte[] key, Guid file, bool clean, long at, ReadOnlyMemory<byte> part, bool ends, CancellationToken stop)
    {
        var rented = ArrayPool<byte>.Shared.Rent((int)SealedParts.SealedBytes(part.Length));
        try
        {
            await store.Put(town.Slug, name, rented.AsMemory(0, SealedParts.Seal(key, file, clean, at, part.Span, ends, rented)), stop);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>All of it is here: looks what it is, and hands it on to be checked. Doing it twice does it once.</summary>
    public async Task<StoredFile?> Finish(TownDb db, Visit visit, Guid id, FileKind kind, CancellationToken stop)
    {
        db.ChangeTracker.Clear();
        if (await db.Set<StoredFile>().SingleOrDefaultAsync(f => f.Id == id, stop) is not { } file) return null;
        if (!file.IsWhole) return file;
        await using var content = await Open(visit.Town, db, file, clean: false, stop);
        return await Finish(db, visit, file, kind, await FileType.Promised(file.Name)!.Is(content, stop), stop);
    }

    /// <summary>The same for what this very request began and took: what came in one piece is told the database once, and none of it is read again.</summary>
    public async Task<StoredFile?> Finish(TownDb db, Visit visit, StoredFile begun, Taken taken, FileKind kind, CancellationToken stop)
    {
        if (taken.Whole is not var (part, fits)) return await Finish(db, visit, begun.Id, kind, stop);
        db.ChangeTracker.Clear();
        db.Attach(begun);
        begun.TakenWhole(taken.Received);
        db.Add(part);
        var done = await Finish(db, visit, begun, kind, fits, stop);
        if (done != begun) await store.Remove(visit.Town.Slug, part.Object, stop);    // taken away in another window
        return done;
    }

    async Task<StoredFile?> Finish(TownDb db, Visit visit, StoredFile file, FileKind kind, bool fits, CancellationToken stop)
    {
        var type = FileType.Promised(file.Name)!;
        if (fits)
        {
            file.Complete(type);
            db.Enqueue(new CheckFile(file.Id));
            db.Audit(visit.Did("files.send", $"files/{file.Id}", new { kind = kind.Key, type = type.Key, bytes = file.Bytes }, about: file.OwnerId));
        }
        else Refuse(db, file, FileRefusal.WrongType);
        try
        {
            await db.Save(stop: stop);
        }
        catch (DbUpdateException e) when (e.IsOvertaken())
        {
            db.ChangeTracker.Clear();
            return await db.Set<StoredFile>().AsNoTracking().SingleOrDefaultAsync(f => f.Id == file.Id, stop);
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
            await PutPart(town, part.Object, key, file.Id, clean: true, at, buffer.AsMemory(0, bytes), ends, stop);
            db.Add(part);
            at += bytes;
            if (ends) return at;
            buffer[0] = buffer[SealedParts.Most];
            filled = 1;
        }
    }
}
