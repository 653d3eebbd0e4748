using Komachi.Platform.Portal;
using Komachi.Platform.Rights;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Jobs;

/// <summary>Work after a request: the queue in each town's database, its workers, and the page where staff see and restart it.</summary>
sealed class JobsModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("jobs", "Background work").Platform("Jobs");
        m.Retains("jobs.parked", "Background work that was given up", "It may hold what was to be sent, and a person looks at it within that time", Rights.Keep.Days(90),
            night => night.Db.Set<QueuedJob>().Where(j => j.DeadAt < night.Before));
        m.Tables(QueuedJob.Map, StartedSlot.Map);
        m.Permission("jobs.manage", "See and restart background work");
        m.Desk("jobs.manage", WatchJobs.Routes);
        m.Waits("Background work that was given up", "desk/jobs", "jobs.manage", (_, db, _) => db.Set<QueuedJob>().CountAsync(j => j.DeadAt != null));
        m.Menu(Web.MenuPlace.Desk, "Background work", "desk/jobs", "jobs.manage", group: Web.DeskGroup.Records, key: 'b');
    }
}
