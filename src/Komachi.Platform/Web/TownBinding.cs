using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.Web;

/// <summary>A form's token belongs to the town whose page it stood on: another town's is no proof here.</summary>
sealed class TownBinding : IAntiforgeryAdditionalDataProvider
{
    public string GetAdditionalData(HttpContext http) => http.Visit().Town.Slug;

    public bool ValidateAdditionalData(HttpContext http, string data) => http.Visit() is { HasTown: true } visit && data == visit.Town.Slug;
}
