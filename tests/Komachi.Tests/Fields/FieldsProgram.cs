using Komachi.Host;
using Komachi.Platform;
using Komachi.Platform.Addresses;
using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Komachi.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Http;

[assembly: AssemblyFixture(typeof(Komachi.Tests.Fields.FieldsProgram))]

namespace Komachi.Tests.Fields;

/// <summary>The program with a page that has every field.</summary>
public sealed class FieldsProgram() : TestProgram(Modules.House(new AllFields()));

/// <summary>What was read of the page with every field.</summary>
sealed record Answers(PersonName Name, DateOnly Born, PostalAddress Home, Telephone Phone, string Email, string? Club, int People, decimal Area, Yen Cost, string Purpose, Chosen Wishes);

sealed class AllFields : IModule
{
    public static readonly string[] Purposes = ["sport", "music"], Wishes = ["child", "road", "bus", "green"];
    public const string Terms = "2026-04";

    /// <summary>The last that each town's page took.</summary>
    public static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Answers> Taken = new();

    public void Define(ModuleBuilder m)
    {
        m.Name("fields", "Fields").Platform("None");
        m.Pages(Side.Resident, Access.Anyone, "/fields", to =>
        {
            to.MapGet("", () => Page.Show<AllFieldsPage>());
            to.MapPost("", (Form form, Visit visit) =>
            {
                var (name, born, home) = (form.Name("who", required: true), form.Day("born", required: true), form.Address("home", required: true));
                var (phone, email, club) = (form.Telephone("phone", required: true), form.Email("mail", required: true), form.Kana("club"));
                var (people, area, cost) = (form.Number("people", 1, 20), form.Decimal("area", 0, 10_000, places: 2, required: true, unit: "㎡"), form.Yen("cost", required: true));
                var (purpose, wishes) = (form.Choices("purpose", Purposes, least: 1, most: 1, other: true), form.Choices("wishes", Wishes, most: 3, other: true));
                form.Consent("terms", Terms);
                if (form.Wrong) return Page.Show<AllFieldsPage>(new { Form = form }, StatusCodes.Status422UnprocessableEntity);
                Taken[visit.Town.Slug] = new(name!, born!.Value, home!, phone!, email!, club, people, area!.Value, cost!.Value, purpose.Other ?? purpose.Values[0], wishes);
                return Page.Go(visit, "fields/done");
            });
            to.MapGet("done", () => Page.Show<DonePage>());
        });
    }
}

/// <summary>Every field once, as a page would have it.</summary>
public sealed class AllFieldsPage : TownPage
{
    [Parameter] public Form Form { get; set; } = Form.Empty;

    static readonly Option[] Purposes = [new("sport", "運動"), new("music", "音楽")], Wishes = [new("child", "子育て"), new("road", "道路"), new("bus", "バス"), new("green", "公園")];

    protected override void BuildRenderTree(RenderTreeBuilder page) => Put<Shell>(page, new { Title = "すべての入力欄", ChildContent = (RenderFragment)(main =>
    {
        var errors = ErrorsOf(Form);
        Put<PageHeading>(main, new { Title = "すべての入力欄" });
        Put<ErrorSummary>(main, new { Errors = errors });
        main.OpenElement(2, "form");
        main.AddMultipleAttributes(3, new Dictionary<string, object> { ["class"] = "form", ["method"] = "post", ["novalidate"] = true, ["action"] = Link("fields") });
        Put<FormKeys>(main, new { Form });
        Put<NameField>(main, new { Name = "who", Label = "氏名", Typed = NameAsTyped(Form, "who"), Errors = errors, Own = true, Required = true });
        Put<DateField>(main, new { Name = "born", Label = "生年月日", Typed = DayAsTyped(Form, "born"), Wrong = DayErrorOf(Form, "born"), Birth = true, Required = true });
        Put<AddressField>(main, new { Name = "home", Label = "住所", Typed = AddressAsTyped(Form, "home"), Errors = errors, Own = true, Required = true });
        Put<PhoneField>(main, new { Name = "phone", Label = "電話番号", Value = Form.Typed("phone"), Error = ErrorOf(Form, "phone"), Own = true, Required = true });
        Put<EmailField>(main, new { Name = "mail", Label = "メールアドレス", Value = Form.Typed("mail"), Error = ErrorOf(Form, "mail"), Own = true, Required = true });
        Put<KanaField>(main, new { Name = "club", Label = "団体名のフリガナ", Value = Form.Typed("club"), Error = ErrorOf(Form, "club") });
        Put<NumberField>(main, new { Name = "people", Label = "人数", Unit = "人", Value = Form.Typed("people"), Error = ErrorOf(Form, "people"), Required = true });
        Put<NumberField>(main, new { Name = "area", Label = "床面積", Unit = "㎡", Places = 2, Value = Form.Typed("area"), Error = ErrorOf(Form, "area"), Required = true });
        Put<YenField>(main, new { Name = "cost", Label = "見積額", Value = Form.Typed("cost"), Said = YenAsSaid(Form, "cost"), Error = ErrorOf(Form, "cost"), Required = true });
        Put<ChoiceField>(main, new { Name = "purpose", Label = "使う目的", Options = Purposes, Value = Form.Typed("purpose"), Other = true, OtherText = Form.Typed("purpose-other"), OtherError = ErrorOf(Form, "purpose-other"), Error = ErrorOf(Form, "purpose"), Required = true });
        Put<ChoiceField>(main, new { Name = "wishes", Label = "力を入れてほしいこと", As = ChoiceAs.Checks, AtMost = (int?)3, Options = Wishes, Values = Form.Many("wishes"), Other = true, OtherText = Form.Typed("wishes-other"), OtherError = ErrorOf(Form, "wishes-other"), Error = ErrorOf(Form, "wishes") });
        Put<ConsentField>(main, new { Name = "terms", Title = "利用の決まり", Label = "同意します", Version = AllFields.Terms, Checked = Form.Ticked("terms"), Error = ErrorOf(Form, "terms"), Required = true, ChildContent = (RenderFragment)(text => text.AddMarkupContent(0, "<p>片付けの時間も予約の時間に含まれます。</p>")) });
        Put<Button>(main, new { Text = "送信する" });
        main.CloseElement();
    }) });

    static void Put<T>(RenderTreeBuilder to, object parameters) where T : IComponent
    {
        to.OpenComponent<T>(0);
        foreach (var parameter in parameters.GetType().GetProperties())
            if (parameter.GetValue(parameters) is { } value) to.AddComponentParameter(1, parameter.Name, value);
        to.CloseComponent();
    }
}

public sealed class DonePage : ComponentBase
{
    protected override void BuildRenderTree(RenderTreeBuilder page) => page.AddMarkupContent(0, "<!DOCTYPE html><html lang=\"ja\"><title>受け付けました</title><main><h1>受け付けました</h1></main></html>");
}
