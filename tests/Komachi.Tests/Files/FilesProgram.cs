using Komachi.Host;
using Komachi.Platform.Files;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;

[assembly: AssemblyFixture(typeof(Komachi.Tests.Files.FilesProgram))]

namespace Komachi.Tests.Files;

/// <summary>The program with a module that takes files, in a folder, with nothing that looks at them.</summary>
public class FilesProgram() : TestProgram(Modules.House(new Papers()))
{
    /// <summary>Where the bytes lie.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("komachi-files").FullName;

    protected virtual FileSettings Settings => new() { Folder = Folder, LeastFree = 0, MegabytesADay = 60 };

    protected override WebOptions Options => base.Options with { Files = Settings };

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
