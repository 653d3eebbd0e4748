using Microsoft.AspNetCore.OpenApi;

namespace Komachi.Platform.Web;

/// <summary>What <c>/{town}/api/v1/openapi.json</c> says: the routes of the API and nothing of the pages.</summary>
static class OpenApi
{
    public static void Describe(OpenApiOptions options)
    {
        options.ShouldInclude = route => route.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer((document, context, _) =>
        {
            document.Info.Title = "Komachi";
            document.Info.Version = "v1";
            document.Info.Description = "What a town publishes, as data. 町が公開する情報をデータで提供します。";
            return Task.CompletedTask;
        });
    }
}
