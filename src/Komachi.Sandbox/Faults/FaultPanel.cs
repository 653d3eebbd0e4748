namespace Komachi.Sandbox.Faults;

/// <summary>
/// The switchboard of everything that can go wrong. A service names its places once and asks at each of them
/// <c>await faults.Next("mail")</c> what to do now; people set faults on /faults, tests on /api/faults.
/// </summary>
public sealed class FaultPanel(Happenings happenings, TimeProvider time, IEnumerable<FaultPlace> places)
{
    /// <summary>More than anybody sets on purpose.</summary>
    public const int Most = 200;

    public const int LongestDelay = 600_000;

    readonly Lock _lock = new();
    readonly List<Fault> _faults = [];
    long _last;
    volatile bool _quiet = true;

    public IReadOnlyList<FaultPlace> Places { get; } = [.. places];

    public FaultPlace? Place(string? name) => Places.FirstOrDefault(p => p.Name == name);

    public IReadOnlyList<Fault> All
    {
        get { lock (_lock) return [.. _faults]; }
    }

    /// <summary>
    /// What goes wrong now, at this place, with what is <paramref name="about"/> (addresses, account ids).
    /// Waits out the delays, so the caller only acts on the answer.
    /// </summary>
    public ValueTask<Trouble> Next(string place, CancellationToken stop = default, params IReadOnlyList<string> about) =>
        _quiet ? ValueTask.FromResult(Trouble.None) : Strike(place, about, stop);

    async ValueTask<Trouble> Strike(string place, IReadOnlyList<string> about, CancellationToken stop)
    {
        var trouble = Trouble.None;
        var wait = 0L;
        lock (_lock)
            for (var i = 0; i < _faults.Count; i++)
            {
                var fault = _faults[i];
                if (fault.Service != place || fault.Over || !Concerns(fault, about)) continue;
                fault = fault with { Seen = fault.Seen + 1 };
                var strikes = fault.Seen % fault.Every == 0;
                _faults[i] = strikes ? fault with { Struck = fault.Struck + 1 } : fault;
                if (!strikes) continue;
                switch (fault.Kind)
                {
                    case FaultKind.Delay: wait += fault.Milliseconds; break;
                    case FaultKind.Refuse: trouble = trouble with { Refuse = trouble.Refuse ?? new Refusal(fault.Status, fault.Text ?? "Refused on purpose by the fault panel") }; break;
                    case FaultKind.Drop when fault.When == DropWhen.Before: trouble = trouble with { DropBefore = true }; break;
                    case FaultKind.Drop: trouble = trouble with { DropAfter = true }; break;
                    case FaultKind.Twice: trouble = trouble with { Twice = true }; break;
                }
            }
        if (wait > 0) happenings.Say(place, "Fault: the answer waits for {0} ms", wait);
        if (trouble.Refuse is { } no) happenings.Say(place, "Fault: refused with {0}", no.Status);
        else if (trouble.DropBefore) happenings.Say(place, "Fault: line cut before it was taken");
        else
        {
            if (trouble.Twice) happenings.Say(place, "Fault: done twice");
            if (trouble.DropAfter) happenings.Say(place, "Fault: line cut after it was taken");
        }
        if (wait > 0) await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(wait, LongestDelay)), time, stop);
        return trouble;
    }

    static bool Concerns(Fault fault, IReadOnlyList<string> about) =>
        fault.Only is null || about.Any(a => a.Contains(fault.Only, StringComparison.OrdinalIgnoreCase));

    /// <summary>Switches a fault on. One for the same place, kind and address takes the place of the one before, so setting it again is harmless.</summary>
    public Fault? Set(Fault fault)
    {
        lock (_lock)
        {
            _faults.RemoveAll(f => f.Service == fault.Service && f.Kind == fault.Kind && f.When == fault.When && f.Only == fault.Only);
            if (_faults.Count >= Most) _faults.RemoveAll(f => f.Over);
            if (_faults.Count >= Most) return null;
            fault = fault with { Id = ++_last, Seen = 0, Struck = 0 };
            _faults.Add(fault);
            _quiet = false;
        }
        happenings.Say(fault.Service, "/faults", new Remark("Fault switched on: {0}", fault.What));
        return fault;
    }

    /// <summary>Switches off one fault, those of one service with all its places, or all.</summary>
    public int Clear(long? id = null, string? service = null)
    {
        int gone;
        lock (_lock)
        {
            gone = _faults.RemoveAll(f =>
                (id is null || f.Id == id) &&
                (service is null || f.Service == service || f.Service.StartsWith(service + ".", StringComparison.Ordinal)));
            _quiet = _faults.Count == 0;
        }
        if (gone > 0) happenings.Say(service ?? "faults", "Faults switched off: {0}", gone);
        return gone;
    }
}
