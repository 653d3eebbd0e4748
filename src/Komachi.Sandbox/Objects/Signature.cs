using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Komachi.Sandbox.Objects;

/// <summary>AWS Signature Version 4, as a store checks it: who asks, for what exactly, when, and with which bytes.</summary>
static class Signature
{
    const string Algorithm = "AWS4-HMAC-SHA256";
    static readonly TimeSpan Skew = TimeSpan.FromMinutes(15);

    /// <summary>Null when it is right, or the code that S3 answers.</summary>
    public static string? Wrong(HttpRequest request, byte[] body, string key, string secret, DateTimeOffset now)
    {
        var given = request.Headers.Authorization.ToString();
        if (!given.StartsWith(Algorithm + " ", StringComparison.Ordinal)) return "AccessDenied";
        var parts = given[(Algorithm.Length + 1)..].Split(',', StringSplitOptions.TrimEntries).Select(p => p.Split('=', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1]);
        if (!parts.TryGetValue("Credential", out var credential) || !parts.TryGetValue("SignedHeaders", out var signed) || !parts.TryGetValue("Signature", out var signature)) return "AccessDenied";
        var scope = credential.Split('/');
        if (scope.Length != 5 || scope[3] != "s3" || scope[4] != "aws4_request") return "AccessDenied";
        if (scope[0] != key) return "InvalidAccessKeyId";

        var stamp = request.Headers["x-amz-date"].ToString();
        if (!DateTimeOffset.TryParseExact(stamp, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) || stamp[..8] != scope[1]) return "AccessDenied";
        if ((now - at).Duration() > Skew) return "RequestTimeTooSkewed";

        var said = request.Headers["x-amz-content-sha256"].ToString();
        if (said != "UNSIGNED-PAYLOAD" && said != Convert.ToHexStringLower(SHA256.HashData(body))) return "XAmzContentSHA256Mismatch";
        var names = signed.Split(';');
        if (!names.Contains("host") || request.Headers.Keys.Any(h => h.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) && !names.Contains(h.ToLowerInvariant()))) return "AccessDenied";

        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var question = target.IndexOf('?');
        var query = (question < 0 ? "" : target[(question + 1)..]).Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Contains('=') ? p : p + "=").Order(StringComparer.Ordinal);
        var headers = names.Select(n => $"{n}:{(n == "host" ? request.Host.Value : string.Join(',', request.Headers[n].Select(v => Spaces(v))))}\n");
        var canonical = $"{request.Method}\n{(question < 0 ? target : target[..question])}\n{string.Join('&', query)}\n{string.Concat(headers)}\n{signed}\n{said}";
        var toSign = $"{Algorithm}\n{stamp}\n{string.Join('/', scope[1..])}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var signing = scope[1..].Aggregate(Encoding.UTF8.GetBytes("AWS4" + secret), (with, part) => HMACSHA256.HashData(with, Encoding.UTF8.GetBytes(part)));
        var right = Convert.ToHexStringLower(HMACSHA256.HashData(signing, Encoding.UTF8.GetBytes(toSign)));
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(right), Encoding.ASCII.GetBytes(signature)) ? null : "SignatureDoesNotMatch";

        static string Spaces(string? value) => string.Join(' ', (value ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
