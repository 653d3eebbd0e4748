using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Languages;

/// <summary>
/// Reads <c>towns/&lt;town&gt;/words/&lt;code&gt;.yaml</c>. A language that is new to the town is switched on; in one that it has, each sentence of the file
/// takes the place of the one that stood, and what was added at the desk stays.
/// </summary>
static class LanguagesTown
{
    public static async Task Load(TownLoad load)
    {
        var now = load.Time.GetUtcNow();
        foreach (var path in load.Files("words"))
        {
            var lang = Lang.FindFurther(Path.GetFileNameWithoutExtension(path))
                ?? throw new BadTown($"{path}: the file is named after a language, one of {string.Join(", ", Lang.Further.Select(l => l.Code))}.");
            IReadOnlyDictionary<string, string> words;
            try
            {
                words = WordFile.Read(await File.ReadAllTextAsync(path));
            }
            catch (WordFile.Unreadable e)
            {
                throw new BadTown($"{path}: {string.Format(System.Globalization.CultureInfo.InvariantCulture, e.Message, e.Values)}");
            }
            var language = await load.Db.Set<TownLanguage>().SingleOrDefaultAsync(l => l.Code == lang.Code);
            if (language is null)
            {
                load.Db.Add(language = TownLanguage.Add(lang, now));
                language.Switch(on: true, now);
            }
            if (language.Bring(words, now)) load.Db.RingAfterSave(now);
        }
    }
}
