using Komachi.Platform.Audit;
using Komachi.Platform.Data;

namespace Komachi.Platform.OpenId;

/// <summary>Points a demo town at the Sandbox's directory, as long as nobody has set up anything else.</summary>
public static class DemoDirectory
{
    // Of a made-up directory that takes anybody: no secret, only called so.
    public const string ClientId = "komachi", Secret = "mihon-no-himitsu-mihon-no-himitsu";

    public static async Task SetUp(TownDb db, TownKeys keys, string issuer, TimeProvider time, CancellationToken stop = default)
    {
        var provider = await DirectoryProvider.Find(db, stop);
        if (provider is not null && (provider.Version > 1 || provider.Issuer == issuer)) return;
        if (provider is not null) db.Remove(provider);    // the Sandbox moved to another port
        await db.Save(stop: stop);
        provider = new();
        provider.Change(SetUpDirectory.Usual with { Issuer = issuer, ClientId = ClientId, SignsOutToo = true, IsOn = true }, time.GetUtcNow());
        await provider.Keep(Secret, keys, db, stop);
        db.Add(provider);
        db.Audit(AuditEntry.ByOperator("directory.set_up", "directory/staff", "demo", time.GetUtcNow()));
        await db.Save(stop: stop);
    }
}
