namespace Komachi.Plan;

public enum FieldKind { Line, Text, Day }

/// <summary>Something that is written on a sheet, under the question that a stage asks. The title is a key of the words.</summary>
public sealed record SheetField(string Name, string Asks, string Title, FieldKind Kind = FieldKind.Text, string? Help = null)
{
    public const int LongestTitle = 120;

    /// <summary>What the secretariat tells the committee; no stage asks for it.</summary>
    public const string Remark = "remark";

    public int Most => Kind == FieldKind.Line ? 200 : 4000;

    public static readonly IReadOnlyList<SheetField> All =
    [
        new("need", "need", "What is needed, and why|sheet", Help: "Who is troubled by what today?"),
        new("option", "option", "What is to be done|sheet", Help: "Ways that were compared, and why this one."),
        new("effect", "effect", "What it is to bring|sheet", Help: "In numbers where you can: hours, persons, yen."),
        new("rfiTo", "rfi", "Request for information: who was asked", FieldKind.Line),
        new("rfiOn", "rfi", "Request for information: when", FieldKind.Day),
        new("rfiAnswers", "rfi", "Request for information: what they answered"),
        new(Remark, Remark, "What the secretariat says of it", Help: "It stands in the agenda of the committee."),
        new("mayorOn", "mayor", "Presented to the mayor on", FieldKind.Day),
        new("mayorSaid", "mayor", "What the mayor said"),
        new("rfpTo", "rfp", "Request for proposals: who was asked", FieldKind.Line),
        new("rfpOn", "rfp", "Request for proposals: when", FieldKind.Day),
        new("rfpAnswers", "rfp", "Request for proposals: what they proposed"),
        new("contractWith", "contract", "Contract: with whom", FieldKind.Line),
        new("contractFrom", "contract", "Contract: from", FieldKind.Day),
        new("contractUntil", "contract", "Contract: until", FieldKind.Day),
        new("result", "result", "What it brought|sheet", Help: "Compare it with what it was to bring."),
    ];

    public static SheetField? Find(string name) => All.FirstOrDefault(f => f.Name == name);

    /// <summary>What stands in amounts, by the question that asks for it.</summary>
    public static string? StepOf(string asks) => asks switch { "cost" => "requested", "adopted" => "adopted", "settled" => "settled", _ => null };
}
