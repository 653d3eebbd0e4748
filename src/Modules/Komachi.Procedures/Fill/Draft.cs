using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Forms;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// What somebody is filling in. Each page is saved as it is sent, so nothing is lost; who is signed in goes on with it on any device, and who is not
/// has a key in the browser, or gets a link. When it is filed it knows its case: sending it once more leads there.
/// </summary>
public sealed class Draft
{
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    Draft() { }

    public Guid Id { get; private init; } = Komachi.Platform.Data.Id.New();
    public Guid DefinitionId { get; private set; }
    public string Procedure { get; private init; } = "";
    public string Stage { get; private init; } = "";
    public Guid? ParentId { get; private init; }

    /// <summary>SHA-256 of the key that the browser holds who has no account; and of those that came to it by a link.</summary>
    public byte[]? KeyHash { get; private set; }
    public List<byte[]> MoreKeys { get; private set; } = [];

    /// <summary>SHA-256 of the link that opens it once on another device.</summary>
    public byte[]? LinkHash { get; private set; }
    public DateTimeOffset? LinkEndsAt { get; private set; }
    public Guid? AccountId { get; private set; }
    public Guid? PersonId { get; private set; }
    public Guid? MandateId { get; private init; }

    /// <summary>The staff who fills it in for somebody, and how that person came.</summary>
    public Guid? AssistedById { get; private init; }
    public Way Way { get; private init; }
    public JsonObject Answers { get; private set; } = [];

    /// <summary>The furthest page that was opened: where people give up.</summary>
    public string Page { get; private set; } = "";
    public Assurance Assurance { get; private set; }

    /// <summary>Proved by a code.</summary>
    public string? Email { get; private set; }
    public string? Telephone { get; private set; }
    public string Lang { get; private set; } = "ja";
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset ChangedAt { get; private set; }
    public DateTimeOffset EndsAt { get; private set; }
    public Guid? CaseId { get; private set; }
    public int Version { get; private set; } = 1;

    internal static Draft Begin(Guid definition, Procedure procedure, Stage stage, Way way, string lang, DateTimeOffset now, Guid? account = null, Guid? person = null, Guid? mandate = null, Guid? assistedBy = null, Guid? parent = null) => new()
    {
        DefinitionId = definition, Procedure = procedure.Key, Stage = stage.Key, ParentId = parent, Way = way, Lang = lang, AccountId = account, PersonId = person, MandateId = mandate, AssistedById = assistedBy,
        Assurance = account is null ? Assurance.None : Assurance.SignedIn, CreatedAt = now, ChangedAt = now, EndsAt = now + Kept,
    };

    const int MostDevices = 10;

    /// <summary>A new key for a browser that has no account; the hash alone is kept.</summary>
    internal string NewKey() => Holds(NewSecret());

    /// <summary>This key opens it.</summary>
    internal string Holds(string key)
    {
        if (KeyHash is null) KeyHash = HashOf(key);
        else MoreKeys = [.. MoreKeys.TakeLast(MostDevices - 1), HashOf(key)];
        return key;
    }

    /// <summary>For a link that opens it once, on whatever device.</summary>
    internal string NewLink(DateTimeOffset now)
    {
        var token = NewSecret();
        (LinkHash, LinkEndsAt, Version) = (HashOf(token), now + LinkLasts, Version + 1);
        return token;
    }

    /// <summary>The link was followed: the browser gets a key, and the link is over.</summary>
    internal void OpenByLink(string key)
    {
        (LinkHash, LinkEndsAt, Version) = (null, null, Version + 1);
        Holds(key);
    }

    internal static readonly TimeSpan LinkLasts = TimeSpan.FromDays(7);

    internal bool OpensWith(string? key)
    {
        if (key is null) return false;
        var hash = HashOf(key);
        return MoreKeys.Prepend(KeyHash ?? []).Any(kept => CryptographicOperations.FixedTimeEquals(hash, kept));
    }

