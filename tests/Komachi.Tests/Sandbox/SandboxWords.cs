using System.Text.RegularExpressions;
using Komachi.Sandbox;
using Komachi.Ui.Words;
using Xunit;

namespace Komachi.Tests.Sandbox;

public sealed class SandboxWords
{
    const string Authorize = "/directory/main/authorize?response_type=code&client_id=komachi&scope=openid&code_challenge_method=S256&code_challenge=0123456789012345678901234567890123456789012&redirect_uri=http://localhost/desk/sign-in/directory/back";

    /// <summary>A sentence of the program that nobody translated would be shown in English on a Japanese page.</summary>
    [Fact]
    public async Task What_the_program_says_is_said_in_Japanese()
    {
        await using var world = await OutsideWorld.Open();
        using var http = new HttpClient { BaseAddress = world.Url };
        await http.PutAsync("/api/faults", new StringContent("""{"service":"mail","kind":"refuse","status":550}""", System.Text.Encoding.UTF8, "application/json"), World.Stop);
        var known = new[] { typeof(OutsideWorld).Assembly, typeof(WordBook).Assembly }.SelectMany(WordBook.Read).Where(w => w.Value.ContainsKey("ja")).Select(w => w.Key).ToHashSet();
        foreach (var path in new[] { "/", "/mail", "/mail?to=nobody", "/faults", "/directory", "/objects", "/sanitiser", "/phone", "/sms", "/webhooks", Authorize })
        {
            var page = await http.GetStringAsync(path, World.Stop);
            var shown = Regex.Matches(page, @">([^<>{}]*[A-Za-z][^<>{}]*)<").Select(m => System.Net.WebUtility.HtmlDecode(m.Groups[1].Value).Trim());
            Assert.DoesNotContain(shown, text => known.Contains(text) && text is not ("English" or "LINE"));
            Assert.DoesNotContain(shown, text => Regex.IsMatch(text, "[a-z]+ [a-z]+ [a-z]+"));
        }
    }
}
