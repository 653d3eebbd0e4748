using System.Security.Cryptography;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Platform.Files;

/// <summary>
/// Looks at a file that came whole: for viruses where a checker is configured, then through the sanitiser where there is one. Until it
/// has passed both nobody gets it; while one of them is away it waits.
/// </summary>
sealed record CheckFile(Guid Id) : IJob<CheckFile>
{
    public static string Name => "files.check";
    public static string Title => "Check a file that was sent";

    // Days, at an hour each at the end: what people sent must not fail because a checker was away over a weekend.
    public static JobRules Rules { get; } = new(Attempts: 100, AtOnce: 2);

    public static async Task Run(CheckFile job, JobRun run)
    {
        var (settings, receiving, sanitiser) = (run.Services.GetRequiredService<FileSettings>(), run.Services.GetRequiredService<Receiving>(), run.Services.GetRequiredService<Sanitiser>());
        var house = run.Services.GetRequiredService<House>();
        if (await run.Db.Set<StoredFile>().SingleOrDefaultAsync(f => f.Id == job.Id, run.Stop) is not { State: FileState.Checking } file) return;
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using (var content = await receiving.Open(run.Town, run.Db, file, clean: false, run.Stop))
            {
                if (settings.ClamAv is { } clam)
                {
                    var verdict = await VirusCheck.Ask(clam, content, part => hash.AppendData(part.Span), run.Stop) ?? throw new JobFailed("The virus checker cannot be reached, or gave no clear answer.");
                    if (!verdict.Clean)
                    {
                        await AsItStands(run, file);
                        Refuse(run, file, FileRefusal.Virus, verdict.Name);
                        return;
                    }
                }
                else
                {
                    var chunk = new byte[SealedParts.Chunk];
                    for (int read; (read = await content.ReadAsync(chunk, run.Stop)) > 0;) hash.AppendData(chunk.AsSpan(0, read));
                }
            }
            long? cleanBytes = null;
            if (sanitiser.IsThere)
            {
                var type = FileType.Find(file.Type)!;
                var most = Math.Max(file.Bytes!.Value * 2, house.All<OfferedFileKind>().FirstOrDefault(o => o.Kind.Key == file.Kind)?.Kind.MostBytes ?? 0);
                Sanitiser.Outcome outcome;
                await using (var content = await receiving.Open(run.Town, run.Db, file, clean: false, run.Stop))
                    outcome = await sanitiser.Clean(content, type, run.Id, async cleaned => cleanBytes = await receiving.TakeCleaned(run.Town, run.Db, file, cleaned, most, run.Stop), run.Stop);
                if (outcome == Sanitiser.Outcome.NotNow) throw new JobFailed("The sanitiser cannot be reached, or gave no clear answer.");
                if (outcome == Sanitiser.Outcome.Refused || cleanBytes is null)
                {
                    foreach (var part in run.Db.ChangeTracker.Entries<FilePart>().ToList()) part.State = EntityState.Detached;
                    await AsItStands(run, file);
                    Refuse(run, file, FileRefusal.NotClean, null);
                    return;
                }
            }
            await AsItStands(run, file);
            file.Pass(hash.GetHashAndReset(), cleanBytes);
            run.Db.Raise(new FileChecked(file.Id, file.Kind, file.BelongsTo, Ready: true));
        }
        catch (Exception e) when (e is CryptographicException or FileNotFoundException)
        {
            throw new JobFailed("The file's bytes are not as they were received.", forGood: true);
        }
        catch (FileStoreTrouble e)
        {
            throw new JobFailed(e.Message);
        }
    }

    /// <summary>Whoever claimed it during the check is to hear how it went; what was taken away has no check.</summary>
    static async Task AsItStands(JobRun run, StoredFile file)
    {
        await run.Db.Entry(file).ReloadAsync(run.Stop);
        if (run.Db.Entry(file).State == EntityState.Detached || file.State != FileState.Checking) throw new JobFailed("The file was taken away during its check.");
    }

    static void Refuse(JobRun run, StoredFile file, FileRefusal why, string? found)
    {
        Receiving.Refuse(run.Db, file, why);
        run.Db.Audit(new AuditEntry { At = run.Time.GetUtcNow(), Action = "files.refuse", Subject = $"files/{file.Id}", AboutId = file.OwnerId, Details = AuditEntry.DetailsOf(new { why = why.ToString(), found }) });
        run.Db.Raise(new FileChecked(file.Id, file.Kind, file.BelongsTo, Ready: false));
    }
}

/// <summary>The bytes of a file that is gone or was refused.</summary>
sealed record RemoveFileBytes(Guid Id) : IJob<RemoveFileBytes>
{
    public static string Name => "files.remove_bytes";
    public static string Title => "Remove a file from the store";

    public static async Task Run(RemoveFileBytes job, JobRun run)
    {
        try
        {
            await run.Services.GetRequiredService<IFileStore>().Remove(run.Town.Slug, $"{job.Id:N}/", run.Stop);
        }
        catch (FileStoreTrouble e)
        {
            throw new JobFailed(e.Message);
        }
        await run.Db.Set<FilePart>().Where(p => p.FileId == job.Id).ExecuteDeleteAsync(run.Stop);
    }
}

/// <summary>Each hour: takes away what nobody claimed in a day, half sent or whole.</summary>
sealed record TidyFiles : IJob<TidyFiles>
{
    const int AtOnce = 500;

    public static string Name => "files.tidy";
    public static string Title => "Clear away files that nobody saved";

    public static async Task Run(TidyFiles job, JobRun run)
    {
        var now = run.Time.GetUtcNow();
        var over = await run.Db.Set<StoredFile>().Where(f => f.EndsAt < now && f.BelongsTo == null).OrderBy(f => f.EndsAt).Take(AtOnce).ToListAsync(run.Stop);
        foreach (var file in over) run.Db.RemoveFile(file);
        if (over.Count == AtOnce) run.Db.Enqueue(new TidyFiles());
    }
}
