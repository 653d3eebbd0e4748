using System.Diagnostics;
using System.Net;
using System.Net.Mail;
using System.Text;
using Komachi.Sandbox;
using Komachi.Sandbox.Faults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Komachi.Tests.Sandbox;

/// <summary>Each fault does what it says, as often as it says, to whom it says.</summary>
[Trait("Category", "long")]
public sealed class FaultStories(World world) : IClassFixture<World>
{
    async Task<SmtpStatusCode?> TrySend(string to)
    {
        try
        {
            await world.Send(to);
            return null;
        }
        catch (SmtpException e)
        {
            return e.StatusCode;
        }
    }

    [Fact]
    public async Task A_late_answer_comes_late_and_the_mail_comes()
    {
        var to = World.Somebody();
        await world.Fault(new { service = "mail", kind = "delay", milliseconds = 700, times = 1, only = to });
        var clock = Stopwatch.StartNew();
        await world.Send(to);
        Assert.InRange(clock.ElapsedMilliseconds, 650, 20_000);
        await world.Arrived(to);
    }

    [Fact]
    public async Task Accepting_too_late_leaves_the_sender_in_doubt_and_the_mail_comes()
    {
        var to = World.Somebody();
        await world.Fault(new { service = "mail", kind = "delay", milliseconds = 500, times = 1, only = to });
        using (var talk = await world.Talk())
        {
            await talk.Envelope(to);
            await talk.Write("Subject: x\r\n\r\n.\r\n");
        }
        await world.Arrived(to);
    }

    [Fact]
    public async Task A_refusal_for_now_and_one_for_ever()
    {
        var to = World.Somebody();
        await world.Fault(new { service = "mail", kind = "refuse", times = 2, only = to });
        Assert.Equal(SmtpStatusCode.LocalErrorInProcessing, await TrySend(to));
        Assert.Equal(SmtpStatusCode.LocalErrorInProcessing, await TrySend(to));
        Assert.Null(await TrySend(to));
        await world.Fault(new { service = "mail", kind = "refuse", status = 552, text = "箱がいっぱいです", only = to });
        Assert.Equal(SmtpStatusCode.ExceededStorageAllocation, await TrySend(to));
        Assert.Equal(1, await world.Count(to));
    }

    [Fact]
    public async Task One_recipient_is_unknown_and_the_other_gets_the_mail()
    {
        string good = World.Somebody(), gone = World.Somebody();
        await world.Fault(new { service = "mail.recipient", kind = "refuse", only = gone });
        using var client = world.Client();
        using var mail = new MailMessage { From = new("town@example.jp") };
        mail.To.Add(good);
        mail.To.Add(gone);
        var failed = await Assert.ThrowsAsync<SmtpFailedRecipientException>(() => client.SendMailAsync(mail, World.Stop));
        Assert.Contains(gone, failed.FailedRecipient);
        Assert.Equal(SmtpStatusCode.MailboxUnavailable, failed.StatusCode);
    }

    [Fact]
    public async Task Cut_before_it_was_taken()
    {
        var to = World.Somebody();
        await world.Fault(new { service = "mail", kind = "drop", times = 1, only = to });
        Assert.NotNull(await TrySend(to));
        Assert.Equal(0, await world.Count(to));
        Assert.Null(await TrySend(to));
        Assert.Equal(1, await world.Count(to));
    }

    [Fact]
    public async Task Cut_after_it_was_taken_so_that_the_sender_sends_again()
    {
        var to = World.Somebody();
        await world.Fault(new { service = "mail", kind = "drop", when = "after", times = 1, only = to });
        Assert.NotNull(await TrySend(to));
        Assert.Null(await TrySend(to));
        Assert.Equal(2, await world.Count(to));
    }

    [Fact]
    public async Task Twice_is_the_same_mail_two_times()
    {
        var to = World.Somebody();
        await world.Fault(new { service = "mail", kind = "twice", times = 1, only = to });
        using var client = world.Client();
        using var mail = new MailMessage("town@example.jp", to, "x", "y");
        mail.Headers.Add("Message-ID", "<one@example.jp>");
        await client.SendMailAsync(mail, World.Stop);
        var mails = (await world.Json($"/api/mail?to={to}")).GetProperty("mails");
        Assert.Equal(["<one@example.jp>", "<one@example.jp>"], mails.EnumerateArray().Select(m => m.GetProperty("messageId").GetString()!));
    }

    [Fact]
    public async Task Every_third_time_until_switched_off()
    {
        var to = World.Somebody();
        var fault = await world.Fault(new { service = "mail", kind = "refuse", every = 3, only = to });
        var refused = new List<int>();
        for (var i = 1; i <= 7; i++)
            if (await TrySend(to) is not null) refused.Add(i);
        Assert.Equal([3, 6], refused);
        var all = await world.Json("/api/faults");
        var now = all.GetProperty("faults").EnumerateArray().Single(f => f.GetProperty("id").GetInt64() == fault.GetProperty("id").GetInt64());
        Assert.Equal((7, 2), (now.GetProperty("seen").GetInt32(), now.GetProperty("struck").GetInt32()));
        await World.Read(await world.Http.DeleteAsync($"/api/faults/{fault.GetProperty("id")}", World.Stop));
        await World.Read(await world.Http.DeleteAsync($"/api/faults/{fault.GetProperty("id")}", World.Stop), HttpStatusCode.NotFound);
        for (var i = 0; i < 3; i++) Assert.Null(await TrySend(to));
    }

