namespace Komachi.Plan;

/// <summary>How far a plan's period is.</summary>
public enum Period { Coming, Running, Ended }
