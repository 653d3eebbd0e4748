using System.Text.Json;
using Komachi.Sandbox.Web;

namespace Komachi.Sandbox.Directory;

/// <summary>The directory for tests: which town it knows, how it signs, what is wrong with it.</summary>
static class DirectoryApi
{
    sealed class Setting
    {
        public string? ClientId { get; set; }
        public string? Secret { get; set; }
        public JsonElement? PublicKey { get; set; }
        public string[]? BackTo { get; set; }
        public string? Algorithm { get; set; }
        public string? Wrong { get; set; }
        public bool? NamesItself { get; set; }
    }

    public static void Map(WebApplication app)
    {
        var api = app.MapGroup("/api/directory/{realm}");
        api.MapGet("", (string realm, Realms realms, HttpContext http) => realms.Find(realm) is { } it ? Answers.Json(Shape(it, http)) : NoSuch());
        api.MapPut("", Set);
        api.MapPost("/rotate", (string realm, Realms realms, Happenings happenings) =>
        {
            if (realms.Find(realm) is not { } it) return NoSuch();
            it.Rotate();
            happenings.Say("directory", "New keys");
            return Answers.Json(new { keys = it.PublicKeys });
        });
    }

    static async Task<IResult> Set(string realm, Realms realms, HttpContext http)
    {
        if (realms.Find(realm) is not { } it) return NoSuch();
        var (set, no) = await Answers.Body<Setting>(http);
        if (no is not null) return no;
        if (set!.Algorithm is { } algorithm && !Realm.Algorithms.Contains(algorithm)) return Answers.Wrong($"algorithm: Choose one of: {string.Join(", ", Realm.Algorithms)}", 422);
        // Names only: Enum.TryParse would take "3" too.
        var wrong = set.Wrong is null ? it.Wrong : Enum.GetValues<Wrong>().Where(w => w.ToString().Equals(set.Wrong, StringComparison.OrdinalIgnoreCase)).Select(w => (Wrong?)w).FirstOrDefault();
        if (wrong is null) return Answers.Wrong($"wrong: Choose one of: {string.Join(", ", Enum.GetNames<Wrong>())}", 422);
        // A null in the message and none at all are the same to the reader: a key that is an empty object takes it away.
        var key = set.PublicKey is { ValueKind: JsonValueKind.Object } given ? given.EnumerateObject().Any() ? given : (JsonElement?)null : it.Client.PublicKey;
        it.Client = new(set.ClientId ?? it.Client.Id, set.Secret ?? it.Client.Secret, key, set.BackTo ?? it.Client.BackTo);
        (it.Algorithm, it.Wrong, it.NamesItself) = (set.Algorithm ?? it.Algorithm, wrong.Value, set.NamesItself ?? it.NamesItself);
        return Answers.Json(Shape(it, http));
    }

    static object Shape(Realm it, HttpContext http) => new
    {
        issuer = OpenIdDoors.IssuerOf(http, it.Name),
        clientId = it.Client.Id,
        backTo = it.Client.BackTo,
        algorithm = it.Algorithm,
        wrong = it.Wrong.ToString(),
        namesItself = it.NamesItself,
        signIns = it.SignIns,
        lastAsked = it.LastAsked,
        subjects = Clerk.All.ToDictionary(c => c.Username, it.SubjectOf),
    };

    static IResult NoSuch() => Answers.Wrong("A directory's name has up to 60 letters, digits and hyphens.", 404);
}
