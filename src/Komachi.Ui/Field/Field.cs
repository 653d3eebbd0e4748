using Microsoft.AspNetCore.Components;

namespace Komachi.Ui;

/// <summary>What all fields share. The id is the name, so an error summary can lead there.</summary>
public abstract class Field : ComponentBase
{
    [Parameter, EditorRequired] public string Name { get; set; } = "";
    [Parameter, EditorRequired] public string Label { get; set; } = "";

    /// <summary>Between label and field: what to write, where to find it. It stays while people type.</summary>
    [Parameter] public string? Help { get; set; }
    [Parameter] public string? Error { get; set; }
    [Parameter] public bool Required { get; set; }
    [Parameter] public string? Id { get; set; }

    /// <summary>Anything else goes on the input itself.</summary>
    [Parameter(CaptureUnmatchedValues = true)] public IReadOnlyDictionary<string, object>? Attributes { get; set; }

    protected string InputId => Id ?? Name;
    protected string? DescribedBy => (Help, Error) switch
    {
        (null, null) => null,
        (_, null) => InputId + "-help",
        (null, _) => InputId + "-error",
        _ => $"{InputId}-help {InputId}-error",
    };

    // Told to screen readers only: the browser must not stop a form with words of its own, the server answers in the page's language.
    protected string? AriaRequired => Required ? "true" : null;
    protected string? AriaInvalid => Error is null ? null : "true";
}
