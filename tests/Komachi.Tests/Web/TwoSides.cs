using System.Net;
using Komachi.Host;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Web;

/// <summary>A town hall's network has an internet side and an office side: each address serves its own.</summary>
[Trait("Category", "long")]
public sealed class TwoSides(TestProgram program)
{
    [Fact]
    public async Task Each_address_serves_its_side_and_knows_nothing_of_the_other()
    {
        var town = await program.NewTown();
        var (residents, desk) = (FreePort(), FreePort());
        await using var app = await Serving.Start(program.House, program.Servers, TestProgram.OptionsFor(0) with { Sides = new(residents, desk) },
            [$"http://127.0.0.1:{residents}", $"http://127.0.0.1:{desk}"]);
        using var outside = new Person($"http://127.0.0.1:{residents}", town.Slug);
        using var inside = new Person($"http://127.0.0.1:{desk}", town.Slug);

        Assert.Equal(HttpStatusCode.OK, (await outside.Open()).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await outside.Open("desk/sign-in")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await outside.Open("desk")).Status);
        Assert.Equal(HttpStatusCode.OK, (await inside.Open("desk/sign-in")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await inside.Open("sign-in")).Status);
        // Who runs the server comes in from the office as well.
        Assert.Equal(HttpStatusCode.NotFound, (await outside.Open("/operator/sign-in")).Status);
        Assert.Equal(HttpStatusCode.OK, (await inside.Open("/operator/sign-in")).Status);

        await inside.SignIn("joho", desk: true);
        Assert.Equal(HttpStatusCode.OK, (await inside.Open("desk/jobs")).Status);
        Assert.Equal(HttpStatusCode.OK, (await inside.Submit(await inside.Open("desk"), form: "form[action$=sign-out]")).Status);
    }

    [Fact]
    public async Task The_api_describes_itself()
    {
        var town = await program.NewTown();
        using var visitor = town.Visitor();
        using var answer = await visitor.Send(HttpMethod.Get, "api/v1/openapi.json");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("/api/v1/figures", text);
        Assert.Contains("/api/v1/announcements", text);
        Assert.DoesNotContain("desk", text);
    }

    [Fact]
    public async Task A_towns_receipt_numbers_never_repeat_and_carry_their_check()
    {
        var town = await program.NewTown();
        var seen = new HashSet<string>();
        for (var i = 0; i < 200; i++)
        {
            var number = await program.Service<Receipts>().Next(town.Town);
            Assert.True(seen.Add(number.Digits));
            Assert.True(ReceiptNumber.TryParse(number.ToString(), out var read) && read == number);
        }
    }

    static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
