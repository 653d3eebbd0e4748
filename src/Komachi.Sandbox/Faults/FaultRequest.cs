namespace Komachi.Sandbox.Faults;

/// <summary>A fault as somebody asks for it: in JSON or in the form.</summary>
sealed record FaultRequest
{
    public string? Service { get; init; }
    public string? Kind { get; init; }
    public int? Milliseconds { get; init; }
    public int? Status { get; init; }
    public string? Text { get; init; }
    public string? When { get; init; }
    public int? Times { get; init; }
    public int? Every { get; init; }
    public string? Only { get; init; }

    /// <summary>The fault, or what is wrong: the field and a sentence.</summary>
    public (Fault? Fault, List<(string Field, Remark Why)> Wrong) Read(FaultPanel panel)
    {
        var wrong = new List<(string Field, Remark Why)>();
        var place = panel.Place(Service);
        if (place is null) wrong.Add(("service", new Remark("Choose one of: {0}", string.Join(", ", panel.Places.Select(p => p.Name)))));
        var kinds = place?.Kinds ?? Enum.GetValues<FaultKind>();
        // Names only: Enum.TryParse would take "3" too.
        var kind = kinds.Where(k => k.ToString().Equals(Kind, StringComparison.OrdinalIgnoreCase)).Select(k => (FaultKind?)k).FirstOrDefault();
        if (kind is null) wrong.Add(("kind", new Remark("Choose one of: {0}", string.Join(", ", kinds.Select(k => k.ToString().ToLowerInvariant())))));
        DropWhen? when = When?.ToLowerInvariant() switch { null or "" or "before" => DropWhen.Before, "after" => DropWhen.After, _ => null };
        if (when is null) wrong.Add(("when", new Remark("Choose one of: {0}", "before, after")));
        Within("milliseconds", Milliseconds, 0, FaultPanel.LongestDelay);
        if (kind == FaultKind.Delay && Milliseconds is null) wrong.Add(("milliseconds", new Remark("Say how long the delay is")));
        Within("status", Status, 400, 599);
        Within("times", Times, 1, 1_000_000);
        Within("every", Every, 1, 1_000_000);
        Short("text", Text, 200);
        Short("only", Only, 200);
        if (wrong.Count > 0) return (null, wrong);
        return (new Fault(
            place!.Name, kind!.Value,
            kind == FaultKind.Delay ? Milliseconds!.Value : 0,
            kind == FaultKind.Refuse ? Status ?? place.Status : 0,
            kind == FaultKind.Refuse ? Blank(Text) : null,
            kind == FaultKind.Drop ? when!.Value : DropWhen.Before,
            Times, Every ?? 1, Blank(Only)), wrong);

        void Within(string field, int? value, int least, int most)
        {
            if (value < least || value > most) wrong.Add((field, new Remark("A number from {0} to {1}", least, most)));
        }

        void Short(string field, string? value, int most)
        {
            if (value?.Length > most) wrong.Add((field, new Remark("At most {0} characters", most)));
            else if (value?.Any(char.IsControl) == true) wrong.Add((field, new Remark("One line of text")));
        }

        static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
    }
}
