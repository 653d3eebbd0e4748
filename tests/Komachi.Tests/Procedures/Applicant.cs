using System.Globalization;
using System.Text.Json.Nodes;
using Komachi.Platform.Days;
using Komachi.Platform.Forms;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using YamlDotNet.Serialization;

namespace Komachi.Tests.Procedures;

/// <summary>The answers of a definition's sample, as somebody would give them today: days that were to come are still to come, on the same day of the week.</summary>
static class SampleAnswers
{
    public static JsonObject Of(string document, int sample = 0)
    {
        var whole = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<Dictionary<string, object>>(document);
        var one = JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(whole["samples"]))!.AsArray()[sample]!;
        var filedOn = DateOnly.ParseExact(one["filedOn"]!.ToString(), "yyyy-MM-dd", CultureInfo.InvariantCulture);
        var weeks = (Math.Max(0, JapanTime.Today(TimeProvider.System).DayNumber - filedOn.DayNumber) + 6) / 7;
        // Over holidays a week or two later, where a day was one on which the office works.
        for (var (first, answers) = (weeks, (JsonObject)one["answers"]!); ; weeks++)
            if (weeks > first + 3 || DaysIn(answers).Where(d => d > filedOn).All(d => Works(d.AddDays(7 * weeks)) || !Works(d))) return (JsonObject)Later(answers, filedOn, 7 * weeks)!;
    }

    static bool Works(DateOnly on) => on.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && NationalHolidays.On(on) is null && on is not ({ Month: 12, Day: >= 29 } or { Month: 1, Day: <= 3 });

    static IEnumerable<DateOnly> DaysIn(JsonNode? node) => node switch
    {
        JsonObject parts => parts.SelectMany(p => DaysIn(p.Value)),
        JsonArray many => many.SelectMany(DaysIn),
        JsonValue value when value.TryGetValue<string>(out var text) && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) => [day],
        _ => [],
    };

    static JsonNode? Later(JsonNode? node, DateOnly filedOn, int days) => node switch
    {
        JsonObject parts => new JsonObject(parts.Select(p => KeyValuePair.Create(p.Key, Later(p.Value, filedOn, days)))),
        JsonArray many => new JsonArray([.. many.Select(one => Later(one, filedOn, days))]),
        JsonValue value when value.TryGetValue<string>(out var text) && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day > filedOn => day.AddDays(days).ForInput(),
        // Samples name telephones that nobody has; a page wants one that could be.
        JsonValue value when value.TryGetValue<string>(out var text) && text.StartsWith("000-0000-", StringComparison.Ordinal) => "0312345678",
        _ => node?.DeepClone(),
    };
}

/// <summary>Somebody who fills in a form page by page, without scripts, as the definition's own samples have it.</summary>
/// <param name="town">Null in a program of its own: then the document is given.</param>
sealed class Applicant(TestTown? town, Person who, string key, int sample = 0, string? document = null)
{
    public Person Who => who;
    public JsonObject Answers { get; private set; } = [];
    Procedure _procedure = null!;
    CompiledForm? _form;

    /// <summary>The form of what is being filled in: its definition's, or of another version.</summary>
    public CompiledForm Form => _form ??= _procedure.First.Form;

    async Task Know()
    {
        if (document is null)
        {
            await using var db = town!.Open();
            document = await db.Set<Published>().Where(d => d.Key == key && d.PublishedAt != null).OrderByDescending(d => d.Number).Select(d => d.Document).FirstAsync();
        }
        _procedure = Procedure.Of(document);
        _form = null;
        Answers = SampleAnswers.Of(document, sample);
    }

    /// <summary>The first page of the form.</summary>
    public async Task<Seen> Begin()
    {
        await Know();
        return await who.Submit(await who.Open($"procedures/{key}/start"), new() { ["for"] = "self" });
    }

    /// <summary>What the page asks, as a browser would send it.</summary>
    public Dictionary<string, string?> For(Seen page)
    {
        var asked = Form.Page(PageOf(page))!;
        var fields = FormPages.FormOf(asked, Answers).AllTyped.GroupBy(t => t.Name).ToDictionary(t => t.Key, t => (string?)string.Join(',', t.Select(v => v.Value)));
        // A day of long ago is asked in three parts.
        foreach (var (name, value) in fields.Where(f => page.All($"#{f.Key}-year").Any()).ToArray())
        {
            var day = DateOnly.ParseExact(value!, "yyyy-MM-dd", CultureInfo.InvariantCulture);
            fields.Remove(name);
            foreach (var (part, text) in new[] { ("era", ""), ("year", $"{day.Year}"), ("month", $"{day.Month}"), ("day", $"{day.Day}") }) fields[$"{name}-{part}"] = text;
        }
        return fields;
    }

    public static string PageOf(Seen page) => new Uri(page.Url).AbsolutePath.Split('/')[^1];

    public static Guid DraftOf(Seen page) => Guid.Parse(new Uri(page.Url).AbsolutePath.Split('/').SkipWhile(p => p != "filling").ElementAt(1));

    /// <summary>From that page on to the first on which there is such a thing.</summary>
    public async Task<Seen> To(Seen page, string selector)
    {
        for (var pages = 0; !page.All(selector).Any(); pages++)
        {
            Assert.True(pages < 30 && !page.Url.EndsWith("/check"), $"No {selector} until {page.Url}: {string.Join(" · ", page.All(".error-summary li, .field-error").Select(e => e.TextContent))}");
            page = await who.Submit(page, For(page));
        }
        return page;
    }

    /// <summary>From that page on until everything stands on one page to be checked.</summary>
    public async Task<Seen> ToTheCheck(Seen page)
    {
        for (var pages = 0; !page.Url.EndsWith("/check"); pages++)
        {
            Assert.True(pages < 30, $"No end of it: {page.Url}");
            var before = PageOf(page);
            page = await who.Submit(page, For(page));
            // What an answer makes asked stands below it: the page comes once more.
            if (PageOf(page) == before && page.Status == System.Net.HttpStatusCode.UnprocessableEntity) page = await who.Submit(page, For(page));
            Assert.True(PageOf(page) != before, $"{before}: {string.Join(" · ", page.All(".error-summary li, .field-error").Select(e => e.TextContent))}");
        }
        return page;
    }

    /// <summary>Proves an address with the code that comes by mail.</summary>
    public async Task<Seen> Reachable(Seen check, string address)
    {
        var typing = await who.Submit(check, new() { ["contact"] = address }, form: "form[action$='/code']");
        return await who.Submit(typing, new() { ["code"] = await town!.Program.World.CodeFor(address) });
    }

    public Task<Seen> Send(Seen check) => who.Submit(check, new() { ["electronic"] = "paper" }, form: Sending);

    public const string Sending = "form[action$='/check']";
}
