using System.Text.RegularExpressions;
using Komachi.Platform.People;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Sandbox;

/// <summary>The phone of the outside world, for who has none at hand.</summary>
public sealed partial class PhoneStories(TestProgram program)
{
    [Fact]
    public async Task It_says_the_digits_that_the_town_expects()
    {
        var secret = Totp.NewSecret();
        using var http = new HttpClient { BaseAddress = program.World.Url };
        using var answer = await http.PostAsync("phone", new FormUrlEncodedContent(new Dictionary<string, string> { ["name"] = "見本 情報", ["key"] = Totp.AddressFor(secret, "小牧市", "joho") }));
        var page = await answer.Content.ReadAsStringAsync();
        var code = SixDigits().Match(page[page.IndexOf("見本 情報", StringComparison.Ordinal)..]).Groups[1].Value;
        Assert.NotNull(Totp.StepOf(code, secret, TimeProvider.System.GetUtcNow(), usedStep: 0));
    }

    [Fact]
    public async Task What_is_no_key_is_said_and_kept_as_typed()
    {
        using var http = new HttpClient { BaseAddress = program.World.Url };
        using var answer = await http.PostAsync("phone", new FormUrlEncodedContent(new Dictionary<string, string> { ["key"] = "0189" }));
        Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("value=\"0189\"", await answer.Content.ReadAsStringAsync());
    }

    [GeneratedRegex(@"class=""key"">(\d{6})<")]
    private static partial Regex SixDigits();
}
