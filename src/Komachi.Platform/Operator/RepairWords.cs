using Komachi.Ui;
using Komachi.Ui.Words;

namespace Komachi.Platform.Operator;

static class RepairWords
{
    public static string Of(RepairState state) => state switch
    {
        RepairState.Waiting => "Waits for the town",
        RepairState.Refused => "Refused",
        RepairState.Open => "Access is open",
        RepairState.Lapsed => "Lapsed without an answer",
        _ => "Ended",
    };

    public static Tone ToneOf(RepairState state) => state switch
    {
        RepairState.Waiting => Tone.Info,
        RepairState.Open => Tone.Warning,
        _ => Tone.Neutral,
    };
}
