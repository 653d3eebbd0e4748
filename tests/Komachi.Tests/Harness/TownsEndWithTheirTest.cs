using System.Collections.Concurrent;
using System.Reflection;
using Komachi.Platform.Towns;
using Xunit.v3;

[assembly: Komachi.Tests.Harness.TownsEndWithTheirTest]

namespace Komachi.Tests.Harness;

/// <summary>
/// When a test ends, its towns are suspended: nothing runs in them any more. Without this the last tests of a run share two cores
/// with the jobs and seals of hundreds of towns that nobody looks at.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class TownsEndWithTheirTest : BeforeAfterTestAttribute
{
    static readonly ConcurrentDictionary<string, ConcurrentBag<TestTown>> Towns = new();

    internal static void Note(TestTown town)
    {
        if (TestContext.Current.Test is { } test) Towns.GetOrAdd(test.UniqueID, _ => []).Add(town);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Towns.TryRemove(test.UniqueID, out var towns)) End(towns).GetAwaiter().GetResult();
    }

    static async Task End(IEnumerable<TestTown> towns)
    {
        foreach (var town in towns)
            try { await town.Program.Service<Registry>().SetState(town.Slug, TownState.Suspended); }
            catch (ObjectDisposedException) { }    // a program that the test itself ended
    }
}
