using System.Security.Cryptography;
using System.Xml.Linq;
using Komachi.Sandbox.Faults;
using Komachi.Sandbox.Web;
using Microsoft.AspNetCore.Mvc;

namespace Komachi.Sandbox.Objects;

public sealed record KeptObject(string Bucket, string Key, byte[] Bytes, DateTimeOffset At)
{
    /// <summary>As S3 makes it: clients compare it with what they sent and got.</summary>
    public string Tag { get; } = $"\"{Convert.ToHexStringLower(MD5.HashData(Bytes))}\"";
}

/// <summary>
/// An S3 store in memory, addressed by path under /s3: put, get (with a range), head, delete and list, each with its signature checked.
/// A bucket is there as soon as something is put into it. Uploads in several parts, versions and policies are not here.
/// </summary>
public sealed class ObjectStore
{
    public const string Key = "sandbox", Secret = "sandbox-secret";    // shown on its page: nothing here is real
    const long MostBytes = 512L * 1024 * 1024;
    const int MostOfOne = 32 * 1024 * 1024, PerPage = 1000;
    static readonly XNamespace Xml = "http://s3.amazonaws.com/doc/2006-03-01/";

    readonly Lock _lock = new();
    readonly SortedDictionary<string, KeptObject> _objects = new(StringComparer.Ordinal);
    long _bytes, _put;

    public long Put => Interlocked.Read(ref _put);

    public IReadOnlyList<KeptObject> All
    {
        get { lock (_lock) return [.. _objects.Values]; }
    }

    KeptObject? Find(string bucket, string key)
    {
        lock (_lock) return _objects.GetValueOrDefault($"{bucket}/{key}");
    }

    bool Keep(KeptObject one)
    {
        lock (_lock)
        {
            var name = $"{one.Bucket}/{one.Key}";
            var before = _objects.TryGetValue(name, out var old) ? old.Bytes.Length : 0;
            if (_bytes - before + one.Bytes.Length > MostBytes) return false;
            (_objects[name], _bytes) = (one, _bytes - before + one.Bytes.Length);
        }
        Interlocked.Increment(ref _put);
        return true;
    }

    void Remove(string bucket, string key)
    {
        lock (_lock)
            if (_objects.Remove($"{bucket}/{key}", out var old)) _bytes -= old.Bytes.Length;
    }

    /// <summary>Changes bytes as a bad disk or a bad person would: for tests of who notices.</summary>
    internal bool Damage(string bucket, string key, Func<byte[], byte[]> how)
    {
        lock (_lock)
        {
            if (!_objects.TryGetValue($"{bucket}/{key}", out var old)) return false;
            _objects[$"{bucket}/{key}"] = old with { Bytes = how([.. old.Bytes]) };
            return true;
        }
    }

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<ObjectStore>();
        services.AddSingleton(new FaultPlace("s3", "File store (S3)", 503, FaultKind.Delay, FaultKind.Refuse, FaultKind.Drop));
        services.AddSingleton(s => new OutsideService("s3", "File store (S3)", "Files that towns keep in S3: sealed bytes, and no names.", "/objects",
            () => s.GetRequiredService<ObjectStore>().Put, () => "/s3"));
    }

    public static void Map(WebApplication app)
    {
        app.MapGet("/objects", (ObjectStore store) => Page.Show<ObjectsPage>(new { Objects = store.All }));
        app.Map("/s3/{bucket}/{**key}", Answer).WithMetadata(new RequestSizeLimitAttribute(MostOfOne)).WithFaults("s3", http => [http.Request.Path]).DisableAntiforgery();
    }

    static async Task<IResult> Answer(string bucket, string? key, HttpContext http, ObjectStore store, Happenings happenings, TimeProvider time)
    {
        var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var bytes = body.ToArray();
        if (Signature.Wrong(http.Request, bytes, Key, Secret, time.GetUtcNow()) is { } wrong)
        {
            happenings.Say("s3", "Refused: {0}", wrong);
            return Wrong(wrong, 403);
        }
        if (string.IsNullOrEmpty(key)) return HttpMethods.IsGet(http.Request.Method) ? List(store, bucket, http.Request.Query) : Wrong("NotImplemented", 501);
        switch (http.Request.Method)
        {
            case "PUT":
                var one = new KeptObject(bucket, key, bytes, time.GetUtcNow());
                if (!store.Keep(one)) return Wrong("SlowDown", 503);
                http.Response.Headers.ETag = one.Tag;
                return Results.Ok();
            case "GET" or "HEAD":
                return store.Find(bucket, key) is { } found
                    ? Results.Bytes(found.Bytes, "application/octet-stream", enableRangeProcessing: true, lastModified: found.At, entityTag: new(found.Tag))
                    : Wrong("NoSuchKey", 404);
            case "DELETE":
                store.Remove(bucket, key);
                return Results.NoContent();
            default:
                return Wrong("MethodNotAllowed", 405);
        }
    }

    static IResult List(ObjectStore store, string bucket, IQueryCollection asked)
    {
        var (prefix, after) = (asked["prefix"].ToString(), asked["continuation-token"].ToString());
        var found = store.All.Where(o => o.Bucket == bucket && o.Key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(o.Key, after) > 0).Take(PerPage + 1).ToArray();
        var page = found.Take(PerPage).ToArray();
        return Results.Text(new XElement(Xml + "ListBucketResult",
            new XElement(Xml + "Name", bucket), new XElement(Xml + "Prefix", prefix), new XElement(Xml + "KeyCount", page.Length), new XElement(Xml + "MaxKeys", PerPage),
            new XElement(Xml + "IsTruncated", found.Length > PerPage ? "true" : "false"),
            found.Length > PerPage ? new XElement(Xml + "NextContinuationToken", page[^1].Key) : null,
            page.Select(o => new XElement(Xml + "Contents", new XElement(Xml + "Key", o.Key), new XElement(Xml + "LastModified", o.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture)),
                new XElement(Xml + "ETag", o.Tag), new XElement(Xml + "Size", o.Bytes.Length), new XElement(Xml + "StorageClass", "STANDARD")))).ToString(), "application/xml");
    }

    static IResult Wrong(string code, int status) => Results.Text(new XElement("Error", new XElement("Code", code), new XElement("Message", code)).ToString(), "application/xml", statusCode: status);
}
