using Npgsql;

namespace Komachi.Host.Backup;

/// <summary>pg_dump and pg_restore as the owner, through pipes: what they hold does not lie on the disk. The password goes by the environment: arguments are seen by everyone on the machine.</summary>
static class DatabaseTools
{
    public static async Task Dump(Installation where, string server, string database, Stream to, CancellationToken stop)
    {
        var run = await Run(where, "pg_dump", server, database,
            ["--format=custom", "--no-owner", "--no-acl", "--no-password", "--lock-wait-timeout=60s"], null, to, stop);
        if (run.ExitCode != 0) throw Refused.Failed($"The database could not be read whole ({run.LastError}).");
    }

    public static async Task Restore(Installation where, string server, string database, Stream from, CancellationToken stop)
    {
        var run = await Run(where, "pg_restore", server, database,
            ["--no-owner", "--no-acl", "--no-password", "--exit-on-error", "--single-transaction", "--dbname", database], from, null, stop);
        if (run.ExitCode != 0) throw Refused.Failed($"The database could not be restored ({run.LastError}).");
    }

    static Task<Tool.Outcome> Run(Installation where, string tool, string server, string database, string[] arguments, Stream? from, Stream? to, CancellationToken stop)
    {
        var way = new NpgsqlConnectionStringBuilder(where.Servers.OwnerString(server, database));
        var environment = new Dictionary<string, string>
        {
            ["PGHOST"] = way.Host ?? "", ["PGPORT"] = way.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), ["PGUSER"] = way.Username ?? "", ["PGPASSWORD"] = way.Password ?? "",
            ["PGDATABASE"] = database, ["PGCONNECT_TIMEOUT"] = "15", ["PGAPPNAME"] = "komachi backup",
            ["PGSSLMODE"] = way.SslMode switch { SslMode.Disable => "disable", SslMode.Allow => "allow", SslMode.Prefer => "prefer", SslMode.Require => "require", SslMode.VerifyCA => "verify-ca", _ => "verify-full" },
        };
        if (way.RootCertificate is { Length: > 0 } root) environment["PGSSLROOTCERT"] = root;
        return Tool.Run(Path.Combine(PrivatePostgres.NewestBinaries(), tool), arguments, where.Folder, environment, stop, from, to);
    }
}
