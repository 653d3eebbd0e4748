using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Komachi.Tests.Harness;
using Komachi.Tests.Jobs;

namespace Komachi.Tests.Web;

/// <summary>When there is no page, a person is told what happened, what was kept and what to do, in their language.</summary>
public sealed class FriendlyPages(StoryProgram program)
{
    [Theory]
    [InlineData(400, "送られた内容を読み取れませんでした"), InlineData(403, "このページを見る権限がありません"), InlineData(404, "ページが見つかりません"), InlineData(409, "先にほかの人が変更しました")]
    [InlineData(413, "送られた内容が大きすぎます"), InlineData(422, "入力内容をご確認ください"), InlineData(429, "短い時間に操作が集中しました"), InlineData(500, "システムで問題が起きました"), InlineData(503, "ただいま利用できません")]
    public async Task Every_status_has_a_page_in_every_language(int status, string inJapanese)
    {
        var town = await program.NewTown();
        using var visitor = town.Visitor();
        var titles = new List<string>();
        foreach (var language in new[] { "", "en/", "plain/" })
        {
            var page = await visitor.Open($"{language}says/{status}");
            Assert.Equal(status, (int)page.Status);
            titles.Add(page.One("h1").TextContent);
            Assert.Contains(page.Headers["X-Request-Id"], page.Text);
            Assert.Contains("0000-00-0000", page.Text);    // whom to ask
            Assert.NotEmpty(page.One(".lead").TextContent);
            Assert.NotNull(page.Document.QuerySelector("main a[href]"));    // a way on
            Assert.DoesNotContain("Exception", page.Html);
        }
        Assert.Equal(inJapanese, titles[0]);
        Assert.NotEqual(titles[0], titles[1]);
        Assert.NotEqual(titles[1], titles[2]);
    }

    [Fact]
    public async Task A_program_is_told_the_same_as_JSON()
    {
        var town = await program.NewTown();
        using var visitor = town.Visitor();
        visitor.Http.DefaultRequestHeaders.Accept.Clear();
        visitor.Http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var answer = await visitor.Send(HttpMethod.Get, "en/says/500");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(answer.Headers.GetValues("X-Request-Id").Single(), problem.RootElement.GetProperty("requestId").GetString());
        Assert.Equal("Something went wrong on our side", problem.RootElement.GetProperty("title").GetString());
    }
}
