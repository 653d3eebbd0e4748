using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.Web;

/// <summary>A form's token belongs to the town whose page it stood on: another town's is no proof here, nor one of the operator's pages.</summary>
sealed class TownBinding : IAntiforgeryAdditionalDataProvider
{
    public string GetAdditionalData(HttpContext http) => PlaceOf(http);

    public bool ValidateAdditionalData(HttpContext http, string data) => data == PlaceOf(http);

    // No town is called "operator" (TownFile.ReservedSlugs).
    static string PlaceOf(HttpContext http) => http.Visit() is { HasTown: true } visit ? visit.Town.Slug : "operator";
}
