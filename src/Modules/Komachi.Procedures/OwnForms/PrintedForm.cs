using System.Globalization;
using System.Net;
using System.Text;
using Komachi.Platform.Pdf;
using Komachi.Ui.Words;

namespace Komachi.Procedures;

/// <summary>What goes on behind the form since it does not fit, or has no place on it: under which label, and in full.</summary>
sealed record GoesOn(string Label, string Text);

/// <summary>
/// A form of the town with words at their places. The words are printed by the press as sheets of their own, without a ground, and laid over the form:
/// so fonts, variations of kanji and embedding are its affair, and the form itself is touched by nothing.
/// </summary>
sealed class PrintedForm
{
    const string Styles = "own-form.css", Continued = "別紙のとおり";
    const int WidthOfLine = 44;    // of a further sheet, in kanji

    readonly StringBuilder _html = new(), _css = new();
    readonly List<GoesOn> _further = [];

    PrintedForm(OwnForm form, Filled filled, bool outlined, Func<PlacedField, string> labelOf)
    {
        var (wide, high) = (form.Pages.Max(p => p.Width), form.Pages.Max(p => p.Height));
        // paper.css comes behind it and says how large a page is, too: with margins everything would be drawn smaller and further in.
        _css.Append(CultureInfo.InvariantCulture, $"@page{{size:{wide}mm {high}mm !important;margin:0 !important;@bottom-center{{content:none !important}}}}");
        _css.Append(CultureInfo.InvariantCulture, $".sheet{{position:relative;width:{wide}mm;height:{high - .3m}mm;overflow:hidden;break-after:page}}");
        _css.Append("html,body{margin:0;padding:0;background:none}body.own-form{color:#000;font-family:\"IPAmjMincho\",\"IPAexMincho\",\"Noto Serif CJK JP\",serif;line-height:1.25}");
        _css.Append(".at{position:absolute;display:flex;align-items:center;white-space:pre;line-height:1.25}.at.wrap{align-items:flex-start}.left{justify-content:flex-start}.center{justify-content:center;text-align:center}.right{justify-content:flex-end;text-align:right}");
        _css.Append(".boxes{display:grid}.boxes>span{text-align:center}.sign{line-height:1;align-items:center;justify-content:center}.outlined .at{outline:.2mm dashed #1d6fd8}.outlined .at.sign{outline-style:solid}");
        _css.Append(".of{position:absolute;left:0;top:-2.2mm;font-size:5pt;line-height:1;color:#1d6fd8;white-space:nowrap}.seal{border:.5mm solid #b3261e;color:#b3261e;justify-content:center;align-items:center;text-align:center;white-space:normal}.stamp img{width:100%;height:100%;object-fit:contain}");
        for (var n = 1; n <= form.Pages.Count; n++)
        {
            _html.Append("<section class=\"sheet").Append(outlined ? " outlined" : "").Append("\">");
            foreach (var field in form.Fields.Where(f => f.Page == n)) Put(field, filled, labelOf, outlined);
            _html.Append("</section>");
        }
        foreach (var (label, text) in filled.Elsewhere(form.Fields)) _further.Add(new(label, text));
    }

    void Put(PlacedField field, Filled filled, Func<PlacedField, string> labelOf, bool outlined)
    {
        var (source, kind, inside) = (Source.Read(field.What), "", "");
        if (field.What == ":seal")
        {
            if (filled.Seal is { } seal) (kind, inside) = Sealed(field, seal, filled.SealPicture);
        }
        else if (source.Is is not null)
        {
            if (filled.Marks(source)) (kind, inside) = Marked(field);
        }
        else if (filled.TextOf(field) is { Length: > 0 } text) (kind, inside) = Written(field, text, labelOf);
        if (outlined)
        {
            if (inside.Length == 0) Place(field, field.Size);
            inside += $"<span class=\"of\">{Encoded(labelOf(field))}</span>";
        }
        if (inside.Length > 0) _html.Append(CultureInfo.InvariantCulture, $"<div class=\"at {kind}\" id=\"f{field.Id}\">{inside}</div>");
    }

    (string, string) Sealed(PlacedField field, string seal, OfficialSeal? picture)
    {
        Place(field, Math.Min(field.Size, Math.Min(field.Width, field.Height) / 2));
        return picture is null ? ("seal", Encoded(seal)) : ("stamp", $"<img src=\"/{picture.OnPaper}\" alt=\"{Encoded(seal)}\">");
    }

