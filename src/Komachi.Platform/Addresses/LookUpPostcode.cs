using System.ComponentModel;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.Addresses;

/// <summary>What <c>AddressField</c> asks while somebody types, and anybody may ask: which places have a postcode.</summary>
public static class LookUpPostcode
{
    public sealed record PostcodeAnswer(string Postcode, PostcodePlace[] Places);

    internal static void Routes(IEndpointRouteBuilder to) =>
        to.MapGet("{code}", Find).WithName("postcode").WithSummary("The places in Japan that have this postcode: one, several, or none");

    /// <summary>The same for pages of the desk, where that has an address of its own.</summary>
    internal static void DeskRoutes(IEndpointRouteBuilder to) => to.MapGet("{code}", Find);

    static Results<Ok<PostcodeAnswer>, NotFound> Find([Description("Seven digits, with or without the dash")] string code, HttpContext http)
    {
        if (code.Length > 20 || Folded.Postcode(code) is not { Length: 7 } digits || !digits.All(char.IsAsciiDigit)) return TypedResults.NotFound();
        // The same for everybody, and new only with another program: who asks again need not.
        http.Response.Headers.CacheControl = "public, max-age=86400";
        return TypedResults.Ok(new PostcodeAnswer(digits, [.. Postcodes.Of(digits)]));
    }
}
