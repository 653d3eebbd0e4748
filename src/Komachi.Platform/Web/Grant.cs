using Komachi.Platform.Offices;

namespace Komachi.Platform.Web;

/// <summary>A permission held today in a department and all below it.</summary>
/// <param name="For">Whose duties are exercised, where somebody stands in for another.</param>
public readonly record struct Grant(string Permission, Guid DepartmentId, Guid? For);

/// <summary>What a visitor may do where. Held in the whole town is what was given to the account itself.</summary>
public static class GrantsOfVisitor
{
    extension(Visitor visitor)
    {
        /// <summary>May they do this for that department? A closed one is where its work went.</summary>
        public bool May(string permission, Guid department, DepartmentTree tree) =>
            visitor.IsStaff && (visitor.MayEverywhere(permission, tree) || visitor.Grants.Any(g => g.Permission == permission && tree.IsWithin(department, g.DepartmentId)));

        /// <summary>Given to the account itself, or held at the top.</summary>
        public bool MayEverywhere(string permission, DepartmentTree tree) =>
            visitor.IsStaff && (Array.IndexOf(visitor.Permissions, permission) >= 0 ||
                tree.Root is { } root && visitor.Grants.Any(g => g.Permission == permission && g.DepartmentId == root.Id));

        /// <summary>The departments for which they may do it, closed ones with them: for <c>WHERE department_id = ANY (…)</c>. Null: no limit.</summary>
        public IReadOnlySet<Guid>? DepartmentsFor(string permission, DepartmentTree tree)
        {
            if (visitor.MayEverywhere(permission, tree)) return null;
            var all = new HashSet<Guid>();
            if (visitor.IsStaff)
                foreach (var grant in visitor.Grants.Where(g => g.Permission == permission)) all.UnionWith(tree.Below(grant.DepartmentId));
            return all;
        }
    }
}
