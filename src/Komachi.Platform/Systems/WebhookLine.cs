using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Komachi.Platform.Web;
using IPNetwork = System.Net.IPNetwork;

namespace Komachi.Platform.Systems;

/// <summary>
/// The way out to other systems' addresses. Whoever may write an address there must not reach with it what only this machine can: so names are
/// looked up here, and what we connect to is what we looked at. Private networks are reached only where who runs the house says so.
/// No redirect is followed, and of an answer only its status matters.
/// </summary>
sealed class WebhookLine : IDisposable
{
    const int LongestAnswer = 64 * 1024;

    // IANA's registries of special purposes; in IPv6 what is global begins with 2 or 3, and these are the holes in it, among them those through which IPv4 shows.
    static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(n => IPNetwork.Parse(n)),
    ];
    static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");

    readonly IReadOnlyList<IPNetwork> _allowed;
    readonly TimeProvider _time;
    readonly HttpClient _http;

    public WebhookLine(WebOptions options, TimeProvider time)
    {
        (_allowed, _time) = (options.WebhookNetworks, time);
        _http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,    // a proxy would look the name up anew
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            MaxResponseHeadersLength = 32,
            MaxResponseDrainSize = LongestAnswer,
            ConnectCallback = Connect,
        }) { Timeout = TimeSpan.FromSeconds(15) };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("Komachi-Webhooks/1");
    }

    /// <summary>An address that may be written down: https, without a password in it; http only to this machine, where that is allowed at all.</summary>
    public Uri? Read(string typed)
    {
        if (!Uri.TryCreate(typed, UriKind.Absolute, out var url) || url.UserInfo.Length > 0 || url.Fragment.Length > 0 || typed.Length > 500) return null;
        if (url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && url.IsLoopback && MayReach(IPAddress.Loopback))) return null;
        if (url.IsLoopback && !MayReach(IPAddress.Loopback)) return null;
        return IPAddress.TryParse(url.DnsSafeHost, out var address) && !MayReach(address) ? null : url;
    }

    public bool MayReach(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (_allowed.Any(n => n.Contains(address))) return true;
        return (address.AddressFamily == AddressFamily.InterNetwork || Global.Contains(address)) && !Special.Any(n => n.Contains(address));
    }

    /// <summary>The status that was answered, or why there was none.</summary>
    public async Task<(int? Status, string? Why)> Send(string url, string id, string body, IEnumerable<string> secrets, CancellationToken stop)
    {
        if (Read(url) is not { } to) return (null, "This address may not be reached.");
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, to) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSignature.Of(secrets, id, timestamp, body));
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            return ((int)answer.StatusCode, null);
        }
        catch (HttpRequestException e) when (e.InnerException is NotReachable)
        {
            return (null, "This address may not be reached.");
        }
        catch (HttpRequestException e)
        {
            return (null, e.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => "This name is not known.",
                HttpRequestError.SecureConnectionError => "Its certificate is not trusted.",
                _ => "It cannot be reached.",
            });
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (null, "It did not answer in time.");
        }
    }

    async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var one) ? [one] : await Dns.GetHostAddressesAsync(host, stop);
        // One that may not be reached among others is no accident.
        if (addresses.Length == 0 || !addresses.All(MayReach)) throw new NotReachable();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _http.Dispose();

    sealed class NotReachable : IOException;
}
