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

    /// <param name="owners">Server name → connection string of the role that owns Komachi's databases there.</param>
    /// <param name="control">The control database's name; the towns' databases and roles begin with it.</param>
    public Servers(IReadOnlyDictionary<string, string> owners, string control, byte[] secret)
    {
        _owners = new(owners);
        (Control, _secret) = (control, secret);
    }

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

    /// <summary>A key for one purpose in one town; it never leaves the process.</summary>
    public byte[] KeyFor(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, 32, info: Encoding.UTF8.GetBytes("key:" + purpose));

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
        MaxAutoPrepare = 40,
        AutoPrepareMinUsages = 2,
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
