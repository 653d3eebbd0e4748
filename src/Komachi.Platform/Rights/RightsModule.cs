using Komachi.Platform.Audit;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Rights;

/// <summary>Whose data it is, and when it ends: how long the town keeps what, what stops erasing, a person's copy of all that is held about them, and forgetting them.</summary>
sealed class RightsModule : IModule
{
    public const string Manage = "rights.manage";

    public void Define(ModuleBuilder m)
    {
        m.Name("rights", "Rights and ends").Platform("Rights");
        m.Tables(Period.Map, Hold.Map, RetentionRun.Map, ErasureOfPerson.Map, ReasonKey.Map);
        m.Permission(Manage, "Look after how long data is kept, copies for people and erasure");
        m.Pages(Side.Resident, Access.Resident, "/my", PersonCopy.Routes, Erasure.Routes);
        m.Pages(Side.Desk, Access.Permission(Manage), "/desk/retention", Retention.Routes);
        m.Pages(Side.Desk, Access.Permission(Manage), "/desk/rights", PersonsAtDesk.Routes);
        m.Menu(MenuPlace.Desk, "How long data is kept", "desk/retention", Manage, group: DeskGroup.Records, key: 't');
        m.Menu(MenuPlace.Desk, "Rights of a person", "desk/rights", Manage, group: DeskGroup.Residents, key: 'r');
        m.Signpost("What is held about me", "Everything that the town has about you, to read and to take along", "my/about-me", "個人情報 開示 データ 写し 閲覧 personal data copy privacy");
        m.Signpost("Erase my data", "When you want to be forgotten", "my/erase", "退会 アカウント削除 消去 個人情報 delete account");
        m.Daily<EraseDue>(new(2, 30)).Daily<FinishErasures>(new(2, 45)).Daily<NoteErasures>(new(3, 0));
        m.Deed("rights.erase", "Forgot a person|audit").Deed("rights.erase_again", "Forgot a person again, after a restore|audit");
        m.Retains("rights.runs", "Counts of what was erased", "They show that the periods were kept", Keep.FiscalYears(5),
            night => night.Db.Set<RetentionRun>().Where(r => r.RanAt < night.Before));
        m.Forgets(
            async about =>
            [
                new(about.Words["Notes on why something was held back"], await about.Db.Set<Hold>().CountAsync(h => h.PersonId == about.PersonId && h.Reason != "", about.Stop)),
                new(about.Words["What staff wrote as a reason, in the record of who did what"], await ReasonKey.Of(about).CountAsync(about.Stop)),
            ],
            async about =>
            {
                await about.Db.Set<Hold>().Where(h => h.PersonId == about.PersonId).ExecuteUpdateAsync(set => set.SetProperty(h => h.Reason, ""), about.Stop);
                await ReasonKey.Of(about).ExecuteDeleteAsync(about.Stop);
            });

        m.Deed("rights.look", "Looked up a person");
        m.Deed("rights.copy", "Made a copy of all that is held");
        m.Deed("rights.hold", "Held back erasing");
        m.Deed("rights.end_hold", "Ended holding back");
        m.Deed("rights.set_period", "Changed how long something is kept");
    }
}
