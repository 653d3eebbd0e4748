using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Komachi.Tests.Files;

/// <summary>Takes papers from residents, each at a place of their own, and pictures for a board from anybody.</summary>
sealed class Papers : IModule
{
    public static readonly FileKind Paper = new("papers.paper")
    {
        Types = [FileType.Pdf, FileType.Jpeg, FileType.Png, FileType.Heic, FileType.Csv, FileType.Text, FileType.Word],
        MostBytes = 9 * 1024 * 1024,
        Most = 3,
        MayWrite = (visit, place, _) => Task.FromResult(visit.Visitor is { IsResident: true } who && place.StartsWith($"accounts/{who.AccountId}/", StringComparison.Ordinal)),
        MayRead = (visit, file, _) => Task.FromResult(visit.Visitor is { } who && (who.AccountId == file.OwnerId || who.May("jobs.manage"))),
    };

    public static readonly FileKind Board = new("papers.board")
    {
        Types = [FileType.Jpeg, FileType.Png, FileType.Pdf],
        MostBytes = 1024 * 1024,
        Most = 1000,
        Shown = true,
        Open = true,
        MayWrite = (_, place, _) => Task.FromResult(place == "board"),
        MayRead = (_, _, _) => Task.FromResult(true),
    };

    public void Define(ModuleBuilder m)
    {
        m.Name("papers", "Papers").Platform("None");
        m.Files(Paper).Files(Board);
        m.Hears<FileChecked>((happened, run) =>
        {
            run.Db.Audit(new() { Action = "papers.heard", Subject = $"files/{happened.Id}", Details = happened.Ready ? "true" : "false", At = run.Time.GetUtcNow() });
            return Task.CompletedTask;
        });
        m.Pages(Side.Resident, Access.Resident, "/papers", to =>
        {
            to.MapGet("", async (Visit visit, TownDb db) => Page.Show<PapersPage>(new { Place = PlaceOf(visit), Files = await db.FilesAt(Paper, PlaceOf(visit)) }));
            to.MapPost("", async (Form form, Visit visit, TownDb db) =>
            {
                var claimed = await db.ClaimFiles(Paper, PlaceOf(visit), "papers/1");
                db.Audit(visit.Did("papers.save", details: new { files = claimed.Count }));
                await db.Save(form.Once, visit.Link("papers"));
                return Page.Go(visit, "papers");
            });
        });
    }

    static string PlaceOf(Visit visit) => $"accounts/{visit.Visitor!.AccountId}/papers";
}

/// <summary>A page with a box for files and a form beside it.</summary>
public sealed class PapersPage : TownPage
{
    [Parameter] public string Place { get; set; } = "";
    [Parameter] public IReadOnlyList<StoredFile> Files { get; set; } = [];

    protected override void BuildRenderTree(RenderTreeBuilder page)
    {
        page.OpenComponent<Shell>(0);
        page.AddComponentParameter(1, "Title", "Papers");
        page.AddComponentParameter(2, "ChildContent", (RenderFragment)(main =>
        {
            main.OpenComponent<FileBox>(0);
            foreach (var (name, value) in new (string, object)[] { ("Name", "papers"), ("Label", "添付書類"), ("Kind", Papers.Paper), ("Place", Place), ("Files", Files), ("Back", "papers") }) main.AddComponentParameter(1, name, value);
            main.CloseComponent();
            main.OpenElement(2, "form");
            main.AddAttribute(3, "method", "post");
            main.AddAttribute(4, "id", "save");
            main.OpenComponent<FormKeys>(5);
            main.CloseComponent();
            main.AddMarkupContent(6, "<label>ひとこと <input name=\"note\" /></label> <button>保存する</button>");
            main.CloseElement();
        }));
        page.CloseComponent();
    }
}
