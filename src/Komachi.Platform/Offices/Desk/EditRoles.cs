using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>The town's roles: which permissions of the house each of them holds.</summary>
public static class EditRoles
{
    public sealed record Line(Guid Id, string Key, Said Name, IReadOnlyList<string> Permissions, int Holders);

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("roles", async (string? done, Visit visit, TownDb db, TimeProvider time) =>
        {
            if (!visit.ManagesAll(await DepartmentTrees.Today(db))) return Managing.NotYours;
            var today = time.Today();
            var roles = await db.Set<Role>().AsNoTracking().OrderBy(r => r.Key).ToListAsync();
            var holders = await db.Set<Assignment>().Where(a => a.RoleId != null && a.FromOn <= today && (a.UntilOn == null || a.UntilOn >= today))
                .GroupBy(a => a.RoleId).Select(g => new { g.Key, Count = g.Select(a => a.AccountId).Distinct().Count() }).ToDictionaryAsync(g => g.Key!.Value, g => g.Count);
            return Page.Show<RolesPage>(new { Lines = (IReadOnlyList<Line>)[.. roles.Select(r => new Line(r.Id, r.Key, r.Name, r.Permissions, holders.GetValueOrDefault(r.Id)))], Done = done });
        });
        to.MapGet("roles/new", async (Visit visit, TownDb db) =>
            visit.ManagesAll(await DepartmentTrees.Today(db)) ? Show(Form.Empty, null, null) : Managing.NotYours);
        to.MapPost("roles/new", (Form form, Visit visit, TownDb db, House house) => Write(null, form, visit, db, house));
        to.MapGet("roles/{id:guid}", async (Guid id, Visit visit, TownDb db) =>
            !visit.ManagesAll(await DepartmentTrees.Today(db)) ? Managing.NotYours
            : await db.Set<Role>().AsNoTracking().FirstOrDefaultAsync(r => r.Id == id) is { } role
                ? Show(Form.With([.. role.Name.Fields("name"), ("version", role.Version.ToString(CultureInfo.InvariantCulture))]), role, role.Permissions) : Page.NotFound);
        to.MapPost("roles/{id:guid}", (Guid id, Form form, Visit visit, TownDb db, House house) => Write(id, form, visit, db, house));
    }

    static IResult Show(Form form, Role? role, IReadOnlyCollection<string>? chosen, bool overtaken = false) =>
        Page.Show<RolePage>(new { Form = form, Id = role?.Id, Key = role?.Key, Version = role?.Version ?? 0, Chosen = chosen ?? form.Many("permission"), Overtaken = overtaken }, overtaken ? 409 : form.Wrong ? 422 : 200);

    static async Task<IResult> Write(Guid? id, Form form, Visit visit, TownDb db, House house)
    {
        var role = id is null ? null : await db.Set<Role>().FirstOrDefaultAsync(r => r.Id == id);
        if (id is not null && role is null) return Page.NotFound;
        if (!visit.ManagesAll(await DepartmentTrees.Today(db))) return Managing.NotYours;
        var name = form.SaidIn("name", 60);
        var known = house.Permissions.Select(p => p.Key).ToHashSet();
        // What a module brought that is switched off now stays in the role; nobody ticked it off.
        var permissions = form.Many("permission").Where(known.Contains).Concat(role?.Permissions.Where(p => !known.Contains(p)) ?? []).ToArray();
        var key = role?.Key ?? form.Text("key", most: 40, required: true).ToLowerInvariant();
        if (role is null && key.Length > 0 && !key.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')) form.Wrongly("key", "Small letters, digits and hyphens, please.");
        if (role is null && !form.Wrong && await db.Set<Role>().AnyAsync(r => r.Key == key)) form.Wrongly("key", "There is a role with this key already.");
        if (form.Wrong) return Show(form, role, null);
        var overtaken = role is not null && form.Typed("version") != role.Version.ToString(CultureInfo.InvariantCulture);
        if (!overtaken)
        {
            var before = role?.Permissions ?? [];
            if (role is null) db.Add(role = Role.Of(key, name, permissions));
            else role.Write(name, permissions);
            db.Audit(visit.Did("offices.write_role", $"roles/{role.Id}", new { key, Added = permissions.Except(before), Taken = before.Except(permissions) }));
            try
            {
                await db.Save(form.Once, visit.Link("desk/offices/roles?done=saved"));
                return Page.Go(visit, "desk/offices/roles?done=saved");
            }
            catch (Exception e) when (e.IsOvertaken())
            {
                db.ChangeTracker.Clear();
                role = await db.Set<Role>().AsNoTracking().FirstOrDefaultAsync(r => r.Key == key);
            }
        }
        return Show(form, role, null, overtaken: true);
    }
}
