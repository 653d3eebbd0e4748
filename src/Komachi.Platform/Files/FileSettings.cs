using System.Globalization;

namespace Komachi.Platform.Files;

/// <summary>Where files go and what looks at them, as the operator said it.</summary>
public sealed record FileSettings
{
    /// <summary>The folder of the towns; null where nothing is stored (commands, most tests).</summary>
    public string? Folder { get; init; }

    /// <summary>Instead of the folder.</summary>
    public S3Settings? S3 { get; init; }

    /// <summary>The ClamAV daemon: <c>host:port</c>, or the path of its socket. Null: files are not looked at, and the desk says so.</summary>
    public string? ClamAv { get; init; }

    /// <summary>What takes a file and gives back a cleaned one. Null: files stay as they are.</summary>
    public Uri? Sanitiser { get; init; }

    /// <summary>With which we prove to it who asks.</summary>
    public string? SanitiserToken { get; init; }

    /// <summary>From one account (or, without one, one network) on one day.</summary>
    public int MegabytesADay { get; init; } = 500;
    public long LeastFree { get; init; } = FolderStore.LeastFree;

    /// <summary>Out of the environment; what cannot be read is said in a sentence.</summary>
    public static FileSettings Read(Func<string, string?> environment, string? folder, out string? wrong)
    {
        string? Given(string name) => environment(name) is { Length: > 0 } value ? value : null;
        wrong = null;
        var settings = new FileSettings { Folder = folder };
        if (Given("KOMACHI_S3_URL") is { } url)
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var at) || at.Scheme is not ("http" or "https")) wrong = $"KOMACHI_S3_URL: \"{url}\" is not an address like https://s3.example.jp.";
            else if (Given("KOMACHI_S3_BUCKET") is not { } bucket || Given("KOMACHI_S3_KEY") is not { } key || Given("KOMACHI_S3_SECRET") is not { } secret)
                wrong = "KOMACHI_S3_URL needs KOMACHI_S3_BUCKET, KOMACHI_S3_KEY and KOMACHI_S3_SECRET.";
            else settings = settings with { S3 = new(url, bucket, key, secret, Given("KOMACHI_S3_REGION") ?? "us-east-1") };
        }
        if (Given("KOMACHI_CLAMAV") is { } clam)
        {
            if (VirusCheck.Door(clam) is null) wrong ??= $"KOMACHI_CLAMAV: \"{clam}\" is neither host:port nor the path of a socket.";
            settings = settings with { ClamAv = clam };
        }
        if (Given("KOMACHI_SANITISER") is { } sanitiser)
        {
            if (!Uri.TryCreate(sanitiser, UriKind.Absolute, out var at) || at.Scheme is not ("http" or "https")) wrong ??= $"KOMACHI_SANITISER: \"{sanitiser}\" is not a web address.";
            else settings = settings with { Sanitiser = at, SanitiserToken = Given("KOMACHI_SANITISER_TOKEN") };
        }
        if (Given("KOMACHI_FILES_MB_A_DAY") is { } most)
        {
            if (!int.TryParse(most, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 1_000_000) wrong ??= $"KOMACHI_FILES_MB_A_DAY: \"{most}\" is not a number of megabytes.";
            else settings = settings with { MegabytesADay = number };
        }
        return settings;
    }

    public IFileStore OpenStore() => S3 is { } s3 ? new S3Store(s3) : Folder is { } folder ? new FolderStore(folder, LeastFree) : new NoStore();

    /// <summary>A program that was given no place for files: it says so when one comes.</summary>
    sealed class NoStore : IFileStore
    {
        public string Where => "";
        static FileStoreTrouble Trouble => new("This program was given no place for files.");
        public void CheckRoom() => throw Trouble;
        public Task Put(string town, string name, ReadOnlyMemory<byte> bytes, CancellationToken stop) => throw Trouble;
        public Task<Stream> Open(string town, string name, long from, CancellationToken stop) => throw Trouble;
        public Task Remove(string town, string name, CancellationToken stop) => Task.CompletedTask;
        public async IAsyncEnumerable<string> List(string town, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
        {
            await Task.CompletedTask;
            yield break;
        }
    }
}
