using System.Net;
using System.Text.Json;
using Komachi.Platform.Data;
using Komachi.Platform.MyNumbers;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Komachi.Tests.Rights;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.MyNumbers;

/// <summary>個人番号: taken in where a law allows it, read by few with a reason, gone when it was handed over, and nowhere else.</summary>
public sealed partial class NumbersStory(RightsProgram program)
{
    const string Number = "983205673214", Typed = "９８３２ 0567-３２１４";

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public void Twelve_digits_are_read_as_people_type_them_and_a_wrong_one_is_noticed()
    {
        Assert.Equal(4, MyNumber.CheckDigitOf("98320567321"));
        foreach (var typed in new[] { Number, Typed, " 9832-0567-3214 ", "9832　0567　3214", "9832−0567ー3214" }) Assert.True(MyNumber.TryRead(typed, out _), typed);
        foreach (var typed in new[] { "", "98320567321", "9832056732140", "983205673215", "98320567321x", "983205673241", new string('9', 100), "٩٨٣٢٠٥٦٧٣٢١٤" }) Assert.False(MyNumber.TryRead(typed, out _), typed);
        // Any single digit that is mistyped is noticed.
        var unnoticed = 0;
        for (var at = 0; at < 12; at++)
            for (var digit = '0'; digit <= '9'; digit++)
                if (Number[at] != digit && MyNumber.TryRead(Number[..at] + digit + Number[(at + 1)..], out _)) unnoticed++;
        Assert.InRange(unnoticed, 0, 1);    // rest 0 and rest 1 share a check digit
    }

