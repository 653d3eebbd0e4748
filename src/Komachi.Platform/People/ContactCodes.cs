using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.People;

/// <summary>A mailbox or a mobile telephone that somebody proved to read.</summary>
public sealed record ProvedContact(string Address, bool IsPhone);

/// <summary>
/// For who has no account and does not want one: a code to their mailbox or telephone proves that they can be reached there, for one thing that they are doing.
/// It is the code of the door (<see cref="SendCode"/>), with its limits; an endpoint asks for this as a parameter, and saves.
/// </summary>
public sealed class ContactCodes
{
    readonly Attempts _attempts;
    readonly Servers _servers;
    readonly Refusals _refusals;
    readonly WebOptions _options;
    readonly TimeProvider _time;

    internal ContactCodes(Attempts attempts, Servers servers, Refusals refusals, WebOptions options, TimeProvider time) => (_attempts, _servers, _refusals, _options, _time) = (attempts, servers, refusals, options, time);

    /// <summary>Whether short messages can be sent at all.</summary>
    public bool Telephones => _options.TextsUrl is not null;

    /// <summary>The code that is on its way when this is saved; null where the form says what is wrong, with that status.</summary>
    public async Task<(Guid? Sent, int Status)> Send(Form form, string field, Words words, Visit visit, TownDb db, HttpContext http)
    {
        var reach = Reach.Read(form, field, Telephones);
        if (form.Wrong) return (null, StatusCodes.Status422UnprocessableEntity);
        if (await _attempts.CountCode(reach, null, visit, http.RequestAborted) is { } wait) return (null, Attempts.Later(wait, form, http));
        var (row, code) = SentCode.Make(CodeKind.SignIn, null, reach.Address, _servers, _time.GetUtcNow());
        db.Add(row);
        reach.Send(code, words, visit, db);
        return (row.Id, StatusCodes.Status200OK);
    }

    /// <summary>What was proved, or null, and the form says what is wrong. It counts once what is saved with it is saved.</summary>
    public async Task<ProvedContact?> Prove(Guid sent, Form form, string field, Visit visit, TownDb db)
    {
        var typed = form.Text(field, most: 20, required: true);
        if (form.Wrong) return null;
        if (await SentCode.Try(db, _servers, sent, CodeKind.SignIn, typed, _time.GetUtcNow()) is { } row) return Reach.Of(row) is var reach ? new(reach.Address, reach.IsPhone) : null;
        _refusals.Note(visit, Refusals.WrongCode, nameof(CodeKind.SignIn));
        if (await SentCode.CanBeTried(db, sent, CodeKind.SignIn, _time.GetUtcNow())) form.Wrongly(field, "That is not the code. Please compare it with the newest mail from us.");
        else form.Wrongly("", "This code is over: it was used, is too old, or was typed wrongly too often. Please let us send you another one.");
        return null;
    }
}
