using Komachi.Ui;

namespace Komachi.Platform.Web;

/// <summary>What was chosen, and what was written where none of it fitted.</summary>
/// <param name="Other">In words of their own; null where that was not chosen.</param>
public sealed record Chosen(IReadOnlyList<string> Values, string? Other = null);

/// <summary>Choosing several, choosing something else, and agreeing.</summary>
public sealed partial class Form
{
    /// <summary>
    /// From <paramref name="least"/> to <paramref name="most"/> of these, in their own order. With <paramref name="other"/> people may write something else, which counts
    /// as one; who wrote without ticking it meant it.
    /// </summary>
    public Chosen Choices(string name, IReadOnlyCollection<string> choices, int least = 0, int most = int.MaxValue, bool other = false)
    {
        var sent = Many(name).Where(v => v.Length > 0).ToHashSet();
        var chosen = choices.Where(sent.Contains).ToArray();
        string? written = null;
        var ticked = other && sent.Contains(Option.Other);
        // Of one choice, a tick elsewhere says more than what was left in the field.
        if (ticked || other && (most > 1 || chosen.Length == 0)) written = Text(name + "-other", most: 200) is { Length: > 0 } text ? text : null;
        if (ticked && written is null) Wrongly(name + "-other", "Please write what it is.");

        var count = chosen.Length + (ticked || written is not null ? 1 : 0);
        if (sent.Except(choices).Any(v => !other || v != Option.Other)) Wrongly(name, "Please choose from what is offered.");
        else if (count > most && most == 1) Wrongly(name, "Please choose one.");
        else if (count > most) Wrongly(name, "Please choose at most {0}. You have chosen {1}.", most, count);
        else if (count < least && most == 1) Wrongly(name, "Please choose one.");
        else if (count < least) Wrongly(name, "Please choose at least {0}.", least);
        return new(chosen, written);
    }

    /// <summary>
    /// Agreed to the text of this version (<c>ConsentField</c> sends it): store it beside the time, since later nobody knows which text stood there. Who read
    /// another one is asked to read this.
    /// </summary>
    public bool Consent(string name, string version = "true")
    {
        if (Typed(name) == version) return true;
        if (Ticked(name)) Wrongly(name, "The text has changed. Please read it once more, and tick the box if you agree.");
        else Wrongly(name, "To go on, please read the text and tick the box.");
        return false;
    }
}
