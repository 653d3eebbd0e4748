using System.Security.Cryptography;
using System.Text;

namespace Komachi.Platform.Systems;

/// <summary>Signatures of the Standard Webhooks: <c>v1,</c> and HMAC-SHA256 over id, time and body, one for each secret that holds.</summary>
static class WebhookSignature
{
    const string Before = "whsec_";

    public static string NewSecret() => Before + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    public static string Of(IEnumerable<string> secrets, string id, long timestamp, string body) =>
        string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret[Before.Length..]), Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")))));
}
