using System.Collections.Frozen;
using System.Reflection;
using Komachi.Platform.Data;
using Komachi.Platform.Figures;
using Komachi.Platform.Jobs;
using Komachi.Ui.Words;

namespace Komachi.Platform;

/// <summary>The modules together, in order: what the program is made of. Nothing is discovered by scanning.</summary>
public sealed class House
{
    readonly FrozenDictionary<Type, object[]> _offers;
    readonly FrozenDictionary<string, ModuleBuilder> _moduleOf;

    public House(IEnumerable<IModule> modules)
    {
        Modules = modules.Select(module =>
        {
            var m = new ModuleBuilder(module.GetType().Assembly);
            module.Define(m);
            return m;
        }).ToArray();

        Jobs = Modules.SelectMany(m => m.Jobs).ToFrozenDictionary(j => j.Name);
        JobsOf = Modules.SelectMany(m => m.Jobs).Where(j => j.Event is null).ToFrozenDictionary(j => j.Payload);
        _moduleOf = Modules.SelectMany(m => m.Jobs.Select(j => (j.Name, m))).ToFrozenDictionary(p => p.Name, p => p.m);
        Hearers = Modules.SelectMany(m => m.Jobs).Where(j => j.Event is not null)
            .GroupBy(j => j.Event!).ToFrozenDictionary(g => g.Key, g => g.ToArray());
        Schedules = Modules.SelectMany(m => m.Schedules).ToArray();
        Figures = Modules.SelectMany(m => m.Figures).ToArray();
        Permissions = Modules.SelectMany(m => m.Permissions).ToArray();
        Migrations = Modules.SelectMany(m => Migration.Of(m)).ToArray();
        Words = new WordBook(Modules.Select(m => m.Assembly).Prepend(typeof(Lang).Assembly).Distinct());
        _offers = Modules.SelectMany(m => m.Offers).GroupBy(o => o.GetType()).ToFrozenDictionary(g => g.Key, g => g.ToArray());
    }

    public IReadOnlyList<ModuleBuilder> Modules { get; }
    public IReadOnlyList<Figure> Figures { get; }
    public IReadOnlyList<Permission> Permissions { get; }
    public IReadOnlyList<Schedule> Schedules { get; }
    public FrozenDictionary<string, JobKind> Jobs { get; }
    public WordBook Words { get; }
    internal FrozenDictionary<Type, JobKind> JobsOf { get; }
    internal FrozenDictionary<Type, JobKind[]> Hearers { get; }
    internal IReadOnlyList<Migration> Migrations { get; }

    /// <summary>What the modules offered to the one that owns the registration <typeparamref name="T"/>.</summary>
    public IEnumerable<T> All<T>() where T : class =>
        _offers.TryGetValue(typeof(T), out var offers) ? offers.Cast<T>() : [];

    /// <summary>Those of the modules that a town has switched on.</summary>
    public bool Has(Towns.Town town, ModuleBuilder module) => module.AlwaysOn || town.Modules.Contains(module.Slug);

    /// <summary>What is measured in a town: the figures of the modules that it has switched on.</summary>
    public IEnumerable<Figure> FiguresOf(Towns.Town town) => Modules.Where(m => Has(town, m)).SelectMany(m => m.Figures);

    internal bool Has(Towns.Town town, JobKind kind) => Has(town, _moduleOf[kind.Name]);

    internal IEnumerable<Assembly> Assemblies => Modules.Select(m => m.Assembly).Distinct();
}
