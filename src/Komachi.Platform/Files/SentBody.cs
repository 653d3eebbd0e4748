using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Platform.Files;

/// <summary>
/// One file as the whole body of a request: how another system sends one. Who may send it to this place has been asked before. It is looked at as every other file
/// is; what is refused comes with the sentence that a person would read.
/// </summary>
public static class SentBody
{
    public static async Task<(StoredFile? File, int Status, string? Why)> Receive(HttpContext http, Visit visit, TownDb db, FileKind kind, string place, string name)
    {
        var (receiving, words, stop) = (http.RequestServices.GetRequiredService<Receiving>(), http.RequestServices.GetRequiredService<Words>().Bare, http.RequestAborted);
        if (http.Request.ContentLength is not { } bytes) return (null, StatusCodes.Status411LengthRequired, words["The program that sent this file does not keep to the rules of sending."]);
        try
        {
            var file = await receiving.Begin(db, visit, kind, place, name, bytes, bytes, stop);
            if (file.Refusal is { } why) return (null, why == FileRefusal.TooLarge ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status422UnprocessableEntity, FileWords.Why(words, why, kind));
            var taken = await receiving.Take(visit.Town, file, http.Request.Body, bytes, stop, begunHere: true);
            if (taken.Received == bytes && await receiving.Finish(db, visit, file, taken, kind, CancellationToken.None) is { } done)
                return done.Refusal is { } no ? (null, StatusCodes.Status422UnprocessableEntity, FileWords.Why(words, no, kind)) : (done, StatusCodes.Status201Created, null);
            db.ChangeTracker.Clear();
            if (await db.Set<StoredFile>().SingleOrDefaultAsync(f => f.Id == file.Id, CancellationToken.None) is { } half)
            {
                Receiving.Refuse(db, half, FileRefusal.Cut);
                await db.Save(stop: CancellationToken.None);
            }
            return (null, StatusCodes.Status422UnprocessableEntity, FileWords.Why(words, FileRefusal.Cut, kind));
        }
        catch (Receiving.TooMuchToday e)
        {
            http.Response.Headers.RetryAfter = ((long)e.Wait.TotalSeconds + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return (null, StatusCodes.Status429TooManyRequests, words["That is more than one person may send in a day. Please go on tomorrow, or bring it to the office."]);
        }
        catch (Receiving.NotHere)
        {
            return (null, StatusCodes.Status409Conflict, FileWords.Why(words, FileRefusal.Cut, kind));
        }
    }
}
