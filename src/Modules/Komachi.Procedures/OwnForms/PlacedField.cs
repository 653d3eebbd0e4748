namespace Komachi.Procedures;

/// <summary>
/// Something that stands at a place of a form. <see cref="What"/> names it: an answer as a path (<c>dogName</c>, <c>children/0/name</c>, of a table of
/// amounts <c>costs/wages/yen</c> or <c>costs/*/yen</c> for its sum), a part of it (<c>owner.family</c>, <c>birthday.eraYear</c>), one option to be marked
/// (<c>sex=male</c>), or what is known of the filing (<c>:receipt</c>, <c>:arrivedOn.month</c>, <c>:number</c>, <c>:seal</c>), or words that never change (<c>:text</c>).
/// </summary>
/// <param name="X">From the left edge, like all lengths in mm.</param>
/// <param name="Size">In points; words that do not fit are written smaller, down to <see cref="Fit.Least"/>.</param>
/// <param name="Boxes">One character a box; 0: no boxes.</param>
public sealed record PlacedField(int Id, string What, int Page, decimal X, decimal Y, decimal Width, decimal Height)
{
    public static readonly string[] Alignments = ["left", "center", "right"];
    public static readonly string[] Signs = ["ring", "tick"];

    public const decimal Smallest = 1, LeastSize = 4, MostSize = 72;
    public const int MostBoxes = 60, MostOnPage = 120, MostText = 300;

    public decimal Size { get; init; } = 10.5m;
    public string Align { get; init; } = "left";
    public int Boxes { get; init; }
    public bool Wrap { get; init; }

    /// <summary>Of <c>:text</c>.</summary>
    public string Text { get; init; } = "";

    /// <summary>How an option is marked: ◯ around it, or ✓.</summary>
    public string Sign { get; init; } = "ring";

    /// <summary>Moved and made smaller as far as the page asks for it.</summary>
    public PlacedField Within(FormSheet page)
    {
        var (width, height) = (Math.Clamp(Width, Smallest, page.Width), Math.Clamp(Height, Smallest, page.Height));
        return this with { Width = width, Height = height, X = Math.Clamp(X, 0, page.Width - width), Y = Math.Clamp(Y, 0, page.Height - height) };
    }
}

/// <summary><see cref="PlacedField.What"/> taken apart.</summary>
/// <param name="Path">Key, or group, row and key; of what is known of the filing, its name with the colon.</param>
/// <param name="Part">Empty: the whole.</param>
/// <param name="Is">Marked where the answer is this; null: it is written out.</param>
sealed record Source(string Path, string Part, string? Is)
{
    public static Source Read(string what)
    {
        var equals = what.IndexOf('=');
        var (left, value) = equals < 0 ? (what, null) : (what[..equals], what[(equals + 1)..]);
        var dot = left.LastIndexOf('.');
        return dot < 0 ? new(left, "", value) : new(left[..dot], left[(dot + 1)..], value);
    }

    /// <summary>The row as people count it, of what repeats.</summary>
    public int? Row => Path.Split('/') is [_, var row, _] && int.TryParse(row, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var n) ? n + 1 : null;
}
