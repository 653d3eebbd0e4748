using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Komachi.Platform.Web;

/// <summary>What <c>/{town}/api/v1/openapi.json</c> says: the routes of the API and nothing of the pages; and for which of them another system needs a key.</summary>
static class OpenApi
{
    const string Key = "key";

    public static void Describe(OpenApiOptions options)
    {
        options.ShouldInclude = route => route.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer((document, context, _) =>
        {
            document.Info.Title = "Komachi";
            document.Info.Version = "v1";
            document.Info.Description = "What a town publishes, as data, and what other systems may do with a key. 町が公開する情報をデータで提供し、鍵を持つ外部システムの操作を受け付けます。";
            document.AddComponent<IOpenApiSecurityScheme>(Key, new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "km_…", Description = "The key that the town made for the system. 町が外部システムのために発行した鍵です。" });
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Access>().LastOrDefault()?.Scope is not { } scope) return Task.CompletedTask;
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(Key, context.Document)] = scope.Length > 0 ? [scope] : [] }];
            operation.Responses ??= [];
            foreach (var (status, why) in new[] { (401, "No key, or one that is not known"), (403, scope.Length > 0 ? $"The system may not do that: {scope}" : "Not taken from there"), (429, "Too many requests; Retry-After says how long to wait") })
                operation.Responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse { Description = why });
            if (!HttpMethods.IsGet(context.Description.HttpMethod ?? ""))
                (operation.Parameters ??= []).Add(new OpenApiParameter { Name = "Idempotency-Key", In = ParameterLocation.Header, Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 255 }, Description = "The same key and the same request: it counts once, and the same answer comes again. Kept for seven days." });
            return Task.CompletedTask;
        });
    }
}
