namespace Komachi.Procedures;

// What other modules may know and hear of procedures.

/// <summary>Something was filed.</summary>
public sealed record CaseArrived(Guid Id, string Number, string Procedure, string Stage, DateTimeOffset At);

/// <summary>A filing was granted or refused.</summary>
public sealed record CaseDecided(Guid Id, string Number, string Procedure, string Stage, bool Granted, DateTimeOffset At);

/// <summary>Anything of which the applicant is told: it stands in this state now.</summary>
public sealed record CaseMoved(Guid Id, string Number, string Procedure, string Stage, CaseState State, DateTimeOffset At);
