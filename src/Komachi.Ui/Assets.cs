using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Komachi.Ui;

/// <summary>
/// Style sheets and scripts, read once from the <c>assets</c> folder beside the program and served from memory.
/// The address carries a hash of the content, so browsers may keep it for ever.
/// </summary>
public sealed class Assets
{
    readonly FrozenDictionary<string, Asset> _byName;
    readonly FrozenDictionary<string, Asset> _byAddress;

    public Assets() : this(Path.Combine(AppContext.BaseDirectory, "assets")) { }

    public Assets(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"No folder {folder}: building Komachi.Ui makes it.");
        var all = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => new Asset(Path.GetRelativePath(folder, file).Replace('\\', '/'), File.ReadAllBytes(file)))
            .ToArray();
        _byName = all.ToFrozenDictionary(a => a.Name);
        _byAddress = all.ToFrozenDictionary(a => a.Address);
    }

    /// <summary>"komachi.css" → "/assets/komachi.0a1b2c3d4e.css"; a name that is not there is a mistake of ours.</summary>
    public string Url(string name) => _byName.TryGetValue(name, out var asset)
        ? asset.Url
        : throw new ArgumentException($"No asset named {name}; there are {string.Join(", ", _byName.Keys.Order())}.", nameof(name));

    /// <summary>What stands at such an address, for who gets no answer over the web.</summary>
    public (string ContentType, ReadOnlyMemory<byte> Bytes)? Find(string url) =>
        url.StartsWith("/assets/", StringComparison.Ordinal) && At(url["/assets/".Length..]) is { } asset ? (asset.ContentType, asset.Plain) : null;

    internal Asset? At(string address) => _byAddress.GetValueOrDefault(address);
}

/// <summary>One file as browsers get it: plain, or packed when they take that.</summary>
sealed class Asset
{
    readonly byte[] _plain;
    readonly Lazy<byte[]>? _brotli, _gzip;
    readonly string _hash;

    public string Name { get; }
    public string Address { get; }
    public string Url { get; }
    public string ContentType { get; }
    public ReadOnlyMemory<byte> Plain => _plain;

    public Asset(string name, byte[] content)
    {
        _plain = content;
        _hash = Convert.ToHexStringLower(SHA256.HashData(content))[..10];
        Name = name;
        var extension = Path.GetExtension(name);
        Address = name[..^extension.Length] + "." + _hash + extension;
        Url = "/assets/" + Address;
        (ContentType, var text) = extension switch
        {
            ".css" => ("text/css; charset=utf-8", true),
            ".js" or ".mjs" => ("text/javascript; charset=utf-8", true),
            ".json" => ("application/json", true),
            ".svg" => ("image/svg+xml", true),
            ".txt" => ("text/plain; charset=utf-8", true),
            ".png" => ("image/png", false),
            ".webp" => ("image/webp", false),
            ".woff2" => ("font/woff2", false),
            _ => ("application/octet-stream", false),
        };
        if (!text) return;
        // Packed at the first request. The strongest level costs seconds on a megabyte and gains little there.
        var level = content.Length < 200_000 ? CompressionLevel.SmallestSize : CompressionLevel.Optimal;
        _brotli = new(() => Pack(to => new BrotliStream(to, level)));
        _gzip = new(() => Pack(to => new GZipStream(to, level)));
    }

    byte[] Pack(Func<Stream, Stream> packer)
    {
        using var to = new MemoryStream();
        using (var stream = packer(to)) stream.Write(_plain);
        return to.ToArray();
    }

    public async Task Send(HttpContext http)
    {
        var (body, encoding) = (_plain, (string?)null);
        if (_brotli is not null)
        {
            (body, encoding) = Takes(http.Request.Headers.AcceptEncoding, "br") ? (_brotli.Value, "br")
                : Takes(http.Request.Headers.AcceptEncoding, "gzip") ? (_gzip!.Value, "gzip")
                : (_plain, null);
            http.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        }
        var etag = encoding is null ? $"\"{_hash}\"" : $"\"{_hash}-{encoding}\"";
        http.Response.Headers.ETag = etag;
        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (http.Request.Headers.IfNoneMatch.Any(known => known is not null && known.Contains(etag, StringComparison.Ordinal)))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        if (encoding is not null) http.Response.Headers.ContentEncoding = encoding;
        http.Response.ContentType = ContentType;
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    static bool Takes(StringValues accepted, string encoding) =>
        StringWithQualityHeaderValue.TryParseList([.. accepted.OfType<string>()], out var list)
        && list.Any(one => one.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && one.Quality is null or > 0);
}

public static class AssetRoutes
{
    static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>/assets/…: for everybody, with or without a session.</summary>
    public static IEndpointConventionBuilder MapAssets(this IEndpointRouteBuilder routes)
    {
        var assets = routes.ServiceProvider.GetRequiredService<Assets>();
        return routes.MapMethods("/assets/{**address}", Reading, (string address, HttpContext http) =>
            assets.At(address) is { } asset ? asset.Send(http) : NotFound(http)).AllowAnonymous().ExcludeFromDescription();
    }

    static Task NotFound(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
