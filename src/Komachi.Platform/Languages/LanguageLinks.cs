using Komachi.Platform.Web;
using Komachi.Ui;
using Komachi.Ui.Words;

namespace Komachi.Platform.Languages;

/// <summary>This page in the other languages; beside the plain Japanese stands the switch of its readings.</summary>
static class LanguageLinks
{
    public static IReadOnlyList<LanguageLink> Of(Visit visit, Words words, IReadOnlyList<SpokenLanguage> further) =>
        [.. Lang.Shipped.Concat(further.Select(s => s.Lang)).Select(l => new LanguageLink(l, visit.LinkIn(l, visit.Path), l == words.Lang, l == Lang.Plain && l == words.Lang ? Switch(visit, words) : null))];

    static NavLink Switch(Visit visit, Words words) => new(visit.Readings ? words["Hide the furigana"] : words["Show the furigana"], ShowReadings.Link(visit));
}
