using System.Net;
using System.Text.RegularExpressions;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Platform.Systems;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Person = Komachi.Tests.Harness.Person;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Rules;

/// <summary>Who may go where: walked over every route that the program has, so a new route is never forgotten.</summary>
public sealed partial class Routes(TestProgram program)
{
    IReadOnlyList<RouteEndpoint> All => program.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToArray();

    [Fact]
    public void Every_route_names_who_may_use_it()
    {
        Assert.NotEmpty(All);
        Assert.All(All, route => Assert.True(route.Metadata.GetMetadata<Access>() is not null, $"{route.RoutePattern.RawText} names no access"));
    }

    [Fact]
    public void Every_permission_that_a_route_asks_for_is_declared_and_every_declared_one_is_asked_for()
    {
        var asked = All.Select(r => r.Metadata.GetMetadata<Access>()?.Key).OfType<string>().ToHashSet();
        Assert.Equal(program.House.Permissions.Select(p => p.Key).Order(), asked.Order());
    }

    /// <summary>
    /// Pages are read with GET and changed with POST, which carries the token; nothing else passes the doors. A transfer of a file says so
    /// (<see cref="Transfer"/>): tus has methods of its own, and the next rule asks each of them for the token too.
    /// </summary>
    [Fact]
    public void Pages_know_get_and_post_only()
    {
        foreach (var route in All.Where(r => r.Metadata.GetMetadata<EndpointPlace>() is { Side: not Side.Api }))
            Assert.All(MethodsOf(route), method => Assert.Contains(method, route.Metadata.GetMetadata<Transfer>() == Transfer.Script ? new[] { "GET", "POST", "PATCH", "DELETE", "OPTIONS" } : ["GET", "POST"]));
    }

    [Fact]
    public async Task Every_role_reaches_what_it_may_and_nothing_else()
    {
        var town = await program.NewTown(livedIn: true);
        // A cookie that is good next door, under the name that it has here.
        var (next, neighbour) = (await program.NewTown("onojo"), town.Visitor());
        neighbour.Cookies.Add(new Uri(program.Url), new Cookie($"komachi-{town.Slug}", (await next.SessionOf("joho")).Value, "/" + town.Slug));
        var roles = new (string Name, Person Person, Func<Access, bool> May)[]
        {
            ("nobody", town.Visitor(), a => a == Access.Anyone),
            ("resident", await town.Resident(), a => a == Access.Anyone || a == Access.Resident),
            ("koho", await town.Staff("koho"), await Holding("koho")),
            ("joho", await town.Staff("joho"), await Holding("joho")),
            ("shien", await town.Staff("shien"), await Holding("shien")),
            ("joho of another town", neighbour, a => a == Access.Anyone),
        };
        foreach (var route in All.Where(r => r.Metadata.GetMetadata<EndpointPlace>() is not null && MethodsOf(r).Contains("GET")))
            foreach (var (name, person, may) in roles)
            {
                using var answer = await person.Send(HttpMethod.Get, AddressOf(route));
                var refused = answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized
                    || answer.StatusCode == HttpStatusCode.Redirect && answer.Headers.Location!.ToString().Contains("sign-in");
                Assert.True(refused != may(route.Metadata.GetMetadata<Access>()!), $"{name} at {route.RoutePattern.RawText}: {(int)answer.StatusCode}");
                Assert.True((int)answer.StatusCode < 500, $"{route.RoutePattern.RawText}: {(int)answer.StatusCode}");
            }

        // What the demo's accounts hold: a permission that nobody was given opens nothing.
        async Task<Func<Access, bool>> Holding(string name)
        {
            await using var db = town.Open();
            var account = await db.Set<Account>().SingleAsync(a => a.SignInName == name);
            var roles = await db.Set<Assignment>().Where(a => a.AccountId == account.Id).Join(db.Set<Role>(), a => a.RoleId, r => r.Id, (a, r) => r.Permissions).ToListAsync();
            var held = roles.SelectMany(r => r).Concat(account.Permissions).ToHashSet();
            return a => a == Access.Anyone || a == Access.Staff || a.Key is { } key && held.Contains(key);
        }
    }

    /// <summary>No cookie and no token guards an API: what changes something there is a system's, which proves itself with a key.</summary>
    [Fact]
    public void What_changes_something_through_the_API_needs_the_key_of_a_system()
    {
        foreach (var route in All.Where(r => r.Metadata.GetMetadata<EndpointPlace>() is { Side: Side.Api } && MethodsOf(r).Any(m => m != "GET")))
            Assert.True(route.Metadata.GetMetadata<Access>()!.Scope is not null, $"{route.RoutePattern.RawText} is changed by anybody");
        Assert.All(All.Where(r => r.Metadata.GetMetadata<Access>()?.Scope is not null), route => Assert.True(route.Metadata.GetMetadata<EndpointPlace>() is { Side: Side.Api }, $"{route.RoutePattern.RawText} is no API, and takes a key"));
    }

