using System.Globalization;
using System.Text.Json.Nodes;
using Komachi.Platform.Forms;
using Komachi.Ui.Words;

namespace Komachi.Procedures;

/// <summary>
/// A form as JSON Schema (2020-12): what kinds of answers there are, and what can be said of them without looking at others. What hangs on other answers is told as text
/// (<c>x-when</c>, <c>x-required</c>, <c>x-least</c>, <c>x-most</c>): a client need not reckon with it, since the town checks all of it when something is filed.
/// </summary>
static class FormSchema
{
    public static JsonObject Of(Stage stage, Lang lang, string id)
    {
        var (properties, required) = (new JsonObject(), new JsonArray());
        string Say(Said said) => stage.Blank.Say(said).In(lang);
        foreach (var page in stage.Form.Pages)
            foreach (var field in page.Fields.Where(f => f.Field.Kind != "statement"))
            {
                properties[field.Key] = Field(field, Say, page);
                if (IsAlwaysRequired(field) && page.When is null) required.Add(field.Key);
            }
        return new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["$id"] = id, ["title"] = stage.Definition.Title.In(lang), ["type"] = "object",
            ["properties"] = properties, ["required"] = required, ["additionalProperties"] = false,
        };
    }

    /// <summary>All conditions on which a field is asked.</summary>
    public static string? When(CompiledPage? page, CompiledField field) => (page?.When?.Text, field.When?.Text) switch
    {
        (null, var own) => own,
        ({ } all, null) => all,
        ({ } all, { } own) => $"({all}) and ({own})",
    };

    static bool IsAlwaysRequired(CompiledField field) =>
        field.Field.Required == "true" && field.When is null && !field.Field.Later && field.Field.Kind is not "calculated" || field.Repeats && field.When is null && Whole(field.Field.Least) > 0;

    static JsonObject Field(CompiledField field, Func<Said, string> say, CompiledPage? page)
    {
        var (of, schema) = (field.Field, Kind(field, say));
        if (say(of.Label) is { Length: > 0 } label) schema["title"] = label;
        else if (say(of.Text) is { Length: > 0 } text) schema["title"] = text;
        if (say(of.Help) is { Length: > 0 } help) schema["description"] = help;
        if (of.Example is { } example) schema["examples"] = new JsonArray(example);
        if (say(of.Unit) is { Length: > 0 } unit) schema["x-unit"] = unit;
        if (When(page, field) is { } when) schema["x-when"] = when;
        if (of.Required is not ("true" or "false")) schema["x-required"] = of.Required;
        if (of.Later) schema["x-later"] = true;
        if (of.From is { } list) schema["x-from"] = list;
        foreach (var (bound, name) in new[] { (of.Least, "x-least"), (of.Most, "x-most") })
            if (bound is not null && Number(bound) is null) schema[name] = bound;
        return schema;
    }

    static JsonObject Kind(CompiledField field, Func<Said, string> say)
    {
        var of = field.Field;
        var (least, most) = (Whole(of.Least), Whole(of.Most));
        switch (of.Kind)
        {
            case "text" when of.Pattern is { } pattern: return Text(("pattern", PatternOf(pattern)));
            case "text" or "area": return Text(("minLength", least), ("maxLength", most ?? (of.Kind == "area" ? 4000 : 200)));
            case "number" or "yen": return new JsonObject { ["type"] = "integer", ["minimum"] = Number(of.Least) ?? (of.Least is null ? 0 : null), ["maximum"] = Number(of.Most) }.Without();
            case "decimal": return new JsonObject { ["type"] = "number", ["minimum"] = Number(of.Least) ?? (of.Least is null ? 0 : null), ["maximum"] = Number(of.Most) }.Without();
            case "date": return Text(("format", "date"));
            case "month": return Text(("pattern", "^[0-9]{4}-(0[1-9]|1[0-2])$"));
            case "time": return Text(("pattern", "^([01][0-9]|2[0-3]):[0-5][0-9]$"));
            case "yesno": return new() { ["type"] = "boolean" };
            case "declaration" or "consent": return of.Required == "true" ? new() { ["type"] = "boolean", ["const"] = true } : new() { ["type"] = "boolean" };
            case "choice" or "select": return One(field, say);
            case "choices": return new JsonObject { ["type"] = "array", ["items"] = One(field, say), ["uniqueItems"] = true, ["minItems"] = least ?? (of.Required == "true" ? 1 : null), ["maxItems"] = most }.Without();
            case "name": return Parts(["family"], ("family", Text(("minLength", 1))), ("given", Text()), ("familyKana", Text()), ("givenKana", Text()), ("alias", Text()));
            case "address": return Parts(["prefecture", "city"], ("postcode", Text(("pattern", "^[0-9]{7}$"))), ("prefecture", Text()), ("city", Text()), ("town", Text()), ("number", Text()), ("building", Text()));
            case "account": return Parts(["bank", "bankCode", "branch", "branchCode", "kind", "number", "holder"], ("bank", Text()), ("bankCode", Text(("pattern", "^[0-9]{4}$"))), ("branch", Text()), ("branchCode", Text(("pattern", "^[0-9]{3}$"))),
                ("kind", new() { ["enum"] = new JsonArray("ordinary", "current", "savings") }), ("number", Text(("pattern", "^[0-9]{7}$"))), ("holder", Text()));
            case "point": return Parts(["latitude", "longitude"], ("latitude", new() { ["type"] = "number", ["minimum"] = 20, ["maximum"] = 46 }), ("longitude", new() { ["type"] = "number", ["minimum"] = 122, ["maximum"] = 154 }));
            case "telephone": return Text(("pattern", "^[0-9+() -]{10,20}$"));
            case "email": return Text(("format", "email"));
            case "file": return new JsonObject { ["type"] = "array", ["items"] = Text(("format", "uuid")), ["minItems"] = of.Required == "true" && !of.Later ? Math.Max(1, least ?? 1) : null, ["maxItems"] = most, ["x-types"] = of.Types.Count > 0 ? new JsonArray([.. of.Types.Select(t => (JsonNode?)t)]) : null }.Without();
            case "group" or "people":
                var row = Parts([.. field.Rows.Where(IsAlwaysRequired).Select(f => f.Key)], [.. field.Rows.Where(f => f.Field.Kind != "statement").Select(f => (f.Key, Field(f, say, null)))]);
                return new JsonObject { ["type"] = "array", ["items"] = row, ["minItems"] = least, ["maxItems"] = most }.Without();
            case "amounts":
                return Parts([], [.. of.Rows.Select(r => (r.Value, Titled(Parts([], [.. of.Columns.Select(c => (c.Key, Titled(new() { ["type"] = "integer", ["minimum"] = 0 }, say(c.Text))))]), say(r.Text))))]);
            case "calculated": return new() { ["readOnly"] = true };
            default: return Text();
        }
    }

    static JsonObject One(CompiledField field, Func<Said, string> say)
    {
        if (field.Field.From is not null) return Text();
        var offered = new JsonObject { ["enum"] = new JsonArray([.. field.Field.Options.Select(o => (JsonNode?)o.Value)]) };
        var all = field.Field.Other ? new JsonObject { ["anyOf"] = new JsonArray(offered, Text(("pattern", "^other:."))) } : offered;
        all["x-options"] = new JsonArray([.. field.Field.Options.Select(o => (JsonNode?)new JsonObject { ["value"] = o.Value, ["title"] = say(o.Text), ["x-when"] = o.When }.Without())]);
        return all;
    }

    static JsonObject Text(params ReadOnlySpan<(string Name, JsonNode? Value)> more)
    {
        var text = new JsonObject { ["type"] = "string" };
        foreach (var (name, value) in more)
            if (value is not null) text[name] = value;
        return text;
    }

    static JsonObject Parts(string[] required, params ReadOnlySpan<(string Name, JsonObject Schema)> parts)
    {
        var properties = new JsonObject();
        foreach (var (name, schema) in parts) properties[name] = schema;
        return new() { ["type"] = "object", ["properties"] = properties, ["required"] = new JsonArray([.. required.Select(r => (JsonNode?)r)]), ["additionalProperties"] = false };
    }

    static JsonObject Titled(JsonObject schema, string title)
    {
        schema["title"] = title;
        return schema;
    }

    static JsonObject Without(this JsonObject schema)
    {
        foreach (var name in schema.Where(p => p.Value is null).Select(p => p.Key).ToArray()) schema.Remove(name);
        return schema;
    }

    static string PatternOf(string pattern) => pattern switch
    {
        "corporateNumber" => "^[0-9]{13}$",
        "chip" => "^[0-9]{15}$",
        "postcode" => "^[0-9]{7}$",
        "digits" => "^[0-9]+$",
        _ => "^[A-Za-z0-9]+$",
    };

    /// <summary>Bounds are literals or expressions.</summary>
    static decimal? Number(string? bound) => decimal.TryParse(bound, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;

    static int? Whole(string? bound) => Number(bound) is { } number && number == decimal.Truncate(number) && Math.Abs(number) < int.MaxValue ? (int)number : null;
}
