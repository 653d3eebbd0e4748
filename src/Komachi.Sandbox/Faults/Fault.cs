namespace Komachi.Sandbox.Faults;

/// <summary>What can go wrong on purpose.</summary>
public enum FaultKind
{
    /// <summary>The answer comes late.</summary>
    Delay,

    /// <summary>The answer is no: an SMTP code or an HTTP status.</summary>
    Refuse,

    /// <summary>The connection is cut, <see cref="DropWhen.Before"/> or <see cref="DropWhen.After"/> the matter was taken.</summary>
    Drop,

    /// <summary>What has a meaning twice happens twice: a mail is delivered two times, a webhook is sent two times.</summary>
    Twice,
}

/// <summary>Whether the matter was taken when the line broke. After is the nasty one: the client cannot know.</summary>
public enum DropWhen { Before, After }

/// <summary>
/// A place where something can go wrong: "mail" (a whole message), "mail.recipient", later "line", "line.webhook", "pay"…
/// <paramref name="Status"/> is what a refusal answers when nobody chose.
/// </summary>
public sealed record FaultPlace(string Name, string Title, int Status, params FaultKind[] Kinds);

/// <summary>One fault that somebody switched on.</summary>
/// <param name="Service">The place it is for.</param>
/// <param name="Milliseconds">How late, for <see cref="FaultKind.Delay"/>.</param>
/// <param name="Status">What a refusal answers.</param>
/// <param name="Text">What a refusal says.</param>
/// <param name="When">On which side of taking it the line breaks.</param>
/// <param name="Times">How often it strikes; null until it is switched off.</param>
/// <param name="Every">It strikes every k-th time.</param>
/// <param name="Only">It strikes only what is about this: a part of an address, a number, an account.</param>
public sealed record Fault(
    string Service, FaultKind Kind, int Milliseconds, int Status, string? Text, DropWhen When, int? Times, int Every, string? Only)
{
    public long Id { get; init; }

    /// <summary>How often the place was passed while this fault was on.</summary>
    public int Seen { get; init; }

    /// <summary>How often it struck.</summary>
    public int Struck { get; init; }

    public Remark What => Kind switch
    {
        FaultKind.Delay => new("late by {0} ms", Milliseconds.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)),
        FaultKind.Refuse => new("refused with {0}", Status),
        FaultKind.Drop when When == DropWhen.Before => new("line cut before it was taken"),
        FaultKind.Drop => new("line cut after it was taken"),
        _ => new("happens twice"),
    };

    public bool Over => Times is { } times && Struck >= times;
}

/// <summary>What a refusal answers.</summary>
public sealed record Refusal(int Status, string Text);

/// <summary>
/// What goes wrong this time. The delay has already been waited for. A service looks at the four in this order:
/// refuse, cut before taking it, take it (twice?), cut after taking it.
/// </summary>
public sealed record Trouble(Refusal? Refuse = null, bool DropBefore = false, bool DropAfter = false, bool Twice = false)
{
    public static readonly Trouble None = new();
}
