using Komachi.Platform.Towns;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>Reads <c>towns/&lt;town&gt;/plan/*.yaml</c>. A plan that the town has already, by its key, stays as it is: what becomes of it is decided at the desk.</summary>
static class PlanTown
{
    public static async Task Load(TownLoad load)
    {
        var there = await load.Db.Set<Revision>().Select(r => r.Plan).Distinct().ToListAsync();
        foreach (var path in load.Files("plan").Where(p => Path.GetFileName(p) != ActualsFile.Name))
        {
            var document = PlanYaml.Read(await File.ReadAllTextAsync(path), path);
            if (there.Contains(document.Plan.Key)) continue;
            there.Add(document.Plan.Key);
            var (now, revision) = (load.Time.GetUtcNow(), Revision.Of(document, 1, load.Time.GetUtcNow()));
            revision.Publish(now);
            load.Db.Add(revision);
            ActualsFile.Load(load, document);
        }
    }
}
