using Komachi.Platform.Towns;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Components;

namespace Komachi.Platform.Web;

/// <summary>What every page of a town has at hand: the visit, the words, addresses, and what is wrong with a form.</summary>
public abstract class TownPage : ComponentBase
{
    [Inject] protected Visit Visit { get; set; } = null!;
    [Inject] protected Words T { get; set; } = null!;

    protected Town Town => Visit.Town;

    protected string Link(string path = "") => Visit.Link(path);

    /// <summary>The message beside a field.</summary>
    protected string? ErrorOf(Form form, string field) => form.Mistakes.FirstOrDefault(m => m.Field == field) is { } mistake ? Say(mistake) : null;

    /// <summary>The messages for the summary above the form.</summary>
    protected IReadOnlyList<FieldError> ErrorsOf(Form form) => form.Mistakes.Select(m => new FieldError(m.Field, Say(m))).ToArray();

    string Say(FieldMistake mistake) => mistake.Values.Length == 0 ? T[mistake.Message] : T[mistake.Message, mistake.Values];
}
