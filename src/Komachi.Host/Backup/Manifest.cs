using System.Security.Cryptography;
using System.Text.Json;
using Komachi.Platform.Towns;

namespace Komachi.Host.Backup;

/// <summary>
/// <c>manifest.json</c> of a backup: which town it is, the schema that its database holds, and what every other part of the
/// file must be. Written last, when all that is known; <c>manifest.sha256</c> behind it says that it is itself untouched,
/// in the form that <c>sha256sum -c</c> reads.
/// </summary>
sealed record Manifest
{
    public const string Kind = "komachi town backup", Name = "manifest.json", SealName = "manifest.sha256", Dump = "database.dump", Keys = "keys.json", Files = "files/";
    public const int NewestFormat = 2;    // 1: not encrypted, without keys

    public required string What { get; init; }
    public required int Format { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string Program { get; init; }
    public required string Slug { get; init; }
    public required string Code { get; init; }
    public required TownProfile Profile { get; init; }
    public required string[] Hosts { get; init; }
    public required string[] Modules { get; init; }
    public required TownState State { get; init; }

    /// <summary>The newest migration of each module.</summary>
    public required IReadOnlyDictionary<string, int> Migrations { get; init; }
    public required IReadOnlyList<Part> Parts { get; init; }

    public sealed record Part(string Name, long Size, string Sha256);

    public static string SealOf(byte[] json) => $"{Convert.ToHexStringLower(SHA256.HashData(json))}  {Name}\n";

    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public TownFile AsTownFile(string slug, IEnumerable<string> hosts) => new()
    {
        Slug = slug, Code = Code, Name = Profile.Name, Prefecture = Profile.Prefecture, Colour = Profile.Colour, Pattern = Profile.Pattern,
        Office = Profile.Office, Training = Profile.Training, Hosts = [.. hosts], Modules = [.. Modules],
    };
}
