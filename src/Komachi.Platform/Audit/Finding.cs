using Komachi.Ui.Words;

namespace Komachi.Platform.Audit;

public enum FindingKind
{
    /// <summary>An entry is in its block, but says something else.</summary>
    Changed,
    Removed,
    /// <summary>An entry stands among the sealed that no block knows.</summary>
    Added,
    /// <summary>An entry is gone from its block and stands in another place.</summary>
    Moved,
    /// <summary>A block's entries do not make its hash, and its register does not say why.</summary>
    Content,
    /// <summary>The block itself was changed.</summary>
    Block,
    /// <summary>A block does not go on from the one before.</summary>
    Chain,
    /// <summary>Blocks are missing between two others.</summary>
    Missing,
    /// <summary>The chain ends before a head that was kept elsewhere.</summary>
    CutOff,
    /// <summary>The chain is another one than that whose head was kept elsewhere.</summary>
    Rewritten,
    /// <summary>The anchor folder holds a line that is none.</summary>
    Anchor,
    /// <summary>Sealed blocks were kept elsewhere, and the town has none, or counts anew.</summary>
    Era,
}

/// <summary>Something that is not as it was sealed: what kind, in which block, which entry.</summary>
public sealed record Finding(FindingKind Kind, long Block = 0, long ToBlock = 0, Guid? Entry = null, DateTimeOffset? At = null, string? Text = null)
{
    public string In(Words words) => Kind switch
    {
        FindingKind.Changed => words["Block {0}: the entry {1} was changed after it had been sealed.", Block, Entry],
        FindingKind.Removed => words["Block {0}: the entry {1} was removed.", Block, Entry],
        FindingKind.Added => words["At block {0}: the entry {1} was added among sealed ones.", Block, Entry],
        FindingKind.Moved => words["The entry {1} was moved from block {0} to another place.", Block, Entry],
        FindingKind.Content => words["Block {0}: its entries do not make the hash that was sealed.", Block],
        FindingKind.Block => words["Block {0} itself was changed.", Block],
        FindingKind.Chain => words["Block {0} does not go on from the block before it.", Block],
        FindingKind.Missing => words["The blocks from {0} to {1} are missing.", Block, ToBlock],
        FindingKind.CutOff => words["The chain ends at block {0}, but block {1} was anchored elsewhere: its end was cut off.", Block, ToBlock],
        FindingKind.Rewritten => words["Block {0} is not the one that was anchored elsewhere: the chain was rewritten from there or before, or is another one.", Block],
        FindingKind.Anchor => words["The anchor folder has a line that cannot be read: {0}.", Text],
        _ => words["The town's transactions are counted from an earlier era ({0}) than a restore had begun ({1}).", Block, ToBlock],
    };
}
