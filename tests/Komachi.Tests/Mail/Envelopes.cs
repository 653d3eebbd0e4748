using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Komachi.Platform.Mail;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Mail;

/// <summary>What stands on the envelope of a mail is what we wrote there, whatever was typed.</summary>
public sealed class Envelopes(TestProgram program)
{
    static readonly string[] Breaks = ["\r\n", "\n", "\r", "\u0085", "\u2028", "\u2029", "\v", "\f"];

    [Fact]
    public async Task A_line_break_in_a_subject_makes_no_second_header()
    {
        var town = await program.NewTown();
        using var world = new HttpClient { BaseAddress = program.World.Url };
        for (var i = 0; i < Breaks.Length; i++)
        {
            var (to, hidden) = ($"subject-{i}-{town.Slug}@example.jp", $"hidden-{i}-{town.Slug}@example.jp");
            await using (var db = town.Open())
            {
                db.Enqueue(new SendMail(to, $"お知らせ{Breaks[i]}Bcc: {hidden}{Breaks[i]}X-Own: 1{Breaks[i]}{Breaks[i]}another text", "本文"));
                await db.Save();
            }
            var mail = await world.GetFromJsonAsync<JsonElement>($"api/mail/wait?to={Uri.EscapeDataString(to)}&seconds=60");
            var headers = mail.GetProperty("headers").EnumerateArray().Select(h => h.GetProperty("name").GetString()!.ToLowerInvariant()).ToArray();
            Assert.Single(headers, "subject");
            Assert.DoesNotContain("bcc", headers);
            Assert.DoesNotContain("x-own", headers);
            Assert.Contains($"Bcc: {hidden}", mail.GetProperty("subject").GetString());    // still there, as words
            Assert.Equal("本文", mail.GetProperty("text").GetString()!.Trim());
            Assert.Equal(to, Assert.Single(mail.GetProperty("to").EnumerateArray().ToArray()).GetString());
            using var none = await world.GetAsync($"api/mail/wait?to={Uri.EscapeDataString(hidden)}&seconds=0");
            Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        }
    }

    [Fact]
    public async Task An_address_with_a_line_break_is_no_address()
    {
        var town = await program.NewTown();
        using var visitor = town.Visitor();
        using var world = new HttpClient { BaseAddress = program.World.Url };
        var hidden = $"hidden-{town.Slug}@example.jp";
        for (var i = 0; i < Breaks.Length; i++)
            foreach (var form in new[] { "sign-in/code", "sign-in/forgot" })
            {
                var refused = await visitor.Submit(await visitor.Open(form), new() { ["email"] = $"a{i}-{town.Slug}@example.jp{Breaks[i]}Bcc: {hidden}" });
                Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
            }
        await town.Until("(SELECT count(*) = 0 FROM jobs.queue WHERE kind = 'mail.send') AND (SELECT count(*) = 0 FROM people.codes)");

        // And what came past the form, out of a file or a directory, is sent to nobody: not to the first of the two, and not to the second.
        await using (var db = town.Open())
        {
            foreach (var broken in Breaks) db.Enqueue(new SendMail($"past-{town.Slug}@example.jp{broken}Bcc: {hidden}", "お知らせ", "本文"));
            await db.Save();
        }
        await town.Until($"(SELECT count(*) = {Breaks.Length} FROM jobs.queue WHERE kind = 'mail.send' AND last_error LIKE 'The address is not one%')");
        foreach (var address in new[] { hidden, $"past-{town.Slug}@example.jp" })
        {
            using var none = await world.GetAsync($"api/mail/wait?to={Uri.EscapeDataString(address)}&seconds=0");
            Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        }
    }
}
