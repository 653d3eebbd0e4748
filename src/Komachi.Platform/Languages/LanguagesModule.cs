using Komachi.Platform.Audit;
using Komachi.Platform.Web;

namespace Komachi.Platform.Languages;

/// <summary>Languages that the town adds to those that come with the program, and whether readings of kanji are shown.</summary>
sealed class LanguagesModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("languages", "Languages of the town").Platform("Languages");
        m.Tables(TownLanguage.Map);
        m.Permission("languages.manage", "Look after the languages of the town's pages");
        m.Pages(Side.Resident, Access.Anyone, "/furigana", ShowReadings.Routes);
        m.Desk("languages.manage", KeepLanguages.Routes);
        m.Menu(MenuPlace.Desk, "Languages of the town", "desk/languages", "languages.manage", group: DeskGroup.Office, key: 'q');
        m.Deed("languages.add", "Added a language").Deed("languages.bring", "Brought words of a language");
        m.Deed("languages.switch_on", "Switched a language on").Deed("languages.switch_off", "Switched a language off");
        m.Town(LanguagesTown.Load);
    }
}
