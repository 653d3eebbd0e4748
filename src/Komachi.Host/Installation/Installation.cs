using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Npgsql;

namespace Komachi.Host;

/// <summary>
/// One data folder and what belongs to it: the secrets, the towns' files, the logs, and where the databases are.
/// Everything that a Komachi knows between two starts is in here or in PostgreSQL.
/// </summary>
public sealed class Installation
{
    /// <summary>How the data folder is laid out. A folder of a newer number is not touched.</summary>
    const int Format = 1;
    const long LeastFreeBytes = 200L * 1024 * 1024;

    /// <summary>What may stand in a folder that is not Komachi's yet: the program is put there before it first runs.</summary>
    static readonly string[] NotYetData = ["program", "program.new", "program.stamp", "program.lock", "lost+found"];

    readonly Func<string, string?> _environment;

    Installation(string folder, Func<string, string?> environment)
    {
        (Folder, _environment) = (folder, environment);
        Anchors = environment("KOMACHI_ANCHOR_FOLDER") is { Length: > 0 } anchors ? Path.GetFullPath(anchors) : Path.Combine(folder, "anchors");
        var secret = Secret("serving", () => RandomNumberGenerator.GetBytes(32));
        var owners = new Dictionary<string, string>();
        if (environment("KOMACHI_POSTGRES") is { Length: > 0 } given)
        {
            owners[Servers.Main] = Parsed("KOMACHI_POSTGRES", given);
        }
        else
        {
            var password = Secret("owner", () => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24))));
            Postgres = new(folder, Encoding.ASCII.GetString(password).Trim());
            owners[Servers.Main] = Postgres.OwnerString;
        }
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
            if (variable.Key is string name && name.StartsWith("KOMACHI_POSTGRES_", StringComparison.Ordinal) && variable.Value is string { Length: > 0 } value)
                owners[name["KOMACHI_POSTGRES_".Length..].ToLowerInvariant()] = Parsed(name, value);

        var control = new NpgsqlConnectionStringBuilder(owners[Servers.Main]).Database;
        Servers = new(owners, string.IsNullOrEmpty(control) ? "komachi" : control, secret, () => new(Found(SecretRotation.Next), Found(SecretRotation.Before)));
    }

    public string Folder { get; }
    public Servers Servers { get; }

    /// <summary>The PostgreSQL of the data folder; null when <c>KOMACHI_POSTGRES</c> names another.</summary>
    public PrivatePostgres? Postgres { get; }

    public string Logs => Path.Combine(Folder, "logs");
    public string Backups => Path.Combine(Folder, "backups");

    /// <summary>Heads of the towns' audits. Here they are only beside the database: a folder of another machine protects better.</summary>
    public string Anchors { get; }
    /// <summary>What encrypts backups, oldest first: made at first use; a rotation adds a newer one, and the older ones go on opening what they sealed.</summary>
    internal IReadOnlyList<Backup.BackupKey> BackupKeys
    {
        get
        {
            var keys = new List<Backup.BackupKey> { new(Secret("backup", () => RandomNumberGenerator.GetBytes(32))) };
            for (var n = 2; File.Exists(Path.Combine(Secrets, $"backup.{n}")); n++) keys.Add(new(Secret($"backup.{n}", () => [])));
            return keys;
        }
    }

    /// <summary>How old a backup may become. So long it is known who was forgotten, and no longer.</summary>
    public int BackupsKeptDays => _environment("KOMACHI_BACKUPS_KEPT_DAYS") switch
    {
        null or "" => 3660,
        var given => int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= 36600 ? days : throw Refused.WrongUse($"KOMACHI_BACKUPS_KEPT_DAYS is \"{given}\": a number of days, at most 36600, please."),
    };

    internal string Secrets => Path.Combine(Folder, "secrets");

    /// <summary>For work in progress, on the same disk as what it becomes.</summary>
    public string Scratch => Path.Combine(Folder, "scratch");

    /// <summary>The towns that come with the program.</summary>
    public static string TownsFolder => Path.Combine(AppContext.BaseDirectory, "towns");

    /// <summary>Where people's files go, and what looks at them, as the environment says.</summary>
    public FileSettings Files => FileSettings.Read(_environment, TownsData, out var wrong) is var settings && wrong is null ? settings : throw Refused.WrongUse(wrong);

    /// <summary>What lies here of each town, by its address.</summary>
    public string TownsData => Path.Combine(Folder, "towns");

    public string FilesOf(string slug) => Path.Combine(TownsData, slug, "files");

    /// <summary>The password of the demo accounts: made of the data folder's secret, so it is the same at each start and stored nowhere, until that secret is exchanged.</summary>
    public string DemoPassword
    {
        get
        {
            if (Found("demo") is { } kept) return Encoding.ASCII.GetString(kept);
            const string letters = "abcdefghijkmnpqrstuvwxyz23456789";    // 32 that are not mistaken for one another
            var key = Servers.KeyFor("demo accounts");
            return string.Join('-', Enumerable.Range(0, 3).Select(group => string.Concat(key.Skip(group * 4).Take(4).Select(b => letters[b % 32]))));
        }
    }

    public static string DefaultFolder(Func<string, string?> environment)
    {
        if (environment("KOMACHI_DATA") is { Length: > 0 } folder) return folder;
        if (Unix.IsRoot) return "/var/lib/komachi";
        var home = environment("XDG_DATA_HOME") is { Length: > 0 } data ? data : Path.Combine(environment("HOME") ?? "/", ".local/share");
        return Path.Combine(home, "komachi");
    }

    /// <summary>Opens a data folder, or begins one. Says no before anything is changed.</summary>
    public static Installation Open(string? folder = null, Func<string, string?>? environment = null)
    {
        environment ??= Setting.Of;
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder ?? DefaultFolder(environment)));
        try
        {
            Check(folder);
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var free = new DriveInfo(folder).AvailableFreeSpace;
            if (free < LeastFreeBytes)
                throw Refused.CannotRunHere($"The disk of {folder} is full: {free / 1024 / 1024} MB are free and Komachi wants at least {LeastFreeBytes / 1024 / 1024}.");
            var version = Path.Combine(folder, "version");
            // What residents sent in stands under here: nobody else on the machine enters.
            foreach (var inner in new[] { "towns", "logs", "run", "scratch" })
                Directory.CreateDirectory(Path.Combine(folder, inner), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            if (!File.Exists(version)) Unix.WriteWhole(version, Encoding.ASCII.GetBytes($"{Format}\n"), secret: false);
            return new(folder, environment);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Refused.CannotRunHere($"The data folder {folder} cannot be used by this user ({e.Message.TrimEnd('.')}).");
        }
        catch (IOException e)
        {
            throw Refused.CannotRunHere($"The data folder {folder} cannot be written ({e.Message.TrimEnd('.')}).");
        }
    }

    static void Check(string folder)
    {
        if (File.Exists(folder)) throw Refused.CannotRunHere($"{folder} is a file: the data folder must be a folder.");
        if (!Directory.Exists(folder)) return;
        var version = Path.Combine(folder, "version");
        if (File.Exists(version))
        {
            if (!int.TryParse(File.ReadAllText(version).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var format))
                throw Refused.CannotRunHere($"{version} is not a number: {folder} is not a data folder of Komachi, or it is damaged.");
            if (format > Format)
                throw Refused.CannotRunHere($"The data folder {folder} is of a newer Komachi (format {format}, this program knows {Format}): nothing was changed; use that newer program.");
        }
        else if (Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Except(NotYetData).Any())
        {
            throw Refused.CannotRunHere($"{folder} is not empty and not a data folder of Komachi: nothing was changed; choose another with KOMACHI_DATA.");
        }
    }

    /// <summary>Held by the one supervisor (or the one command that needs the database alone) of a data folder.</summary>
    public FileStream? TryLock()
    {
        try
        {
            return new(Path.Combine(Folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            return null;
        }
    }

    byte[] Secret(string name, Func<byte[]> make)
    {
        Directory.CreateDirectory(Secrets, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = Path.Combine(Secrets, name);
        if (!File.Exists(path)) Unix.WriteWhole(path, make(), secret: true);
        var secret = File.ReadAllBytes(path);
        if (secret.Length < 16) throw Refused.CannotRunHere($"{path} is damaged: bring it back from a copy of the data folder.");
        return secret;
    }

    /// <summary>A secret that is not always there.</summary>
    internal byte[]? Found(string name)
    {
        try { return File.ReadAllBytes(Path.Combine(Secrets, name)); }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException) { return null; }
    }

    static string Parsed(string name, string value)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(value).ConnectionString;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw Refused.CannotRunHere($"{name} is not a connection string like Host=db.example.jp;Username=komachi;Password=…;Database=komachi.");
        }
    }
}
