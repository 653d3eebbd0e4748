using System.Globalization;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Komachi.Platform.Files;

/// <summary>
/// People send a file: a script by tus 1.0.0 (creation, termination, expiration), which goes on where it was cut; a page without
/// scripts by one form with one file, answered with the page that asked. Either way one file is one transfer, and its place and owner
/// are asked for at each step: an id alone opens nothing.
/// </summary>
static class SendFile
{
    const string Version = "1.0.0", Offset = "Upload-Offset", Length = "Upload-Length", Expires = "Upload-Expires", Resumable = "Tus-Resumable";
    const string Bytes = "application/offset+octet-stream";

    public static void ResidentRoutes(IEndpointRouteBuilder to) => Routes(to, Side.Resident);

    public static void DeskRoutes(IEndpointRouteBuilder to) => Routes(to, Side.Desk);

    static void Routes(IEndpointRouteBuilder to, Side side)
    {
        to.MapMethods("sending", [HttpMethods.Options], (House house, Visit visit, HttpContext http) =>
        {
            var headers = http.Response.Headers;
            (headers[Resumable], headers["Tus-Version"], headers["Tus-Extension"]) = (Version, Version, "creation,termination,expiration");
            headers["Tus-Max-Size"] = Number(house.All<OfferedFileKind>().Where(o => house.Has(visit.Town, o.Module)).Select(o => o.Kind.MostBytes).DefaultIfEmpty().Max());
            return Results.NoContent();
        }).WithMetadata(Transfer.Script);
        to.MapPost("sending", (Steps steps) => steps.Create(side)).WithMetadata(Transfer.Script);
        // HEAD comes in as GET: see Guard.
        to.MapGet("sending/{id:guid}", (Guid id, Steps steps) => steps.Look(side, id)).WithMetadata(Transfer.Script);
        to.MapMethods("sending/{id:guid}", [HttpMethods.Patch], (Guid id, Steps steps) => steps.Add(side, id)).WithMetadata(Transfer.Script);
        to.MapMethods("sending/{id:guid}", [HttpMethods.Delete], (Guid id, Steps steps) => steps.Cancel(side, id)).WithMetadata(Transfer.Script);

        to.MapPost("one", (SentFile sent, Steps steps) => steps.One(side, sent)).WithMetadata(Transfer.Form);
        to.MapPost("{id:guid}/remove", (Guid id, Form form, Steps steps) => steps.Remove(side, id, form));
    }

    /// <summary>What the steps have in common.</summary>
    internal sealed class Steps(Visit visit, House house, TownDb db, Receiving receiving, IHttpContextAccessor accessor)
    {
        HttpContext Http => accessor.HttpContext!;
        CancellationToken Stop => Http.RequestAborted;
        Words T => visit.WordsOf(house).Bare;

        // ── tus ─────────────────────────────────────────────────────────────────────────────────────────────────────

        public async Task<IResult> Create(Side side)
        {
            if (WrongVersion() is { } wrong) return wrong;
            var about = Metadata(Http.Request.Headers["Upload-Metadata"]);
            if (about is null || !Announced(Length, out var bytes)) return Say(400, T["The program that sent this file does not keep to the rules of sending."]);
            about.TryGetValue("kind", out var key);
            about.TryGetValue("place", out var place);
            if (await MaySend(side, key, place) is not { } kind) return Page.NotFound;
            try
            {
                var file = await receiving.Begin(db, visit, kind, place!, about.GetValueOrDefault("filename", ""), bytes, bytes, Stop);
                if (file.Refusal is { } why) return Say(why == FileRefusal.TooLarge ? 413 : 422, FileWords.Why(T, why, kind));
                Http.Response.Headers[Expires] = file.EndsAt!.Value.ToString("R", CultureInfo.InvariantCulture);
                return Results.Created(visit.Link($"{At(side)}/sending/{file.Id}"), null);
            }
            catch (Receiving.TooMuchToday e)
            {
                return TooMuch(e);
            }
        }

        public async Task<IResult> Look(Side side, Guid id)
        {
            if (WrongVersion() is { } wrong) return wrong;
            if (await Own(side, id) is not var (file, kind)) return Page.NotFound;
            // The last step may have been interrupted between the bytes and the look at them.
            if (file.IsWhole) file = await receiving.Finish(db, visit, id, kind, Stop) ?? file;
            if (file.State == FileState.Refused) return Say(410, FileWords.Why(T, file.Refusal!.Value, kind));
            Progress(file, file.Received);
            if (file.Bytes is { } bytes) Http.Response.Headers[Length] = Number(bytes);
            Http.Response.Headers.CacheControl = "no-store";
            return Results.StatusCode(200);
        }