    internal static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    internal static byte[] HashOf(string key) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key));

    /// <summary>Where its files lie until it is filed. Its id is known to nobody else.</summary>
    internal string Place => $"drafts/{Id}";

    internal void Keep(JsonObject answers, string lang, DateTimeOffset now) => (Answers, Lang, ChangedAt, EndsAt, Version) = (answers, lang, now, now + Kept, Version + 1);

    /// <summary>What it begins with.</summary>
    internal void Take(JsonObject answers) => Answers = answers;

    internal void Reached(string page) => Page = page;

    /// <summary>Goes over to a newer version of the procedure; the answers stay, and what does not fit there counts as not given.</summary>
    internal void GoOver(Guid to, DateTimeOffset now) => (DefinitionId, ChangedAt, Version) = (to, now, Version + 1);

    internal void Prove(Assurance how, string? email, string? telephone) => (Assurance, Email, Telephone) = (how > Assurance ? how : Assurance, email ?? Email, telephone ?? Telephone);

    /// <summary>Who signs in on the way takes it along.</summary>
    internal void Own(Guid account, Guid? person) => (AccountId, PersonId, Assurance) = (account, person, Assurance < Assurance.SignedIn ? Assurance.SignedIn : Assurance);

    internal void Filed(Guid @case, DateTimeOffset now) => (CaseId, ChangedAt, EndsAt, Version) = (@case, now, now + Kept, Version + 1);

    internal static void Map(ModelBuilder model)
    {
        model.Entity<Draft>(e =>
        {
            e.ToTable("drafts");
            e.Ignore(d => d.Place);
            e.Property(d => d.Answers).AsJson();
            e.Property(d => d.Version).IsConcurrencyToken();
            e.HasOne<Published>().WithMany().HasForeignKey(d => d.DefinitionId).HasConstraintName("drafts_definition_id_fkey").OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(d => d.AccountId).HasDatabaseName("drafts_account").HasFilter("account_id IS NOT NULL");
            e.HasIndex(d => d.EndsAt).HasDatabaseName("drafts_ends");
            e.HasIndex(d => d.CaseId).IsUnique().HasDatabaseName("drafts_case").HasFilter("case_id IS NOT NULL");
            e.HasIndex(d => d.DefinitionId).HasDatabaseName("drafts_definition");
            e.HasIndex(d => d.LinkHash).IsUnique().HasDatabaseName("drafts_link").HasFilter("link_hash IS NOT NULL");
        });
        model.Entity<GivenUp>(e =>
        {
            e.ToTable("given_up");
            e.HasKey(g => new { g.Procedure, g.Month, g.Page });
        });
        model.Entity<Signer>(e =>
        {
            e.ToTable("signers");
            e.Property(s => s.Answers).AsJson();
            e.Property(s => s.Version).IsConcurrencyToken();
            e.HasOne<Draft>().WithMany().HasForeignKey(s => s.DraftId).HasConstraintName("signers_draft_id_fkey").OnDelete(DeleteBehavior.SetNull);
            e.HasOne<Case>().WithMany().HasForeignKey(s => s.CaseId).HasConstraintName("signers_case_id_fkey").OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(s => new { s.DraftId, s.Key }).IsUnique().HasDatabaseName("signers_draft");
            e.HasIndex(s => s.CaseId).HasDatabaseName("signers_case").HasFilter("case_id IS NOT NULL");
            e.HasIndex(s => s.TokenHash).IsUnique().HasDatabaseName("signers_token");
        });
        model.Entity<Family>(e =>
        {
            e.ToTable("families");
            e.HasKey(f => f.PersonId);
            e.Property(f => f.Answers).AsJson();
        });
    }
}

/// <summary>Drafts that ended unfiled, counted by the furthest page: what is left when they go.</summary>
public sealed class GivenUp
{
    public string Procedure { get; init; } = "";

    /// <summary>The first of the month.</summary>
    public DateOnly Month { get; init; }
    public string Page { get; init; } = "";
    public int Count { get; set; }
}

