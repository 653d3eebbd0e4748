using Komachi.Platform.Sheets;
using Komachi.Ui.Words;

namespace Komachi.Plan;

/// <summary>
/// A plan as a workbook that a clerk can read and change, and back without loss: a sheet a kind of thing, a row a thing, a cell a statement. What is below something
/// names it in its first column. The tables below are all that there is to it: read them from the top.
/// </summary>
static class PlanSheets
{
    public const string HeadSheet = "計画";

    static readonly (string, string)[] Columns = [("years", "年度"), ("twoMonths", "二か月")], Directions = [("up", "増やす"), ("down", "減らす"), ("keep", "保つ")], Ofs = [("total", "累計"), ("year", "年ごと"), ("state", "状態")],
        Whos = [("department", "担当課"), ("secretariat", "事務局"), ("committee", "委員会")],
        Asked = [("need", "必要性"), ("option", "対応策"), ("cost", "経費"), ("effect", "効果"), ("rfi", "情報提供依頼"), ("rfp", "提案依頼"), ("mayor", "市長説明"), ("adopted", "予算決定額"), ("contract", "契約"), ("settled", "決算額"), ("result", "効果の検証")],
        Steps = [("requested", "要求"), ("adopted", "決定"), ("settled", "決算")],
        Sources = [("general", "一般財源"), ("subsidy", "補助金"), ("bond", "地方債"), ("digitalFund", "デジタル基金"), ("other", "その他")],
        National = [("standard", "情報システムの標準化"), ("mynumber", "マイナンバーカード"), ("online", "手続のオンライン化"), ("ai", "AI・RPA"), ("telework", "テレワーク"), ("security", "セキュリティ"), ("society", "地域社会のデジタル化"), ("divide", "デジタルデバイド対策"), ("bpr", "業務の見直し"), ("opendata", "オープンデータ"), ("people", "デジタル人材")],
        CostsOf = [("measure", "施策の経費"), ("group", "取組の経費"), ("policy", "基本方針の経費"), ("general", "基本方針の一般財源")];

    internal static IEnumerable<string> NationalItems => National.Select(n => n.Item1);

    /// <summary>Costs by year are a row, whatever they are the costs of.</summary>
    internal sealed class CostLine
    {
        public string Kind { get; set; } = "";
        public string Code { get; set; } = "";
        public Dictionary<string, Amount> Costs { get; init; } = [];
    }

    /// <summary>The head of a plan is one thing: its columns stand as rows.</summary>
    public static SheetColumns<PlanHead> Head(IReadOnlyList<Lang> langs) => new SheetColumns<PlanHead>(langs)
        .Text("key", "キー", p => p.Key, (p, v) => p.Key = v)
        .Said("title", "計画名", p => p.Title)
        .Worded("adopted", "策定年月", p => p.Adopted is { Length: > 0 } month ? month : null, (p, v) => p.Adopted = v ?? "", Cells.WriteMonth, Cells.ReadMonth)
        .Said("publisher", "策定者", p => p.Publisher)
        .Year("from", "最初の年度", p => p.From, (p, v) => p.From = v)
        .Year("until", "最後の年度", p => p.Until, (p, v) => p.Until = v)
        .Choice("columns", "工程の区切り", Columns, p => p.Columns, (p, v) => p.Columns = v)
        .Said("vision", "めざす姿", p => p.Vision)
        .Said("summary", "概要", p => p.Summary)
        .Lines("place", "位置づけ", p => p.Place)
        .Maybe("review", "見直し", p => p.Review, (p, v) => p.Review = v)
        .Maybe("formerly", "以前の計画", p => p.Formerly, (p, v) => p.Formerly = v)
        .Maybe("after", "前の計画のキー", p => p.After, (p, v) => p.After = v)
        .Flag("compare", "他のまちとの比較に載せる", p => p.Compare, (p, v) => p.Compare = v)
        .Whole("covers", "推進の流れ：何年分の経費を求めるか", p => p.Round?.Covers, (p, v) => (p.Round ??= new()).Covers = v!.Value)
        .Flag("anyTime", "推進の流れ：随時追加できる", p => p.Round?.AnyTime == true, (p, v) => (p.Round ??= new()).AnyTime = v)
        .Lines("lost", "資料の文面から分からないこと", p => p.Lost)
        .Maybe("at", "計画書の箇所", p => p.At, (p, v) => p.At = v)
        .Maybe("url", "計画書のURL", p => p.Url, (p, v) => p.Url = v);

