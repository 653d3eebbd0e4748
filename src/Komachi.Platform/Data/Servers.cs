using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Komachi.Platform.Data;

/// <summary>
/// Where the databases are, and as whom we go there. The owner migrates and makes towns; what serves pages goes in as
/// a role of its own per database that may change rows, nothing else. The serving roles' passwords are derived from one
/// secret of the data folder, so no password is stored or written in a file.
/// </summary>
public sealed class Servers
{
    readonly Dictionary<string, string> _owners;
    readonly byte[] _secret;
    readonly Func<SecretsInChange>? _change;

    /// <param name="owners">Server name → connection string of the role that owns Komachi's databases there.</param>
    /// <param name="control">The control database's name; the towns' databases and roles begin with it.</param>
    /// <param name="change">While the secret is being exchanged: what comes and what goes. Asked only where it matters.</param>
    public Servers(IReadOnlyDictionary<string, string> owners, string control, byte[] secret, Func<SecretsInChange>? change = null)
    {
        _owners = new(owners);
        (Control, _secret, _change) = (control, secret, change);
    }

    /// <summary>The same servers under another secret.</summary>
    public Servers With(byte[] secret) => new(_owners, Control, secret);

    public const string Main = "main";

    public string Control { get; }
    public string Template => Control + "_template";

    /// <summary>Holds the rights; each database's login role is a member. Not "_app": that is the control database's own login.</summary>
    public string AppRole => Control + "_serving";

    public IReadOnlyCollection<string> Names => _owners.Keys;

    public string DatabaseOf(string slug) => $"{Control}_{slug.Replace('-', '_')}";

    /// <summary>The login that may enter just this database.</summary>
    public string LoginOf(string database) => database + "_app";

    public string PasswordOf(string database) =>
        Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, 32, info: Encoding.UTF8.GetBytes("login:" + database)));

    /// <summary>A key for one purpose; it never leaves the process. What is sealed under it does not outlive a rotation by itself: <see cref="InstallationSeal"/> sees to that for what the house keeps.</summary>
    public byte[] KeyFor(string purpose) => KeyOf(_secret, purpose);

    /// <summary>With what to seal what is kept: under the secret that comes, while it is being exchanged.</summary>
    internal byte[] SealingKeyFor(string purpose) => KeyOf(_change?.Invoke().Coming ?? _secret, purpose);

    /// <summary>With what something kept may have been sealed: nearly always the first one.</summary>
    internal IEnumerable<byte[]> OpeningKeysFor(string purpose)
    {
        yield return KeyFor(purpose);
        if (_change?.Invoke() is not { } change) yield break;
        if (change.Coming is { } coming) yield return KeyOf(coming, purpose);
        if (change.Going is { } going) yield return KeyOf(going, purpose);
    }

    internal static byte[] KeyOf(byte[] secret, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: Encoding.UTF8.GetBytes("key:" + purpose));

    /// <summary>The owner's way in: unpooled, since it is used by commands and not by pages.</summary>
    public string OwnerString(string server, string database) =>
        new NpgsqlConnectionStringBuilder(Owner(server)) { Database = database, Pooling = false, ApplicationName = "komachi owner" }.ConnectionString;

    /// <summary>Where a server is, and nothing of who may enter: all that a process needs which only serves.</summary>
    public string PlaceOf(string server)
    {
        var place = new NpgsqlConnectionStringBuilder(Owner(server));
        foreach (var key in new[] { "Username", "Password", "Passfile", "SSL Key", "SSL Certificate", "SSL Password" }) place.Remove(key);
        return place.ConnectionString;
    }

    public string ServingString(string server, string database) => new NpgsqlConnectionStringBuilder(Owner(server))
    {
        Database = database,
        Username = LoginOf(database),
        Password = PasswordOf(database),
        ApplicationName = "komachi",
        Pooling = true,
        // Sixty idle towns must not hold sixty times a pool: a quiet town holds nothing after a few seconds.
        MinPoolSize = 0,
        MaxPoolSize = 16,
        ConnectionIdleLifetime = 5,
        ConnectionPruningInterval = 2,
        // A filing alone is some forty different statements: with room for forty they pushed each other out.
        MaxAutoPrepare = 120,
        AutoPrepareMinUsages = 2,
        // Nothing that serves a town leaves anything in its session (a rule sees to that), so there is nothing to clean up: seven statements before each of ours.
        // In the control database the doorbell listens.
        NoResetOnClose = database != Control,
        Timeout = 5,
        CommandTimeout = 20,
    }.ConnectionString;

    public async Task<NpgsqlConnection> OpenOwner(string server, string database, CancellationToken stop = default)
    {
        var connection = new NpgsqlConnection(OwnerString(server, database));
        await connection.OpenAsync(stop);
        return connection;
    }

    string Owner(string server) =>
        _owners.TryGetValue(server, out var owner) ? owner : throw new InvalidOperationException($"No server is called \"{server}\".");
}

/// <summary>The installation's secret while it is being exchanged; both null at all other times.</summary>
public readonly record struct SecretsInChange(byte[]? Coming, byte[]? Going);
