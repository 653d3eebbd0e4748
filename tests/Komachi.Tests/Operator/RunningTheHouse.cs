using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Komachi.Host;
using Komachi.Host.Backup;
using Komachi.Platform.Data;
using Komachi.Platform.Operator;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Komachi.Tests.Host;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Komachi.Tests.Operator;

/// <summary>The operator's own door, and what is seen behind it.</summary>
[Trait("Category", "long")]
public sealed class RunningTheHouse(TestProgram program)
{
    [Fact]
    public async Task An_operator_comes_in_with_password_and_code_and_with_nothing_less()
    {
        using var running = await Running.Make(program);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await running.SignIn(code: "000000")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await running.SignIn(code: "")).Status);
        var wrong = await running.SignIn(password: "wrong");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.DoesNotContain("wrong", wrong.One("main").OuterHtml);

        var code = running.Code();
        var page = await running.SignIn(code: code);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("まちの状態", page.Text);
        Assert.Contains("見本 運用", page.One("header").TextContent);
        var cookies = running.Person.Cookies.GetCookies(new Uri(program.Url + "/operator")).Where(c => c.Name == "komachi-operator").ToArray();
        Assert.Equal("/operator", Assert.Single(cookies).Path);
        Assert.True(cookies[0].HttpOnly);
        Assert.Contains("How the towns are", (await running.Person.Open("/en/operator")).Text);

        // The same code does not open a second time, not even from elsewhere.
        using var other = new Person(program.Url, "");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await running.SignIn(code: code, who: other)).Status);

        Assert.Contains("sign-in", (await running.Person.Submit(page, form: "header form[method=post]")).Url);
        Assert.Contains("sign-in", (await running.Person.Open("/operator")).Url);
    }

    [Fact]
    public async Task After_ten_attempts_from_one_place_it_is_later_and_another_name_still_comes_in()
    {
        using var running = await Running.Make(program);
        for (var i = 0; i < 10; i++) Assert.Equal(HttpStatusCode.UnprocessableEntity, (await running.SignIn(code: "000000")).Status);
        var late = await running.SignIn();
        Assert.Equal(HttpStatusCode.TooManyRequests, late.Status);
        Assert.True(late.Headers.ContainsKey("Retry-After"));
        using var other = await Running.SignedIn(program);
    }

    [Fact]
    public async Task Nobody_of_a_town_comes_in_and_an_operator_is_nobody_in_a_town()
    {
        var town = await program.NewTown();
        using var running = await Running.SignedIn(program);
        using var staff = await town.Staff("joho");
        var routes = program.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(r => r.Metadata.GetMetadata<OperatorPlace>() is { SignedIn: true }).ToArray();
        Assert.True(routes.Length >= 5);
        foreach (var route in routes)
        {
            Assert.Equal(Access.Operator, route.Metadata.GetMetadata<Access>());
            var get = route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("GET");
            var path = route.RoutePattern.RawText!.Replace("{slug}", town.Slug).Replace("{id:guid}", Id.New().ToString());
            foreach (var person in new[] { staff, town.Visitor() })
            {
                using var answer = await person.Send(get ? HttpMethod.Get : HttpMethod.Post, path, get ? null : new FormUrlEncodedContent([]));
                Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized || answer.Headers.Location?.ToString().EndsWith("/operator/sign-in") == true, $"{path}: {answer.StatusCode}");
                Assert.DoesNotContain("komaki", await answer.Content.ReadAsStringAsync());
            }
            if (!get)
            {
                // Signed in, but with no token of our page.
                using var forged = await running.Person.Send(HttpMethod.Post, path, new FormUrlEncodedContent([]));
                Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
            }
        }
        using var asOperator = new Person(program.Url, town.Slug);
        foreach (Cookie cookie in running.Person.Cookies.GetCookies(new Uri(program.Url + "/operator")))
            asOperator.Cookies.Add(new Uri(program.Url), new Cookie($"komachi-{town.Slug}", cookie.Value, "/" + town.Slug));
        Assert.Contains("sign-in", (await asOperator.Open("desk")).Url);
        Assert.Equal(HttpStatusCode.NotFound, (await staff.Open("operator")).Status);
    }

    [Fact]
    public async Task An_account_that_is_closed_or_reset_is_out_at_once()
    {
        using var running = await Running.SignedIn(program);
        await using var owner = await program.Servers.OpenOwner(Servers.Main, program.Servers.Control);
        Assert.True(await Operators.Close(owner, running.Name, TimeProvider.System.GetUtcNow()));
        Assert.Contains("sign-in", (await running.Person.Open("/operator")).Url);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await running.SignIn()).Status);
        Assert.False(await Operators.Close(owner, running.Name, TimeProvider.System.GetUtcNow()));
        Assert.False(await Operators.Set(owner, program.Servers, running.Name, null, "x", [1], isNew: true, TimeProvider.System.GetUtcNow()));
    }

    [Fact]
    public async Task What_operators_do_is_on_record_and_the_program_can_change_nothing_of_it()
    {
        using var running = await Running.SignedIn(program);
        await running.SignIn(code: "000000", who: new Person(program.Url, ""));
        var record = (await running.Person.Open("/operator/audit")).Text;
        Assert.Contains("ログイン拒否", record);
        Assert.Contains(running.Name, record);

        var serving = program.Service<NpgsqlDataSource>();
        foreach (var sql in new[] { "DELETE FROM registry.operator_audit", "UPDATE registry.operator_audit SET reason = 'x'", "UPDATE registry.operators SET password_hash = 'x'", "DELETE FROM registry.operators",
            "INSERT INTO registry.operators (id, sign_in_name, name, password_hash, sealed_authenticator, created_at) VALUES (gen_random_uuid(), 'x', 'x', 'x', 'x', now())", "DELETE FROM registry.backups", "DELETE FROM registry.erasures" })
        {
            await using var change = serving.CreateCommand(sql);
            Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => change.ExecuteNonQueryAsync())).SqlState);
        }
    }

    [Fact]
    public async Task How_the_towns_are_is_numbers_and_nobodys_data()
    {
        var (well, stuck, old) = (await program.NewTown(), await program.NewTown("oyabe"), await program.NewTown("katano"));
        await Do(stuck, "INSERT INTO jobs.queue (id, kind, payload, run_at, attempt, dead_at, created_at, last_error) SELECT gen_random_uuid(), 'mail.send', '{\"to\": \"geheim@example.jp\"}', now(), 5, now(), now(), 'x' FROM generate_series(1, 3)");
        await Do(old, "DELETE FROM house.migrations WHERE module = 'mail'");
        await program.Service<TownHealth>().Look([well.Town, stuck.Town, old.Town], default);
        using var running = await Running.SignedIn(program);

        var page = await running.Person.Open("/operator");
        Assert.Contains("正常", RowOf(well));
        Assert.Contains("処理が滞っています", RowOf(stuck));
        Assert.Contains("0 · 0 · 3", RowOf(stuck));
        Assert.Contains("データベースの更新待ち", RowOf(old));
        foreach (var personal in new[] { "見本 花子", "geheim", "hanako" }) Assert.DoesNotContain(personal, page.Html);

        var json = JsonDocument.Parse(await running.Person.Http.GetStringAsync("/operator/health.json")).RootElement.EnumerateArray().ToDictionary(t => t.GetProperty("town").GetString()!);
        Assert.Equal(3, json[stuck.Slug].GetProperty("numbers").GetProperty("parked").GetInt32());
        Assert.True(json[stuck.Slug].GetProperty("needsALook").GetBoolean());
        Assert.False(json[well.Slug].GetProperty("needsALook").GetBoolean());
        Assert.True(json[well.Slug].GetProperty("numbers").GetProperty("databaseBytes").GetInt64() > 1_000_000);
        Assert.False(json[old.Slug].GetProperty("numbers").GetProperty("schemaFits").GetBoolean());

        string RowOf(TestTown town) => page.All("tbody tr").Single(r => r.TextContent.Contains($"/{town.Slug}\n") || r.QuerySelector("th span")!.TextContent == "/" + town.Slug).TextContent;
    }

    [Fact]
    public async Task A_town_that_does_not_answer_is_said_to_and_the_others_are_not_kept_waiting()
    {
        var (away, well) = (await program.NewTown(), await program.NewTown());
        var gone = away.Town with { Database = "nowhere_" + away.Town.Database };
        await program.Service<TownHealth>().Look([gone, well.Town], default);
        var rows = (await program.Service<TownHealth>().Read(default)).ToDictionary(r => r.Town.Slug);
        Assert.False(rows[away.Slug].Numbers!.Answers);
        Assert.True(rows[away.Slug].NeedsALook);
        Assert.True(rows[well.Slug].Numbers!.Answers);
    }

    [Fact]
    public async Task When_a_town_was_last_saved_is_known()
    {
        await using var place = await Place.Make();
        var town = await place.Add("komaki");
        var health = new TownHealth(place.Operation.Control, place.Operation.Registry, place.Operation.House, place.Operation.Where.Servers, TimeProvider.System);
        Assert.Null((await health.Read(default)).Single().LastBackupAt);
        await TownBackup.Write(place.Operation, town, null, TimeProvider.System, default);
        Assert.NotNull((await health.Read(default)).Single().LastBackupAt);
    }

    static async Task Do(TestTown town, string sql)
    {
        await using var owner = await town.Program.Servers.OpenOwner(Servers.Main, town.Town.Database);
        await using var command = new NpgsqlCommand(sql, owner);
        await command.ExecuteNonQueryAsync();
    }
}
