using Komachi.Host;

namespace Komachi.Tests.Host;

/// <summary>Secrets of others (a store, a relay, a database) come from the environment or from a vault's folder.</summary>
public sealed class GivenSecrets
{
    [Fact]
    public void A_credential_of_systemd_counts_where_the_environment_says_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("komachi-credentials").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "KOMACHI_S3_SECRET"), "from the vault\n");
            File.WriteAllText(Path.Combine(folder, "KOMACHI_SMTP_PASSWORD"), "from the vault");
            File.WriteAllText(Path.Combine(folder, "KOMACHI_SMS_TOKEN"), "\n");
            File.WriteAllText(Path.Combine(folder, "OTHER"), "not ours");
            File.WriteAllBytes(Path.Combine(folder, "KOMACHI_S3_KEY"), new byte[100_000]);
            string? Environment(string name) => name switch { "CREDENTIALS_DIRECTORY" => folder, "KOMACHI_SMTP_PASSWORD" => "from the environment", _ => null };

            Assert.Equal("from the vault", Setting.Of("KOMACHI_S3_SECRET", Environment));
            Assert.Equal("from the environment", Setting.Of("KOMACHI_SMTP_PASSWORD", Environment));
            Assert.All(["KOMACHI_SMS_TOKEN", "OTHER", "KOMACHI_MAIL_FROM"], name => Assert.Null(Setting.Of(name, Environment)));
            Assert.Contains("KOMACHI_S3_KEY", Assert.Throws<Refused>(() => Setting.Of("KOMACHI_S3_KEY", Environment)).Message);
            Assert.Null(Setting.Of("KOMACHI_S3_SECRET", _ => null));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