    /// <summary>All other sheets, in the order in which they are written and read: what is below something comes after it.</summary>
    public static IReadOnlyList<PlanSheet> All(IReadOnlyList<Lang> langs) =>
    [
        new PlanSheet<Stage>("推進の流れ", new SheetColumns<Stage>(langs)
            .Text("key", "キー", s => s.Key, (s, v) => s.Key = v)
            .Said("title", "段階", s => s.Title)
            .Choice("who", "担当", Whos, s => s.Who, (s, v) => s.Who = v)
            .Worded("by", "期限", s => s.By, (s, v) => s.By = v, Cells.WriteMonthDay, Cells.ReadMonthDay)
            .Several("asks", "必要な記載", Asked, s => s.Asks)
            .Maybe("note", "備考", s => s.Note, (s, v) => s.Note = v),
            d => d.Plan.Round?.Stages ?? [], (d, s) => (d.Plan.Round ??= new()).Stages.Add(s)) { Known = ["キー"] },

        new PlanSheet<Guideline>("指針", new SheetColumns<Guideline>(langs)
            .Text("code", "コード", g => g.Code, (g, v) => g.Code = v)
            .Text("title", "題名", g => g.Title, (g, v) => g.Title = v)
            .Text("text", "内容", g => g.Text, (g, v) => g.Text = v, 50)
            .Maybe("problem", "課題", g => g.Problem, (g, v) => g.Problem = v),
            d => d.Plan.Guidelines, (d, g) => d.Plan.Guidelines.Add(g)) { Known = ["コード"] },

        new PlanSheet<Body>("体制", new SheetColumns<Body>(langs)
            .Text("key", "キー", b => b.Key, (b, v) => b.Key = v)
            .Text("name", "名称", b => b.Name, (b, v) => b.Name = v)
            .Maybe("head", "長", b => b.Head, (b, v) => b.Head = v, 16)
            .Maybe("members", "構成", b => b.Members, (b, v) => b.Members = v)
            .Lines("role", "役割", b => b.Role, 50)
            .Maybe("note", "備考", b => b.Note, (b, v) => b.Note = v),
            d => d.Plan.Bodies, (d, b) => d.Plan.Bodies.Add(b)) { Known = ["キー"] },

        new PlanSheet<PlanFact>("資料", new SheetColumns<PlanFact>(langs)
            .Text("key", "キー", f => f.Key, (f, v) => f.Key = v)
            .Text("title", "題名", f => f.Title, (f, v) => f.Title = v, 40)
            .Maybe("unit", "単位", f => f.Unit, (f, v) => f.Unit = v, 10)
            .Text("at", "計画書の箇所", f => f.At, (f, v) => f.At = v),
            d => d.Facts, (d, f) => d.Facts.Add(f)) { Known = ["キー"] },

        new PlanSheet<FactRow>("資料の値", new SheetColumns<FactRow>(langs)
            .Text("label", "項目", r => r.Label, (r, v) => r.Label = v, 40)
            .Amount("value", "値", r => r.Value, (r, v) => r.Value = v, empty: Amount.None),
            "資料のキー", "there is no table of figures {0}.", d => d.Facts.SelectMany(f => f.Rows.Select(r => (f.Key, r))),
            (d, of, r) => Put(d.Facts.Find(f => f.Key == of)?.Rows, r)) { Known = ["項目"] },

        new PlanSheet<Policy>("基本方針", new SheetColumns<Policy>(langs)
            .Text("code", "コード", p => p.Code, (p, v) => p.Code = v)
            .Said("title", "題名", p => p.Title)
            .Text("summary", "概要", p => p.Summary, (p, v) => p.Summary = v, 50)
            .Text("at", "計画書の箇所", p => p.At, (p, v) => p.At = v),
            d => d.Policies, (d, p) => d.Policies.Add(p)) { Known = ["コード"] },

        new PlanSheet<Group>("取組", new SheetColumns<Group>(langs)
            .Text("code", "コード", g => g.Code, (g, v) => g.Code = v)
            .Text("title", "題名", g => g.Title, (g, v) => g.Title = v, 40)
            .Maybe("summary", "概要", g => g.Summary, (g, v) => g.Summary = v, 50)
            .Whole("urgency", "緊急度", g => g.Urgency, (g, v) => g.Urgency = v)
            .Whole("importance", "重要度", g => g.Importance, (g, v) => g.Importance = v)
            .Flag("priority", "重点", g => g.Priority, (g, v) => g.Priority = v)
            .Flag("later", "今後検討", g => g.Later, (g, v) => g.Later = v)
            .Text("at", "計画書の箇所", g => g.At, (g, v) => g.At = v),
            "基本方針", "there is no policy {0}.", d => d.Policies.SelectMany(p => p.Groups.Select(g => (p.Code, g))),
            (d, of, g) => Put(d.Policies.Find(p => p.Code == of)?.Groups, g)) { Known = ["コード"] },

        new PlanSheet<Measure>("施策", new SheetColumns<Measure>(langs)
            .Text("code", "コード", m => m.Code, (m, v) => m.Code = v)
            .Text("policy", "基本方針", m => m.Policy, (m, v) => m.Policy = v, 10)
            .Maybe("group", "取組", m => m.Group, (m, v) => m.Group = v, 10)
            .Whole("number", "番号", m => m.Number, (m, v) => m.Number = v)
            .Said("title", "題名", m => m.Title)
            .Said("summary", "概要", m => m.Summary, 50)
            .Maybe("purpose", "目的", m => m.Purpose, (m, v) => m.Purpose = v)
            .Maybe("present", "現状と課題", m => m.Present, (m, v) => m.Present = v)
            .Maybe("goal", "目標", m => m.Goal, (m, v) => m.Goal = v)
            .Lines("effects", "期待される効果", m => m.Effects)
            .Flag("priority", "重点", m => m.Priority, (m, v) => m.Priority = v)
            .Lines("departments", "担当課", m => m.Departments, 20)
            .Lines("examples", "取組の例", m => m.Examples)
            .Worded("steps", "工程の文", m => m.Steps, (m, v) => m.Steps = v, v => v == "lost" ? Cells.Lost : v, v => v == Cells.Lost ? "lost" : v, 30)
            .Maybe("kgi", "数値目標", m => m.Kgi?.Title, (m, v) => { if (v is not null) (m.Kgi ??= new()).Title = v; }, 20)
            .Number("kgiValue", "数値目標の値", m => m.Kgi?.Value, (m, v) => (m.Kgi ??= new()).Value = v)
            .Maybe("kgiUnit", "数値目標の単位", m => m.Kgi?.Unit, (m, v) => { if (v is not null) (m.Kgi ??= new()).Unit = v; }, 10)
            .Maybe("kgiText", "数値目標の文", m => m.Kgi?.Text, (m, v) => { if (v is not null) (m.Kgi ??= new()).Text = v; }, 20)
            .Maybe("costsNote", "経費の注", m => m.CostsNote, (m, v) => m.CostsNote = v)
            .Whole("urgency", "緊急度", m => m.Urgency, (m, v) => m.Urgency = v)
            .Whole("importance", "重要度", m => m.Importance, (m, v) => m.Importance = v)
            .Add("sdgs", "SDGs", 12, m => Cell.Of(string.Join('、', m.Sdgs)), ReadSdgs)
            .Lines("links", "関連施策", m => m.Links, 12)
            .Lines("services", "サービス", m => m.Services, 16)
            .Several("national", "国の計画の項目", National, m => m.National)
            .Text("at", "計画書の箇所", m => m.At, (m, v) => m.At = v),
            d => d.Measures, (d, m) => d.Measures.Add(m)) { Known = ["コード"] },

        new PlanSheet<PlanAction>("行動", new SheetColumns<PlanAction>(langs)
            .Text("title", "行動", a => a.Title, (a, v) => a.Title = v, 40)
            .Add("bars", "工程", 34, a => Cell.Of(Cells.Bars(a.Bars)), (a, cell) =>
            {
                if (Cells.BarsOf(cell) is not { } bars) return ("A bar is written 令和4年度～令和5年度：what, a line each.", []);
                a.Bars.AddRange(bars);
                return null;
            }, AskedAs.Area)
            .Flag("lost", "図が資料になし", a => a.Lost, (a, v) => a.Lost = v)
            .Maybe("text", "文", a => a.Text, (a, v) => a.Text = v)
            .Maybe("note", "備考", a => a.Note, (a, v) => a.Note = v),
            "施策", NoMeasure, d => d.Measures.SelectMany(m => m.Actions.Select(a => (m.Code, a))), (d, of, a) => Put(d.Find(of)?.Actions, a)) { Known = ["行動"] },

        new PlanSheet<Indicator>("指標", new SheetColumns<Indicator>(langs)
            .Maybe("key", "キー", i => i.Key, (i, v) => i.Key = v, 12)
            .Text("title", "指標", i => i.Title, (i, v) => i.Title = v, 40)
            .Text("unit", "単位", i => i.Unit, (i, v) => i.Unit = v, 10)
            .Choice("direction", "方向", Directions, i => i.Direction, (i, v) => i.Direction = v)
            .Choice("of", "数え方", Ofs, i => i.Of, (i, v) => i.Of = v)
            .Amount("baseline", "基準値", i => i.Baseline?.Value, (i, v) => (i.Baseline ??= new()).Value = v)
            .Worded("baselineAt", "基準の時点", i => i.Baseline?.At is { Length: > 0 } at ? at : null, (i, v) => { if (v is not null) (i.Baseline ??= new()).At = v; }, Cells.WriteYear, Cells.ReadYear)
            .Maybe("baselineText", "基準の文", i => i.Baseline?.Text, (i, v) => { if (v is not null) (i.Baseline ??= new()).Text = v; }, 20)
            .Maybe("figure", "自動で測る数値", i => i.Figure, (i, v) => i.Figure = v, 20)
            .Maybe("note", "備考", i => i.Note, (i, v) => i.Note = v)
            .Maybe("at", "計画書の箇所", i => i.At, (i, v) => i.At = v)
            .Years(i => i.Targets),
            "施策か基本方針", "there is no measure and no policy {0}.", d => d.Policies.SelectMany(p => p.Indicators.Select(i => (p.Code, i))).Concat(d.Measures.SelectMany(m => m.Indicators.Select(i => (m.Code, i)))),
            (d, of, i) => Put(d.Find(of)?.Indicators ?? d.Policies.Find(p => p.Code == of)?.Indicators, i)) { Known = ["指標"] },

        new PlanSheet<CostLine>("経費", new SheetColumns<CostLine>(langs)
            .Choice("kind", "種類", CostsOf, c => c.Kind, (c, v) => c.Kind = v)
            .Years(c => c.Costs),
            "コード", "there is nothing with the code {0} of which these could be the costs.", d => d.Policies.SelectMany(p => Of(p.Code, ("policy", p.Costs), ("general", p.GeneralFund)).Concat(p.Groups.SelectMany(g => Of(g.Code, ("group", g.Costs)))))
                .Concat(d.Measures.SelectMany(m => Of(m.Code, ("measure", m.Costs)))),
            (d, of, c) => PutCosts(d, of, c)) { Known = ["種類"], Standing = (d, of, c) => c.Kind switch { "measure" => (d.Find(of), "costs/"), "group" => (FindGroup(d, of), "costs/"), "policy" => (d.Policies.Find(p => p.Code == of), "costs/"), _ => (d.Policies.Find(p => p.Code == of), "generalFund/") } },

        new PlanSheet<Money>("予算", new SheetColumns<Money>(langs)
            .Year("year", "年度", m => m.Year, (m, v) => m.Year = v)
            .Choice("step", "段階", Steps, m => m.Step, (m, v) => m.Step = v)
            .Choice("source", "財源", Sources, m => m.Source, (m, v) => m.Source = v)
            .Number("amount", "金額（千円）", m => m.Amount, (m, v) => m.Amount = v!.Value),
            "施策", NoMeasure, d => d.Measures.SelectMany(m => m.Money.Select(x => (m.Code, x))), (d, of, x) => Put(d.Find(of)?.Money, x)) { Known = ["年度", "段階", "財源"] },

        new PlanSheet<Contract>("契約", new SheetColumns<Contract>(langs)
            .Text("title", "件名", c => c.Title, (c, v) => c.Title = v, 40)
            .Maybe("with", "相手", c => c.With, (c, v) => c.With = v, 20)
            .Maybe("from", "始期", c => c.From, (c, v) => c.From = v, 14)
            .Maybe("until", "終期", c => c.Until, (c, v) => c.Until = v, 14)
            .Number("amount", "金額（千円）", c => c.Amount, (c, v) => c.Amount = v),
            "施策", NoMeasure, d => d.Measures.SelectMany(m => m.Contracts.Select(c => (m.Code, c))), (d, of, c) => Put(d.Find(of)?.Contracts, c)) { Known = ["件名"] },

        new PlanSheet<Past>("これまで", new SheetColumns<Past>(langs)
            .Year("year", "年度", p => p.Year, (p, v) => p.Year = v)
            .Text("title", "題名", p => p.Title, (p, v) => p.Title = v, 40)
            .Maybe("text", "内容", p => p.Text, (p, v) => p.Text = v, 50),
            d => d.History, (d, p) => d.History.Add(p)) { Known = ["年度", "題名"] },
    ];

