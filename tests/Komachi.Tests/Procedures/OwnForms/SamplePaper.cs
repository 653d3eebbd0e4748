using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Komachi.Platform.Pdf;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Procedures;

/// <summary>A made-up form (見本) as a town would bring it, and a look at what was printed on one.</summary>
public static partial class SamplePaper
{
    const string Table = """
        <h1>犬の登録申請書（見本）</h1><p class="to">見本市長　様</p>
        <table><tr><th>申請者　氏名</th><td></td></tr><tr><th>住所</th><td></td></tr><tr><th>電話</th><td></td></tr><tr><th>犬の名</th><td></td></tr><tr><th>種類</th><td></td></tr><tr><th>性別</th><td>おす　・　めす</td></tr><tr><th>生年月日</th><td></td></tr><tr><th>特徴</th><td class="high"></td></tr></table>
        """;
    const string Styles = """
        @page { margin: 15mm 20mm !important; @bottom-center { content: none !important } }
        section { break-after: page } section:last-child { break-after: auto } body.sample { margin: 0; color: #000; font: 10.5pt "IPAmjMincho", "Noto Serif CJK JP", serif }
        h1 { margin: 8mm 0; font-size: 16pt; text-align: center } .to { margin: 0 0 8mm } table { width: 100%; border-collapse: collapse } th, td { height: 12mm; padding: 0 2mm; border: .3mm solid #000; font-weight: 400; text-align: start } th { width: 40mm } .high { height: 30mm }
        """;

    /// <summary>A4, with lines where one writes.</summary>
    public static Task<byte[]> Pdf(TestProgram program, int pages = 2, string name = "様式第1号（見本）")
    {
        var sections = string.Concat(Enumerable.Range(1, pages).Select(n => string.Create(CultureInfo.InvariantCulture, $"<section><p>{name}　{n}枚目</p>{Table}</section>")));
        return program.Service<Press>().Print(new($"<!DOCTYPE html><html lang=\"ja\"><head><meta charset=\"utf-8\"><title>{name}</title><link rel=\"stylesheet\" href=\"/form.css\"></head><body class=\"sample\">{sections}</body></html>",
            "見本市", path => path == "form.css" ? new("text/css", Encoding.UTF8.GetBytes(Styles)) : null), TestContext.Current.CancellationToken);
    }

    public static byte[] Locked(byte[] pdf, string? toOpen, string toChange)
    {
        using var document = PdfSharp.Pdf.IO.PdfReader.Open(new MemoryStream(pdf), PdfSharp.Pdf.IO.PdfDocumentOpenMode.Modify);
        if (toOpen is not null) document.SecuritySettings.UserPassword = toOpen;
        document.SecuritySettings.OwnerPassword = toChange;
        using var to = new MemoryStream();
        document.Save(to);
        return to.ToArray();
    }

    /// <summary>Each word with its page and its edges in mm, as poppler sees them.</summary>
    public static async Task<IReadOnlyList<(int Page, string Text, decimal Left, decimal Top, decimal Right, decimal Bottom)>> WordsOf(byte[] pdf)
    {
        var (words, page) = (new List<(int, string, decimal, decimal, decimal, decimal)>(), 0);
        foreach (var line in (await Look("pdftotext", pdf, "-bbox", "-")).Split('\n'))
            if (line.Contains("<page ", StringComparison.Ordinal)) page++;
            else if (Word().Match(line) is { Success: true } word)
            {
                var edges = Enumerable.Range(1, 4).Select(n => decimal.Parse(word.Groups[n].Value, CultureInfo.InvariantCulture) * 25.4m / 72).ToArray();
                words.Add((page, System.Net.WebUtility.HtmlDecode(word.Groups[5].Value), edges[0], edges[1], edges[2], edges[3]));
            }
        return words;
    }

    [GeneratedRegex("<word xMin=\"([0-9.-]+)\" yMin=\"([0-9.-]+)\" xMax=\"([0-9.-]+)\" yMax=\"([0-9.-]+)\">(.*)</word>")]
    private static partial Regex Word();

    public static async Task<string> Look(string program, byte[] pdf, params string[] around)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, pdf);
            using var process = Process.Start(new ProcessStartInfo(program, [.. around.SkipLast(1), file, .. around.TakeLast(1)]) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 })!;
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            Assert.Equal("", await errors);    // nothing is wrong with the file
            return await output;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