/// <summary>Somebody else who signs: a guardian, an employer. They get a link, read what concerns them, and say yes with their own answers, or no.</summary>
public sealed class Signer
{
    Signer() { }

    public Guid Id { get; private init; } = Komachi.Platform.Data.Id.New();
    public Guid? DraftId { get; private init; }
    public Guid? CaseId { get; private set; }
    public string Key { get; private init; } = "";
    public string Email { get; private set; } = "";
    public byte[] TokenHash { get; private set; } = [];
    public DateTimeOffset AskedAt { get; private set; }
    public DateTimeOffset EndsAt { get; private set; }
    public DateTimeOffset? SignedAt { get; private set; }
    public DateTimeOffset? DeclinedAt { get; private set; }
    public string? Reason { get; private set; }
    public JsonObject Answers { get; private set; } = [];

    /// <summary>SHA-256 of the answers that they signed: what was changed later was not.</summary>
    public byte[]? OverHash { get; private set; }
    public int Version { get; private set; } = 1;

    static readonly TimeSpan LinkLasts = TimeSpan.FromDays(14);

    internal static Signer Ask(Guid draft, string key, string email, byte[] tokenHash, DateTimeOffset now) => new() { DraftId = draft, Key = key, Email = email, TokenHash = tokenHash, AskedAt = now, EndsAt = now + LinkLasts };

    /// <summary>A new link, over answers that were changed, or to another address: what was signed or declined before counts no more.</summary>
    internal void AskAgain(string email, byte[] tokenHash, DateTimeOffset now)
    {
        (Email, TokenHash, AskedAt, EndsAt) = (email, tokenHash, now, now + LinkLasts);
        (Answers, OverHash, SignedAt, DeclinedAt, Reason, Version) = ([], null, null, null, null, Version + 1);
    }

    internal void Sign(JsonObject answers, byte[] over, DateTimeOffset now) => (Answers, OverHash, SignedAt, DeclinedAt, Reason, Version) = (answers, over, now, null, null, Version + 1);

    internal void Decline(string reason, DateTimeOffset now) => (DeclinedAt, SignedAt, Reason, Version) = (now, null, reason, Version + 1);

    internal void Belongs(Guid @case) => CaseId = @case;
}

/// <summary>What somebody keeps for the next form: the people of their household and what forms ask again and again.</summary>
public sealed class Family
{
    public Guid PersonId { get; init; }
    public JsonObject Answers { get; set; } = [];
    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>Each of them with a key, and what is known by the names that forms ask for: name, kana, birthday, relation, place, telephone.</summary>
    internal IEnumerable<JsonObject> All => (Answers["members"] as JsonArray ?? []).OfType<JsonObject>();

    internal JsonObject? Find(string key) => All.FirstOrDefault(m => m["key"]?.ToString() == key);

    internal static string CalledOf(JsonObject member) => member["name"] is JsonObject name ? $"{name["family"]} {name["given"]}".Trim() : "";

    /// <summary>As a form calls its rows, so that nobody is offered twice.</summary>
    internal IReadOnlyList<FamilyMember> Members(Lang lang) => [.. All.Select(m => new FamilyMember(m["key"]!.ToString(), m["kana"] is not { } kana ? CalledOf(m) : lang.Html == "ja" ? $"{CalledOf(m)}（{kana}）" : $"{CalledOf(m)} ({kana})", m))];

    internal void Put(JsonObject member, DateTimeOffset now) => Keep(All.Any(m => SameKey(m, member)) ? All.Select(m => SameKey(m, member) ? member : m) : All.Append(member), now);

    internal void TakeAway(string key, DateTimeOffset now) => Keep(All.Where(m => m["key"]?.ToString() != key), now);

    static bool SameKey(JsonObject one, JsonObject other) => one["key"]?.ToString() == other["key"]?.ToString();

    void Keep(IEnumerable<JsonObject> members, DateTimeOffset now) => (Answers, ChangedAt) = (new() { ["members"] = new JsonArray([.. members.Select(m => m.DeepClone())]) }, now);
}
