using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Forms;
using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A letter before it has a number.</summary>
public sealed record LetterDraft(ResultPaper Paper, Said Title, Said Body);

/// <summary>
/// The words of letters and certificates: what their definition says, with its blanks filled in the language of each text, days and sums
/// as the house writes them. A blank without an answer says so, since an empty place in a letter looks like a mistake.
/// </summary>
static partial class WriteLetters
{
    // Without letters and digits that are taken for one another.
    const string CodeSigns = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

    /// <summary>Those that this decision brings. Asked of the case as it stands once it is decided.</summary>
    public static IReadOnlyList<LetterDraft> Of(CaseFile file, bool granted, Said reasons, string mayor, Town town, House house)
    {
        var (answers, drafts) = (file.Answers, new List<LetterDraft>());
        answers["decidedOn"] = Value.Of(file.Today);
        foreach (var (paper, only) in file.Stage.Results.Where(r => r.Paper.When == (granted ? Procedure.Granted : Procedure.Refused)))
        {
            if (only?.Holds(answers) == false) continue;
            var body = new Said();
            foreach (var (code, text) in paper.Body)
            {
                var lang = Lang.Shipped.FirstOrDefault(l => l.Code == code) ?? Lang.Japanese;
                var blanks = new Blanks(file, answers, new(lang, house.Words));
                var objection = file.Procedure.Definition.Objection.In(lang);
                // 教示 (行政不服審査法82条): a refusal without it would be unlawful, whether the text thinks of it or not.
                var whole = granted || objection.Length == 0 || text.Contains("{objection}", StringComparison.Ordinal) ? text : $"{text.TrimEnd()}\n\n{{objection}}";
                body[code] = Blank().Replace(whole, m => m.Groups[1].Value switch
                {
                    "n" => m.Value,
                    "town" => town.Name.In(lang),
                    "mayor" => mayor,
                    "reasons" => reasons.In(lang) is { Length: > 0 } said ? said : blanks.Nothing,
                    "objection" => objection,
                    "decidedOn" => JapanTime.Show(file.Today, lang),
                    "filedOn" => JapanTime.Show(file.Of.ArrivedOn, lang),
                    var name => blanks.Of(name),
                }).Trim();
            }
            drafts.Add(new(paper, paper.Title, body));
        }
        return drafts;
    }

    /// <summary>The grounds of the law with their articles, and what was written besides, in each language.</summary>
    public static Said Reasons(Procedure procedure, IReadOnlyCollection<string> grounds, string own)
    {
        var said = new Said();
        foreach (var lang in Lang.Shipped)
            said[lang.Code] = string.Join('\n', procedure.Definition.Refusal.Where(g => grounds.Contains(g.Key)).Select(g => g.Article.Length == 0 ? g.Text.In(lang) : lang.Html == "ja" ? $"{g.Text.In(lang)}（{g.Article}）" : $"{g.Text.In(lang)} ({g.Article})").Append(own).Where(t => t.Length > 0));
        return said;
    }

    /// <summary>Saves them with the decision: each with its number and a code by which it can be asked for, and with the seal where whoever decides may set it.</summary>
    public static async Task<IReadOnlyList<Letter>> Make(CaseFile file, IReadOnlyList<LetterDraft> drafts, bool seals, Guid by, TownDb db, DateTimeOffset now, CancellationToken stop = default, Guid? insteadOf = null)
    {
        var letters = new List<Letter>();
        if (drafts.Count == 0) return letters;
        var seal = seals ? await Issuer.SealOf(db, stop) : null;
        foreach (var draft in drafts)
        {
            var number = draft.Paper.Number.Length == 0 ? null : draft.Paper.Number.Replace("{n}", (await NextNumber(file.Of.DepartmentId, file.Today, db, stop)).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            var letter = Letter.Of(file.Of, draft.Paper, draft.Title, draft.Body, number, draft.Paper.Seal && seals ? by : null, RandomNumberGenerator.GetString(CodeSigns, 12),
                file.Of.Electronic ? Delivery.Electronic : Delivery.Paper, now, wantsSeal: draft.Paper.Seal, seal, insteadOf);
            db.Add(letter);
            letters.Add(letter);
            file.Of.Happened(MoveKind.PaperMade, by, now, told: letter.DeliveredAt is not null, details: new() { ["letter"] = letter.Id.ToString() });
        }
        return letters;
    }

    /// <summary>文書番号: counted by department and fiscal year without a gap. The row is held until the decision is saved, so whoever comes second waits, and what is not saved took no number.</summary>
    internal static async Task<int> NextNumber(Guid department, DateOnly on, TownDb db, CancellationToken stop = default)
    {
        var year = FiscalYear.Of(on).Year;
        return (await db.Database.SqlQuery<int>($"""
            INSERT INTO procedures.document_numbers AS n (department_id, year, last) VALUES ({department}, {year}, 1)
            ON CONFLICT (department_id, year) DO UPDATE SET last = n.last + 1 RETURNING last AS "Value"
            """).ToListAsync(stop))[0];
    }

    /// <summary>What stands in the blanks of a text in one language.</summary>
    sealed class Blanks(CaseFile file, Answers answers, Words t)
    {
        public string Nothing => t["None|letter"];

        public string Of(string name)
        {
            // What repeats is listed as its rows are called: who lived there, on which days.
            if (Field(name) is var (group, whole, rows) && group.Repeats)
                return string.Join(t.Lang.Html == "ja" ? "、" : ", ", (rows as JsonArray ?? []).OfType<JsonObject>().Select(row => AnswerWords.CalledIn(t, whole, group, row, null)).Where(called => called.Length > 0)) is { Length: > 0 } all ? all : Nothing;
            var value = answers[name];
            if (!value.Given) return Nothing;
            if (Field(name) is not var (field, state, node)) return Plain(value);
            return field.Field.Kind switch
            {
                "month" => value.Day.ShowMonth(t.Lang),
                "yesno" or "choice" or "select" or "choices" or "time" or "telephone" => AnswerWords.Of(t, state, field, node) is { Length: > 0 } said ? said : Plain(value),
                _ => Plain(value),
            };
        }

        // The latest of the matter's filings that has the question, or a step of its flow.
        (CompiledField, FormState, JsonNode?)? Field(string name)
        {
            foreach (var of in file.Matter.Reverse().Where(c => c.Id == file.Of.Id || c.State == CaseState.Granted))
            {
                var stage = file.Procedure.StageOf(of.Stage);
                if (stage.Form.Find(name) is { } asked) return (asked, FormState.Of(stage.Form, of.Answers, of.ArrivedOn, of.ArrivedOn, answers), of.Answers[name]);
                foreach (var form in stage.Flow.Select(s => s.Fields).OfType<CompiledForm>())
                    if (form.Find(name) is { } filled) return (filled, FormState.Of(form, of.Decided, file.Today, of.ArrivedOn, answers), of.Decided[name]);
            }
            return null;
        }

        string Plain(Value value) => value.Sort switch
        {
            Sort.Number => value.Number.ToString("#,0.#########", CultureInfo.InvariantCulture),
            Sort.Day => JapanTime.Show(value.Day, t.Lang),
            Sort.Truth => value.Truth ? t["Yes|answer"] : t["No|answer"],
            Sort.Texts => string.Join(t.Lang.Html == "ja" ? "、" : ", ", value.Texts),
            _ => value.ToString(),
        };
    }

    [GeneratedRegex(@"\{([a-z][A-Za-z0-9]{0,59})\}")]
    private static partial Regex Blank();
}
