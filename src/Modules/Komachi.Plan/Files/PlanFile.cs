using System.Text;
using Komachi.Platform.Sheets;
using Microsoft.AspNetCore.Http;

namespace Komachi.Plan;

/// <summary>The whole plan as a file to take along; every kind of it can be brought back.</summary>
static class PlanFile
{
    /// <summary>As names of files end.</summary>
    public static readonly string[] Kinds = ["xlsx", "zip", "yaml"];

    public static IResult Of(PlanDocument plan, string kind, string name) => kind switch
    {
        "xlsx" => Results.File(SheetFile.ToXlsx(PlanSheets.Write(plan)), SheetFile.Xlsx, $"{name}.xlsx"),
        "zip" => Results.File(SheetFile.ToZip(PlanSheets.Write(plan)), "application/zip", $"{name}.zip"),
        _ => Results.File(Encoding.UTF8.GetBytes(PlanYaml.Write(plan)), "application/yaml; charset=utf-8", $"{name}.yaml"),
    };
}
