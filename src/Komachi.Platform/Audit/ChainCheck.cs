using System.Buffers.Binary;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Npgsql;

namespace Komachi.Platform.Audit;

/// <param name="Entries">Sealed entries that were read.</param>
/// <param name="Anchored">Heads kept elsewhere that were held against the chain.</param>
/// <param name="More">Findings beyond those listed.</param>
public sealed record ChainState(long Blocks, long Entries, int Anchored, long Waiting, Head? Head, IReadOnlyList<Finding> Findings, long More)
{
    public bool Whole => Findings.Count == 0;
}

/// <summary>
/// Reads the whole chain and every sealed entry once, in order, and says what is not as it was sealed. Nothing stands in memory
/// but some blocks at a time, so a million entries cost as little as a thousand.
/// </summary>
public sealed class ChainCheck(TownDatabases databases, Anchors anchors)
{
    const int MostListed = 500;

    /// <param name="known">Heads from elsewhere, of a mail for example, besides those of the anchor folder.</param>
    /// <param name="onTheWay">Blocks checked, blocks in all, entries read.</param>
    public async Task<ChainState> Run(Town town, IEnumerable<Head>? known = null, Func<long, long, long, Task>? onTheWay = null, CancellationToken stop = default)
    {
        // Before the chain: what is anchored meanwhile would not be in the blocks that were read.
        var kept = await anchors.Read(town.Slug, stop);
        await using var connection = await databases.Connect(town, stop);
        using var walk = new Walk(connection, kept, known ?? [], onTheWay);
        return await walk.Go(stop);
    }

    sealed class Walk(NpgsqlConnection connection, Anchors.Kept kept, IEnumerable<Head> known, Func<long, long, long, Task>? onTheWay) : IDisposable
    {
        readonly SealedRows _rows = new();
        readonly List<Finding> _findings = [];
        readonly Dictionary<Guid, (int At, long Block)> _removed = [];
        readonly HashSet<Guid> _added = [];
        long _more, _blocks, _entries;
        int _anchored;
        bool _rewritten;

        // The last good block, and whether blocks between it and the next good one cannot be relied on: entries there are nobody's.
        AuditBlock? _last;
        long _lastNumber;
        SealKey _end;
        bool _gap;

        public async Task<ChainState> Go(CancellationToken stop)
        {
            foreach (var line in kept.Unreadable) Found(new(FindingKind.Anchor, Text: line));
            var (era, inAll) = await Ask(stop);
            if (kept.Restores.Count > 0 && kept.Restores.Max(r => r.Era) is var begun && begun > era) Found(new(FindingKind.Era, era, begun));

            while (await NextBlocks(stop) is { Count: > 0 } blocks)
            {
                var good = new Queue<(AuditBlock Block, bool AfterGap)>();
                var before = _end;
                foreach (var block in blocks) Take(block, good);
                _blocks += blocks.Count;
                await ReadEntries(before, good, stop);
                if (onTheWay is not null) await onTheWay(_blocks, inAll, _entries);
            }
            var tail = kept.Heads.Values.Concat(known).Where(h => h.Number > _lastNumber).Select(h => h.Number).DefaultIfEmpty().Max();
            if (tail > 0) Found(new(FindingKind.CutOff, _lastNumber, tail));
            Settle();
            return new(_blocks, _entries, _anchored, await Waiting(stop), _last is { } l ? new(l.Era, l.Number, l.Hash, l.SealedAt) : null, _findings, _more);
        }

        /// <summary>Holds a block against itself, the one before, and what was kept elsewhere.</summary>
        void Take(AuditBlock block, Queue<(AuditBlock, bool)> good)
        {
            if (block.Number != _lastNumber + 1)
            {
                Found(new(FindingKind.Missing, _lastNumber + 1, block.Number - 1));
                _gap = true;
            }
            var follows = block.Number == _lastNumber + 1;
            _lastNumber = block.Number;
            foreach (var head in known.Where(h => h.Number == block.Number).Concat(kept.Heads.TryGetValue(block.Number, out var anchor) ? [anchor] : []))
            {
                _anchored++;
                // From the first on none agrees: one finding says it.
                if (_rewritten || head.Hash.AsSpan().SequenceEqual(block.Hash)) continue;
                _rewritten = true;
                Found(new(FindingKind.Rewritten, block.Number));
            }
            if (!block.ComputeHash().AsSpan().SequenceEqual(block.Hash) || block.To < block.From || block.From <= _end ||
                block.Register.Length != block.Count * SealedRows.RegisterBytes || block.Form != AuditBlock.NewestForm)
            {
                Found(new(FindingKind.Block, block.Number));
                _gap = true;
                return;
            }
            if (follows && !_gap)
            {
                if (!block.PreviousHash.AsSpan().SequenceEqual(_last?.Hash ?? AuditBlock.Nothing) || block.Total != (_last?.Total ?? 0) + block.Count)
                    Found(new(FindingKind.Chain, block.Number));
            }
            good.Enqueue((block, _gap));
            (_last, _end, _gap) = (block, block.To, false);
        }

