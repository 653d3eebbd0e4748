using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Rights;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.MyNumbers;

/// <summary>個人番号 as a kind of field: off until the town names the law, sealed, read one by one with a reason, gone after hand-over.</summary>
sealed class MyNumbersModule : IModule
{
    public const string Manage = "my_numbers.manage", Reading = "my_numbers.read";

    const string Gone = "my_numbers.purged";

    public void Define(ModuleBuilder m)
    {
        m.Name("my_numbers", "Individual Numbers").Platform("MyNumbers");
        m.Tables(TownsUse.Map, KeptNumber.Map);
        m.Seals(MyNumberSafe.Purpose, "numbers", "sealed", "'my_numbers/' || id || '/' || use || '/' || person_id || '/' || subject");
        m.Permission(Manage, "Decide for what the Individual Number is asked");
        m.Permission(Reading, "Read and hand over Individual Numbers");
        m.Pages(Side.Desk, Access.Permission(Manage), "/desk/my-numbers", SwitchUses.Routes);
        m.Pages(Side.Desk, Access.Permission(Reading), "/desk/my-numbers/kept", ReadNumbers.Routes);
        m.Menu(MenuPlace.Desk, "Individual Numbers: uses", "desk/my-numbers", Manage, group: DeskGroup.Records, key: 'i');
        m.Menu(MenuPlace.Desk, "Individual Numbers: read and hand over", "desk/my-numbers/kept", Reading, group: DeskGroup.Residents, key: 'k');
        m.Daily<PurgeForgotten>(new(2, 15));
        m.Retains(Gone, "That an Individual Number was there", "It shows that numbers were purged in time", Keep.FiscalYears(5),
            night => night.Db.Set<KeptNumber>().Where(n => n.PurgedAt < night.Before && !night.Held.Contains(n.PersonId)));
        m.Discloses("Individual Numbers", async about => [.. (await about.Db.Set<KeptNumber>().AsNoTracking().Where(n => n.PersonId == about.PersonId).OrderByDescending(n => n.KeptAt)
            .Join(about.Db.Set<TownsUse>(), n => n.Use, u => u.Use, (number, use) => new { number, use.Basis }).ToListAsync(about.Stop)).Select(one => new HeldRecord(about.Words["Individual Number"], one.number.KeptAt,
            [
                new("number", about.Words["Number"], one.number.PurgedAt is null ? MyNumber.Masked : about.Words["purged"]),
                new("subject", about.Words["For"], one.number.Subject),
                new("handedTo", about.Words["Handed over to"], one.number.HandedTo),
            ], one.number.PurgedAt is null ? null : Gone, one.number.PurgedAt, one.number.PurgedAt is null ? one.number.PurgeAt : null, one.number.PurgedAt is null ? one.Basis : null))]);
        m.Forgets(
            async about => [new(about.Words["Individual Number"], await about.Db.Set<KeptNumber>().CountAsync(n => n.PersonId == about.PersonId && n.PurgedAt == null, about.Stop))],
            about => PurgeForgotten.Purge(about.Db.Set<KeptNumber>().Where(n => n.PersonId == about.PersonId && n.PurgedAt == null), PurgedBecause.Erased, about.Now, about.Stop));

        m.Deed("my_numbers.keep", "Took in the Individual Number");
        m.Deed("my_numbers.read", "Read the Individual Number");
        m.Deed("my_numbers.handed_over", "Handed the Individual Number over");
        m.Deed("my_numbers.purged", "Purged the Individual Number");
        m.Deed("my_numbers.switch_on", "Switched a use of Individual Numbers on");
        m.Deed("my_numbers.switch_off", "Switched a use of Individual Numbers off");
    }
}
