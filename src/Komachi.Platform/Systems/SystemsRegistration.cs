using System.Text.Json;
using Komachi.Platform.Jobs;

namespace Komachi.Platform.Systems;

/// <summary>Something that another system may be allowed to do.</summary>
public sealed record Scope(string Key, string Title, ModuleBuilder Module);

/// <summary>An event that other systems may hear of.</summary>
public sealed record Announced(string Key, string Title, ModuleBuilder Module);

public static class SystemsRegistration
{
    /// <summary>What a system can be allowed to do with this module: asked for by <c>m.SystemApi(key, …)</c>, given at the desk.</summary>
    public static ModuleBuilder Scope(this ModuleBuilder m, string key, string title) => m.Offer(new Scope(key, title, m));

    /// <summary>
    /// An event that leaves the house to whoever subscribed to it: <c>m.Announces&lt;CaseMoved&gt;("procedures.case_moved", "A case moved on", e => new { e.Number })</c>.
    /// What is said goes to another program: name things by their numbers, and let it ask for what it may read.
    /// </summary>
    /// <param name="key">As other programs read it: the module's name, a dot, what happened. It never changes.</param>
    public static ModuleBuilder Announces<T>(this ModuleBuilder m, string key, string title, Func<T, object> said) where T : class
    {
        m.Jobs.Add(new($"{m.Slug}.tells_{key[(key.IndexOf('.') + 1)..]}", "Tell other systems of it", typeof(T), typeof(T), JobRules.Default,
            (json, run) => Delivery.ToAll(run, key, said(JsonSerializer.Deserialize<T>(json, JobKind.Json)!))));
        return m.Offer(new Announced(key, title, m));
    }
}
