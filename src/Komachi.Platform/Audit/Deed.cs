namespace Komachi.Platform.Audit;

/// <summary>What an action of the audit is called on screens.</summary>
public sealed record Deed(string Action, string Title);

public static class DeedRegistration
{
    /// <summary>Names an action that the module's audit entries carry; one that nobody named is shown by its key.</summary>
    public static ModuleBuilder Deed(this ModuleBuilder m, string action, string title) => m.Offer(new Deed(action, title));
}