    [Fact]
    public void Every_scope_that_a_route_asks_for_is_declared_and_every_declared_one_is_asked_for()
    {
        var asked = All.Select(r => r.Metadata.GetMetadata<Access>()?.Scope).Where(s => s is { Length: > 0 }).ToHashSet();
        Assert.Equal(program.House.All<Scope>().Select(s => s.Key).Order(), asked.Order());
        Assert.All(program.House.All<Scope>(), s => Assert.StartsWith(s.Module.Slug + ".", s.Key));
        Assert.All(program.House.All<Announced>(), a => Assert.StartsWith(a.Module.Slug + ".", a.Key));
    }

    [Fact]
    public async Task Every_system_reaches_what_its_key_allows_and_nothing_else()
    {
        var (town, next) = (await program.NewTown(livedIn: true), await program.NewTown("onojo"));
        var every = program.House.All<Scope>().Select(s => s.Key).ToArray();
        var roles = new (string Name, Person Person, Func<Access, bool> May)[]
        {
            ("a system that may everything", await AsSystem(town, every), a => a == Access.Anyone || a.Scope is not null),
            ("a system that may nothing", await AsSystem(town, []), a => a == Access.Anyone || a.Scope is ""),
            ("a system of another town", await AsSystem(next, every), a => a == Access.Anyone),
        };
        foreach (var route in All.Where(r => r.Metadata.GetMetadata<EndpointPlace>() is not null))
            foreach (var method in MethodsOf(route).Where(m => m == "GET" || route.Metadata.GetMetadata<Access>()!.Scope is not null))
                foreach (var (name, person, may) in roles)
                {
                    using var answer = await person.Send(new(method), AddressOf(route));
                    var refused = answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized
                        || answer.StatusCode == HttpStatusCode.Redirect && answer.Headers.Location!.ToString().Contains("sign-in");
                    Assert.True(refused != may(route.Metadata.GetMetadata<Access>()!), $"{name} at {method} {route.RoutePattern.RawText}: {(int)answer.StatusCode}");
                    Assert.True((int)answer.StatusCode < 500, $"{method} {route.RoutePattern.RawText}: {(int)answer.StatusCode}");
                }

        // Always at the door of the first town.
        async Task<Person> AsSystem(TestTown of, string[] scopes)
        {
            await using var db = of.Open();
            var now = TimeProvider.System.GetUtcNow();
            var system = OtherSystem.Named(new("見本", "見本", "keeper@example.jp", scopes, [], 1_000_000, 1_000_000), now);
            var (key, shown) = SystemKey.New(system, of.Slug, now);
            db.Add(system);
            db.Add(key);
            await db.Save();
            var person = town.Visitor();
            person.Http.DefaultRequestHeaders.Authorization = new("Bearer", shown);
            return person;
        }
    }

    [Fact]
    public async Task Every_post_without_a_token_is_refused_before_its_handler()
    {
        var town = await program.NewTown();
        var staff = await town.Staff("joho");
        foreach (var route in All.Where(r => r.Metadata.GetMetadata<EndpointPlace>() is { Side: not Side.Api }))
            foreach (var method in MethodsOf(route).Except(["GET", "OPTIONS"]))
                foreach (var content in new HttpContent[] { new FormUrlEncodedContent([]), new MultipartFormDataContent { { new StringContent("x"), "_token" }, { new StringContent("x"), "file", "x.pdf" } } })
                {
                    using var answer = await staff.Send(new(method), AddressOf(route), content);
                    var refused = answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden;
                    Assert.True(refused, $"{method} {route.RoutePattern.RawText}: {(int)answer.StatusCode}");
                }
    }

    [Fact]
    public async Task Kept_pages_show_no_token_and_set_no_cookie()
    {
        var town = await program.NewTown(livedIn: true);
        var kept = All.Where(r => r.Metadata.GetMetadata<KeptPage>() is not null).ToArray();
        Assert.NotEmpty(kept);
        foreach (var route in kept)
        {
            var page = await town.Visitor().Open(AddressOf(route));
            Assert.DoesNotContain("_token", page.Html);
            Assert.False(page.Headers.ContainsKey("Set-Cookie"), route.RoutePattern.RawText);
        }
    }

    [Fact]
    public async Task Every_menu_entry_leads_to_a_page()
    {
        var town = await program.NewTown();
        var (visitor, staff, guardian, secretariat, committee) = (town.Visitor(), await town.Staff("joho"), await town.Staff("shien"), await town.Staff("jimu"), await town.Staff("iin"));
        foreach (var entry in program.House.All<MenuEntry>())
        {
            var page = await (entry.Place != MenuPlace.Desk ? visitor : entry.Permission switch { "people.protected" => guardian, "plan.decide" => committee, "plan.draft" or "plan.check" or "procedures.review" or "procedures.assist" or "procedures.approve" or "procedures.keep" => secretariat, _ => staff }).Open(entry.Place == MenuPlace.Front ? "/" + entry.Href : entry.Href);
            Assert.True(page.Status == HttpStatusCode.OK && !page.Url.Contains("sign-in"), $"{entry.Title} → {entry.Href}: {page.Status}");
        }
    }

    static IReadOnlyList<string> MethodsOf(RouteEndpoint route) => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"];

    static string AddressOf(RouteEndpoint route) =>
        Parameter().Replace(route.RoutePattern.RawText!, "0190a000-0000-7000-8000-000000000000").TrimStart('/');

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
