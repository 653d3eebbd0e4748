using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Komachi.Platform.People;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Platform.Web;

/// <summary>
/// What staff look for: names, birthdays, addresses. Addresses of pages are kept by browsers, proxies and logs, so nothing of it stands in
/// one: the search is posted (<see cref="FindBar"/>), and the page that it leads to carries it sealed, in <c>?find=…</c>. So the list can be
/// paged, reloaded and gone back to; to anybody but the account that looked, in its own town and on that day, the seal says nothing.
/// As an endpoint's parameter it is what <c>find</c> holds.
/// </summary>
public sealed class Sought
{
    static readonly TimeSpan GoodFor = TimeSpan.FromHours(12);
    const int MostFields = 8, LongestName = 20, LongestValue = 100;

    readonly Dictionary<string, string> _typed;

    Sought(string? token, Dictionary<string, string>? typed)
    {
        IsOver = token is not null && typed is null;
        (Token, _typed) = (IsOver ? null : token, typed ?? []);
    }

    /// <summary>For further pages of the same list.</summary>
    public string? Token { get; }

    /// <summary>Too old, or of somebody else: to be typed once more.</summary>
    public bool IsOver { get; }

    public string? this[string name] => _typed.GetValueOrDefault(name);

    public static readonly Sought Nothing = new(null, null);

    public static ValueTask<Sought> BindAsync(HttpContext http, ParameterInfo _)
    {
        if (http.Request.Query["find"].ToString() is not { Length: > 0 } token) return new(Nothing);
        try
        {
            return new(new Sought(token, http.Visit() is { HasTown: true, Visitor: { } who } visit && token.Length < 8000
                ? JsonSerializer.Deserialize<Dictionary<string, string>>(Seal(visit, who, http.RequestServices.GetRequiredService<IDataProtectionProvider>()).Unprotect(token)) : null));
        }
        catch (CryptographicException)
        {
            return new(new Sought(token, null));
        }
    }

    internal static void Routes(IEndpointRouteBuilder to) => to.MapPost("find", (Form form, Visit visit, IDataProtectionProvider protection) =>
    {
        var at = Then.After(AccountKind.Staff, form.Typed("to") is var to && to.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '/' or '-' or '_') ? to : "");
        var typed = form.Names.Where(n => n is not "to" && !n.StartsWith('_') && n.Length <= LongestName).Select(n => (Name: n, Value: Cut(form.Typed(n).Trim()))).Where(f => f.Value.Length > 0)
            .Take(MostFields).ToDictionary(f => f.Name, f => f.Value);
        return Page.Go(visit, typed.Count == 0 ? at : at.With(("find", Seal(visit, visit.Visitor!, protection).Protect(JsonSerializer.Serialize(typed), GoodFor))));
    });

    /// <summary>An address has an end; no name is longer. Never between the halves of a pair.</summary>
    static string Cut(string text) => text.Length <= LongestValue ? text : char.IsHighSurrogate(text[LongestValue - 1]) ? text[..(LongestValue - 1)] : text[..LongestValue];

    static ITimeLimitedDataProtector Seal(Visit visit, Visitor who, IDataProtectionProvider protection) =>
        protection.CreateProtector("sought", visit.Town.Slug, who.AccountId.ToString()).ToTimeLimitedDataProtector();
}
