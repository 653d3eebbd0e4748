using System.Buffers.Binary;
using System.Security.Cryptography;
using Komachi.Sandbox.Web;

namespace Komachi.Sandbox.Phone;

/// <summary>
/// A phone with an authenticator app, for who tries the town without one: it takes the key that a page shows and says the six
/// digits. Written apart from the town's own reckoning, so that the two check each other.
/// </summary>
public static class Phone
{
    const int Most = 100;

    public sealed record Entry(long Id, string Name, byte[] Key);

    public sealed record Shown(long Id, string Name, string Code, int SecondsLeft);

    public sealed class Entries(TimeProvider time)
    {
        readonly Lock _lock = new();
        readonly LinkedList<Entry> _newestFirst = [];
        long _last;

        public void Add(string name, byte[] key)
        {
            lock (_lock)
            {
                _newestFirst.AddFirst(new Entry(++_last, name, key));
                if (_newestFirst.Count > Most) _newestFirst.RemoveLast();
            }
        }

        public void Remove(long id)
        {
            lock (_lock)
                if (_newestFirst.FirstOrDefault(e => e.Id == id) is { } entry) _newestFirst.Remove(entry);
        }

        public IReadOnlyList<Shown> Now()
        {
            var seconds = time.GetUtcNow().ToUnixTimeSeconds();
            lock (_lock) return [.. _newestFirst.Select(e => new Shown(e.Id, e.Name, CodeAt(e.Key, seconds / 30), (int)(30 - seconds % 30)))];
        }

        public long Count { get { lock (_lock) return _newestFirst.Count; } }
    }

    internal static void Add(IServiceCollection services)
    {
        services.AddSingleton<Entries>();
        services.AddSingleton(s => new OutsideService("phone", "Phone with an authenticator app", "Takes the key that a page shows and says the six digits.", "/phone",
            () => s.GetRequiredService<Entries>().Count, () => "–"));
    }

    internal static void Map(WebApplication app)
    {
        app.MapGet("/phone", (Entries entries) => Page.Show<PhonePage>(new { Entries = entries.Now() }));
        app.MapPost("/phone", (IFormCollection form, Entries entries, Here here) =>
        {
            var (name, typed) = (form["name"].ToString().Trim(), form["key"].ToString());
            if (KeyOf(typed) is not { Length: >= 10 and <= 64 } key) return Page.Show<PhonePage>(new { Entries = entries.Now(), Name = name, Key = typed, Wrong = true }, 422);
            entries.Add(name is { Length: > 0 and <= 100 } ? name : "–", key);
            return Results.LocalRedirect(here.Url("/phone"));
        }).DisableAntiforgery();
        app.MapPost("/phone/remove", (IFormCollection form, Entries entries, Here here) =>
        {
            if (long.TryParse(form["id"], out var id)) entries.Remove(id);
            return Results.LocalRedirect(here.Url("/phone"));
        }).DisableAntiforgery();
    }

    /// <summary>The key as it is typed, or the whole <c>otpauth:</c> address.</summary>
    static byte[]? KeyOf(string typed)
    {
        if (typed.IndexOf("secret=", StringComparison.OrdinalIgnoreCase) is >= 0 and var at) typed = typed[(at + 7)..].Split('&')[0];
        var bits = 0;
        var held = 0;
        var key = new List<byte>();
        foreach (var c in typed.ToUpperInvariant().Where(c => !char.IsWhiteSpace(c) && c is not ('-' or '=')))
        {
            var value = c is >= 'A' and <= 'Z' ? c - 'A' : c is >= '2' and <= '7' ? c - '2' + 26 : -1;
            if (value < 0 || key.Count > 64) return null;
            (held, bits) = ((held << 5 | value) & 0xfff, bits + 5);
            if (bits < 8) continue;
            bits -= 8;
            key.Add((byte)(held >> bits));
        }
        return [.. key];
    }

    static string CodeAt(byte[] key, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // RFC 6238
        var mac = HMACSHA1.HashData(key, counter);
#pragma warning restore CA5350
        var cut = BinaryPrimitives.ReadUInt32BigEndian(mac.AsSpan(mac[^1] & 0xf)) & 0x7fffffff;
        return (cut % 1_000_000).ToString("000000", System.Globalization.CultureInfo.InvariantCulture);
    }
}