    const string NoMeasure = "there is no measure {0}.";

    public static PlanSheet<T> Of<T>(string name, PlanDocument document) where T : class, new() => All(LangsOf(document)).OfType<PlanSheet<T>>().Single(s => s.Name == name);

    static bool Put<T>(List<T>? list, T one)
    {
        list?.Add(one);
        return list is not null;
    }

    static Group? FindGroup(PlanDocument document, string code) => document.Policies.SelectMany(p => p.Groups).FirstOrDefault(g => g.Code == code);

    static IEnumerable<(string, CostLine)> Of(string code, params (string Kind, Dictionary<string, Amount> Costs)[] costs) => costs.Where(c => c.Costs.Count > 0).Select(c => (code, new CostLine { Kind = c.Kind, Costs = c.Costs }));

    static bool PutCosts(PlanDocument document, string code, CostLine line)
    {
        var to = line.Kind switch
        {
            "measure" => document.Find(code)?.Costs,
            "group" => FindGroup(document, code)?.Costs,
            "policy" => document.Policies.Find(p => p.Code == code)?.Costs,
            _ => document.Policies.Find(p => p.Code == code)?.GeneralFund,
        };
        foreach (var (year, amount) in line.Costs) to?.TryAdd(year, amount);
        return to is not null;
    }

