using Komachi.Platform.Files;

[assembly: AssemblyFixture(typeof(Komachi.Tests.Files.GuardedFilesProgram))]

namespace Komachi.Tests.Files;

/// <summary>The same with everything: bytes in the Sandbox's S3, a real ClamAV daemon that a test can take away, the Sandbox's sanitiser.</summary>
public sealed class GuardedFilesProgram : FilesProgram
{
    public Clamd Clamd { get; } = new();

    protected override FileSettings Settings => new()
    {
        S3 = new(new Uri(World.Url, "s3").ToString(), "komachi", "sandbox", "sandbox-secret"),
        ClamAv = Clamd.Door,
        Sanitiser = new Uri(World.Url, "sanitise"),
    };

    public override async ValueTask InitializeAsync()
    {
        await Clamd.Start();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Clamd.DisposeAsync();
    }
}
