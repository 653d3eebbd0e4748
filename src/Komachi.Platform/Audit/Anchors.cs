using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Komachi.Platform.Web;
using Microsoft.Extensions.Logging;

namespace Komachi.Platform.Audit;

/// <summary>The end of a town's chain at one moment: enough to know later that nothing up to there was exchanged or cut off.</summary>
public sealed record Head(int Era, long Number, byte[] Hash, DateTimeOffset SealedAt)
{
    public string HashText => Convert.ToHexStringLower(Hash);
}

/// <summary>
/// Heads kept away from the town's database server, in a folder of the operator's choice: one folder a town, one file a month, one
/// line a head, only ever added to. Who can change the database cannot change these as well, and that is all that they are for.
/// An object of an S3 store would be written where <see cref="Keep"/> writes its line, and read where <see cref="Read"/> reads it.
/// </summary>
public sealed class Anchors(string? folder, ILogger<Anchors> log)
{
    /// <summary>What a folder holds of one town.</summary>
    /// <param name="Heads">By number; without those that a restore left behind.</param>
    /// <param name="Restores">"Era n goes on after block m": written by the restore itself.</param>
    /// <param name="Unreadable">Lines that are none, as file:line.</param>
    public sealed record Kept(IReadOnlyDictionary<long, Head> Heads, IReadOnlyList<(int Era, long After, DateTimeOffset At)> Restores, IReadOnlyList<string> Unreadable)
    {
        public static readonly Kept Nothing = new(new Dictionary<long, Head>(), [], []);
        public long Newest => Heads.Count == 0 ? 0 : Heads.Keys.Max();
    }

    const string Instant = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    readonly ConcurrentDictionary<string, Head> _newest = new();

    public Anchors(WebOptions options, ILogger<Anchors> log) : this(options.AnchorFolder, log) { }

    public string? Folder => folder;

    /// <summary>Keeps a head, unless it or a later one is kept already. Says so in the log when the chain is not what was kept before.</summary>
    public async Task Keep(string slug, Head head, CancellationToken stop = default)
    {
        if (folder is null) return;
        if (_newest.TryGetValue(slug, out var newest) && Same(newest, head)) return;
        if (newest is null || newest.Number >= head.Number)
        {
            // The first time, or a chain that is no longer what it was: a restore in another process, or worse.
            var kept = await Read(slug, newestFiles: 1, stop);
            if (kept.Heads.TryGetValue(head.Number, out var there) && !Same(there, head) || kept.Newest > head.Number)
            {
                log.LogError("{Town}: the audit's chain does not go on from what was kept in the anchor folder; komachi audit verify says where", slug);
                return;
            }
            if (there is not null)
            {
                _newest[slug] = head;
                return;
            }
        }
        await Append(slug, head.SealedAt, $"{head.SealedAt.UtcDateTime.ToString(Instant, CultureInfo.InvariantCulture)} {slug} era {head.Era} block {head.Number} {head.HashText}", stop);
        _newest[slug] = head;

        static bool Same(Head one, Head other) => one.Number == other.Number && one.Hash.AsSpan().SequenceEqual(other.Hash);
    }

    /// <summary>
    /// A backup was put in the town's place: what its chain does not have was left behind on purpose. Only who can write here can
    /// say so; whoever cuts off a chain within the database cannot.
    /// </summary>
    public Task KeepRestore(string slug, int era, Head? last, DateTimeOffset now, CancellationToken stop = default) =>
        folder is null ? Task.CompletedTask :
        Append(slug, now, $"{now.UtcDateTime.ToString(Instant, CultureInfo.InvariantCulture)} {slug} era {era} after {last?.Number ?? 0} {last?.HashText ?? Convert.ToHexStringLower(AuditBlock.Nothing)}", stop);

    /// <summary>The town is removed: its lines stay, under a name that no other town gets.</summary>
    public void PutAside(string slug, DateTimeOffset now)
    {
        if (folder is not null && Directory.Exists(Path.Combine(folder, slug)))
            Directory.Move(Path.Combine(folder, slug), Path.Combine(folder, $"{slug}.removed-{now.UtcDateTime:yyyyMMdd-HHmmss}"));
    }

    public Task<Kept> Read(string slug, CancellationToken stop = default) => Read(slug, int.MaxValue, stop);

    async Task<Kept> Read(string slug, int newestFiles, CancellationToken stop)
    {
        if (folder is null || !Directory.Exists(Path.Combine(folder, slug))) return Kept.Nothing;
        var (heads, restores, unreadable) = (new Dictionary<long, Head>(), new List<(int, long, DateTimeOffset)>(), new List<string>());
        foreach (var path in Directory.EnumerateFiles(Path.Combine(folder, slug), "*.txt").Order(StringComparer.Ordinal).TakeLast(newestFiles))
        {
            await using var file = await Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, stop);
            using var lines = new StreamReader(file);
            for (var at = 1; await lines.ReadLineAsync(stop) is { } line; at++)
            {
                if (Parse(line, slug) is not { } read)
                {
                    unreadable.Add($"{Path.GetFileName(path)}:{at}");
                    continue;
                }
                if (!read.Block)
                {
                    foreach (var later in heads.Keys.Where(n => n > read.Head.Number).ToArray()) heads.Remove(later);
                    restores.Add((read.Head.Era, read.Head.Number, read.Head.SealedAt));
                    if (read.Head.Number == 0) continue;
                }
                // Of two that name one number the first counts: whoever adds a second later changes nothing by it.
                heads.TryAdd(read.Head.Number, read.Head);
            }
        }
        return new(heads, restores, unreadable);
    }

    static (bool Block, Head Head)? Parse(string line, string slug)
    {
        var words = line.Split(' ');
        return words is [var at, var town, "era", var era, ("block" or "after") and var what, var number, { Length: 64 } hash] && town == slug
            && DateTimeOffset.TryParseExact(at, Instant, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var when)
            && int.TryParse(era, NumberStyles.None, CultureInfo.InvariantCulture, out var ofEra)
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var block) && hash.All(char.IsAsciiHexDigitLower)
            ? (what == "block", new(ofEra, block, Convert.FromHexString(hash), when)) : null;
    }

    async Task Append(string slug, DateTimeOffset at, string line, CancellationToken stop)
    {
        var own = Path.Combine(folder!, slug);
        Directory.CreateDirectory(own);
        // Alone, since two that append at once would write over each other.
        await using var file = await Open(Path.Combine(own, at.UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture) + ".txt"), FileMode.Append, FileAccess.Write, FileShare.None, stop);
        await file.WriteAsync(Encoding.ASCII.GetBytes(line + "\n"), stop);
        file.Flush(flushToDisk: true);
    }

    static async Task<FileStream> Open(string path, FileMode mode, FileAccess access, FileShare share, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new(path, mode, access, share);
            }
            catch (IOException e) when (attempt < 100 && e is not (FileNotFoundException or DirectoryNotFoundException))
            {
                await Task.Delay(10, stop);    // somebody is just writing a line
            }
        }
    }
}