        async Task ReadEntries(SealKey before, Queue<(AuditBlock Block, bool AfterGap)> blocks, CancellationToken stop)
        {
            if (blocks.Count == 0) return;
            await using var read = new NpgsqlCommand($"""
                SELECT {SealedRows.Columns} FROM audit.entries WHERE (era, xid, id) > ($1, $2, $3) AND (era, xid, id) <= ($4, $5, $6)
                ORDER BY era, xid, id
                """, connection) { CommandTimeout = 600 };
            Sealer.AddKey(read, before);
            Sealer.AddKey(read, blocks.Last().Block.To);
            await using var row = await read.ExecuteReaderAsync(stop);
            var (block, afterGap) = blocks.Dequeue();
            _rows.Clear();
            while (await row.ReadAsync(stop))
            {
                _entries++;
                var key = SealedRows.KeyOf(row);
                while (key > block.To)
                {
                    Compare(block);
                    (block, afterGap) = blocks.Dequeue();
                }
                if (key >= block.From) _rows.Add(key, row);
                else if (!afterGap) Added(key.Id, block.Number);
            }
            Compare(block);
            while (blocks.TryDequeue(out var rest)) Compare(rest.Block);
        }

        void Compare(AuditBlock block)
        {
            var content = _rows.TakeHash();
            if (!_rows.Register.SequenceEqual(block.Register))
            {
                var (there, sealedNow) = (Registered(block.Register), Registered(_rows.Register));
                foreach (var (id, start) in there)
                    if (!sealedNow.TryGetValue(id, out var now)) Removed(id, block.Number);
                    else if (now != start) Found(new(FindingKind.Changed, block.Number, Entry: id));
                foreach (var id in sealedNow.Keys)
                    if (!there.ContainsKey(id)) Added(id, block.Number);
            }
            else if (!content.AsSpan().SequenceEqual(block.ContentHash)) Found(new(FindingKind.Content, block.Number));
            _rows.Clear();

            static Dictionary<Guid, ulong> Registered(ReadOnlySpan<byte> register)
            {
                var by = new Dictionary<Guid, ulong>();
                for (; register.Length >= SealedRows.RegisterBytes; register = register[SealedRows.RegisterBytes..])
                    by[new(register[..16], bigEndian: true)] = BinaryPrimitives.ReadUInt64BigEndian(register[16..]);
                return by;
            }
        }

        void Removed(Guid id, long block)
        {
            if (_findings.Count < MostListed) _removed.TryAdd(id, (_findings.Count, block));
            Found(new(FindingKind.Removed, block, Entry: id));
        }

        void Added(Guid id, long block)
        {
            if (_added.Count < MostListed) _added.Add(id);
            Found(new(FindingKind.Added, block, Entry: id));
        }

        /// <summary>What is missing in one place and too much in another was moved.</summary>
        void Settle()
        {
            foreach (var (id, (at, block)) in _removed.Where(r => _added.Contains(r.Key))) _findings[at] = new(FindingKind.Moved, block, Entry: id);
            _findings.RemoveAll(f => f.Kind == FindingKind.Added && _removed.ContainsKey(f.Entry!.Value));
        }

        void Found(Finding finding)
        {
            if (_findings.Count < MostListed) _findings.Add(finding);
            else _more++;
        }

        async Task<(int Era, long Blocks)> Ask(CancellationToken stop)
        {
            await using var ask = new NpgsqlCommand("SELECT (SELECT max(number) FROM audit.eras), coalesce((SELECT max(number) FROM audit.blocks), 0)", connection);
            await using var row = await ask.ExecuteReaderAsync(stop);
            await row.ReadAsync(stop);
            return (row.IsDBNull(0) ? 0 : row.GetInt32(0), row.GetInt64(1));
        }

        /// <summary>As many as make a megabyte of registers, one at least.</summary>
        async Task<List<AuditBlock>> NextBlocks(CancellationToken stop)
        {
            await using var next = new NpgsqlCommand($"""
                SELECT {AuditBlock.Columns} FROM (
                    SELECT *, sum(octet_length(register)) OVER (ORDER BY number) AS so_far FROM (SELECT * FROM audit.blocks WHERE number > $1 ORDER BY number LIMIT 2000) next) b
                WHERE so_far - octet_length(register) < 1000000 ORDER BY number
                """, connection) { CommandTimeout = 600, Parameters = { new() { Value = _lastNumber } } };
            var blocks = new List<AuditBlock>();
            await using var row = await next.ExecuteReaderAsync(stop);
            while (await row.ReadAsync(stop)) blocks.Add(AuditBlock.Read(row));
            return blocks;
        }

        async Task<long> Waiting(CancellationToken stop)
        {
            if (_gap) return 0;    // where the sealed ones end is not known
            await using var ask = new NpgsqlCommand("SELECT count(*) FROM (SELECT FROM audit.entries WHERE (era, xid, id) > ($1, $2, $3) LIMIT 10000) behind", connection);
            Sealer.AddKey(ask, _end);
            return (long)(await ask.ExecuteScalarAsync(stop))!;
        }

        public void Dispose() => _rows.Dispose();
    }
}
