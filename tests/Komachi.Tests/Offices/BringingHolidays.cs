using System.Net;
using System.Text;
using AngleSharp.Html.Parser;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Offices;

/// <summary>Holidays follow the law by themselves; a town takes a year over with a list, and gives it back.</summary>
public sealed class BringingHolidays(TestProgram program)
{
    const string Home = "desk/offices/holidays";

    static readonly Encoding Cp932 = CodePagesEncodingProvider.Instance.GetEncoding(932)!;

    static async Task<Seen> Send(Person who, Seen page, byte[] file)
    {
        var form = new MultipartFormDataContent();
        foreach (var hidden in page.All("form[action$=file] input[type=hidden]")) form.Add(new StringContent(hidden.GetAttribute("value")!), hidden.GetAttribute("name")!);
        form.Add(new ByteArrayContent(file) { Headers = { ContentType = new("text/csv") } }, "file", "syukujitsu.csv");
        using var answer = await who.Send(HttpMethod.Post, Home + "/file", form);
        if (answer.Headers.Location is { } there) return await who.Open(there.ToString());
        var html = await answer.Content.ReadAsStringAsync();
        return page with { Status = answer.StatusCode, Html = html, Document = new HtmlParser().ParseDocument(html) };
    }

    static async Task<byte[]> Bytes(Person who, string path)
    {
        using var answer = await who.Send(HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    [Fact]
    public async Task Nobody_has_to_bring_any_and_each_year_says_that_it_follows_the_law()
    {
        var town = await program.NewTown();
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM offices.holidays"));
        var joho = await town.Staff("joho");
        var year = await joho.Open($"{Home}?year=2026");
        Assert.Equal(18, year.All("table tbody tr").Count());
        Assert.Contains("法律」に従います", year.Text);
        Assert.Contains("振替休日", year.Text);
        Assert.Contains("Substitute holiday", (await joho.Open($"en/{Home}?year=2026")).Text);
        Assert.Contains("2019年（平成31年・令和元年）の祝日", (await joho.Open($"{Home}?year=2019")).Text);
        Assert.Equal(HttpStatusCode.OK, (await joho.Open($"{Home}?year=99999999999999")).Status);
        Assert.Equal(HttpStatusCode.OK, (await joho.Open($"{Home}?year=1948")).Status);
        Assert.Equal(HttpStatusCode.OK, (await joho.Open($"{Home}?year=2150")).Status);
    }

    [Fact]
    public async Task The_cabinet_offices_file_takes_a_year_over_in_either_encoding_and_the_law_takes_it_back()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        // As if a law had moved one holiday and given another.
        const string csv = "国民の祝日・休日月日,国民の祝日・休日名称\r\n2030/1/1,元日\r\n2030/1/14,成人の日\r\n2030/7/7,七夕の日\r\n";
        foreach (var file in new[] { Cp932.GetBytes(csv), [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(csv)] })
        {
            var saved = await Send(joho, await joho.Open(Home), file);
            Assert.Contains("祝日を保存しました", saved.Text);
            Assert.Contains("市が取り込んだ一覧に従います", saved.Text);
            Assert.Contains("市の一覧だけにある日", saved.Text);
            Assert.Contains("市の一覧にありません（法律では建国記念の日）", saved.Text);
            Assert.Equal("元日,成人の日,七夕の日", await town.Ask<string>("SELECT string_agg(name, ',' ORDER BY day_on) FROM offices.holidays"));
        }
        Assert.Equal("2030/7/7,七夕の日", Cp932.GetString(await Bytes(joho, $"{Home}.csv?year=2030&encoding=cp932")).Split("\r\n")[3]);
        await joho.Submit(await joho.Open($"{Home}?year=2030"), form: "form[action$=by-law]");
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM offices.holidays"));
        Assert.Equal(["offices.holidays_by_law", "offices.import_holidays", "offices.import_holidays"], (await town.Ask<string[]>("SELECT array_agg(action) FROM audit.entries WHERE action LIKE 'offices.%holiday%'")).Order());
    }

    [Fact]
    public async Task What_is_given_out_can_be_brought_again()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        foreach (var encoding in new[] { "", "&encoding=cp932" })
        {
            var file = await Bytes(joho, $"{Home}.csv?year=2026{encoding}");
            var text = encoding.Length > 0 ? Cp932.GetString(file) : Encoding.UTF8.GetString(file).TrimStart('\ufeff');
            Assert.StartsWith("国民の祝日・休日月日,国民の祝日・休日名称\r\n2026/1/1,元日\r\n", text);
            Assert.Contains("2026/5/6,休日\r\n", text);
            Assert.Contains("祝日を保存しました", (await Send(joho, await joho.Open(Home), file)).Text);
            Assert.Equal(18, await town.Ask<long>("SELECT count(*) FROM offices.holidays"));
            Assert.DoesNotContain("市の一覧だけ", (await joho.Open($"{Home}?year=2026")).Text);    // 休日 is no difference
        }
    }

    [Fact]
    public async Task Rows_that_are_wrong_are_listed_and_nothing_is_taken()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        var bad = await joho.Submit(await joho.Open(Home), new() { ["csv"] = "2030/1/1,元日\nあした,休み\n2030/2/11,\n2030/1/1,また元日\n令和12年2月30日,ない日\n" + "2030/3/3," + new string('長', 41) }, form: "form[action$=holidays]");
        Assert.Equal((HttpStatusCode)422, bad.Status);
        Assert.Equal(["2行目 「あした」は「2027/1/1」のような日付ではありません。", "3行目 名称がありません。", "4行目 この日は1行目にもあります。", "5行目 「令和12年2月30日」は「2027/1/1」のような日付ではありません。", "6行目 名称は40文字以内です。"],
            bad.Document.QuerySelectorAll("table")[0].QuerySelectorAll("tbody tr").Select(r => r.QuerySelector("th")!.TextContent + " " + r.QuerySelector("td")!.TextContent));
        Assert.Contains("また元日", bad.One("textarea[name=csv]").TextContent);
        foreach (var (file, says) in new (byte[], string)[] { ([0x81, 0xff, 0xfe, 0x80], "UTF-8またはShift_JIS"), (new byte[600_000], "512KB"), ([], "祝日が1日もありません") })
        {
            var refused = await Send(joho, await joho.Open(Home), file);
            Assert.Equal((HttpStatusCode)422, refused.Status);
            Assert.Contains(says, refused.Text);
            Assert.Equal("#file", refused.One(".error-summary a").GetAttribute("href"));
        }
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM offices.holidays"));
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Staff("koho")).Open(Home)).Status);
    }
}