        public async Task<IResult> Add(Side side, Guid id)
        {
            if (WrongVersion() is { } wrong) return wrong;
            if (!MediaTypeHeaderValue.TryParse(Http.Request.ContentType, out var type) || !type.MediaType.Equals(Bytes, StringComparison.OrdinalIgnoreCase)) return Results.StatusCode(415);
            if (!Announced(Offset, out var offset)) return Say(400, T["The program that sent this file does not keep to the rules of sending."]);
            if (await Own(side, id) is not var (file, kind)) return Page.NotFound;
            if (file.State == FileState.Refused) return Say(410, FileWords.Why(T, file.Refusal!.Value, kind));
            if (file.Bytes is not { } bytes || file.State != FileState.Receiving || offset != file.Received) return Page.Conflict;
            if (Http.Request.ContentLength > bytes - offset) return Say(413, T["The program that sent this file does not keep to the rules of sending."]);
            try
            {
                // Keeps what came, also when this is cut: so no token of the request goes in here.
                var received = (await receiving.Take(visit.Town, file, Http.Request.Body, bytes, Stop)).Received;
                if (received == bytes)
                {
                    var done = await receiving.Finish(db, visit, id, kind, CancellationToken.None);
                    if (done is { Refusal: { } why }) return Say(422, FileWords.Why(T, why, kind));
                }
                Progress(file, received);
                return Results.NoContent();
            }
            catch (Receiving.NotHere)
            {
                return Page.Conflict;
            }
        }

        public async Task<IResult> Cancel(Side side, Guid id)
        {
            if (WrongVersion() is { } wrong) return wrong;
            if (await Own(side, id) is not var (file, _)) return Page.NotFound;
            db.RemoveFile(file);
            await db.Save();
            return Results.NoContent();
        }

        IResult? WrongVersion()
        {
            Http.Response.Headers[Resumable] = Version;
            if (Http.Request.Headers[Resumable] == Version) return null;
            Http.Response.Headers["Tus-Version"] = Version;
            return Results.StatusCode(412);
        }

        void Progress(StoredFile file, long received)
        {
            Http.Response.Headers[Offset] = Number(received);
            if (file.EndsAt is { } ends) Http.Response.Headers[Expires] = ends.ToString("R", CultureInfo.InvariantCulture);
        }

        bool Announced(string header, out long number) =>
            long.TryParse(Http.Request.Headers[header], NumberStyles.None, CultureInfo.InvariantCulture, out number);

        /// <summary>Pairs of a name and a text in Base64.</summary>
        static Dictionary<string, string>? Metadata(StringValues header)
        {
            var about = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var pair in header.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                var (space, bytes) = (pair.IndexOf(' '), new byte[pair.Length]);
                var (name, text) = space < 0 ? (pair, "") : (pair[..space], pair[(space + 1)..]);
                if (!Convert.TryFromBase64String(text, bytes, out var length)) return null;
                about[name] = FormDoor.Clean(Encoding.UTF8.GetString(bytes, 0, length));
            }
            return about;
        }

        /// <summary>A sentence for the script to show; a page has another way of saying it.</summary>
        static IResult Say(int status, string sentence) => Results.Text(sentence, "text/plain", Encoding.UTF8, status);

        IResult TooMuch(Receiving.TooMuchToday e)
        {
            Http.Response.Headers.RetryAfter = Number((long)e.Wait.TotalSeconds + 1);
            return Say(429, T["That is more than one person may send in a day. Please go on tomorrow, or bring it to the office."]);
        }

        // ── one form, one file ──────────────────────────────────────────────────────────────────────────────────────

