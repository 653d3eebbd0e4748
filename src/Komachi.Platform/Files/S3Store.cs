using System.Net;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.S3;
using Amazon.S3.Internal;
using Amazon.S3.Model;

namespace Komachi.Platform.Files;

/// <summary>Any store that speaks S3, addressed by path: <c>bucket/town/file/part</c>. It sees sealed bytes and no names.</summary>
public sealed class S3Store : IFileStore, IDisposable
{
    readonly AmazonS3Client _s3;
    readonly S3Settings _settings;

    public S3Store(S3Settings settings)
    {
        _settings = settings;
        _s3 = new StraightClient(new BasicAWSCredentials(settings.Key, settings.Secret), new AmazonS3Config
        {
            ServiceURL = settings.Url, ForcePathStyle = true, AuthenticationRegion = settings.Region,
            // Our bytes carry their own seal; not every store knows the newer checksums.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED, ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = 2, Timeout = TimeSpan.FromSeconds(60), AllowAutoRedirect = false,
        });
    }

    public string Where => $"{_settings.Url} {_settings.Bucket}";

    public Task Put(string town, string name, ReadOnlyMemory<byte> bytes, CancellationToken stop) => Try(async () =>
    {
        await _s3.PutObjectAsync(new() { BucketName = _settings.Bucket, Key = $"{town}/{name}", InputStream = new MemoryStream(bytes.ToArray()), UseChunkEncoding = false, ContentType = "application/octet-stream" }, stop);
        return true;
    });

    public Task<Stream> Open(string town, string name, long from, CancellationToken stop) => Try<Stream>(async () =>
    {
        var ask = new GetObjectRequest { BucketName = _settings.Bucket, Key = $"{town}/{name}" };
        if (from > 0) ask.ByteRange = new($"bytes={from}-");
        return new Arriving((await _s3.GetObjectAsync(ask, stop)).ResponseStream);
    });

    public Task Remove(string town, string name, CancellationToken stop) => Try(async () =>
    {
        if (name.Length > 0 && !name.EndsWith('/')) await _s3.DeleteObjectAsync(_settings.Bucket, $"{town}/{name}", stop);
        else
            await foreach (var key in Keys($"{town}/{name}", stop))
                await _s3.DeleteObjectAsync(_settings.Bucket, key, stop);
        return true;
    });

    public async IAsyncEnumerable<string> List(string town, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        await foreach (var key in Keys(town + "/", stop)) yield return key[(town.Length + 1)..];
    }

    async IAsyncEnumerable<string> Keys(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        // The whole list first: what is removed while one pages is skipped by some stores.
        var keys = new List<string>();
        string? next = null;
        do
        {
            var page = await Try(() => _s3.ListObjectsV2Async(new() { BucketName = _settings.Bucket, Prefix = prefix, ContinuationToken = next }, stop));
            keys.AddRange((page.S3Objects ?? []).Select(o => o.Key));
            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
        foreach (var key in keys) yield return key;
    }

    static async Task<T> Try<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode == "NoSuchKey")
        {
            throw new FileNotFoundException("There is no such object.");
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException or IOException)
        {
            throw new FileStoreTrouble(e is AmazonServiceException { StatusCode: > 0 } s ? $"The S3 store refused ({(int)s.StatusCode} {s.ErrorCode})." : "The S3 store cannot be reached.", e);
        }
    }

    public void Dispose() => _s3.Dispose();

    /// <summary>Asks the store that was named and no other: by itself the client goes where an answer 307 leads, signs anew and sends the bytes there.</summary>
    sealed class StraightClient(AWSCredentials credentials, AmazonS3Config config) : AmazonS3Client(credentials, config)
    {
        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            base.CustomizeRuntimePipeline(pipeline);
            pipeline.ReplaceHandler<AmazonS3RedirectHandler>(new GoesNowhere());
        }

        sealed class GoesNowhere : AmazonS3RedirectHandler
        {
            protected override void FinalizeForRedirect(IExecutionContext context, string location) =>
                throw new AmazonServiceException("The store leads elsewhere.", ErrorType.Receiver, "Redirect", "", HttpStatusCode.TemporaryRedirect);
        }
    }

    /// <summary>An object on its way: what goes wrong is the store's trouble, and its own checksum has nothing to say, since the seal says more.</summary>
    sealed class Arriving(Stream from) : Stream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop = default)
        {
            try
            {
                return await from.ReadAsync(buffer, stop);
            }
            catch (Exception e) when (e is AmazonClientException or HttpRequestException or IOException)
            {
                throw new FileStoreTrouble("The S3 store was cut off.", e);
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken stop) => ReadAsync(buffer.AsMemory(offset, count), stop).AsTask();
        public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            try { from.Dispose(); }
            catch (AmazonClientException) { }
            base.Dispose(disposing);
        }
    }
}

public sealed record S3Settings(string Url, string Bucket, string Key, string Secret, string Region = "us-east-1");
