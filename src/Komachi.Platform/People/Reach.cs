using Komachi.Platform.Data;
using Komachi.Platform.Mail;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>Where somebody can be reached with a code: a mailbox, or a mobile telephone.</summary>
readonly record struct Reach(string Address, bool IsPhone)
{
    /// <summary>How it is written down when it was the way in.</summary>
    public string How => IsPhone ? "telephone" : "mail";

    /// <summary>What makes two of them the same.</summary>
    public string Key => IsPhone ? Address : Account.FoldEmail(Address);

    /// <param name="telephones">Whether short messages can be sent at all.</param>
    public static Reach Read(Form form, string field, bool telephones)
    {
        var typed = form.Text(field, most: 254, required: true).Normalize(System.Text.NormalizationForm.FormKC);
        if (typed.Length == 0) return default;
        if (!typed.Contains('@') && telephones)
        {
            if (SendText.Mobile(typed) is { } mobile) return new(mobile, true);
            form.Wrongly(field, "Please write an e-mail address, like hanako@example.jp, or a mobile number, like 090-1234-5678.");
        }
        else if (Form.ReadEmail(typed) is { } address) return new(address, false);
        else form.Wrongly(field, "Please write an e-mail address, like hanako@example.jp.");
        return new(typed, false);
    }

    public static Reach Of(SentCode sent) => new(sent.Address, !sent.Address.Contains('@'));

    public Task<Account?> Owner(AccountKind kind, TownDb db)
    {
        var (key, phone) = (Key, IsPhone);
        return db.Set<Account>().SingleOrDefaultAsync(a => (phone ? a.Phone == key : a.EmailKey == key) && a.Kind == kind && a.ClosedAt == null);
    }

    public void ProvedFor(Account account)
    {
        if (IsPhone) account.ProvedPhone(Address);
        else account.Proved(Address);
    }

    public void Send(string code, Words words, Visit visit, TownDb db)
    {
        var subject = words["{0}: your code is {1}", visit.Town.Name.In(visit.Lang), code];
        if (IsPhone) db.Enqueue(new SendText(Address, subject));
        else db.Enqueue(new SendMail(Address, subject, code + "\n\n" +
            words["Type this code on the page where you asked for it. It is good for 15 minutes. If it was not you who asked: do nothing, and tell the code to nobody. We never ask for it by telephone, and our mails hold no links."]));
    }
}
