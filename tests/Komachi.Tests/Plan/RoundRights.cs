using System.Net;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;

namespace Komachi.Tests.Plan;

/// <summary>Whose turn it is acts, in their own departments, and nobody decides on what they wrote themselves. Everybody who works here reads.</summary>
public sealed class RoundRights(TestProgram program)
{
    [Fact]
    public async Task Only_whose_turn_it_is_acts_whatever_a_form_made_by_hand_says()
    {
        var town = await program.NewTown("katano", livedIn: true);
        var (tanto, jimu, iin, koho) = (await town.Staff("tanto"), await town.Staff("jimu"), await town.Staff("iin"), await town.Staff("koho"));
        var number = await tanto.Begin();
        var token = (await tanto.Sheet(number)).One("input[name=_token]").GetAttribute("value")!;

        // A draft is the department's.
        Assert.Empty((await iin.Sheet(number)).All("button[value=pass]"));
        Assert.Equal(HttpStatusCode.Forbidden, await Forge(iin, number, "", ("do", "pass")));
        Assert.Equal(HttpStatusCode.Forbidden, await Forge(iin, number, "/decline", ("reasons", "だめ")));
        Assert.Equal(HttpStatusCode.Forbidden, await Forge(jimu, number, "/ask", ("question", "なぜ")));
        Assert.Equal(HttpStatusCode.Forbidden, await Forge(koho, number, "/comments", ("comment", "一言")));
        Assert.Equal(HttpStatusCode.Forbidden, await Forge(tanto, number, "/reopen", ("reopening", "もう一度")));

        // At the secretariat it is neither the department's nor the committee's.
        await tanto.Press(number, "次へ進める：事務局の精査", AtTheRound.Drafted(rfi: true));
        foreach (var other in new[] { tanto, iin }) Assert.Equal(HttpStatusCode.Forbidden, await Forge(other, number, "", ("do", "pass")));
        Assert.Equal("Open check Secretariat", await town.StateOf(number));

        // Of another department one reads, and no more.
        var theirs = await town.Ask<string>($"SELECT s.number FROM plan.sheets s JOIN offices.departments d ON d.id = s.department_id WHERE d.code = '0203'");
        Assert.Equal(HttpStatusCode.OK, (await tanto.Sheet(theirs)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, await Forge(tanto, theirs, "/withdraw", ("withdrawal", "いらない")));
        Assert.Equal(["0301 市民課"], await Departments(tanto));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await tanto.Submit(await tanto.Open("desk/plan/sheets/new"), new() { ["title"] = "よその課", ["department"] = $"{await town.Department("0203")}" })).Status);

        // The round is the secretariat's.
        Assert.Equal(HttpStatusCode.Forbidden, (await tanto.Open("desk/plan/rounds/new")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await iin.Open("desk/plan/sheets/new")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Resident()).Open($"desk/plan/sheets/{number}")).Status);
        foreach (var gone in new[] { "desk/plan/sheets/R9-999", "desk/plan/sheets/x", "desk/plan/rounds/R99", "desk/plan/rounds/Heute", "desk/plan/agenda/pdf?round=R1" })
            Assert.Equal(HttpStatusCode.NotFound, (await jimu.Open(gone)).Status);

        async Task<HttpStatusCode> Forge(Person person, string sheet, string action, (string, string) field)
        {
            var own = (await person.Open("desk")).One("input[name=_token]").GetAttribute("value")!;
            var version = await town.Ask<int>($"SELECT version FROM plan.sheets WHERE number = '{sheet}'");
            using var answer = await person.Send(HttpMethod.Post, $"desk/plan/sheets/{sheet}{action}", new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = own, ["version"] = $"{version}", [field.Item1] = field.Item2 }));
            return answer.StatusCode;
        }

        async Task<string[]> Departments(Person person) => [.. await Task.WhenAll((await person.Open("desk/plan/sheets/new")).All("select[name=department] option[value]").Where(o => o.GetAttribute("value")!.Length > 0)
            .Select(async o => $"{await town.Ask<string>($"SELECT code FROM offices.departments WHERE id = '{o.GetAttribute("value")}'")} {o.TextContent.Split(' ', '\u3000')[^1]}"))];
    }

    [Fact]
    public async Task Nobody_decides_on_what_they_wrote_themselves()
    {
        var town = await program.NewTown("oyabe", livedIn: true);
        await town.Assign("iin", "0301", "planner", AtHand.Today, kind: Komachi.Platform.Offices.AssignmentKind.Concurrent);
        await town.NewStaff("second");
        await town.Assign("second", "0103", "committee", AtHand.Today);
        var (jimu, iin, second) = (await town.Staff("jimu"), await town.Staff("iin"), await town.Staff("second"));
        var number = await iin.Begin();
        await iin.Press(number, "次へ進める：事務局の精査", AtTheRound.Drafted());
        await jimu.Press(number, "次へ進める：推進本部の決定");
        var own = await iin.Sheet(number);
        Assert.Contains("決定はほかの委員が行います", own.Text);
        Assert.Empty(own.All("button[value=pass], form[action$=decline]"));
        var forced = await iin.Submit(own, new() { ["do"] = "pass" }, form: "form:has(input[name=version])");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, forced.Status);
        var (token, version) = (own.One("input[name=_token]").GetAttribute("value")!, await town.Ask<int>($"SELECT version FROM plan.sheets WHERE number = '{number}'"));
        using (var declined = await iin.Send(HttpMethod.Post, $"desk/plan/sheets/{number}/decline", new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = token, ["version"] = $"{version}", ["reasons"] = "自分で" })))
            Assert.Equal(HttpStatusCode.UnprocessableEntity, declined.StatusCode);
        Assert.Equal("Open decide Committee", await town.StateOf(number));

        // "second" holds the role in one department that is not this one.
        Assert.Empty((await second.Sheet(number)).All("button[value=pass]"));
        await town.Assign("second", "00", "committee", AtHand.Today, kind: Komachi.Platform.Offices.AssignmentKind.Concurrent);
        await second.Press(number, "このシートを採択する");
        Assert.Equal("Open budget Secretariat", await town.StateOf(number));
    }
}
