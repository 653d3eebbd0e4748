using System.Net;
using IPNetwork = System.Net.IPNetwork;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.Web;

/// <summary>
/// Keeps one network from taking everybody's share: counts requests a second by address (IPv6 by /64) in a fixed table, so
/// that it costs a few nanoseconds and no memory grows with the number of attackers. Two addresses may share a cell;
/// the limit is far above what a person, or a town hall behind one address, does.
/// </summary>
sealed class VolumeGate(RequestDelegate next, WebOptions options, TimeProvider time)
{
    const int Cells = 1 << 16;

    readonly long[] _cells = new long[Cells];    // second × 2^24 + count
    readonly int _seed = RandomNumberGenerator.GetInt32(int.MaxValue);

    public Task Invoke(HttpContext http)
    {
        if (options.RequestsASecond <= 0 || Within(http.Connection.RemoteIpAddress)) return next(http);
        http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        http.Response.Headers.RetryAfter = "2";
        return Task.CompletedTask;
    }

    bool Within(IPAddress? address)
    {
        var second = time.GetUtcNow().ToUnixTimeSeconds();
        ref var cell = ref _cells[CellOf(address)];
        while (true)
        {
            var seen = Volatile.Read(ref cell);
            var next = seen >> 24 == second ? seen + 1 : (second << 24) + 1;
            if ((next & 0xffffff) > options.RequestsASecond) return false;
            if (Interlocked.CompareExchange(ref cell, next, seen) == seen) return true;
        }
    }

    int CellOf(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is { IsIPv4MappedToIPv6: true }) address = address.MapToIPv4();    // the first half of all of those is the same
        if (address is null || !address.TryWriteBytes(bytes, out var length)) return 0;
        var hash = new HashCode();
        hash.Add(_seed);
        hash.AddBytes(bytes[..Math.Min(length, 8)]);
        return hash.ToHashCode() & Cells - 1;
    }
}

public sealed record WebOptions
{
    /// <summary>Requests a second from one network before it is asked to wait; 0: no limit.</summary>
    public int RequestsASecond { get; init; } = 400;

    /// <summary>Networks of proxies whose X-Forwarded-For and -Proto are believed.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    public Sides Sides { get; init; } = new();

    /// <summary>Networks besides the internet in which other systems may be told of events (KOMACHI_WEBHOOK_NETWORKS): a town's own, or this machine to try it.</summary>
    public IReadOnlyList<IPNetwork> WebhookNetworks { get; init; } = [];

    /// <summary>Towns that other installations run and that may be shown beside ours: the address of each (KOMACHI_NEIGHBOURS).</summary>
    public IReadOnlyList<Uri> Neighbours { get; init; } = [];

    /// <summary>Where residents find the towns that have no host of their own (KOMACHI_ADDRESS), for links in mails and on papers: <c>https://www.example.jp</c>.</summary>
    public Uri? Address { get; init; }

    /// <summary>Another clock is for those who try what a day to come will bring.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How often a process looks for towns and jobs that no bell told it of.</summary>
    public TimeSpan Sweep { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often one of the processes looks how the towns are, for the operator's page; zero: only when asked.</summary>
    public TimeSpan LooksAfterTowns { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Where mail leaves the house.</summary>
    public string SmtpHost { get; init; } = "127.0.0.1";
    public int SmtpPort { get; init; }    // 0: no mail server is named

    /// <summary>STARTTLS, and never a password without it.</summary>
    public bool SmtpTls { get; init; }
    public string? SmtpUser { get; init; }
    public string? SmtpPassword { get; init; }
    public string MailFrom { get; init; } = "komachi@localhost";

    /// <summary>Where short messages leave the house; null: no telephone can be reached.</summary>
    public Uri? TextsUrl { get; init; }
    public string? TextsToken { get; init; }

    /// <summary>Where the heads of the audit's chains are kept, away from the towns' databases; null: nowhere.</summary>
    public string? AnchorFolder { get; init; }

    /// <summary>The mailbox that gets each town's head once a day; null: none.</summary>
    public string? AnchorMail { get; init; }
    /// <summary>Where people's files go, and what looks at them.</summary>
    public Files.FileSettings Files { get; init; } = new();

    /// <summary>How PDFs are made.</summary>
    public Pdf.PressSettings Press { get; init; } = new();
}
