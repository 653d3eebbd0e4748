using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Rules;

/// <summary>
/// A person's name is shown as it was written, with its rare characters, without kana, however long; and by itself: in a <c>bdi</c> element, or alone in a
/// block, so that a name which runs from right to left turns nothing around it, and no reading of kanji is made of it.
/// </summary>
public sealed class Names(TestProgram program)
{
    // Beyond U+FFFF, with a variation selector, in double brackets, from right to left, and long.
    const string Written = "鷗𠮷葛\U000E0100見本《みほん》 \u05D0\u05D1 マリア・フェルナンダ・デ・ソウザ・オリヴェイラ";

    [Fact, Trait("Category", "long")]
    public async Task A_name_stands_as_written_and_by_itself_on_every_page()
    {
        var town = await program.NewTown(livedIn: true);
        string[] ids;
        await using (var db = town.Open())
        {
            await db.Set<Account>().ExecuteUpdateAsync(all => all.SetProperty(a => a.Name, Written));
            await db.Database.ExecuteSqlAsync($"UPDATE people.persons SET name = {Written}, kana = ''");
            (await db.Set<Account>().SingleAsync(a => a.SignInName == "joho")).Grant([.. program.House.Permissions.Select(p => p.Key)]);
            await db.Save();
            ids = [.. (await db.Set<Account>().Select(a => a.Id).ToListAsync()).Concat(await db.Set<Komachi.Platform.People.Person>().Select(p => p.Id).ToListAsync())
                .Concat(await db.Database.SqlQuery<Guid>($"SELECT id AS \"Value\" FROM offices.assignments UNION SELECT id FROM offices.departments").ToListAsync()).Select(id => id.ToString())];
        }
        var (seen, wrong) = (new HashSet<string>(), new SortedSet<string>(StringComparer.Ordinal));
        foreach (var who in new[] { await town.Staff("joho"), await town.Resident() })
            foreach (var path in Addresses(ids))
            {
                using var answer = await who.Send(HttpMethod.Get, "plain/" + path);
                if (answer.StatusCode != HttpStatusCode.OK || answer.Content.Headers.ContentType?.MediaType != "text/html") continue;
                var page = new HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync());
                foreach (var text in page.Body!.Descendants<IText>().Where(t => t.Data.Contains("鷗")))
                {
                    seen.Add(path);
                    if (!StandsAlone(text)) wrong.Add($"{Pattern(path)}: <{text.ParentElement!.LocalName}> {text.Data.Trim()}");
                }
            }
        Assert.True(seen.Count > 15, $"Names were found on {seen.Count} pages: {string.Join(", ", seen)}");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    static bool StandsAlone(IText text)
    {
        if (!text.Data.Contains(Written, StringComparison.Ordinal)) return false;
        if (text.ParentElement!.LocalName is "option" or "textarea") return true;
        return text.Ancestors<IElement>().Any(e => e.LocalName == "bdi" && e.TextContent.Trim().StartsWith(Written, StringComparison.Ordinal));
    }

    /// <summary>Every page that is read with GET; where a route has a parameter, each id.</summary>
    IEnumerable<string> Addresses(string[] ids) => program.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(r => r.Metadata.GetMetadata<EndpointPlace>() is { Side: not Side.Api } && (r.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Contains("GET"))
        .Select(r => r.RoutePattern.RawText!.TrimStart('/'))
        .SelectMany(pattern => pattern.IndexOf('{') is >= 0 and var at ? pattern.Count(c => c == '{') > 1 ? [] : ids.Select(id => pattern[..at] + id + pattern[(pattern.IndexOf('}') + 1)..]) : [pattern]);

    static string Pattern(string path) => System.Text.RegularExpressions.Regex.Replace(path, "[0-9a-f-]{36}", "{id}");
}
