using System.Globalization;
using System.Text.Json.Nodes;
using Komachi.Platform.Forms;
using Komachi.Platform.Web;
using Komachi.Ui.Words;

namespace Komachi.Bench.Notes;

/// <summary>A step of a form with a condition and a check at each field: what a page of ten sends is read, told how it stands, and drawn again.</summary>
public static class TakeStep
{
    static readonly Dictionary<int, CompiledForm> Forms = new[] { 100, 600 }.ToDictionary(f => f, f => CompiledForm.Of(Of(f), [])!);

    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("{fields:int}", (int fields) =>
    {
        var form = Forms[fields];
        var (given, page) = (new JsonObject(), form.Pages[1]);
        foreach (var field in form.Fields) given[field.Key] = 5;
        var sent = Form.With([.. page.Fields.SelectMany(f => new (string, string?)[] { ("_asked", f.Key), (f.Key, "７") })]);
        var state = FormState.Of(form, given, new(2026, 11, 26));
        var answers = FormPages.Read(page, sent, given, state);
        return Page.Show<StepPage>(new { Asked = page, State = state.With(answers), Given = answers, Form = sent });
    });

    static FormDefinition Of(int fields)
    {
        var form = new FormDefinition();
        for (var p = 0; p < fields / 10; p++)
        {
            var page = new FormPage { Key = string.Create(CultureInfo.InvariantCulture, $"p{p}"), Title = new("頁") };
            for (var f = 0; f < 10; f++)
            {
                var field = new FormField { Key = $"f{p}x{f}", Kind = "number", Label = new Said("問い"), When = p == 0 ? null : $"f{p - 1}x{f} > 3 and (f{p - 1}x0 < 100 or not (f{p - 1}x1 = 7))" };
                field.Check.Add(new() { That = $"f{p}x{f} + f{p}x0 < 1000", Say = new("大きすぎます。") });
                page.Fields.Add(field);
            }
            form.Pages.Add(page);
        }
        return form;
    }
}