    [Fact]
    public void A_number_says_itself_nowhere()
    {
        Assert.True(MyNumber.TryRead(Number, out var number));
        Assert.Equal("•••• •••• ••••", number.ToString());
        Assert.Equal("•••• •••• ••••", $"{number}");
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(number));
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(new { Deep = new[] { number } }));
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Deserialize<MyNumber>("\"983205673214\""));
        var form = Form.With(("number", Number), ("other", ""));
        Assert.NotNull(form.MyNumber("number"));
        Assert.Equal("", form.Typed("number"));
        form = Form.With(("number", Number), ("other", ""));
        form.Text("other", 10, required: true);
        Assert.Null(form.MyNumber("number"));    // something else is wrong: it is asked for again
        Assert.Equal(2, form.Mistakes.Count);
    }

    async Task<TestTown> Town(bool on = true)
    {
        var town = await program.Quiet();
        if (!on) return town;
        using var staff = await town.Staff("joho");
        var page = await staff.Open("desk/my-numbers");
        Assert.Contains("停止", page.Text);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await staff.Submit(page, new() { ["basis"] = "なんとなく" }, form: "form[action$=on]")).Status);    // no law, no number
        page = await staff.Submit(page, new() { ["basis"] = "番号法第9条第1項 別表56の項" }, form: "form[action$=on]");
        Assert.Contains("利用を開始しました", page.Text);
        return town;
    }

    static async Task<Guid> Give(TestTown town, string who = "hanako", string number = Typed)
    {
        using var resident = await town.Resident(who);
        var page = await resident.Submit(await resident.Open("papers"), new() { ["what"] = "申請", ["number"] = number });
        Assert.Equal(HttpStatusCode.OK, page.Status);
        return await town.Ask<Guid>($"SELECT n.id FROM my_numbers.numbers n JOIN people.accounts a ON a.person_id = n.person_id WHERE a.sign_in_name = '{who}' AND purged_at IS NULL");
    }

    [Fact]
    public async Task Where_the_town_did_not_switch_it_on_nothing_is_taken_in()
    {
        var town = await Town(on: false);
        using var resident = await town.Resident();
        var page = await resident.Open("papers");
        Assert.Contains("off", page.Text);
        var answer = await resident.Submit(page, new() { ["what"] = "x", ["number"] = Number });
        Assert.Equal(HttpStatusCode.InternalServerError, answer.Status);
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM my_numbers.numbers"));
    }

    [Fact]
    public async Task A_form_never_shows_again_what_was_typed()
    {
        var town = await Town();
        using var resident = await town.Resident();
        var page = await resident.Open("papers");
        var field = page.One("input[name=number]");
        Assert.Equal(("off", "numeric", "false"), (field.GetAttribute("autocomplete"), field.GetAttribute("inputmode"), field.GetAttribute("spellcheck")));
        Assert.Contains("番号法第9条第1項", page.Text);
        foreach (var (what, number) in new[] { ("", Number), ("申請", "983205673215"), ("", "9832") })
        {
            var again = await resident.Submit(page, new() { ["what"] = what, ["number"] = number });
            Assert.Equal(HttpStatusCode.UnprocessableEntity, again.Status);
            Assert.DoesNotContain(number, again.Html);
            Assert.Equal("", again.One("input[name=number]").GetAttribute("value") ?? "");
        }
    }

    [Fact]
    public async Task Read_once_with_a_reason_and_purged_when_it_was_handed_over()
    {
        var town = await Town();
        var id = await Give(town);
        using var staff = await town.Staff("joho");
        var ask = await staff.Open($"desk/my-numbers/kept/{id}");
        Assert.DoesNotContain("9832", ask.Text);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await staff.Submit(ask, press: "番号を一度だけ表示する")).Status);
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'my_numbers.read'"));
        var send = staff.Ready(ask, new() { ["reason"] = "給付の決定" });
        var shown = await send();
        Assert.Contains("9832 0567 3214", shown.Text);
        Assert.StartsWith("no-store", shown.Headers["Cache-Control"]);
        Assert.DoesNotContain("0567", (await send()).Text);    // the same page sent again shows nothing
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM audit.entries e JOIN my_numbers.numbers n ON n.person_id = e.about_id AND n.subject = e.subject WHERE action = 'my_numbers.read' AND reason LIKE 'sealed:%'"));
        Assert.Contains("給付の決定", (await staff.Open("desk/audit/entries?action=my_numbers.read")).Text);

        using (var other = await town.Staff("koho")) Assert.Equal(HttpStatusCode.Forbidden, (await other.Open($"desk/my-numbers/kept/{id}")).Status);

        var handed = await staff.Submit(ask, new() { ["to"] = "県税事務所" }, form: "form[action$=handed-over]");
        Assert.Contains("引き渡しを記録し、番号を消去しました", handed.Text);
        Assert.True(await town.Ask<bool>($"SELECT sealed IS NULL AND why = 'HandedOver' AND handed_to = '県税事務所' FROM my_numbers.numbers WHERE id = '{id}'"));
        Assert.Equal(HttpStatusCode.NotFound, (await staff.Open($"desk/my-numbers/kept/{id}")).Status);
    }

    [Fact]
    public async Task A_sealed_number_opens_in_its_own_row_only_and_is_never_the_same_twice()
    {
        var town = await Town();
        var (one, two) = (await Give(town), await Give(town, "taro"));
        Assert.NotEqual(await town.Ask<byte[]>($"SELECT sealed FROM my_numbers.numbers WHERE id = '{one}'"), await town.Ask<byte[]>($"SELECT sealed FROM my_numbers.numbers WHERE id = '{two}'"));
        await town.Tell($"UPDATE my_numbers.numbers SET sealed = (SELECT sealed FROM my_numbers.numbers WHERE id = '{two}') WHERE id = '{one}'");
        using var staff = await town.Staff("joho");
        var page = await staff.Submit(await staff.Open($"desk/my-numbers/kept/{one}"), new() { ["reason"] = "x" });
        Assert.Contains("もう読み出せません", page.Text);
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'my_numbers.read'"));
    }

    [Fact]
    public async Task Numbers_that_nobody_handed_over_are_told_of_and_then_go_whatever_holds_them()
    {
        var town = await Town();
        var id = await Give(town);
        await town.Tell("INSERT INTO rights.holds (id, person_id, reason, from_at) SELECT gen_random_uuid(), person_id, 'x', now() FROM my_numbers.numbers");
        await town.Night<PurgeForgotten>(Now.AddDays(10));
        Assert.False(await town.Ask<bool>($"SELECT warned_at IS NOT NULL FROM my_numbers.numbers WHERE id = '{id}'"));
        await town.Night<PurgeForgotten>(Now.AddDays(20));
        await town.Night<PurgeForgotten>(Now.AddDays(21));
        Assert.True(await town.Ask<bool>($"SELECT warned_at IS NOT NULL AND sealed IS NOT NULL FROM my_numbers.numbers WHERE id = '{id}'"));
        await town.Night<PurgeForgotten>(Now.AddDays(31));
        Assert.True(await town.Ask<bool>($"SELECT sealed IS NULL AND why = 'Forgotten' FROM my_numbers.numbers WHERE id = '{id}'"));
    }

    [Fact]
    public async Task Switching_a_use_off_purges_its_numbers()
    {
        var town = await Town();
        await Give(town);
        using var staff = await town.Staff("joho");
        var page = await staff.Open("desk/my-numbers");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await staff.Submit(page, new() { ["reason"] = "条例の廃止" }, form: "form[action$=off]")).Status);
        await staff.Submit(page, new() { ["reason"] = "条例の廃止", ["sure"] = "true" }, form: "form[action$=off]");
        Assert.True(await town.Ask<bool>("SELECT bool_and(sealed IS NULL AND why = 'SwitchedOff') FROM my_numbers.numbers"));
        Assert.Equal(2, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action LIKE 'my_numbers.switch%' AND reason IS NOT NULL"));
    }

    [Fact]
    public async Task Without_its_key_every_number_is_gone()
    {
        var town = await Town();
        var id = await Give(town);
        await town.Tell($"DELETE FROM house.keys WHERE purpose = '{MyNumberSafe.Purpose}'");
        var keys = new TownKeys(program.Service<TownDatabases>(), program.Servers, TimeProvider.System);    // as in a process that never knew the key
        await using var db = town.Open();
        var row = await db.Set<KeptNumber>().SingleAsync(n => n.Id == id, TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<System.Security.Cryptography.CryptographicException>(async () => await keys.Open(town.Town, MyNumberSafe.Purpose, row.Sealed!, row.Bound, TestContext.Current.CancellationToken));
    }

    /// <summary>The canary: given by a resident, read by a clerk, copied, looked for; then every place that speaks is searched for it.</summary>
    [Fact, Trait("Category", "long")]
    public async Task The_number_stands_nowhere()
    {
        using var listening = program.Listen();
        var town = await Town();
        var id = await Give(town);
        using (var reader = await town.Staff("joho"))
            await reader.Submit(await reader.Open($"desk/my-numbers/kept/{id}"), new() { ["reason"] = "給付の決定" });
        await town.Night<PurgeForgotten>(Now.AddDays(20));    // the warning that is mailed

        var routes = program.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(r => r.Metadata.GetMetadata<EndpointPlace>() is not null && (r.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Contains("GET")).ToArray();
        Assert.True(routes.Length > 30);
        var person = await town.Ask<Guid>($"SELECT person_id FROM my_numbers.numbers WHERE id = '{id}'");
        foreach (var who in new[] { town.Visitor(), await town.Resident(), await town.Resident("taro"), await town.Staff("koho"), await town.Staff("joho") })
            using (who)
                foreach (var route in routes)
                    foreach (var it in new[] { id, person })
                    {
                        using var answer = await who.Send(HttpMethod.Get, Parameter().Replace(route.RoutePattern.RawText!, it.ToString()).TrimStart('/'));
                        Clean(await answer.Content.ReadAsStringAsync(), route.RoutePattern.RawText!);
                    }
        using (var me = await town.Resident())
            Assert.Contains("•••• •••• ••••", (await me.Open("my/about-me")).Text);    // the copy says that it is there
        foreach (var row in await town.Everything()) Clean(row, "the database");
        Assert.NotEmpty(listening.Told);
        foreach (var line in listening.Told) Clean(line, "the log or a trace");
    }

    static void Clean(string text, string where)
    {
        foreach (var form in new[] { Number, "9832 0567 3214", "9832-0567-3214", "９８３２", Typed, Stories.Hex(Number), Stories.Hex(Typed), Convert.ToBase64String("983205673214"u8), Uri.EscapeDataString(Typed) })
            Assert.False(text.Contains(form, StringComparison.OrdinalIgnoreCase), $"The number stands in {where}");
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"\{[^}]*\}")]
    private static partial System.Text.RegularExpressions.Regex Parameter();
}
