using System.Text;
using Komachi.Sandbox.Mail;
using Xunit;

namespace Komachi.Tests.Sandbox;

/// <summary>Mail is read as RFC 2045–2047 and 2231 and Japan's habits write it.</summary>
public sealed class MimeReading
{
    static readonly Encoding Jis = CodePagesEncodingProvider.Instance.GetEncoding("iso-2022-jp")!;

    static MailContent Read(string mail) => MailContent.Read(Encoding.UTF8.GetBytes(mail.ReplaceLineEndings("\r\n")));

    [Theory]
    // RFC 2047, section 8
    [InlineData("(=?ISO-8859-1?Q?a?=)", "(a)")]
    [InlineData("(=?ISO-8859-1?Q?a?= b)", "(a b)")]
    [InlineData("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)")]
    [InlineData("(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)")]
    [InlineData("(=?ISO-8859-1?Q?a_b?=)", "(a b)")]
    [InlineData("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a =?ISO-8859-2?Q?_b?=)")]
    [InlineData("=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>", "Keld Jørn Simonsen <keld@dkuug.dk>")]
    // A character cut in two, a language, lower case, words that are none
    [InlineData("=?utf-8?B?5bCP5w==?= =?utf-8?B?iac=?=", "小牧")]
    [InlineData("=?utf-8*ja?b?5bCP54mn?=", "小牧")]
    [InlineData("=?ISO-2022-JP?B?GyRCPmtLUhsoQg==?=", "城牧")]
    [InlineData("=?utf-8?B?5bCP54mn", "=?utf-8?B?5bCP54mn")]
    [InlineData("a =?b? c", "a =?b? c")]
    [InlineData("=?utf-8?X?abc?=", "=?utf-8?X?abc?=")]
    [InlineData("=?", "=?")]
    public void Encoded_words(string header, string text) => Assert.Equal(text, EncodedWords.Decode(header));

    [Fact]
    public void Folded_headers_and_Jis_as_mobile_phones_write_it()
    {
        var subject = string.Join("\r\n ", new[] { "災害時の", "お知らせ" }.Select(w => $"=?ISO-2022-JP?B?{Convert.ToBase64String(Jis.GetBytes(w))}?="));
        byte[] mail = [.. Encoding.ASCII.GetBytes($"Subject: {subject}\r\nContent-Type: text/plain; charset=\"ISO-2022-JP\"\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"), .. Jis.GetBytes("川の水位が上がっています。\r\n")];
        var content = MailContent.Read(mail);
        Assert.Equal("災害時のお知らせ", content.Headers.Text("subject"));
        Assert.Equal("川の水位が上がっています。\n", content.Text);
        Assert.Empty(content.Remarks);
    }

    [Fact]
    public void Parts_within_parts()
    {
        var content = Read("""
            Content-Type: multipart/mixed; boundary="outer"

            To be ignored
            --outer
            Content-Type: multipart/alternative; boundary=outer-inner

            --outer-inner
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            =E5=B0=8F=E7=89=A7 =
            a=3Db   
            --outer-inner
            Content-Type: text/html; charset=utf-8
            Content-Transfer-Encoding: base64

            PHA+5bCP54mn
            PC9wPg==
            --outer-inner--
            --outer
            Content-Type: application/pdf; name*0*=utf-8'ja'%E9%80%9A; name*1*=%E7%9F%A5; name*2=.pdf
            Content-Transfer-Encoding: base64

            JVBERg==
            --outer
            Content-Type: text/plain; name="=?utf-8?B?44Oh44OiLnR4dA==?="
            Content-Disposition: attachment

            memo
            --outer
            Content-Type: message/rfc822

            Subject: inner

            inner
            --outer--
            To be ignored
            """);
        Assert.Equal("小牧 a=b", content.Text);
        Assert.Equal("<p>小牧</p>", content.Html);
        Assert.Equal([("通知.pdf", "application/pdf", "%PDF"), ("メモ.txt", "text/plain", "memo"), ("3.eml", "message/rfc822", "Subject: inner\r\n\r\ninner")],
            content.Attachments.Select(a => (a.Name, a.Type, Encoding.UTF8.GetString(a.Bytes))));
        Assert.Empty(content.Remarks);
    }

    [Fact]
    public void Parts_without_end_are_bounded()
    {
        var deep = new StringBuilder();
        for (var i = 0; i < 200; i++) deep.Append($"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n");
        Assert.NotEmpty(Read(deep.ToString()).Remarks);
        var wide = "Content-Type: multipart/mixed; boundary=b\n\n" + string.Concat(Enumerable.Repeat("--b\nContent-Disposition: attachment\n\nx\n", 5_000)) + "--b--\n";
        Assert.InRange(Read(wide).Attachments.Count, 1, 500);
    }

    [Fact]
    public void Links_are_found_in_text_and_page()
    {
        var pieces = MailContent.Linked("確認はこちら（https://example.jp/a?b=1&c=2）。http://example.jp/x.次 javascript:alert(1)").ToList();
        Assert.Equal(["https://example.jp/a?b=1&c=2", "http://example.jp/x"], pieces.Where(p => p.IsLink).Select(p => p.Piece.TrimEnd('.')));
        Assert.Equal("確認はこちら（https://example.jp/a?b=1&c=2）。http://example.jp/x.次 javascript:alert(1)", string.Concat(pieces.Select(p => p.Piece)));
        var content = Read("Content-Type: text/html; charset=utf-8\n\n<a href='https://example.jp/?a=1&amp;b=2'>x</a><a href=\"javascript:alert(1)\">y</a>");
        Assert.Equal(["https://example.jp/?a=1&b=2"], content.Links());
    }
}
