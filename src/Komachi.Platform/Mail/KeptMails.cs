using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Mail;

/// <summary>A mail that a training town would have sent. Nothing leaves such a town, whatever address somebody types there.</summary>
public sealed class KeptMail
{
    public Guid Id { get; init; }
    public required string To { get; init; }
    public required string Subject { get; init; }
    public required string Text { get; init; }
    public DateTimeOffset At { get; init; }

    internal static void Map(ModelBuilder model) => model.Entity<KeptMail>(e =>
    {
        e.ToTable("kept");
        e.Property(k => k.To).HasColumnName("to");
        e.HasIndex(k => k.At).HasDatabaseName("kept_at");
    });
}

/// <summary>At the desk of a training town: what would have been sent, so that who learns can go on with it.</summary>
static class KeptMails
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("", async (Visit visit, TownDb db) => visit.Town.IsTraining
        ? Page.Show<KeptMailsPage>(new { Mails = await db.Set<KeptMail>().AsNoTracking().OrderByDescending(k => k.At).Take(100).ToListAsync() })
        : Page.NotFound);
}