    [Fact]
    public async Task Nobody_can_connect()
    {
        await using var alone = await OutsideWorld.Open();
        using var http = new HttpClient { BaseAddress = alone.Url };
        await http.PutAsync("/api/faults", Json("""{"service":"mail.connect","kind":"refuse","times":1}"""), World.Stop);
        using (var talk = await Talk.Begin(alone.SmtpPort)) Assert.StartsWith("421", talk.Greeting);
        await http.PutAsync("/api/faults", Json("""{"service":"mail.connect","kind":"drop","times":1}"""), World.Stop);
        using (var talk = await Talk.Begin(alone.SmtpPort)) Assert.Equal("", talk.Greeting);
        using (var talk = await Talk.Begin(alone.SmtpPort)) Assert.StartsWith("220", talk.Greeting);
    }

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("null", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("{", HttpStatusCode.BadRequest)]
    [InlineData("\u0000\u0001", HttpStatusCode.BadRequest)]
    [InlineData("""{"service":5}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"service":"\ud800"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"service":"mail","kind":"refuse","times":"three"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"service":"mail","kind":"refuse","times":99999999999}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"service":"mail","kind":"refuse","tims":3}""", HttpStatusCode.BadRequest)]
    [InlineData("{}", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"service":"nowhere","kind":"refuse"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"service":"mail","kind":"3"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"service":"mail","kind":"delay"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"service":"mail","kind":"delay","milliseconds":-1}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"service":"mail","kind":"refuse","status":200}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"service":"mail","kind":"refuse","times":0}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"service":"mail","kind":"refuse","text":"a\r\n250 b"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"service":"mail","kind":"drop","when":"sometimes"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"service":"mail.recipient","kind":"twice"}""", HttpStatusCode.UnprocessableEntity)]
    public async Task What_makes_no_fault_is_answered_with_a_sentence(string json, HttpStatusCode status)
    {
        using var answer = await world.Http.PutAsync("/api/faults", Json(json), World.Stop);
        var said = (await World.Read(answer, status)).GetProperty("error").GetString()!;
        Assert.EndsWith(".", said);
    }

    [Fact]
    public async Task Setting_it_again_is_harmless_and_there_is_an_end_to_them()
    {
        await using var alone = await OutsideWorld.Open();
        using var http = new HttpClient { BaseAddress = alone.Url };
        for (var i = 0; i < 2; i++) await http.PutAsync("/api/faults", Json("""{"service":"mail","kind":"refuse","only":"a"}"""), World.Stop);
        Assert.Equal(1, (await World.Read(await http.GetAsync("/api/faults", World.Stop))).GetProperty("faults").GetArrayLength());
        for (var i = 0; i < 199; i++) (await http.PutAsync("/api/faults", Json($$"""{"service":"mail","kind":"refuse","only":"b{{i}}"}"""), World.Stop)).EnsureSuccessStatusCode();
        await World.Read(await http.PutAsync("/api/faults", Json("""{"service":"mail","kind":"refuse","only":"c"}"""), World.Stop), HttpStatusCode.Conflict);
        Assert.Equal(200, (await World.Read(await http.DeleteAsync("/api/faults?service=mail", World.Stop))).GetProperty("deleted").GetInt32());
        await World.Read(await http.DeleteAsync("/api/faults?service=nowhere", World.Stop), HttpStatusCode.UnprocessableEntity);
    }

    /// <summary>What services that speak HTTP will stand on.</summary>
    [Fact]
    public async Task The_same_faults_over_http()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<Happenings>().AddSingleton<FaultPanel>();
        builder.Services.AddSingleton(new FaultPlace("line", "LINE", 503, Enum.GetValues<FaultKind>()));
        await using var app = builder.Build();
        var taken = 0;
        app.MapPost("/push", (HttpContext http) =>
        {
            taken += FaultFilter.TroubleOf(http).Twice ? 2 : 1;
            return Results.Ok();
        }).WithFaults("line", http => [http.Request.Query["to"].ToString()]);
        await app.StartAsync(World.Stop);
        var panel = app.Services.GetRequiredService<FaultPanel>();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        panel.Set(new Fault("line", FaultKind.Refuse, 0, 429, "もう送れません", DropWhen.Before, 1, 1, null));
        using (var refused = await http.PostAsync("/push", null, World.Stop))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal(0, taken);
        }
        panel.Clear();
        panel.Set(new Fault("line", FaultKind.Drop, 0, 0, null, DropWhen.Before, 1, 1, null));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.PostAsync("/push", null, World.Stop));
        Assert.Equal(0, taken);
        panel.Clear();
        panel.Set(new Fault("line", FaultKind.Drop, 0, 0, null, DropWhen.After, 1, 1, null));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.PostAsync("/push", null, World.Stop));
        Assert.Equal(1, taken);
        panel.Clear();
        panel.Set(new Fault("line", FaultKind.Twice, 0, 0, null, DropWhen.Before, null, 1, "U1"));
        (await http.PostAsync("/push?to=U1", null, World.Stop)).EnsureSuccessStatusCode();
        (await http.PostAsync("/push?to=U2", null, World.Stop)).EnsureSuccessStatusCode();
        Assert.Equal(4, taken);
    }

    static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
