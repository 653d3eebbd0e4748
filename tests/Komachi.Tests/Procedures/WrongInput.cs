using System.Net;
using System.Net.Http.Headers;
using Komachi.Platform.Files;
using Komachi.Procedures;
using Komachi.Tests.Files;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>What people and programs type and send that does not fit: nothing breaks, nothing is lost, and each refusal says what to do.</summary>
public sealed class WrongInput(FilesProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The page on which a text is asked that everybody may write: the dog's.</summary>
    static async Task<(TestTown Town, Applicant Applicant, Seen Page)> AtTheDog(TestProgram program)
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "dog-registration");
        var page = await applicant.Begin();
        while (Applicant.PageOf(page) != "dog") page = await applicant.Who.Submit(page, applicant.For(page));
        return (town, applicant, page);
    }

    [Fact]
    public async Task A_text_that_is_too_long_comes_back_whole_and_one_of_rare_letters_is_kept_as_written()
    {
        var (town, applicant, page) = await AtTheDog(program);
        var fields = applicant.For(page);
        var longName = string.Concat(Enumerable.Repeat("邉\U000E0104", 300));
        fields["dogName"] = longName;
        var wrong = await applicant.Who.Submit(page, fields);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Equal(longName, wrong.One("#dogName").GetAttribute("value"));
        Assert.Contains("300", wrong.One(".error-summary").TextContent);    // people count letters, not their variants

        fields["dogName"] = "🐕\u202Eポチ\u2067邉\U000E0104𠮷";
        Assert.NotEqual(HttpStatusCode.UnprocessableEntity, (await applicant.Who.Submit(wrong, fields)).Status);
        await using var db = town.Open();
        Assert.Equal("🐕ポチ邉\U000E0104𠮷", (await db.Set<Draft>().SingleAsync(Stop)).Answers["dogName"]!.ToString());    // without what turns the direction of writing
    }

    [Fact]
    public async Task A_name_is_kept_as_it_is_written_and_its_reading_is_asked_in_kana()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "dog-registration");
        var begun = await applicant.Begin();
        await using (var db = town.Open())
        {
            (await db.Set<Draft>().SingleAsync(Stop)).Keep(applicant.Answers, "ja", TimeProvider.System.GetUtcNow());
            await db.Save(stop: Stop);
        }
        var page = await applicant.Who.Open($"procedures/filling/{Applicant.DraftOf(begun)}/owner");
        var fields = applicant.For(page);
        (fields["ownerName-family"], fields["ownerName-given"], fields["ownerKana"]) = ("邉\U000E0104", "𠮷\u200F子🌸", "渡邉 よし☆こ");
        var wrong = await applicant.Who.Submit(page, fields);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Equal("#ownerKana", wrong.All(".error-summary a").Single().GetAttribute("href"));
        Assert.StartsWith("氏名のフリガナ：", wrong.One(".error-summary a").TextContent);
        Assert.Equal("渡邉 よし☆こ", wrong.One("#ownerKana").GetAttribute("value"));
        fields["ownerKana"] = "わたなべ　ﾖｼｺ";
        Assert.NotEqual(HttpStatusCode.UnprocessableEntity, (await applicant.Who.Submit(wrong, fields)).Status);
        await using var kept = town.Open();
        var answers = (await kept.Set<Draft>().SingleAsync(Stop)).Answers;
        Assert.Equal(("邉\U000E0104", "𠮷子🌸", "ワタナベ ヨシコ"), (answers["ownerName"]!["family"]!.ToString(), answers["ownerName"]!["given"]!.ToString(), answers["ownerKana"]!.ToString()));    // without what turns the direction of writing
    }

    [Theory]
    [InlineData("H", "40", "1", "1")]
    [InlineData("R", "0", "1", "1")]
    [InlineData("", "2026", "13", "1")]
    [InlineData("", "2026", "2", "30")]
    [InlineData("Z", "8", "1", "1")]
    [InlineData("", "来年", "春", "★")]
    public async Task A_day_that_there_was_not_is_said_beside_its_field(string era, string year, string month, string day)
    {
        var (_, applicant, page) = await AtTheDog(program);
        var fields = applicant.For(page);
        foreach (var (part, value) in new[] { ("era", era), ("year", year), ("month", month), ("day", day) }) fields["acquiredOn-" + part] = value;
        var wrong = await applicant.Who.Submit(page, fields);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Contains("acquiredOn", wrong.One(".error-summary a").GetAttribute("href"));
        Assert.Equal(year, wrong.One("#acquiredOn-year").GetAttribute("value"));
    }

    [Fact]
    public async Task Files_that_are_too_large_or_are_not_what_they_say_are_refused_in_the_list_and_the_rest_goes_on()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "disaster-certificate");
        var first = await applicant.Begin();
        var draft = Applicant.DraftOf(first);
        var page = await applicant.To(first, ".file-field");
        var here = Applicant.PageOf(page);
        page = await applicant.Who.Open($"procedures/filling/{draft}/{here}?file={page.One("button[name=_file]").GetAttribute("value")}");
        var place = page.One("input[name=place]").GetAttribute("value")!;
        Assert.StartsWith($"drafts/{draft}/", place);

        await Send("大きすぎる.pdf", Samples.Pdf(50_000_000));
        await Send("爆弾.jpg", Samples.Zip(("a", new string('0', 1_000_000))));
        await Send("写真.heic", Samples.Heic());
        var shown = await applicant.Who.Open($"procedures/filling/{draft}/{here}");
        Assert.Contains("写真.heic", shown.Text);
        // Each of them says why it was not taken, and what to do instead.
        var why = shown.All(".file-row-wrong").ToDictionary(r => r.QuerySelector("bdi")!.TextContent, r => r.QuerySelector(".file-why")!.TextContent);
        Assert.Contains("20 MB", why["大きすぎる.pdf"]);
        Assert.Contains("送ってください", why["爆弾.jpg"]);
        await using var db = town.Open();
        var files = await db.Set<StoredFile>().ToListAsync(Stop);
        Assert.Equal([FileState.Refused, FileState.Refused], files.Where(f => f.Name != "写真.heic").Select(f => f.State));
        Assert.NotEqual(FileState.Refused, files.Single(f => f.Name == "写真.heic").State);
        Assert.True(files.Single(f => f.Name == "写真.heic").EndsAt > TimeProvider.System.GetUtcNow().AddDays(20));    // as long as the draft

        // Somebody else sends nothing to it.
        using var refused = await Sending(town.Visitor(), (await town.Visitor().Open("sign-in")), "よそ.pdf", Samples.Pdf());
        Assert.NotEqual(HttpStatusCode.Found, refused.StatusCode);
        Assert.Equal(3, await db.Set<StoredFile>().CountAsync(Stop));

        async Task Send(string name, byte[] bytes)
        {
            using var answer = await Sending(applicant.Who, page, name, bytes);
            Assert.True(answer.StatusCode is HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.RequestEntityTooLarge, $"{name}: {answer.StatusCode}");
        }

        async Task<HttpResponseMessage> Sending(Person who, Seen from, string name, byte[] bytes)
        {
            var form = new MultipartFormDataContent();
            foreach (var (key, value) in new[] { ("_token", from.One("input[name=_token]").GetAttribute("value")!), ("kind", "procedures.attachment"), ("place", place), ("back", $"procedures/filling/{draft}/{here}") }) form.Add(new StringContent(value), key);
            var file = new ByteArrayContent(bytes);
            file.Headers.ContentDisposition = new("form-data") { Name = "file", FileName = name };
            file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            form.Add(file);
            return await who.Send(HttpMethod.Post, "files/one", form);
        }
    }
}
