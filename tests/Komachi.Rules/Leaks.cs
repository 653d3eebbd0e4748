using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Session = Komachi.Tests.Harness.Person;

namespace Komachi.Rules;

/// <summary>
/// A protected person with a mark in everything that the house keeps about them, and every address of the house opened by
/// everybody who must not see them: no mark may come out, in no page, header, mail or line of the log.
/// </summary>
public sealed partial class Leaks(TestProgram program)
{
    sealed class Ear : ILoggerProvider, ILogger
    {
        public readonly ConcurrentQueue<string> Lines = new();
        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            if (state is IEnumerable<KeyValuePair<string, object?>> values) foreach (var value in values) Lines.Enqueue($"{value.Value}");
            return null;
        }
        public bool IsEnabled(LogLevel logLevel) => true;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception) + exception?.Message);
        public void Dispose() { }
    }

    [Fact, Trait("Category", "long")]
    public async Task Nothing_of_a_protected_person_comes_out_anywhere()
    {
        var town = await program.NewTown(livedIn: true);
        var log = new Ear();
        program.Service<ILoggerFactory>().AddProvider(log);
        var (nest, name, kana, email, phone) = await Plant(town);
        Assert.True(nest.Texts.Count > 10, "The modules planted hardly anything.");

        var everything = program.House.Permissions.Select(p => p.Key).Where(p => p != Protection.Permission).ToArray();
        await using (var db = town.Open())
        {
            (await db.Set<Account>().SingleAsync(a => a.SignInName == "joho")).Grant(everything);
            await db.Save();
        }
        var viewers = new (string Who, Session Session)[]
        {
            ("nobody", town.Visitor()), ("a resident who may act for them", await town.Resident()), ("staff without a permission", await Ordinary(town)),
            ("staff with every other permission", await town.Staff("joho")),
        };

        // Not protected yet: who may look persons up sees them, and the test sees that.
        string[] searches = [name[..4], kana[..4], email, phone, "1987-03-14"];
        var open = await Walk(viewers[1..], searches, nest);
        Assert.Contains(open, l => l.StartsWith("staff with every other permission at desk/persons/") && l.Contains("鳥籠町"));
        Assert.Contains(open, l => l.StartsWith("staff with every other permission searching at desk/accounts") && l.Contains(name));
        Assert.Contains(open, l => l.StartsWith("a resident who may act for them at my/acting") && l.Contains(name));
        Assert.DoesNotContain(open, l => l.StartsWith("staff without a permission"));

        await using (var db = town.Open())
        {
            var today = Komachi.Platform.Days.JapanTime.DayOf(nest.Now);
            db.Add(Protection.Of(nest.PersonId, nest.Sing("機関"), today, today.AddYears(1), await db.Set<Account>().Where(a => a.SignInName == "shien").Select(a => a.Id).SingleAsync(), nest.Now));
            await db.Save();
        }
        log.Lines.Clear();
        var leaks = await Walk(viewers, searches, nest);
        await town.Until("count(*) = 0 FROM jobs.queue WHERE run_at < now() AND dead_at IS NULL", seconds: 60);
        using (var http = new HttpClient { BaseAddress = program.World.Url })
            foreach (var to in new[] { "hanako@example.jp", "joho@example.jp", "koho@example.jp", "shien@example.jp" })
                Look($"mail to {to}", await http.GetStringAsync($"api/mail?to={to}"), nest, "", leaks);
        foreach (var line in log.Lines) Look("the log", line, nest, "", leaks);
        Assert.True(leaks.IsEmpty, string.Join('\n', leaks.Distinct().Take(40)));

        // And the test can see: who may, finds the name.
        var shien = await town.Staff("shien");
        Assert.Contains(name, (await shien.Open("desk/protected")).Html);
    }

    async Task<ConcurrentBag<string>> Walk((string Who, Session Session)[] viewers, string[] searches, CanaryNest nest)
    {
        var leaks = new ConcurrentBag<string>();
        foreach (var (who, session) in viewers)
        {
            var forms = new HashSet<string>();
            foreach (var path in Addresses(nest))
            {
                using var answer = await session.Send(HttpMethod.Get, path);
                var body = await answer.Content.ReadAsStringAsync();
                Look($"{who} at {path}", body + "\n" + answer.Headers + answer.Content.Headers, nest, "", leaks);
                if (answer.StatusCode == HttpStatusCode.OK && answer.Content.Headers.ContentType?.MediaType == "text/html")
                    await Search(who, session, path, body, forms, searches, nest, leaks);
            }
        }
        return leaks;
    }

    async Task<(CanaryNest Nest, string Name, string Kana, string Email, string Phone)> Plant(TestTown town)
    {
        await using var db = town.Open();
        var now = TimeProvider.System.GetUtcNow();
        var neighbour = (await db.Set<Account>().SingleAsync(a => a.SignInName == "hanako")).PersonId!.Value;
        var (name, kana, phone, email) = ("鳴鳥 かなりあ姫", "ナキトリ カナリアヒメ", "0568-987-6543", $"kanaria-{town.Slug}@example.jp");
        var person = Komachi.Platform.People.Person.Known(PersonKind.Human, new(name, kana, new(1987, 3, 14), "4850999", "鳥籠町九丁目九番九号", phone, email), now);
        var account = Account.Open(AccountKind.Resident, email, name, email, [], null, now, person);
        account.Proved(email);
        db.Add(person);
        db.Add(account);
        var (_, hash) = SessionDoor.NewSecret();
        db.Add(new Komachi.Platform.People.Session { AccountId = account.Id, SecretHash = hash, BeganAt = now, SeenAt = now, ProvedAt = now, EndsAt = now.AddHours(1), LatestAt = now.AddHours(1), Device = "鳥のスマホ", Name = "鳥の名前" });
        await db.Save();

        var nest = new CanaryNest(db, person.Id, account.Id, neighbour, now);
        nest.Texts.AddRange([name, kana, "ナキトリカナリアヒメ", "鳴鳥かなりあ姫", "鳥籠町", phone, email, "4850999", "485-0999", "1987年3月14日", "1987-03-14", "14 March 1987", "鳥のスマホ", "鳥の名前"]);
        foreach (var canary in program.House.All<ProtectedCanary>()) await canary.Plant(nest);
        await db.Save();
        return (nest, name, kana, email, phone);
    }

    /// <summary>Every address that is read with GET; where a route has a parameter, each id that was planted.</summary>
    IEnumerable<string> Addresses(CanaryNest nest)
    {
        foreach (var route in program.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(r => r.Metadata.GetMetadata<EndpointPlace>() is not null
            && (r.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Contains("GET")))
        {
            var pattern = route.RoutePattern.RawText!.TrimStart('/');
            if (!pattern.Contains('{')) yield return pattern;
            else foreach (var id in nest.Ids) yield return Parameter().Replace(pattern, id);
        }
        foreach (var path in new[] { "desk/mandates?principal=", "desk/mandates?agent=", "desk/persons/new?q=", "desk/persons?q=鳴鳥&after=", "desk/accounts?kind=resident&after=", "desk/colleagues?after=" }) yield return path + nest.PersonId;
        foreach (var path in nest.Addresses.Append("desk/accounts?kind=resident")) yield return path;
    }

    /// <summary>Each search of the house once, in all its fields, with what somebody would type who looks for the person.</summary>
    async Task Search(string who, Session session, string path, string html, HashSet<string> done, string[] searches, CanaryNest nest, ConcurrentBag<string> leaks)
    {
        var page = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(html);
        foreach (var form in page.QuerySelectorAll("form[method=get], form.filter-bar[method=post]"))
        {
            var fields = form.QuerySelectorAll("input[name], select[name]").ToArray();
            if (!done.Add(form.GetAttribute("action") + string.Join(',', fields.Where(f => !f.GetAttribute("name")!.StartsWith('_')).Select(f => f.GetAttribute("name") + f.GetAttribute("value"))))) continue;
            foreach (var field in fields.Where(f => f.GetAttribute("type") is not "hidden"))
                foreach (var typed in searches)
                {
                    var asked = fields.Where(f => f.GetAttribute("type") == "hidden").Select(f => (Name: f.GetAttribute("name")!, Value: f.GetAttribute("value"))).Append((field.GetAttribute("name")!, typed)).ToArray();
                    var address = form.GetAttribute("method") == "post" ? await Post(form.GetAttribute("action")!, asked) : form.GetAttribute("action")!.With(asked);
                    using var answer = await session.Send(HttpMethod.Get, address);
                    Look($"{who} searching at {path} for {typed}", await answer.Content.ReadAsStringAsync(), nest, typed, leaks);
                }
        }

        // What was typed stands not even in the address to which a search of persons leads.
        async Task<string> Post(string action, (string Name, string? Value)[] fields)
        {
            using var answer = await session.Send(HttpMethod.Post, action, new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value ?? ""))));
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            var address = answer.Headers.Location!.ToString();
            Assert.All(searches, s => Assert.DoesNotContain(s, Uri.UnescapeDataString(address)));
            return address;
        }
    }

    static void Look(string where, string text, CanaryNest nest, string typed, ConcurrentBag<string> leaks)
    {
        // What somebody typed comes back in the field, a day in words too; the other marks do not.
        string[] said = typed == "1987-03-14" ? [typed, "1987年3月14日", "14 March 1987"] : [typed];
        foreach (var mark in nest.Texts.Where(m => typed.Length == 0 || !said.Contains(m)))
            if (text.Contains(mark, StringComparison.Ordinal) || text.Contains(Uri.EscapeDataString(mark), StringComparison.OrdinalIgnoreCase)) leaks.Add($"{where}: {mark}");
    }

    static async Task<Session> Ordinary(TestTown town)
    {
        await using var db = town.Open();
        (await db.Set<Account>().SingleAsync(a => a.SignInName == "koho")).Grant([]);
        await db.Save();
        return await town.Staff("koho");
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
