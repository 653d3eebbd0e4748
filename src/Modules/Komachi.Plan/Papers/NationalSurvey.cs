using System.Globalization;
using Komachi.Platform.Sheets;
using Komachi.Ui.Words;

namespace Komachi.Plan;

/// <summary>
/// Answers to what the ministry asks every town each year (自治体DX・情報化推進概要), drafted from the plan: who leads it, who does it, and of each item of the
/// state's plan what is done, how far it is and what it costs. The questions stand in the order of that survey's fields and in our words;
/// what a plan cannot know is left open and says so, since a guessed answer would be sent.
/// </summary>
static class NationalSurvey
{
    /// <summary>An answer goes out to the ministry, so it is in Japanese in whatever language somebody reads the page.</summary>
    /// <param name="Answer">Null: not in the plan, somebody must write it.</param>
    public sealed record Row(string Number, string Field, string Question, string? Answer, string Ground);

    static readonly string[] Heads = ["番号", "分野", "設問", "回答案", "根拠", "確認"];

    public static IReadOnlyList<Row> Of(HowFar far, WordBook book)
    {
        var (plan, rows, words) = (far.Plan, new List<Row>(), new Words(Lang.Japanese, book));
        var (head, years) = (plan.Plan, plan.Years);
        var title = head.Title.In(Lang.Japanese);
        Add("推進体制", "DXを進める全体の方針や計画を定めているか", years.Count == 0 ? $"定めている：{title}" : $"定めている：{title}（{years[0].Short(Lang.Japanese)}～{years[^1].Short(Lang.Japanese)}）", "計画");
        Add("推進体制", "いつ定めたか", head.Adopted is { Length: > 0 } and not "lost" ? head.Adopted : null, "計画");
        Add("推進体制", "責任者（CIOなど）を置いているか", Bodies(Leads, b => b.Head is { } by ? $"{b.Name}（{by}）" : b.Name), "推進体制");
        Add("推進体制", "全庁で進めるための会議や組織があるか", Bodies(b => !Leads(b), b => b.Name), "推進体制");
        Add("推進体制", "専任の部署があり、職員は何人か", null, "計画に職員数の記載なし");
        Add("推進体制", "外部のデジタル人材を任用しているか", null, "計画に任用の記載なし");
        Add("推進体制", "進み具合をどう確かめているか", head.Review, "計画の見直し");
        foreach (var (key, name) in NationalItem.All)
        {
            var field = words[name];
            var measures = plan.Measures.Where(m => m.National.Contains(key)).ToArray();
            Add(field, "取り組んでいる施策", measures.Length == 0 ? "計画に施策なし" : string.Join('\n', measures.Select(m => $"{m.Code} {m.Title.In(Lang.Japanese)}")), measures.Length == 0 ? "計画" : string.Join('、', measures.Select(m => m.Code)));
            if (measures.Length == 0) continue;
            var values = measures.SelectMany(m => m.Indicators.Select(i => (Measure: m, Indicator: i, Last: far.LastOf(m.Code, i)))).ToArray();
            Add(field, "指標の実績", values.Length == 0 ? "指標なし" : values.All(v => v.Last is null) ? null
                : string.Join('\n', values.Where(v => v.Last is not null).Select(v => $"{v.Indicator.Title}：{Written(v.Last!.Value.Value)}{(v.Last.Value.Value.Is == AmountIs.Number ? v.Indicator.Unit : null)}（{v.Last.Value.On:yyyy-MM-dd}）")),
                values.Length == 0 ? "計画" : string.Join('、', values.Select(v => v.Measure.Code).Distinct()));
            var costs = years.Select(y => (Year: y, Cost: PlanView.CostOf(measures, y))).Where(c => c.Cost is not null).ToArray();
            Add(field, "経費（千円）", costs.Length == 0 ? null : string.Join('\n', costs.Select(c => $"{c.Year.Short(Lang.Japanese)}：{Written(Amount.Of(c.Cost!.Value))}")), costs.Length == 0 ? "計画に経費の記載なし" : "施策の経費");
        }
        return rows;

        void Add(string field, string question, string? answer, string ground) => rows.Add(new((rows.Count + 1).ToString(CultureInfo.InvariantCulture), field, question, answer, ground));

        static bool Leads(Body body) => body.Head is not null || body.Name.Contains("CIO", StringComparison.Ordinal);

        string? Bodies(Func<Body, bool> which, Func<Body, string> say) => plan.Plan.Bodies.Where(which).Select(say).ToArray() is { Length: > 0 } some ? string.Join('、', some) : null;
    }

    public static Workbook AsSheets(HowFar far, WordBook words)
    {
        var book = new Workbook();
        var sheet = book.Add("調査回答案", 6, 24, 32, 60, 30, 12);
        sheet.Add(Heads.Select(Cell.Of));
        foreach (var row in Of(far, words)) sheet.Add([row.Number, row.Field, row.Question, row.Answer, row.Ground, row.Answer is null ? "要記入" : "要確認"]);
        return book;
    }

    static string Written(Amount amount) => amount.Is == AmountIs.Number ? amount.Number.ToString("#,0.####", CultureInfo.InvariantCulture) : amount.Text;
}
