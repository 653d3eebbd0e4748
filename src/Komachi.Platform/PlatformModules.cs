using Komachi.Platform.Addresses;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Desk;
using Komachi.Platform.Figures;
using Komachi.Platform.Files;
using Komachi.Platform.Jobs;
using Komachi.Platform.Languages;
using Komachi.Platform.Looks;
using Komachi.Platform.Mail;
using Komachi.Platform.Offices;
using Komachi.Platform.OpenId;
using Komachi.Platform.Operator;
using Komachi.Platform.MyNumbers;
using Komachi.Platform.People;
using Komachi.Platform.Portal;
using Komachi.Platform.Rights;
using Komachi.Platform.Systems;

namespace Komachi.Platform;

/// <summary>What every house has, in the order in which it is built; the modules come after these.</summary>
public static class PlatformModules
{
    public static IEnumerable<IModule> All =>
        [new DataModule(), new AuditModule(), new JobsModule(), new PeopleModule(), new OfficesModule(), new DirectoryModule(), new RepairModule(), new MailModule(), new FilesModule(), new FiguresModule(), new PortalModule(), new DeskModule(), new RightsModule(), new MyNumbersModule(), new LanguagesModule(), new LookModule(), new AddressesModule(), new SystemsModule()];
}
