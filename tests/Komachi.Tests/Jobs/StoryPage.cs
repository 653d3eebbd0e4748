using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Jobs;

/// <summary>A page with one form.</summary>
public sealed class StoryPage : ComponentBase
{
    protected override void BuildRenderTree(RenderTreeBuilder page)
    {
        page.OpenElement(0, "main");
        page.OpenElement(1, "form");
        page.AddAttribute(2, "method", "post");
        page.OpenComponent<FormKeys>(3);
        page.CloseComponent();
        page.OpenElement(4, "input");
        page.AddAttribute(5, "name", "text");
        page.CloseElement();
        page.CloseElement();
        page.CloseElement();
    }
}

/// <summary>A page that asks the database only while it is being drawn.</summary>
public sealed class AskingPage : ComponentBase
{
    [Inject] TownDb Db { get; set; } = null!;

    protected override async Task OnInitializedAsync() => await Db.Database.ExecuteSqlRawAsync("SELECT 1");
}
