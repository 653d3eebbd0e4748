using System.Net;
using Komachi.Plan;
using Komachi.Platform.Days;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;

namespace Komachi.Tests.Plan;

/// <summary>What the stories about the yearly round share. The demo towns have a round for the fiscal year that follows, with samples in it.</summary>
static class AtTheRound
{
    public static string Label(int ahead = 1) => new PlanYear(FiscalYear.Of(AtHand.Today).Year + ahead).Label;

    public static string Amount(string step, string source = "general", int ahead = 1) => $"{step}-{Label(ahead)}-{source}";

    public static Task<Seen> Sheet(this Person person, string number) => person.Open($"desk/plan/sheets/{number}");

    /// <summary>Begins a sheet of their department, and says its number.</summary>
    public static async Task<string> Begin(this Person person, string title = "証明書の窓口を見直す", string? measure = null)
    {
        var begun = await person.Submit(await person.Open("desk/plan/sheets/new"), new() { ["title"] = title, ["measure"] = measure ?? "" });
        Assert.Equal(HttpStatusCode.OK, begun.Status);
        Assert.Contains("を作りました", begun.One(".notice").TextContent);
        return begun.One(".page-heading-above").TextContent.Trim();
    }

    /// <summary>What every plan asks of a draft, and what Katano asks besides.</summary>
    public static Dictionary<string, string?> Drafted(bool rfi = false)
    {
        var fields = new Dictionary<string, string?> { ["need"] = "窓口が混む", ["option"] = "予約を受ける", ["effect"] = "待ち時間が半分になる", [Amount("requested")] = "1,200", [Amount("requested", "subsidy")] = "８００" };
        if (rfi) (fields["rfiTo"], fields["rfiOn"], fields["rfiAnswers"]) = ("見本システム", "2026-07-01", "概算で2,000千円");
        return fields;
    }

    /// <summary>The button of the sheet's own form, by its words; it goes through.</summary>
    public static async Task<Seen> Press(this Person person, string number, string button, Dictionary<string, string?>? fill = null)
    {
        var after = await person.Submit(await person.Sheet(number), fill, button);
        Assert.True(after.Status == HttpStatusCode.OK, $"{button}: {after.Status} {string.Join(' ', after.All(".error-summary li").Select(l => l.TextContent))}");
        return after;
    }

    /// <summary>One of the forms beside it: ask, decline, withdraw, reopen, comments.</summary>
    public static async Task<Seen> Say(this Person person, string number, string action, string field, string text) =>
        await person.Submit(await person.Sheet(number), new() { [field] = text }, form: $"form[action$='/{number}/{action}']");

    public static Task<string> StateOf(this TestTown town, string number) => town.Ask<string>($"SELECT state || ' ' || stage || ' ' || turn FROM plan.sheets WHERE number = '{number}'");
}