        public async Task<IResult> One(Side side, SentFile sent)
        {
            if (await MaySend(side, sent["kind"], sent["place"]) is not { } kind) return Page.NotFound;
            var back = Back(side, sent["back"]);
            if (sent.Name.Length == 0) return back;
            var atMost = Math.Min(kind.MostBytes, Http.Request.ContentLength ?? kind.MostBytes);
            StoredFile file;
            try
            {
                file = await receiving.Begin(db, visit, kind, sent["place"], sent.Name, null, atMost, Stop);
            }
            catch (Receiving.TooMuchToday e)
            {
                await Drain(sent.Body);
                Http.Response.Headers.RetryAfter = Number((long)e.Wait.TotalSeconds + 1);
                return Results.StatusCode(429);
            }
            catch (FileStoreTrouble)
            {
                await Drain(sent.Body);
                throw;
            }
            if (file.Refusal is not null)
            {
                await Drain(sent.Body);
                return back;
            }
            var taken = new Receiving.Taken(0, false);
            try
            {
                taken = await receiving.Take(visit.Town, file, sent.Body, kind.MostBytes, Stop, begunHere: true);
            }
            catch (InvalidDataException)
            {
                taken = new(kind.MostBytes + 1, false);    // longer than a form may be at all
            }
            catch (Receiving.NotHere)
            {
                return back;    // taken away in another window
            }
            catch (FileStoreTrouble)
            {
                await Drain(sent.Body);    // and below it is refused: whoever tries again finds room at the place
            }
            if (taken is { Ended: true, Received: > 0 })
            {
                await receiving.Finish(db, visit, file, taken, kind, CancellationToken.None);
                return back;
            }
            // It cannot be gone on with, so nothing of it stays but the reason, for the list of the page.
            db.ChangeTracker.Clear();
            if (await db.Set<StoredFile>().SingleOrDefaultAsync(f => f.Id == file.Id) is { } half)
            {
                Receiving.Refuse(db, half, taken.Received > kind.MostBytes ? FileRefusal.TooLarge : taken.Ended ? FileRefusal.Empty : FileRefusal.Cut);
                await db.Save();
            }
            if (taken.Received > kind.MostBytes) await Drain(sent.Body);
            return back;
        }

        /// <summary>A browser that is still sending hears no answer: so what nobody wants is read on for a while.</summary>
        async Task Drain(Stream body)
        {
            var nowhere = new byte[SealedParts.Chunk];
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            patience.CancelAfter(TimeSpan.FromSeconds(60));
            try
            {
                while (await body.ReadAsync(nowhere, patience.Token) > 0) { }
            }
            catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException) { }
        }

        public async Task<IResult> Remove(Side side, Guid id, Form form)
        {
            if (await Own(side, id) is not var (file, kind)) return await Gone(id) ? Back(side, form.Typed("back")) : Page.NotFound;
            db.RemoveFile(file);
            if (file.State is FileState.Checking or FileState.Ready) db.Audit(visit.Did("files.remove", $"files/{id}", new { kind = kind.Key }, about: file.OwnerId));
            await db.Save();
            return Back(side, form.Typed("back"));
        }

        /// <summary>Pressed twice, or in two windows: what is not there needs no removing.</summary>
        async Task<bool> Gone(Guid id) => !await db.Set<StoredFile>().AnyAsync(f => f.Id == id, Stop);

        /// <summary>The page that asked: only one of our own, on the same side.</summary>
        IResult Back(Side side, string path)
        {
            var ours = path.Length is > 0 and < 500 && !path.StartsWith('/') && !path.Contains(':') && !path.Contains('\\') && !path.Any(char.IsControl);
            return Page.Go(visit, ours && path.StartsWith("desk", StringComparison.Ordinal) == (side == Side.Desk) ? path : side == Side.Desk ? "desk" : "");
        }

        // ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────

        async Task<FileKind?> MaySend(Side side, string? key, string? place)
        {
            AsSeenFrom(side, visit);
            if (place is not { Length: > 0 and <= 200 } || OfferedFileKind.Find(house, visit.Town, key) is not { } offered) return null;
            return await offered.Kind.MayWrite(visit, place, db) ? offered.Kind : null;
        }

        /// <summary>The file that this very visitor sent, also before they signed in, and nothing has claimed yet.</summary>
        async Task<(StoredFile File, FileKind Kind)?> Own(Side side, Guid id)
        {
            AsSeenFrom(side, visit);
            if (await db.Set<StoredFile>().SingleOrDefaultAsync(f => f.Id == id && f.BelongsTo == null, Stop) is not { } file) return null;
            if (file.OwnerId is { } owner && owner != visit.Visitor?.AccountId || OfferedFileKind.Find(house, visit.Town, file.Kind) is not { } offered) return null;
            return await offered.Kind.MayWrite(visit, file.Place, db) ? (file, offered.Kind) : null;
        }
    }

    internal static string At(Side side) => side == Side.Desk ? "desk/files" : "files";

    /// <summary>At the residents' address, which the internet reaches, staff are nobody in particular: what is theirs to see is at the desk.</summary>
    internal static void AsSeenFrom(Side side, Visit visit)
    {
        if (side == Side.Resident && visit.Visitor is { IsStaff: true }) visit.Visitor = null;
    }

    static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
