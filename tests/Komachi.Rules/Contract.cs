using System.Reflection;
using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Jobs;
using Komachi.Platform.Offices;
using Komachi.Platform.MyNumbers;
using Komachi.Platform.Portal;
using Komachi.Platform.Rights;
using Komachi.Platform.Systems;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;

namespace Komachi.Rules;

/// <summary>What modules build on is written down in contract.txt, and is the same as long as nobody writes it down differently.</summary>
public sealed class Contract
{
    static readonly Type[] Types =
    [
        typeof(IModule), typeof(ModuleBuilder), typeof(PortalRegistration), typeof(WaitsRegistration), typeof(LatelyRegistration), typeof(Happened), typeof(FindsRegistration), typeof(Asked), typeof(Found), typeof(SignpostRegistration), typeof(LifeRegistration), typeof(LifeEvent), typeof(MyRegistration), typeof(Mine), typeof(MyTask), typeof(MyMatter), typeof(RightsRegistration), typeof(MyNumberRegistration), typeof(MyNumberSafe), typeof(Side), typeof(Access), typeof(KeptPage), typeof(MenuPlace), typeof(DeskGroup), typeof(MenuEntry),
        typeof(TownDb), typeof(Id), typeof(Yen), typeof(ReceiptNumber), typeof(AuditEntry), typeof(IJob<>), typeof(JobRules), typeof(JobRun), typeof(JobFailed),
        typeof(Town), typeof(TownLoad), typeof(Page), typeof(TownPage), typeof(Form), typeof(Visit), typeof(Visitor), typeof(FileRegistration), typeof(FilesOfTown),
        typeof(Grant), typeof(GrantsOfVisitor), typeof(DepartmentTree), typeof(DepartmentNode), typeof(DepartmentTrees), typeof(OpeningCalendar), typeof(OpenWorkRegistration), typeof(DepartmentReplaced),
        typeof(SystemsRegistration), typeof(VisitingSystem), typeof(OnceOnly),
    ];

    static readonly string Kept = Path.Combine(TestProgram.Repository, "tests/Komachi.Rules/contract.txt");

    [Fact]
    public void What_modules_build_on_changes_only_on_purpose()
    {
        var now = Types.SelectMany(Lines).ToArray();
        var kept = File.Exists(Kept) ? File.ReadAllLines(Kept) : [];
        var taken = kept.Except(now).Select(line => "- " + line);
        var added = now.Except(kept).Select(line => "+ " + line);
        Assert.True(now.SequenceEqual(kept), $"""
            The contract of modules is another. What goes (-) breaks modules that are being written now: keep it beside the new.
            What comes (+) is written into {Path.GetFileName(Kept)}, in this order:
            {string.Join('\n', taken.Concat(added))}

            {string.Join('\n', now)}
            """);
    }

    static IEnumerable<string> Lines(Type type)
    {
        const BindingFlags own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var members = type.GetMembers(own).Where(m => m switch
        {
            MethodInfo method => Seen(method) && !method.IsSpecialName && !FromLanguage.Contains(method.Name),
            ConstructorInfo constructor => Seen(constructor) && !constructor.GetParameters().Any(p => p.ParameterType == type),
            PropertyInfo property => property.Name != "EqualityContract" && property.GetMethod is { } get && Seen(get),
            FieldInfo field => field.IsPublic && !field.IsSpecialName,
            EventInfo => true,
            _ => false,
        });
        return members.Select(m => $"{NameOf(type)}: {m}").Order(StringComparer.Ordinal);
    }

    /// <summary>What every record has without saying so.</summary>
    static readonly HashSet<string> FromLanguage = ["<Clone>$", "Equals", "GetHashCode", "ToString", "Deconstruct", "PrintMembers", "Invoke", "BeginInvoke", "EndInvoke", "SetParametersAsync"];

    static bool Seen(MethodBase method) => method.IsPublic || method.IsFamily;

    static string NameOf(Type type) => type.Name.Split('`')[0];
}
