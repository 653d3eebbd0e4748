namespace Komachi.Platform.Jobs;

/// <summary>Work after a request: the queue in each town's database, its workers, and the page where staff see and restart it.</summary>
sealed class JobsModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("jobs", "Background work").Platform("Jobs");
        m.Tables(QueuedJob.Map, StartedSlot.Map);
        m.Permission("jobs.manage", "See and restart background work");
        m.Desk("jobs.manage", WatchJobs.Routes);
        m.Menu(Web.MenuPlace.Desk, "Background work", "desk/jobs", "jobs.manage");
    }
}
