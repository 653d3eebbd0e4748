using System.Text;

namespace Komachi.Host;

/// <summary>
/// What the operator set: in the environment, or, for what is secret, as a credential of systemd's (<c>LoadCredentialEncrypted=KOMACHI_S3_SECRET:…</c>)
/// or of whatever else fills <c>CREDENTIALS_DIRECTORY</c> out of a vault. Then it stands in no unit, no environment and no file of ours.
/// </summary>
static class Setting
{
    const int MostBytes = 64 * 1024;

    public static string? Of(string name) => Of(name, Environment.GetEnvironmentVariable);

    internal static string? Of(string name, Func<string, string?> environment)
    {
        if (environment(name) is { Length: > 0 } value) return value;
        if (!name.StartsWith("KOMACHI_", StringComparison.Ordinal) || environment("CREDENTIALS_DIRECTORY") is not { Length: > 0 } folder) return null;
        var file = new FileInfo(Path.Combine(folder, name));
        if (!file.Exists) return null;
        if (file.Length > MostBytes) throw Refused.CannotRunHere($"The credential {name} is larger than {MostBytes / 1024} KB.");
        try
        {
            return File.ReadAllText(file.FullName, Encoding.UTF8).TrimEnd('\r', '\n') is { Length: > 0 } text ? text : null;
        }
        catch (UnauthorizedAccessException)
        {
            throw Refused.CannotRunHere($"The credential {name} cannot be read by this user.");
        }
    }
}
