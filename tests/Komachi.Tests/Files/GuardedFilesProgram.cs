using Komachi.Platform.Files;

namespace Komachi.Tests.Files;

/// <summary>The same with everything: bytes in the Sandbox's S3, a real ClamAV daemon that a test can take away, the Sandbox's sanitiser.</summary>
[CollectionDefinition(Guarded)]
public sealed class GuardedFilesProgram : FilesProgram, ICollectionFixture<GuardedFilesProgram>
{
    public const string Guarded = "guarded files";    // started for those alone who need it: the daemon takes seconds and a gigabyte

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
