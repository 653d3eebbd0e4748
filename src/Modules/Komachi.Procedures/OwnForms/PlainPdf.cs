using PdfSharp.Drawing;
using PdfSharp.Pdf;
using PdfSharp.Pdf.IO;

namespace Komachi.Procedures;

/// <summary>This file cannot be a form. The sentence says why and what to do; it is a key of the words.</summary>
sealed class BadForm(string why, params object[] values) : Exception(why)
{
    public object[] Values => values;
}

/// <summary>
/// A PDF as paper: each page is drawn anew onto an empty one, upright and from its visible corner on. What could run, lead elsewhere or be filled in
/// stays behind, and everybody after it (the printed form, the picture on the desk) sees the same place at the same millimetres.
/// </summary>
static class PlainPdf
{
    public const int MostBytes = 10 * 1024 * 1024, MostPages = 20;
    const decimal LeastSide = 50, MostSide = 900;
    const double PointsPerMm = 72 / 25.4;

    public static (byte[] Bytes, IReadOnlyList<FormSheet> Pages) Of(byte[] sent)
    {
        if (sent.Length < 16 || !sent.AsSpan(0, Math.Min(1024, sent.Length)).StartsWith("%PDF-"u8)) throw new BadForm("This is not a PDF. Please save the form as a PDF and send that.");
        try
        {
            // With a password for changes alone it opens too, and is refused all the same: its maker wanted it to stay as it is.
            using var read = PdfReader.Open(new MemoryStream(sent), PdfDocumentOpenMode.Import);
            if (IsEncrypted(sent)) throw Locked();
            if (read.PageCount is 0 or > MostPages) throw new BadForm("A form has 1 to {0} pages.", MostPages);
            using var plain = New();
            using var pages = XPdfForm.FromStream(new MemoryStream(sent));
            var sheets = new List<FormSheet>();
            for (var n = 0; n < read.PageCount; n++)
            {
                var (from, turned) = (read.Pages[n], read.Pages[n].Rotate % 180 != 0);
                var (media, seen) = (from.MediaBox, from.CropBox is { Width: > 0, Height: > 0 } crop ? crop : from.MediaBox);
                var (width, height) = turned ? (seen.Height, seen.Width) : (seen.Width, seen.Height);
                if (Mm(width) is < LeastSide or > MostSide || Mm(height) is < LeastSide or > MostSide) throw new BadForm("Page {0} has a size on which nobody prints.", n + 1);
                var page = plain.AddPage();
                (page.Width, page.Height) = (XUnit.FromPoint(width), XUnit.FromPoint(height));
                pages.PageNumber = n + 1;
                using var draw = XGraphics.FromPdfPage(page);
                // The drawn page begins at its paper's corner; what is seen of it may begin further in.
                var (left, top) = (((from.Rotate % 360) + 360) % 360) switch
                {
                    90 => (seen.Y1 - media.Y1, seen.X1 - media.X1),
                    180 => (media.X2 - seen.X2, seen.Y1 - media.Y1),
                    270 => (media.Y2 - seen.Y2, media.X2 - seen.X2),
                    _ => (seen.X1 - media.X1, media.Y2 - seen.Y2),
                };
                var (wide, high) = turned ? (media.Height, media.Width) : (media.Width, media.Height);
                draw.DrawImage(pages, -left, -top, wide, high);
                sheets.Add(new(Mm(width), Mm(height)));
            }
            return (Saved(plain), sheets);
        }
        catch (BadForm)
        {
            throw;
        }
        // The reader of other people's files ends in whatever its innards come upon.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw IsEncrypted(sent) ? Locked() : new BadForm("This PDF cannot be read: it is damaged, or of a kind that we do not know. Please print it as a PDF once more and send that.");
        }
    }

    /// <summary>A page of A4 with frames on it, each of left, top, width and height in mm. Words stand above it, so it needs no font.</summary>
    public static (byte[] Bytes, FormSheet Page) Framed(IEnumerable<double[]> frames)
    {
        using var plain = New();
        var page = plain.AddPage();
        (page.Width, page.Height) = (XUnit.FromMillimeter(210), XUnit.FromMillimeter(297));
        using (var draw = XGraphics.FromPdfPage(page))
            foreach (var frame in frames) draw.DrawRectangle(new XPen(XColors.Black, .7), frame[0] * PointsPerMm, frame[1] * PointsPerMm, frame[2] * PointsPerMm, frame[3] * PointsPerMm);
        return (Saved(plain), new(210, 297));
    }

    /// <summary>What is printed: the form below, the words above it, and behind it the sheets that go on.</summary>
    public static byte[] Join(byte[] background, byte[]? words, byte[]? further, string title, string author)
    {
        using var whole = New();
        (whole.Info.Title, whole.Info.Author) = (title, author);
        whole.ViewerPreferences.DisplayDocTitle = true;
        using (var below = XPdfForm.FromStream(new MemoryStream(background)))
        using (var above = words is null ? null : XPdfForm.FromStream(new MemoryStream(words)))
            for (var n = 1; n <= below.PageCount; n++)
            {
                var page = whole.AddPage();
                below.PageNumber = n;
                (page.Width, page.Height) = (XUnit.FromPoint(below.PointWidth), XUnit.FromPoint(below.PointHeight));
                using var draw = XGraphics.FromPdfPage(page);
                draw.DrawImage(below, 0, 0, below.PointWidth, below.PointHeight);
                if (above is null || n > above.PageCount) continue;
                above.PageNumber = n;
                draw.DrawImage(above, 0, 0, above.PointWidth, above.PointHeight);
            }
        if (further is not null)
        {
            using var read = PdfReader.Open(new MemoryStream(further), PdfDocumentOpenMode.Import);
            for (var n = 0; n < read.PageCount; n++) whole.AddPage(read.Pages[n]);
        }
        return Saved(whole);
    }

    static PdfDocument New()
    {
        var document = new PdfDocument { Language = "ja" };
        document.Info.Creator = "Komachi";
        return document;
    }

    static byte[] Saved(PdfDocument document)
    {
        using var to = new MemoryStream();
        document.Save(to);
        return to.ToArray();
    }

    static BadForm Locked() => new("This PDF is locked with a password. Please send one without.");

    // The trailer names it; in newer files it stands in an object before the end, in clear too.
    static bool IsEncrypted(byte[] pdf) => pdf.AsSpan().IndexOf("/Encrypt "u8) >= 0 || pdf.AsSpan().IndexOf("/Encrypt\n"u8) >= 0 || pdf.AsSpan().IndexOf("/Encrypt\r"u8) >= 0;

    static decimal Mm(double points) => decimal.Round((decimal)(points / PointsPerMm), 2);
}
