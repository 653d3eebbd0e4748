using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Systems;

/// <summary>
/// Other systems that work with this town: staff name each of them, say what it may do and give it keys; it asks the API with them, and is told
/// of events. What can be asked and heard, the modules say (m.Scope, m.SystemApi, m.Announces).
/// </summary>
sealed class SystemsModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("systems", "Other systems").Platform("Systems");
        m.Tables(OtherSystem.Map, SystemKey.Map, OnceAnswer.Map, Subscription.Map, Delivery.Map);
        m.Seals(Subscription.Purpose, "subscriptions", "sealed_secret", "'systems/' || id || '/secret'").Seals(Subscription.Purpose, "subscriptions", "sealed_former", "'systems/' || id || '/former'");
        m.Seals(OnceAnswer.Purpose, "answers", "sealed_body", "'answers/' || system_id || '/' || key");
        m.Permission("systems.manage", "Manage other systems and their keys");
        m.Desk("systems.manage", WriteSystem.Routes, ShowSystem.Routes, KeepSubscriptions.Routes);
        m.Menu(MenuPlace.Desk, "Other systems", "desk/systems", "systems.manage", group: DeskGroup.Office);
        m.Waits("Messages to other systems that were given up", "desk/systems", "systems.manage", (_, db, _) => db.Set<Delivery>().CountAsync(d => d.State == DeliveryState.Parked));

        m.SystemApi(SystemsApi.Own);
        m.Scope("systems.subscribe", "Subscribe to events of the town");
        m.SystemApi("systems.subscribe", SystemsApi.Routes);

        m.Job<DeliverWebhook>();
        m.Daily<TidySystems>(new(3, 50));

        m.Deed("systems.name", "Named another system").Deed("systems.change", "Changed another system").Deed("systems.close", "Ended another system");
        m.Deed("systems.make_key", "Made a key for another system").Deed("systems.end_key", "Ended a key of another system").Deed(SystemDoor.KeyRefused, "Refused a key of another system");
        m.Deed("systems.subscribe_to", "Subscribed another system to events").Deed("systems.change_subscription", "Changed a subscription").Deed("systems.unsubscribe", "Ended a subscription");
        m.Deed("systems.new_secret", "Made a new secret for a subscription").Deed("systems.switch", "Switched a subscription on or off").Deed("systems.switch_off", "Switched off a subscription that failed for days");
        m.Deed("systems.send_again", "Sent a message to another system again").Deed("systems.send_test", "Sent a test to another system");
    }
}
