namespace Komachi.Host;

/// <summary>Exit codes of every command; <c>--help</c> says the same.</summary>
public static class Exit
{
    public const int Done = 0, Failed = 1, WrongUse = 2, CannotRunHere = 3;
}

/// <summary>Why something is not done: one sentence for whoever asked, and the exit code that goes with it.</summary>
public sealed class Refused(int exitCode, string sentence) : Exception(sentence)
{
    public int ExitCode => exitCode;

    public static Refused Failed(string sentence) => new(Exit.Failed, sentence);
    public static Refused WrongUse(string sentence) => new(Exit.WrongUse, sentence);
    public static Refused CannotRunHere(string sentence) => new(Exit.CannotRunHere, sentence);
}
