namespace Komachi.Tests.Harness;

/// <summary>Drills start and kill whole programs and look at the clock: they run one by one when everything else has ended.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
