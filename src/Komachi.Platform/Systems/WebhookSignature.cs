using System.Security.Cryptography;
using System.Text;

namespace Komachi.Platform.Systems;

/// <summary>Signatures of the Standard Webhooks: <c>v1,</c> and HMAC-SHA256 over id, time and body, one for each secret that holds.</summary>
static class WebhookSignature
{
    const string Before = "whsec_";

    /// <summary>Without a +, which stands in JSON as \u002B: somebody would copy it so.</summary>
    public static string NewSecret()
    {
        while (true)
            if (Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) is var secret && !secret.Contains('+')) return Before + secret;
    }

    public static string Of(IEnumerable<string> secrets, string id, long timestamp, string body) =>
        string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret[Before.Length..]), Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")))));
}
