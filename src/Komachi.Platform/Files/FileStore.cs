namespace Komachi.Platform.Files;

/// <summary>
/// Where sealed bytes lie: objects that are written once, under the town's address, then <c>file/part</c>. A folder or S3: here the world differs.
/// </summary>
public interface IFileStore
{
    /// <summary>For the people who run it: where the bytes are.</summary>
    string Where { get; }

    Task Put(string town, string name, ReadOnlyMemory<byte> bytes, CancellationToken stop);

    /// <summary>From a place in it on. What is not there throws <see cref="FileNotFoundException"/>.</summary>
    Task<Stream> Open(string town, string name, long from, CancellationToken stop);

    /// <summary>One object, or with a name that ends in "/" all of one file, or with "" all of the town. What is not there is gone already.</summary>
    Task Remove(string town, string name, CancellationToken stop);

    IAsyncEnumerable<string> List(string town, CancellationToken stop);

    /// <summary>Throws <see cref="FileStoreTrouble"/> when there is no room for more.</summary>
    void CheckRoom() { }
}

/// <summary>The store cannot be used at this moment: full, away, or it refuses us.</summary>
public sealed class FileStoreTrouble(string why, Exception? inner = null) : Exception(why, inner);

/// <summary>Files under the data folder, <c>towns/&lt;town&gt;/files</c>: in every backup.</summary>
public sealed class FolderStore(string folder, long leastFree = FolderStore.LeastFree) : IFileStore
{
    public const long LeastFree = 200L * 1024 * 1024;    // of the disk that the databases may be on as well
    const int NoSpace = 28, NoQuota = 122;

    public string Where => folder;

    string Of(string town) => Path.Combine(folder, town, "files");

    public void CheckRoom()
    {
        Directory.CreateDirectory(folder);
        if (new DriveInfo(folder).AvailableFreeSpace < leastFree) throw new FileStoreTrouble("The disk for files is full.");
    }

    public async Task Put(string town, string name, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        var path = Path.Combine(Of(town), name);
        var unfinished = path + ".new";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await using (var file = new FileStream(unfinished, new FileStreamOptions
            {
                Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, Options = System.IO.FileOptions.Asynchronous, BufferSize = 0,
            }))
            {
                await file.WriteAsync(bytes, stop);
                file.Flush(flushToDisk: true);    // what was acknowledged is there when the lights go out
            }
            File.Move(unfinished, path, overwrite: true);
        }
        catch (IOException e)
        {
            try { File.Delete(unfinished); }
            catch (IOException) { }
            throw new FileStoreTrouble(e.HResult is NoSpace or NoQuota ? "The disk for files is full." : "The folder for files cannot be written.", e);
        }
    }

    public Task<Stream> Open(string town, string name, long from, CancellationToken stop)
    {
        var path = Path.Combine(Of(town), name);
        if (!File.Exists(path)) throw new FileNotFoundException("There is no such object.");
        Stream file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0, System.IO.FileOptions.Asynchronous);
        file.Position = from;
        return Task.FromResult(file);
    }

    public Task Remove(string town, string name, CancellationToken stop)
    {
        var path = Path.Combine(Of(town), name);
        if (name.Length == 0 || name.EndsWith('/'))
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        }
        else File.Delete(path);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<string> List(string town, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        await Task.CompletedTask;
        if (!Directory.Exists(Of(town))) yield break;
        foreach (var path in Directory.EnumerateFiles(Of(town), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)) yield return Path.GetRelativePath(Of(town), path);
    }
}
