using System.Net.Mail;
using System.Text;
using Xunit;

namespace Komachi.Tests.Sandbox;

/// <summary>What is sent by SMTP arrives as it was sent, and what cannot be taken is told so.</summary>
public sealed class SmtpStories(World world) : IClassFixture<World>
{
    [Fact]
    public async Task A_mail_in_Japanese_arrives_whole()
    {
        var to = World.Somebody();
        var subject = "【大野城市】施設予約の確認（𠮷田さま）―長い件名でも途中で折り返されて元のまま届くこと";
        var body = "𠮷田さま\r\n\r\n予約を受け付けました。\r\n.先頭が点の行\r\n..点が二つの行\r\n.\r\n点だけの行のあとも続きます。\r\nhttps://example.jp/予約?id=1\r\n";
        using var client = world.Client();
        using var mail = new MailMessage(new MailAddress("yoyaku@example.jp", "大野城市 施設予約"), new MailAddress(to, "𠮷田 花子"))
        {
            Subject = subject,
            SubjectEncoding = Encoding.UTF8,
            Body = body,
            BodyEncoding = Encoding.UTF8,
        };
        mail.AlternateViews.Add(AlternateView.CreateAlternateViewFromString("<p>予約を<b>受け付けました</b></p>", Encoding.UTF8, "text/html"));
        mail.Attachments.Add(new Attachment(new MemoryStream("日程,部屋\r\n"u8.ToArray()), "予約一覧.csv", "text/csv"));
        await client.SendMailAsync(mail, World.Stop);

        var came = await world.Arrived(to);
        Assert.Equal(subject, came.GetProperty("subject").GetString());
        Assert.Equal(body.ReplaceLineEndings("\n").TrimEnd(), came.GetProperty("text").GetString()!.TrimEnd());
        Assert.Contains("<b>受け付けました</b>", came.GetProperty("html").GetString());
        Assert.Contains("大野城市 施設予約", came.GetProperty("headerFrom").GetString());
        Assert.Equal("yoyaku@example.jp", came.GetProperty("from").GetString());
        Assert.Equal(to, Assert.Single(came.GetProperty("to").EnumerateArray()).GetString());
        var attachment = Assert.Single(came.GetProperty("attachments").EnumerateArray());
        Assert.Equal("予約一覧.csv", attachment.GetProperty("name").GetString());
        Assert.Empty(came.GetProperty("remarks").EnumerateArray());
        var bytes = await world.Http.GetByteArrayAsync($"/mail/{came.GetProperty("id")}/parts/1", World.Stop);
        Assert.Equal("日程,部屋\r\n", Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public async Task What_was_sent_comes_back_byte_for_byte()
    {
        var to = World.Somebody();
        using var talk = await world.Talk();
        await talk.Envelope(to);
        await talk.Write("Subject: dots\r\n\r\n..\r\n..one\r\n...two\r\nbare\nfeed\n.\nand\rreturn\r\n\r\n.\r\n");
        Assert.StartsWith("250", await talk.Answer());
        var id = (await world.Arrived(to)).GetProperty("id").GetInt64();
        var raw = await world.Http.GetByteArrayAsync($"/api/mail/{id}/raw", World.Stop);
        Assert.Equal("Subject: dots\r\n\r\n.\r\n.one\r\n..two\r\nbare\nfeed\n.\nand\rreturn\r\n\r\n", Encoding.UTF8.GetString(raw));
    }

    [Fact]
    public async Task A_lone_line_feed_smuggles_no_second_mail()
    {
        var to = World.Somebody();
        using var talk = await world.Talk();
        await talk.Envelope(to);
        await talk.Write($"Subject: one\r\n\r\nbody\n.\nMAIL FROM:<evil@example.jp>\nRCPT TO:<{to}>\nDATA\nSubject: two\n\n\r\n.\r\n");
        Assert.StartsWith("250", await talk.Answer());
        await talk.Expect("250", "NOOP");
        Assert.Equal(1, await world.Count(to));
    }

    [Fact]
    public async Task Commands_may_come_all_at_once()
    {
        var to = World.Somebody();
        using var talk = await world.Talk();
        await talk.Write(
            $"EHLO test\r\nMAIL FROM:<town@example.jp> SIZE=100 BODY=8BITMIME\r\nRCPT TO:<{to}>\r\nRCPT TO:<bad address>\r\nDATA\r\n" +
            "Subject: one\r\n\r\none\r\n.\r\n" +
            $"MAIL FROM:<>\r\nRCPT TO:<{to}>\r\nDATA\r\nSubject: two\r\n\r\ntwo\r\n.\r\nQUIT\r\n");
        string[] codes = ["250", "250", "250", "501", "354", "250", "250", "250", "354", "250", "221", ""];
        foreach (var code in codes) Assert.StartsWith(code, await talk.Answer());
        Assert.Equal(2, await world.Count(to));
    }

    [Fact]
    public async Task A_command_may_come_byte_by_byte()
    {
        var to = World.Somebody();
        using var talk = await world.Talk();
        foreach (var c in $"EHLO test\r\nMAIL FROM:<a@example.jp>\r\nRCPT TO:<{to}>\r\nDATA\r\nSubject: slow\r\n\r\n..\r\n.\r\nQUIT\r\n")
            await talk.Write([(byte)c]);
        foreach (var code in (string[])["250", "250", "250", "354", "250", "221"]) Assert.StartsWith(code, await talk.Answer());
        Assert.Equal("slow", (await world.Arrived(to)).GetProperty("subject").GetString());
    }

    [Theory]
    [InlineData("503", "MAIL FROM:<a@example.jp>")]
    [InlineData("503", "RCPT TO:<a@example.jp>")]
    [InlineData("503", "DATA")]
    [InlineData("500", "HOWDY")]
    [InlineData("500", "")]
    [InlineData("501", "EHLO")]
    [InlineData("502", "STARTTLS")]
    [InlineData("252", "VRFY somebody")]
    [InlineData("250", "rset")]
    [InlineData("250", "NoOp whatever")]
    [InlineData("221", "QUIT")]
    public async Task Before_the_greeting(string code, string command)
    {
        using var talk = await world.Talk();
        Assert.StartsWith("220", talk.Greeting);
        await talk.Expect(code, command);
    }

    [Theory]
    [InlineData("250", "MAIL FROM:<>")]
    [InlineData("250", "MAIL FROM: <a@example.jp>")]
    [InlineData("250", "mail from:<\"a > b\"@example.jp> SIZE=0")]
    [InlineData("250", "MAIL FROM:<@relay.example:a@example.jp>")]
    [InlineData("250", "MAIL FROM:<花子@例え.jp> SMTPUTF8")]
    [InlineData("553", "MAIL FROM:<花子@例え.jp>")]
    [InlineData("552", "MAIL FROM:<a@example.jp> SIZE=27262977")]
    [InlineData("552", "MAIL FROM:<a@example.jp> SIZE=18446744073709551615")]
    [InlineData("501", "MAIL FROM:<a@example.jp> SIZE=18446744073709551616")]
    [InlineData("501", "MAIL FROM:<a@example.jp> SIZE=-1")]
    [InlineData("501", "MAIL FROM:<a@example.jp> SIZE")]
    [InlineData("501", "MAIL FROM:<a@example.jp> BODY=BINARYMIME")]
    [InlineData("555", "MAIL FROM:<a@example.jp> RET=FULL")]
    [InlineData("501", "MAIL FROM:a@example.jp")]
    [InlineData("501", "MAIL FROM:<a@example.jp")]
    [InlineData("501", "MAIL FROM:<a b@example.jp>")]
    [InlineData("501", "MAIL FROM:<example.jp>")]
    [InlineData("501", "MAIL FROM:<a@example.jp>SIZE=1")]
    [InlineData("501", "MAIL TO:<a@example.jp>")]
    [InlineData("503", "DATA")]
    public async Task Senders(string code, string command)
    {
        using var talk = await world.Talk();
        await talk.Expect("250", "EHLO test");
        await talk.Expect(code, command);
    }

    [Fact]
    public async Task A_second_sender_is_out_of_order_until_the_first_is_forgotten()
    {
        using var talk = await world.Talk();
        await talk.Expect("250", "HELO test");
        await talk.Expect("250", "MAIL FROM:<a@example.jp>");
        await talk.Expect("503", "MAIL FROM:<b@example.jp>");
        await talk.Expect("250", "RSET");
        await talk.Expect("250", "MAIL FROM:<b@example.jp>");
        await talk.Expect("501", "RCPT TO:<>");
        await talk.Expect("501", $"RCPT TO:<{new string('x', 300)}@example.jp>");
        await talk.Expect("250", "EHLO again");
        await talk.Expect("503", "RCPT TO:<a@example.jp>");
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_refused_and_the_conversation_goes_on()
    {
        var to = World.Somebody();
        using var talk = await world.Talk();
        await talk.Expect("500", new string('x', 100_000));
        await talk.Envelope(to);
        await talk.Write($"Subject: long\r\n\r\n{new string('x', 999)}\r\n.\r\n");
        Assert.StartsWith("554", await talk.Answer());
        await talk.Envelope(to);
        await talk.Write($"Subject: just\r\n\r\n.{new string('.', 998)}\r\n.\r\n");
        Assert.StartsWith("250", await talk.Answer());
        Assert.Equal(1, await world.Count(to));
    }

    [Fact]
    public async Task A_mail_for_many_is_one_mail_and_each_finds_it()
    {
        using var client = world.Client();
        using var mail = new MailMessage { From = new("town@example.jp"), Subject = "回覧" };
        string[] all = [.. Enumerable.Range(0, 30).Select(_ => World.Somebody())];
        mail.To.Add(all[0]);
        foreach (var to in all[1..]) mail.Bcc.Add(to);
        await client.SendMailAsync(mail, World.Stop);
        var ids = new HashSet<long>();
        foreach (var to in all) ids.Add((await world.Arrived(to)).GetProperty("id").GetInt64());
        Assert.Single(ids);
    }

    [Fact]
    public async Task Fifty_senders_at_once()
    {
        var run = Guid.CreateVersion7().ToString("n");
        // Threads of their own: SmtpClient blocks in places, and the server lives in the same process here.
        await Task.WhenAll(Enumerable.Range(0, 50).Select(sender => Task.Factory.StartNew(() =>
        {
            using var client = world.Client(60_000);
            for (var i = 0; i < 5; i++)
                client.Send(new MailMessage("town@example.jp", $"s{sender}@{run}.jp", $"{sender}の{i}", new string('あ', 3_000)));
        }, World.Stop, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        var list = await world.Json($"/api/mail?to={run}&limit=1000");
        var subjects = list.GetProperty("mails").EnumerateArray().Select(m => m.GetProperty("subject").GetString()).ToList();
        Assert.Equal(250, subjects.Count);
        Assert.Equal(250, subjects.Distinct().Count());
    }
}

/// <summary>Limits, with a world that has small ones.</summary>
public sealed class SmtpLimits(SmtpLimits.Small world) : IClassFixture<SmtpLimits.Small>
{
    public sealed class Small : World
    {
        protected override string[] Arguments => ["--mail-bytes", "20000", "--mail-keep", "3", "--smtp-idle", "1"];
    }

    [Fact]
    public async Task A_mail_that_is_too_large_is_refused_but_the_next_is_taken()
    {
        var to = World.Somebody();
        using var talk = await world.Talk();
        Assert.Contains("SIZE 20000", await talk.Say("EHLO test"));
        await talk.Expect("552", "MAIL FROM:<a@example.jp> SIZE=20001");
        await talk.Envelope(to);
        for (var i = 0; i < 300; i++) await talk.Write(new string('x', 98) + "\r\n");
        await talk.Write(".\r\n");
        Assert.StartsWith("552", await talk.Answer());
        await talk.Envelope(to);
        await talk.Write("Subject: small\r\n\r\n.\r\n");
        Assert.StartsWith("250", await talk.Answer());
        Assert.Equal(1, await world.Count(to));
    }

    [Fact]
    public async Task The_oldest_make_room()
    {
        var to = World.Somebody();
        for (var i = 0; i < 5; i++) await world.Send(to, $"no. {i}");
        var mails = (await world.Json($"/api/mail?to={to}")).GetProperty("mails");
        Assert.Equal(["no. 4", "no. 3", "no. 2"], mails.EnumerateArray().Select(m => m.GetProperty("subject").GetString()!));
    }

    [Fact]
    public async Task Who_is_silent_for_too_long_is_shown_out()
    {
        using var talk = await world.Talk();
        await talk.Expect("250", "EHLO test");
        Assert.StartsWith("421", await talk.Answer());
        Assert.Equal("", await talk.Answer());
    }

    [Fact]
    public async Task Who_makes_nothing_but_mistakes_is_shown_out()
    {
        using var talk = await world.Talk();
        var last = "";
        for (var i = 0; i < 100 && !last.StartsWith("421", StringComparison.Ordinal); i++) last = await talk.Say("HOWDY");
        Assert.StartsWith("421", last);
    }
}

/// <summary>What nobody would send on purpose.</summary>
public sealed class SmtpGarbage(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Noise_does_not_end_the_post_office()
    {
        var random = new Random(20261120);
        await Task.WhenAll(Enumerable.Range(0, 60).Select(async n =>
        {
            var noise = new byte[random.Next(1, 60_000)];
            random.NextBytes(noise);
            using var talk = await world.Talk();
            try
            {
                if (n % 3 == 0) await talk.Write("EHLO x\r\nMAIL FROM:<a@b.jp>\r\nRCPT TO:<noise@b.jp>\r\nDATA\r\n");
                await talk.Write(noise);
                if (n % 2 == 0) await talk.Write("\r\n.\r\n");
            }
            catch (IOException)
            {
                // Shown out for too many mistakes.
            }
        }));
        var to = World.Somebody();
        await world.Send(to);
        await world.Arrived(to);
        foreach (var mail in (await world.Json("/api/mail?to=noise@b.jp")).GetProperty("mails").EnumerateArray())
        {
            await world.Json($"/api/mail/{mail.GetProperty("id")}");
            (await world.Http.GetAsync($"/mail/{mail.GetProperty("id")}", World.Stop)).EnsureSuccessStatusCode();
        }
        Assert.DoesNotContain("failed", (await world.Json("/api/log")).ToString());
    }

    [Fact]
    public async Task A_malformed_mail_is_kept_and_shown()
    {
        string[] mails =
        [
            "", "\r\n", "no header at all\r\n", " begins with a blank\r\n\r\nbody", "Subject\r\nSubject: ok\r\n\r\n",
            "Subject: =?utf-8?B?%%%?= =?nope?Q?x?= =?utf-8?Q?=E3=81?=\r\nContent-Type: text/plain; charset=klingon\r\nContent-Transfer-Encoding: rot13\r\n\r\nx",
            "Content-Type: multipart/mixed\r\n\r\nx", "Content-Type: multipart/mixed; boundary=b\r\n\r\nx", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nnever ends",
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!not base64",
            "Content-Type: text/plain; charset=utf-7\r\n\r\n+ADw-script+AD4-", "Content-Disposition: attachment; filename=\"../../etc/passwd\"\r\n\r\nx",
        ];
        foreach (var text in mails)
        {
            var to = World.Somebody();
            using var talk = await world.Talk();
            await talk.Envelope(to);
            await talk.Write(text + "\r\n.\r\n");
            Assert.StartsWith("250", await talk.Answer());
            var came = await world.Arrived(to);
            using var page = await world.Http.GetAsync($"/mail/{came.GetProperty("id")}", World.Stop);
            page.EnsureSuccessStatusCode();
            Assert.Equal(text + "\r\n", Encoding.UTF8.GetString(await world.Http.GetByteArrayAsync($"/mail/{came.GetProperty("id")}/raw", World.Stop)));
            foreach (var attachment in came.GetProperty("attachments").EnumerateArray())
                Assert.DoesNotContain("/", attachment.GetProperty("name").GetString());
        }
    }
}
