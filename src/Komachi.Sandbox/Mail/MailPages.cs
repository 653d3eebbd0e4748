using Komachi.Sandbox.Web;

namespace Komachi.Sandbox.Mail;

/// <summary>The mailbox for people.</summary>
static class MailPages
{
    public const int PerPage = 50;

    public static void Map(WebApplication app)
    {
        app.MapGet("/mail", List);
        app.MapPost("/mail/delete", Delete).DisableAntiforgery();
        app.MapGet("/mail/{id:long}", One);
        app.MapGet("/mail/{id:long}/raw", Raw);
        app.MapGet("/mail/{id:long}/html", Html);
        app.MapGet("/mail/{id:long}/parts/{part:int}", Part);
    }

    static IResult List(MailBox box, string? to, string? subject, long before = long.MaxValue, int? deleted = null)
    {
        var mails = box.List(new MailQuery(to, subject, Before: before), PerPage + 1);
        return Page.Show<MailListPage>(new
        {
            Mails = (IReadOnlyList<KeptMail>)[.. mails.Take(PerPage)],
            HasOlder = mails.Count > PerPage,
            IsFirst = before == long.MaxValue,
            To = to,
            Subject = subject,
            box.Kept,
            box.Total,
            Deleted = deleted,
        });
    }

    static IResult Delete(MailBox box, Here here, Happenings happenings, IFormCollection form)
    {
        // What the list showed is what the button deletes.
        var to = form["to"].ToString();
        var subject = form["subject"].ToString();
        var deleted = box.Delete(new MailQuery(to, subject));
        happenings.Say("mail", "Mails deleted by hand: {0}", deleted);
        return Results.LocalRedirect(here.Url("/mail" + QueryString.Empty.Add("to", to).Add("subject", subject).Add("deleted", $"{deleted}")));
    }

    static IResult One(MailBox box, long id) =>
        box.Find(id) is { } mail ? Page.Show<MailPage>(new { Mail = mail, Content = mail.Read() }) : Results.NotFound();

    static IResult Raw(MailBox box, HttpContext http, long id)
    {
        if (box.Find(id) is not { } mail) return Results.NotFound();
        Caged(http);
        return Results.Bytes(mail.Raw, "message/rfc822", $"{id}.eml");
    }

    /// <summary>
    /// The HTML part as its sender meant it, in a cage: no scripts, no forms, nothing fetched, an origin of its own.
    /// Its own inline styles are let in, since mail has no others.
    /// </summary>
    static IResult Html(MailBox box, HttpContext http, long id)
    {
        if (box.Find(id)?.Read().Html is not { } html) return Results.NotFound();
        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'";
        return Results.Content(html, "text/html; charset=utf-8");
    }

    static IResult Part(MailBox box, HttpContext http, long id, int part)
    {
        if (box.Find(id)?.Read().Attachments.FirstOrDefault(a => a.Part == part) is not { } attachment) return Results.NotFound();
        Caged(http);
        // Always a download: what a mail brings is never opened as a page of ours.
        return Results.Bytes(attachment.Bytes, "application/octet-stream", attachment.Name);
    }

    static void Caged(HttpContext http) => http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
}
