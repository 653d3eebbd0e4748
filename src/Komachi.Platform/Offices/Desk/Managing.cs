using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>What the pages about the organisation have in common: days in forms, who may change what, names in several languages.</summary>
static class Managing
{
    public const string Permission = "offices.manage";

    public static IResult NotYours => Results.StatusCode(StatusCodes.Status403Forbidden);

    /// <summary>The whole organisation: roles, imports, holidays, offices.</summary>
    public static bool ManagesAll(this Visit visit, DepartmentTree tree) => visit.Visitor!.MayEverywhere(Permission, tree);

    public static bool Manages(this Visit visit, Guid department, DepartmentTree tree) => visit.Visitor!.May(Permission, department, tree);

    /// <summary>
    /// Nobody gives away more than they hold: who looks after a part of the town gives only roles whose permissions they hold
    /// for that department themselves.
    /// </summary>
    public static bool MayGive(this Visit visit, Role role, Guid department, DepartmentTree tree) =>
        visit.ManagesAll(tree) || role.Permissions.All(p => visit.Visitor!.May(p, department, tree));

    /// <summary>In an address a day stands in one way alone.</summary>
    public static DateOnly? ReadDay(string? written) =>
        DateOnly.TryParseExact((written ?? "").Trim().Normalize(System.Text.NormalizationForm.FormKC), ["yyyy-MM-dd", "yyyy/M/d"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 1868 and <= 2199 ? day : null;

    public static Said SaidIn(this Form form, string name, int most, bool required = true)
    {
        var said = new Said();
        foreach (var lang in Lang.Shipped)
            if (form.Text($"{name}-{lang.Code}", most, required && lang == Lang.Japanese) is { Length: > 0 } text) said[lang.Code] = text;
        return said;
    }

    public static IEnumerable<(string, string?)> Fields(this Said said, string name) => Lang.Shipped.Select(l => ($"{name}-{l.Code}", said.GetValueOrDefault(l.Code)));

    public static Option[] Options(this DepartmentTree tree, Lang lang, Func<DepartmentNode, bool>? those = null) =>
        [.. tree.All.Where(n => those?.Invoke(n) != false).Select(n => new Option(n.Id.ToString(), string.Concat(Enumerable.Repeat("\u3000", n.Depth)) + n.Name.In(lang) + " (" + n.Code + ")"))];

    /// <summary>Names are looked for without the spaces that some write between them.</summary>
    public static IQueryable<Account> Called(this IQueryable<Account> some, string? search)
    {
        var words = (search ?? "").Normalize(System.Text.NormalizationForm.FormKC).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(4);
        foreach (var word in words)
        {
            var signIn = word.ToLowerInvariant();
            some = some.Where(a => a.Name.Replace(" ", "").Replace("\u3000", "").Contains(word) || a.SignInName.StartsWith(signIn));
        }
        return some;
    }
}

/// <summary>Somebody at work, for lists.</summary>
public sealed record StaffLine(Guid AssignmentId, Guid AccountId, string Name, Guid DepartmentId, Said? Post, Said? Role, AssignmentKind Kind, string Telephone, DateOnly FromOn, DateOnly? UntilOn);

/// <summary>Who works where on a day: by name, from behind the assignment that the page before ended with.</summary>
static class StaffList
{
    public const int PageSize = 50;

    public static async Task<(IReadOnlyList<StaffLine> Lines, Guid? Next)> Read(TownDb db, DateOnly on, IReadOnlyCollection<Guid>? departments, string? search, Guid? after, CancellationToken stop, Guid? account = null)
    {
        var assignments = db.Set<Assignment>().AsNoTracking().Where(a => a.FromOn <= on && (a.UntilOn == null || a.UntilOn >= on));
        if (account is not null) assignments = assignments.Where(a => a.AccountId == account);
        if (departments is not null) assignments = assignments.Where(a => departments.Contains(a.DepartmentId));
        var accounts = db.Set<Account>().AsNoTracking().Where(p => p.ClosedAt == null).Called(search);
        var both = assignments.Join(accounts, a => a.AccountId, p => p.Id, (a, p) => new { a, p.Name });
        // Its name is asked for here, so that no name stands in an address; one that is gone begins anew.
        if (after is { } end && await db.Set<Assignment>().Where(a => a.Id == end).Join(db.Set<Account>(), a => a.AccountId, p => p.Id, (a, p) => p.Name).FirstOrDefaultAsync(stop) is { } name)
            both = both.Where(r => EF.Functions.GreaterThan(ValueTuple.Create(r.Name, r.a.Id), ValueTuple.Create(name, end)));
        var lines = await both.OrderBy(r => r.Name).ThenBy(r => r.a.Id).Take(PageSize + 1)
            .LeftJoin(db.Set<Post>(), r => r.a.PostId, p => (Guid?)p.Id, (r, p) => new { r.a, r.Name, Post = p })
            .LeftJoin(db.Set<Role>(), r => r.a.RoleId, x => (Guid?)x.Id, (r, x) => new { r.a, r.Name, r.Post, Role = x })
            .OrderBy(r => r.Name).ThenBy(r => r.a.Id)
            .Select(r => new StaffLine(r.a.Id, r.a.AccountId, r.Name, r.a.DepartmentId, r.Post == null ? null : r.Post.Name, r.Role == null ? null : r.Role.Name, r.a.Kind, r.a.Telephone, r.a.FromOn, r.a.UntilOn))
            .ToListAsync(stop);
        if (lines.Count <= PageSize) return (lines, null);
        lines.RemoveRange(PageSize, lines.Count - PageSize);
        return (lines, lines[^1].AssignmentId);
    }
}
