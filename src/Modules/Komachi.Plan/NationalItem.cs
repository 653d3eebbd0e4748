namespace Komachi.Plan;

/// <summary>
/// What the state asks of every town (自治体DX推進計画: 重点取組事項 and what goes with them), in its order: measures of different plans are laid side by side by these.
/// </summary>
static class NationalItem
{
    /// <summary>What plans write, and the key of the words.</summary>
    public static readonly IReadOnlyList<(string Key, string Title)> All =
    [
        ("standard", "Standard information systems|national"),
        ("mynumber", "My Number Card|national"),
        ("online", "Procedures online|national"),
        ("ai", "AI and RPA|national"),
        ("telework", "Telework|national"),
        ("security", "Security|national"),
        ("society", "Digital local society|national"),
        ("divide", "Nobody left behind|national"),
        ("bpr", "Work done anew (BPR)|national"),
        ("opendata", "Open data|national"),
        ("people", "People who can do it|national"),
    ];

    public static bool Knows(string key) => All.Any(i => i.Key == key);
}