    /// <summary>One glyph, drawn as wide and as high as its place: a ring around 昭和 is an oval.</summary>
    (string, string) Marked(PlacedField field)
    {
        var (side, ring) = (Math.Min(field.Width, field.Height), field.Sign != "tick");
        if (ring) _css.Append(CultureInfo.InvariantCulture, $"#m{field.Id}{{display:block;transform:scale({field.Width / side:0.###},{field.Height / side:0.###})}}");
        Place(field, side * 72 / 25.4m);
        return ("sign", $"<span id=\"m{field.Id}\">{(ring ? "◯" : "✓")}</span>");
    }

    (string, string) Written(PlacedField field, string text, Func<PlacedField, string> labelOf)
    {
        var fit = Fit.Of(text, field);
        var boxes = fit.All ? field.Boxes : 0;
        if (!fit.All)
        {
            _further.Add(new(labelOf(field), text));
            fit = Fit.Of(Continued, field with { Boxes = 0, Size = Math.Min(field.Size, 9) });
        }
        Place(field, fit.Size);
        if (boxes == 0) return (field.Align + (field.Wrap ? " wrap" : ""), $"<span>{string.Join("<br>", fit.Lines.Select(Encoded))}</span>");
        _css.Append(CultureInfo.InvariantCulture, $"#f{field.Id}{{grid-template-columns:repeat({boxes},1fr)}}");
        var before = field.Align == "right" ? boxes - fit.Lines.Count : 0;
        return ("boxes", string.Concat(Enumerable.Repeat("", before).Concat(fit.Lines).Select(one => $"<span>{Encoded(one)}</span>")));
    }

    void Place(PlacedField field, decimal size) =>
        _css.Append(CultureInfo.InvariantCulture, $"#f{field.Id}{{left:{field.X}mm;top:{field.Y}mm;width:{field.Width}mm;height:{field.Height}mm;font-size:{size:0.##}pt}}");

    static string Encoded(string text) => WebUtility.HtmlEncode(text);

    /// <summary>The form as a PDF. Throws <see cref="PressTrouble"/>.</summary>
    /// <param name="labelOf">What stands there, for who reads it: on the further sheet, and beside the places where they are outlined.</param>
    public static async Task<byte[]> Print(Press press, OwnForm form, byte[] background, Filled filled, string town, Func<PlacedField, string> labelOf, CancellationToken stop, bool outlined = false)
    {
        var printed = new PrintedForm(form, filled, outlined, labelOf);
        var words = form.Fields.Count == 0 ? null : await press.Print(printed.Words(form, filled, town), stop);
        var further = printed._further.Count == 0 ? null : await press.Print(Further(form, filled, printed._further, town), stop);
        return PlainPdf.Join(background, words, further, form.Name, town);
    }

    Sheet Words(OwnForm form, Filled filled, string town) => new($"<!DOCTYPE html><html lang=\"ja\"><head><meta charset=\"utf-8\"><title>{Encoded(form.Name)}</title><link rel=\"stylesheet\" href=\"/{Styles}\"></head><body class=\"own-form\">{_html}</body></html>",
        town, path => path == Styles ? new("text/css; charset=utf-8", Encoding.UTF8.GetBytes(_css.ToString())) : filled.SealPicture is { } seal && path == seal.OnPaper ? seal.Part : null);

    /// <summary>別紙: under each label the whole of it.</summary>
    static Sheet Further(OwnForm form, Filled filled, List<GoesOn> further, string town)
    {
        var html = new StringBuilder();
        foreach (var (label, text) in further)
            if (!text.Contains('\n', StringComparison.Ordinal) && Fit.WidthOf(label + text) <= WidthOfLine) html.Append("<p class=\"short\"><b>").Append(Encoded(label)).Append("</b>　").Append(Encoded(text)).Append("</p>");
            else html.Append("<h2>").Append(Encoded(label)).Append("</h2><p>").Append(Encoded(text)).Append("</p>");
        var receipt = filled.Receipt is { } number ? $"<p class=\"to\">受付番号 {Encoded(number)}</p>" : "";
        return new($"<!DOCTYPE html><html lang=\"ja\"><head><meta charset=\"utf-8\"><title>別紙</title><link rel=\"stylesheet\" href=\"/{Styles}\"></head><body class=\"own-form\"><h1>別紙</h1><p class=\"to\">{Encoded(form.Name)}</p>{receipt}{html}</body></html>", town,
            path => path == Styles ? new("text/css; charset=utf-8", "html,body{margin:0;background:none}body.own-form{color:#000;font-family:\"IPAmjMincho\",\"IPAexMincho\",\"Noto Serif CJK JP\",serif;font-size:10.5pt;line-height:1.6}h1{font-size:16pt;margin:0 0 6mm;text-align:center}h2{font-size:10.5pt;margin:3mm 0 0;break-after:avoid}p{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}.short{margin-top:2mm}.to{text-align:right}"u8.ToArray()) : null);
    }
}
