using System.Net;
using System.Text;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>From the button of a procedure to the receipt number, with pages and forms alone.</summary>
public sealed partial class ApplyingWithoutScripts(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Somebody_without_an_account_fills_in_proves_an_address_and_gets_a_number()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "water-start-stop");
        var first = await applicant.Begin();
        Assert.Equal("1", first.One(".steps progress").GetAttribute("value"));
        var check = await applicant.ToTheCheck(first);
        Assert.Empty(check.All(Applicant.Sending));    // first we have to be able to reach them
        check = await applicant.Reachable(check, $"suzuki-{town.Slug}@example.jp");
        var done = await applicant.Send(check);
        Assert.EndsWith("/done", done.Url);
        Assert.True(ReceiptNumber.TryParse(done.One(".receipt-number").TextContent, out _));

        await using var db = town.Open();
        var filed = await db.Set<Case>().SingleAsync(Stop);
        Assert.Equal((Way.Online, Assurance.Code, $"suzuki-{town.Slug}@example.jp", false), (filed.Way, filed.Assurance, filed.Email, filed.Electronic));
        Assert.Contains(done.One(".receipt-number").TextContent.Replace("-", "").Trim(), filed.Number);
        Assert.True(await db.Set<AuditEntry>().AnyAsync(e => e.Action == "procedures.file" && e.Subject == filed.Subject, Stop));

        // The copy says what was sent; the calendar has the day; who comes back sees the receipt.
        var copy = await applicant.Who.Open($"procedures/filling/{Applicant.DraftOf(done)}/done/copy");
        Assert.Contains(filed.Title, copy.Text);
        using var calendar = await applicant.Who.Send(HttpMethod.Get, $"procedures/filling/{Applicant.DraftOf(done)}/done/calendar.ics");
        var ics = await calendar.Content.ReadAsStringAsync(Stop);
        Assert.Contains($"DTSTART;VALUE=DATE:{filed.DueOn:yyyyMMdd}", ics);
        Assert.All(ics.Split("\r\n"), line => Assert.True(Encoding.UTF8.GetByteCount(line) <= 75, line));
        Assert.EndsWith("/done", (await applicant.Who.Open($"procedures/filling/{Applicant.DraftOf(done)}")).Url);

        // Nobody else opens any of it.
        Assert.Equal(HttpStatusCode.NotFound, (await town.Visitor().Open($"procedures/filling/{Applicant.DraftOf(done)}/done")).Status);
    }

    [Fact]
    public async Task Who_is_signed_in_finds_their_name_goes_on_elsewhere_and_asks_for_an_electronic_decision()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "water-start-stop");
        var page = await applicant.Begin();
        var draft = Applicant.DraftOf(page);
        page = await applicant.Who.Submit(page, applicant.For(page));
        Assert.Contains("保存しました", page.Text);

        // On another device the start page knows what was begun, and goes on at the first page that is not finished.
        var tablet = await town.Resident();
        var start = await tablet.Open("procedures/water-start-stop/start");
        Assert.Contains($"filling/{draft}", start.One(".notice a").GetAttribute("href"));
        Assert.Equal(page.Url, (await tablet.Open($"procedures/filling/{draft}")).Url);

        var check = await applicant.ToTheCheck(page);
        var missing = await applicant.Who.Submit(check, form: Applicant.Sending);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, missing.Status);    // how the decision comes is theirs to say
        var done = await applicant.Who.Submit(missing, new() { ["electronic"] = "page" }, form: Applicant.Sending);
        await using var db = town.Open();
        var filed = await db.Set<Case>().SingleAsync(Stop);
        Assert.True(filed.Electronic);
        Assert.NotNull(filed.PersonId);
        Assert.Equal(Assurance.SignedIn, filed.Assurance);
        Assert.Contains($"procedures/cases/{filed.Id}", done.Html);

        // Two questions, answered once.
        var rated = await applicant.Who.Submit(done, new() { ["easy"] = "4", ["reached"] = "yes" }, form: "form[action$='/rating']");
        Assert.Empty(rated.All("form[action$='/rating']"));
        Assert.Equal(4, (await db.Set<Rating>().SingleAsync(Stop)).Easy);
    }

    [Fact]
    public async Task Going_back_and_leaving_lose_nothing()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "dog-registration");
        var page = await applicant.Begin();
        page = await applicant.Who.Submit(page, applicant.For(page));
        while (Applicant.PageOf(page) != "dog") page = await applicant.Who.Submit(page, applicant.For(page));
        var back = await applicant.Who.Submit(page, new() { ["dogName"] = "ハチ", ["_look"] = "back" });
        Assert.NotEqual("dog", Applicant.PageOf(back));
        var again = await applicant.Who.Open(new Uri(page.Url).AbsolutePath);
        Assert.Equal("ハチ", again.One("#dogName").GetAttribute("value"));

        var later = await applicant.Who.Submit(again, new() { ["breed"] = "柴犬", ["_look"] = "later" });
        Assert.EndsWith("/later", later.Url);
        var sent = await applicant.Who.Submit(later, new() { ["email"] = $"inu-{town.Slug}@example.jp" }, form: "form[action$='/later']");
        Assert.Contains("sent=yes", sent.Url);
        Assert.StartsWith("procedures/back/", await program.World.CodeFor($"inu-{town.Slug}@example.jp", Link()));
    }

    [Fact]
    public async Task A_link_opens_it_on_another_device_once()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "water-start-stop");
        await applicant.ToTheCheck(await applicant.Begin());
        await using var db = town.Open();
        var draft = await db.Set<Draft>().SingleAsync(Stop);
        var token = draft.NewLink(TimeProvider.System.GetUtcNow());
        await db.Save(stop: Stop);

        var (phone, stranger) = (town.Visitor(), town.Visitor());
        Assert.Equal(HttpStatusCode.NotFound, (await phone.Open($"procedures/filling/{draft.Id}/check")).Status);
        var opened = await phone.Submit(await phone.Open($"procedures/back/{token}"));
        Assert.EndsWith($"{draft.Id}/check", opened.Url);
        Assert.Equal(HttpStatusCode.Gone, (await stranger.Open($"procedures/back/{token}")).Status);
        // Both devices go on with it.
        Assert.Equal(HttpStatusCode.OK, (await phone.Open($"procedures/filling/{draft.Id}/check")).Status);
        Assert.Equal(HttpStatusCode.OK, (await applicant.Who.Open($"procedures/filling/{draft.Id}/check")).Status);
    }

    [Fact]
    public async Task Pressed_twice_on_a_slow_line_it_is_begun_once_and_is_theirs()
    {
        var town = await program.NewTown("onojo");
        var hasty = town.Visitor();
        var page = await hasty.SubmitTwice(await hasty.Open("procedures/water-start-stop/start"), new() { ["for"] = "self" });
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.NotEmpty(page.All("input[name=wish], input[name=_token]"));
        await using var db = town.Open();
        var draft = await db.Set<Draft>().SingleAsync(Stop);
        Assert.Contains($"/procedures/filling/{draft.Id}/", page.Url);

        // The same with the link of a mail, which is good once.
        var token = draft.NewLink(TimeProvider.System.GetUtcNow());
        await db.Save(stop: Stop);
        var phone = town.Visitor();
        var there = await phone.SubmitTwice(await phone.Open($"procedures/back/{token}"));
        Assert.Contains($"/procedures/filling/{draft.Id}/", there.Url);
        Assert.Equal(HttpStatusCode.OK, there.Status);
        Assert.Equal(HttpStatusCode.Gone, (await town.Visitor().Open($"procedures/back/{token}")).Status);
    }

    [Fact]
    public async Task Gone_back_to_after_a_while_a_form_gives_its_key_to_nobody()
    {
        var town = await program.NewTown("onojo");
        var first = town.Visitor();
        var start = await first.Open("procedures/water-start-stop/start");
        var press = first.Ready(start, new() { ["for"] = "self" });
        var filling = (await press()).Url;
        foreach (System.Net.Cookie cookie in first.Cookies.GetAllCookies()) if (cookie.Name.Contains("-key-", StringComparison.Ordinal)) cookie.Expired = true;
        Assert.Equal(HttpStatusCode.NotFound, (await first.Open(new Uri(filling).AbsolutePath)).Status);
        await using (var late = town.Source.CreateCommand("UPDATE house.once_keys SET used_at = now() - interval '11 minutes'")) await late.ExecuteNonQueryAsync(Stop);
        Assert.Equal(HttpStatusCode.NotFound, (await press()).Status);
        await using (var soon = town.Source.CreateCommand("UPDATE house.once_keys SET used_at = now() - interval '9 minutes'")) await soon.ExecuteNonQueryAsync(Stop);
        Assert.Equal(HttpStatusCode.OK, (await press()).Status);
    }

    [Fact]
    public async Task What_needs_an_account_asks_for_it_first()
    {
        var town = await program.NewTown("onojo");
        var start = await town.Visitor().Open("procedures/tax-certificate/start");
        Assert.Contains("sign-in?then=procedures%2Ftax-certificate%2Fstart", start.One(".notice a").GetAttribute("href"));
        Assert.Empty(start.All("main form"));
    }

    [Fact]
    public async Task Who_files_for_somebody_else_says_on_what_ground_and_the_office_reads_it()
    {
        var town = await program.NewTown("onojo");
        var who = town.Visitor();
        var start = await who.Open("procedures/water-start-stop/start");
        var refused = await who.Submit(start, new() { ["for"] = "other" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        var page = await who.Submit(refused, new() { ["for"] = "other", ["ground"] = "入居者の母です。本人に頼まれました。" });
        await using var db = town.Open();
        Assert.Equal("入居者の母です。本人に頼まれました。", Agent.GroundOf((await db.Set<Draft>().SingleAsync(Stop)).Answers));
        Assert.Contains("filling", page.Url);
    }

    [System.Text.RegularExpressions.GeneratedRegex("procedures/back/[0-9a-f]{32}")]
    private static partial System.Text.RegularExpressions.Regex Link();
}
