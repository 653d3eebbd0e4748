using Komachi.Sandbox.Web;

namespace Komachi.Sandbox.Mail;

/// <summary>The mailbox for programs: what came, whole, and a way to wait for it without sleeping.</summary>
static class MailApi
{
    public static void Map(WebApplication app)
    {
        var api = app.MapGroup("/api/mail");
        api.MapGet("", List);
        api.MapDelete("", Delete);
        api.MapGet("/wait", Wait);
        api.MapGet("/{id:long}", One);
        api.MapGet("/{id:long}/raw", Raw);
    }

    static IResult List(MailBox box, string? to, string? subject, long after = 0, long before = long.MaxValue, int limit = 100)
    {
        if (limit is < 1 or > 2_000) return Answers.Wrong("limit is a number from 1 to 2000.");
        var mails = box.List(new MailQuery(to, subject, after, before), limit);
        return Answers.Json(new { total = box.Total, kept = box.Kept, mails = mails.Select(Line) });
    }

    static IResult Delete(MailBox box, string? to, string? subject) =>
        Answers.Json(new { deleted = box.Delete(new MailQuery(to, subject)) });

    static async Task<IResult> Wait(
        MailBox box, IHostApplicationLifetime life, HttpContext http, string? to, string? subject, long after = 0, double seconds = 10)
    {
        if (seconds is not (>= 0 and <= 120)) return Answers.Wrong("seconds is a number from 0 to 120.");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, life.ApplicationStopping);
        try
        {
            return await box.Wait(new MailQuery(to, subject, after), TimeSpan.FromSeconds(seconds), stop.Token) is { } mail
                ? Answers.Json(Whole(mail))
                : Answers.Wrong(FormattableString.Invariant($"No such mail came within {seconds} seconds."), 404);
        }
        catch (OperationCanceledException)
        {
            return Answers.Wrong("The Sandbox is being closed.", 503);
        }
    }

    static IResult One(MailBox box, long id) =>
        box.Find(id) is { } mail ? Answers.Json(Whole(mail)) : Answers.Wrong("There is no such mail: it was deleted or made room for newer ones.", 404);

    static IResult Raw(MailBox box, long id) =>
        box.Find(id) is { } mail ? Results.Bytes(mail.Raw, "message/rfc822", $"{id}.eml") : Answers.Wrong("There is no such mail: it was deleted or made room for newer ones.", 404);

    static object Line(KeptMail mail) => new
    {
        id = mail.Id,
        at = mail.At,
        from = mail.From,
        to = mail.To,
        subject = mail.Subject,
        headerFrom = mail.HeaderFrom,
        messageId = mail.MessageId,
        size = mail.Raw.Length,
    };

    static object Whole(KeptMail mail)
    {
        var content = mail.Read();
        return new
        {
            id = mail.Id,
            at = mail.At,
            from = mail.From,
            to = mail.To,
            subject = mail.Subject,
            headerFrom = mail.HeaderFrom,
            headerTo = content.Headers.Text("To"),
            messageId = mail.MessageId,
            size = mail.Raw.Length,
            text = content.Text,
            html = content.Html,
            headers = content.Headers.Fields.Select(f => new { name = f.Name, value = EncodedWords.Decode(f.Value) }),
            attachments = content.Attachments.Select(a => new { part = a.Part, name = a.Name, type = a.Type, size = a.Bytes.Length }),
            remarks = content.Remarks.Select(r => r.ToString()),
        };
    }
}