    static (string, object[])? ReadSdgs(Measure measure, Cell cell)
    {
        foreach (var part in cell.Text.Split(['、', ',', '，', '・', '\n', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            if (Cells.NumberOf(Cell.Of(part)) is { } number and >= 1 and <= 17 && number == decimal.Truncate(number)) measure.Sdgs.Add((int)number);
            else return ("\"{0}\" is none of the 17 goals.", [part]);
        return null;
    }

    /// <summary>Our three languages, and what else the plan speaks.</summary>
    internal static IReadOnlyList<Lang> LangsOf(PlanDocument document)
    {
        var said = new[] { document.Plan.Title, document.Plan.Publisher, document.Plan.Vision, document.Plan.Summary }.Concat(document.Policies.Select(p => p.Title)).Concat(document.Measures.SelectMany(m => new[] { m.Title, m.Summary })).Concat(document.Plan.Round?.Stages.Select(s => s.Title) ?? []);
        var further = said.SelectMany(s => s.Keys).ToHashSet();
        return [.. Lang.Shipped, .. Lang.Further.Where(l => further.Contains(l.Code))];
    }

    public static Workbook Write(PlanDocument document)
    {
        var (book, langs) = (new Workbook(), LangsOf(document));
        var head = book.Add(HeadSheet, [36, 50, .. langs.Skip(1).Select(_ => 40)]);
        head.Add(["項目", "内容", .. langs.Skip(1).Select(l => Cell.Of(l.OwnName))]);
        foreach (var column in Head(langs).All) head.Add([column.Heads[0], .. column.Write(document.Plan)]);
        foreach (var sheet in All(langs)) sheet.Write(document, book);
        return book;
    }

    /// <summary>The plan that stands in these sheets, and everything that is wrong with them, each with its place. Where anything is wrong, nothing of it may be used.</summary>
    /// <param name="further">What else is held against it: the other plans of the town, its departments.</param>
    public static PlanDocument Read(Workbook book, List<SheetProblem> problems, Func<PlanDocument, IEnumerable<PlanProblem>>? further = null)
    {
        var heads = book.Sheets.SelectMany(s => s.Rows.Take(1)).SelectMany(r => r.Cells).Select(c => c.Text).ToArray();
        IReadOnlyList<Lang> langs = [.. Lang.Shipped, .. Lang.Further.Where(l => heads.Any(h => h == l.OwnName || h.EndsWith($"（{l.OwnName}）", StringComparison.Ordinal)))];
        var (document, sheets, places) = (new PlanDocument(), All(langs), new SheetPlaces());
        foreach (var sheet in book.Sheets)
        {
            if (sheet.Name != HeadSheet && sheets.All(s => s.Name != sheet.Name) && sheet.Rows.Count > 0) problems.Add(new(sheet.Name, 0, -1, "", "A plan has no sheet of this name. It has: {0}.", string.Join("、", sheets.Select(s => s.Name).Prepend(HeadSheet))));
            foreach (var merged in sheet.Merged) problems.Add(new(sheet.Name, 0, -1, "", "The cells {0} are merged: write what stands there into each of them.", merged));
        }
        ReadHead(book, langs, document.Plan, places, problems);
        foreach (var sheet in sheets)
            if (book.Find(sheet.Name) is { } standing) sheet.Read(standing, document, places, problems);
            else problems.Add(new(sheet.Name, 0, -1, "", "This sheet is missing. Where there is nothing to say it has only its headings."));
        var before = problems.Count;
        foreach (var problem in PlanCheck.Of(document).Concat(further?.Invoke(document) ?? [])) problems.Add(places.Of(problem));
        // What a cell said wrongly is missing in the plan: of that nobody needs to hear twice.
        for (var i = problems.Count - 1; i >= before; i--)
            if (problems.Take(before).Any(p => p.Sheet == problems[i].Sheet && p.Row == problems[i].Row && (p.Column == problems[i].Column || p.Column < 0))) problems.RemoveAt(i);
        return document;
    }

    static void ReadHead(Workbook book, IReadOnlyList<Lang> langs, PlanHead plan, SheetPlaces places, List<SheetProblem> problems)
    {
        if (book.Find(HeadSheet) is not { } sheet)
        {
            problems.Add(new(HeadSheet, 0, -1, "", "This sheet is missing. Where there is nothing to say it has only its headings."));
            return;
        }
        var (columns, seen) = (Head(langs).All, new HashSet<string>());
        places.Standing(plan, HeadSheet, 0);
        if (plan.Round is { } none) places.Standing(none, HeadSheet, 0);
        foreach (var row in sheet.Rows.Skip(1))
        {
            var item = row[0].Text.Trim();
            if (columns.Find(c => c.Heads[0] == item) is not { } column) problems.Add(new(HeadSheet, row.Number, 0, "項目", "A plan has no item of this name: \"{0}\".", item));
            else if (!seen.Add(item)) problems.Add(new(HeadSheet, row.Number, 0, item, "stands twice."));
            else
            {
                var cells = Enumerable.Range(1, column.Heads.Length).Select(i => row[i]).ToArray();
                places.Column(HeadSheet, column.Field, row.Number, item);
                if (Array.FindIndex(cells, c => c.Is == CellIs.Error) is >= 0 and var error) problems.Add(new(HeadSheet, row.Number, error + 1, item, BrokenCell, cells[error].Text));
                else if (column.Read(plan, cells) is { } wrong) problems.Add(new(HeadSheet, row.Number, wrong.Cell + 1, item, wrong.Said, wrong.Values));
                if (Enumerable.Range(column.Heads.Length + 1, Math.Max(0, row.Cells.Length - column.Heads.Length - 1)).FirstOrDefault(i => row[i].Is != CellIs.Empty) is > 0 and var more) problems.Add(new(HeadSheet, row.Number, more, item, "Nothing is to stand here: \"{0}\".", row[more].Text));
            }
        }
        foreach (var missing in columns.Where(c => !seen.Contains(c.Heads[0]))) problems.Add(new(HeadSheet, 0, -1, "", "The row \"{0}\" is missing. Where there is nothing to say it stays empty.", missing.Heads[0]));
    }

    internal const string BrokenCell = "The value of this cell cannot be read: {0}. Write it as a value.";
}
