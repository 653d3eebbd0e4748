using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Files;

/// <summary>How the town's files are: where they lie, whether somebody looks at them, how many are in which state. No names, and nobody's.</summary>
public static class WatchFiles
{
    public sealed record Count(FileState State, int Files, long Bytes);

    internal static Task<int> Waiting(TownDb db, DateTimeOffset now)
    {
        var before = now.AddMinutes(-10);
        return db.Set<StoredFile>().CountAsync(f => f.State == FileState.Checking && f.CreatedAt < before);
    }

    internal static void Routes(IEndpointRouteBuilder to) => to.MapGet("", async (TownDb db, FileSettings settings, HttpContext http) => Page.Show<WatchFilesPage>(new
    {
        Counts = (IReadOnlyList<Count>)await db.Set<StoredFile>().GroupBy(f => f.State).OrderBy(g => g.Key).Select(g => new Count(g.Key, g.Count(), g.Sum(f => f.Received))).ToListAsync(http.RequestAborted),
        InS3 = settings.S3 is not null,
        Checked = settings.ClamAv is not null,
        Answers = settings.ClamAv is { } clam && await VirusCheck.Answers(clam, http.RequestAborted),
        Cleaned = settings.Sanitiser is not null,
    }));
}
