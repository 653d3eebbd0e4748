using System.Globalization;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Forms;
using Komachi.Platform.Sheets;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A character that the other system's encoding does not have.</summary>
public sealed record Misfit(string Number, Guid CaseId, string Column, string Character);

/// <summary>
/// Filings as a file for another system, with the columns that the procedure's definition names. Before anything is replaced it is said
/// in which filing, which column and which character; who hands it over chooses what stands there instead.
/// </summary>
static class Export
{
    public const int Most = 20_000, MostMisfits = 200;
    public const string Filler = "■";

    // 932 as Windows writes it, with the marks of NEC and IBM: what core systems in Japan read.
    static readonly Encoding Cp932 = CodePagesEncodingProvider.Instance.GetEncoding(932, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("export", async (Sought sought, [AsParameters] AtDesk desk) => await Show(Inbox.Wish(desk, sought), [], Form.Empty, [], desk));
        to.MapPost("export", Post);
    }

    /// <summary>For rows that were ticked.</summary>
    public static Task<IResult> Offer(IReadOnlyList<Guid> chosen, Form form, AtDesk desk) => Show(new(), chosen, Form.Empty, [], desk);

    static async Task<IResult> Show(InboxWish wish, IReadOnlyList<Guid> chosen, Form form, IReadOnlyList<Misfit> misfits, AtDesk desk) => Page.Show<ExportPage>(new
    {
        Wish = wish, Chosen = chosen, Form = form, Misfits = misfits,
        Procedures = (IReadOnlyList<Komachi.Ui.Option>)[.. (await Catalog.Of(desk.Db, desk.Today, desk.Stop)).Where(o => o.Procedure.Columns.Count > 0).Select(o => new Komachi.Ui.Option(o.Key, o.Procedure.Title.In(desk.Visit.Lang)))],
    }, form.Wrong || misfits.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);

    static async Task<IResult> Post(Form form, [AsParameters] AtDesk desk)
    {
        var wish = WorkOnMany.WishOf(form);
        Guid[] chosen = [.. form.Many("row").Select(r => Guid.TryParse(r, out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty).Distinct().Take(Most)];
        var offered = await Catalog.Of(desk.Db, desk.Today, desk.Stop);
        var key = form.Choice("procedure", [.. offered.Where(o => o.Procedure.Columns.Count > 0).Select(o => o.Key)], "Please choose the procedure.");
        var encoding = form.Choice("encoding", ["utf-8", "cp932"]);
        if (form.Wrong) return await Show(wish, chosen, form, [], desk);

        var tree = await desk.Tree();
        var ids = chosen.Length > 0 ? await WorkOnMany.Chosen(form, desk) : await Inbox.AllOf(wish with { Procedure = key }, Most, desk, tree);
        var mine = desk.Me.DepartmentsFor("procedures.review", tree)?.ToArray();
        // What is secret goes along: for the department in charge alone.
        var known = ids.ToArray();
        var own = desk.Db.Set<Case>().Where(c => known.Contains(c.Id) && c.Procedure == key);
        var cases = await (mine is null ? own : own.Where(c => mine.Contains(c.DepartmentId))).OrderBy(c => c.ArrivedAt).ThenBy(c => c.Id).ToListAsync(desk.Stop);
        if (cases.Count == 0)
        {
            form.Wrongly("", "There is no filing of this procedure to hand over.");
            return await Show(wish, chosen, form, [], desk);
        }
        var (columns, lines, misfits) = (offered.First(o => o.Key == key).Procedure.Columns, new List<string[]>(), new List<Misfit>());
        var firsts = cases.Select(c => c.ParentId ?? c.Id).Distinct().ToArray();
        var matters = (await desk.Db.Set<Case>().AsNoTracking().Where(c => firsts.Contains(c.Id) || c.ParentId != null && firsts.Contains(c.ParentId.Value)).OrderBy(c => c.ArrivedAt).ToListAsync(desk.Stop)).ToLookup(c => c.ParentId ?? c.Id);
        var versions = await Catalog.Versions(desk.Db, [.. cases.Select(c => c.DefinitionId)], desk.Stop);
        var words = new Words(Lang.Japanese, desk.House.Words);
        foreach (var of in cases)
        {
            var (procedure, matter) = (versions[of.DefinitionId], matters[of.ParentId ?? of.Id].ToArray());
            var first = matter[0];
            var (answers, state) = (Flow.AnswersOf(procedure, of, matter, desk.Today), Flow.StateOf(procedure, first, matter));
            var cells = columns.Select(c => c.Of(answers, state, first.Answers, words)).ToArray();
            for (var i = 0; encoding == "cp932" && i < cells.Length; i++) cells[i] = Fitted(cells[i], of, columns[i].Title, form, misfits);
            lines.Add(cells);
        }
        if (misfits.Count > 0) return await Show(wish, chosen, form, misfits, desk);

        foreach (var of in cases)
        {
            of.Happened(MoveKind.Exported, desk.MyId, desk.Now);
            desk.Db.AddNews(of);
        }
        desk.Db.Audit(desk.Visit.Did("procedures.export", "procedures/export", new { Procedure = key, Encoding = encoding, cases.Count }, at: desk.Now));
        await desk.Db.Save(stop: desk.Stop);
        var text = Csv.Write(lines.Prepend([.. columns.Select(c => c.Title)]).Select(l => l.Select(Guarded)));
        var bytes = encoding == "cp932" ? Cp932.GetBytes(text) : Encoding.UTF8.GetBytes("\ufeff" + text);
        desk.Http.Response.Headers.ContentDisposition = ReadFileName($"{key}-{desk.Today:yyyyMMdd}.csv");
        return Results.Bytes(bytes, encoding == "cp932" ? "text/csv; charset=Shift_JIS" : "text/csv; charset=utf-8");

        static string ReadFileName(string name) => $"attachment; filename=\"{name}\"";
    }

    // A number below nought is a number, and no formula.
    static string Guarded(string cell) => decimal.TryParse(cell, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _) ? cell : Csv.Guarded(cell);

    /// <summary>With what was chosen for each character that does not fit; what nobody chose anything for is noted.</summary>
    static string Fitted(string cell, Case of, string column, Form form, List<Misfit> misfits)
    {
        var fitted = new StringBuilder(cell.Length);
        var elements = StringInfo.GetTextElementEnumerator(cell);
        while (elements.MoveNext())
        {
            var character = elements.GetTextElement();
            if (Fits(character)) fitted.Append(character);
            else if (form.Typed(NameOf(character)) is { Length: > 0 } instead && Fits(instead)) fitted.Append(instead);
            else if (misfits.Count < MostMisfits) misfits.Add(new(new ReceiptText(of.Number).ToString(), of.Id, column, character));
        }
        return fitted.ToString();
    }

    static bool Fits(string text)
    {
        try
        {
            // What comes back otherwise was not that character: Windows maps some to their likes.
            return Cp932.GetString(Cp932.GetBytes(text)) == text;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    /// <summary>The field in which one writes what stands there instead.</summary>
    public static string NameOf(string character) => "instead-" + string.Join('-', character.EnumerateRunes().Select(r => r.Value.ToString("x", CultureInfo.InvariantCulture)));
}
