using Komachi.Platform.Data;
using Komachi.Ui.Words;

namespace Komachi.Platform.Portal;

/// <summary>A page that is found by its title, by what it is for, and by other words that people have for it. Title and line are keys of the words.</summary>
public sealed record Signpost(string Title, string Line, string Href, string Words, ModuleBuilder Module)
{
    string? _folded, _foldedTitle;

    /// <summary>In every language, so that who reads one finds it by a word of another.</summary>
    string Folded(WordBook book) => _folded ??= Folding.Fold(string.Join('\n', [.. InAll(Title, book), .. InAll(Line, book), Words]));

    string FoldedTitle(WordBook book) => _foldedTitle ??= Folding.Fold(string.Join('\n', InAll(Title, book)));

    static IEnumerable<string> InAll(string text, WordBook book) => Lang.Shipped.Select(l => new Ui.Words.Words(l, book)[text]);

    internal static IReadOnlyList<Found> Find(House house, Towns.Town town, Asked asked, Lang lang, int n)
    {
        var words = new Ui.Words.Words(lang, house.Words);
        return [.. house.All<Signpost>().Where(s => house.Has(town, s.Module) && asked.In(s.Folded(house.Words))).OrderByDescending(s => asked.In(s.FoldedTitle(house.Words))).Take(n)
            .Select(s => new Found(words[s.Title], words[s.Line], s.Href))];
    }
}

public static class SignpostRegistration
{
    /// <summary>Lets the portal's search find a page: its title, one line that says what it is for, where it is, and other words for it, apart from each other by spaces.</summary>
    public static ModuleBuilder Signpost(this ModuleBuilder m, string title, string line, string href, string words) => m.Offer(new Signpost(title, line, href, words, m));
}
