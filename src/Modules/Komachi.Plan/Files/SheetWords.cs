using Komachi.Ui.Words;

namespace Komachi.Plan;

/// <summary>What sheets and their columns are called by who reads another language: a form and a comparison show the same names as the sheet.</summary>
static class SheetWords
{
    static readonly Dictionary<string, string> Keys = new()
    {
        ["計画"] = "The plan|sheet", ["推進の流れ"] = "How it is carried on|sheet", ["指針"] = "Guidelines|sheet",
        ["体制"] = "Bodies|sheet", ["資料"] = "Figures|sheet", ["資料の値"] = "Values of figures|sheet",
        ["施策"] = "Measures|sheet", ["予算"] = "Budget|sheet", ["予算（千円）"] = "Budget (thousand yen)|sheet",
        ["契約"] = "Contracts|sheet", ["これまで"] = "History|sheet", ["キー"] = "Key|sheet", ["資料のキー"] = "Key of the figures|sheet", ["施策か基本方針"] = "Measure or policy|sheet",
        ["計画名"] = "Name of the plan|sheet", ["策定年月"] = "Decided in|sheet", ["策定者"] = "Decided by|sheet",
        ["最初の年度"] = "First fiscal year|sheet", ["最後の年度"] = "Last fiscal year|sheet", ["工程の区切り"] = "Columns of the schedule|sheet",
        ["めざす姿"] = "Vision|sheet", ["概要"] = "Summary|sheet", ["位置づけ"] = "Its place among other plans|sheet",
        ["見直し"] = "How it is reviewed|sheet", ["以前の計画"] = "What it was called before|sheet", ["前の計画のキー"] = "Key of the plan before it|sheet",
        ["他のまちとの比較に載せる"] = "Shown beside other towns' plans|sheet", ["推進の流れ：何年分の経費を求めるか"] = "Years that a sheet asks money for|sheet", ["推進の流れ：随時追加できる"] = "May be added at any time|sheet",
        ["資料の文面から分からないこと"] = "What the text lost|sheet", ["計画書の箇所"] = "Place in the document|sheet", ["計画書のURL"] = "Address of the document|sheet",
        ["段階"] = "Stage|sheet", ["担当"] = "Whose turn|sheet", ["期限"] = "By when|sheet",
        ["必要な記載"] = "What it asks for|sheet", ["備考"] = "Note|sheet", ["コード"] = "Code|sheet",
        ["題名"] = "Title|sheet", ["内容"] = "Text|sheet", ["課題"] = "Problem|sheet",
        ["名称"] = "Name|sheet", ["長"] = "Head|sheet", ["構成"] = "Members|sheet",
        ["役割"] = "Roles|sheet", ["単位"] = "Unit|sheet", ["項目"] = "Item|sheet",
        ["値"] = "Value|sheet", ["緊急度"] = "Urgency|sheet", ["重要度"] = "Importance|sheet",
        ["重点"] = "Comes first|sheet", ["今後検討"] = "Put off|sheet", ["基本方針"] = "Policy|sheet",
        ["取組"] = "Group|sheet", ["番号"] = "Number|sheet", ["目的"] = "Purpose|sheet",
        ["現状と課題"] = "How it stands|sheet", ["目標"] = "Goal|sheet", ["期待される効果"] = "Effects|sheet",
        ["担当課"] = "Departments|sheet", ["取組の例"] = "Examples|sheet", ["工程の文"] = "Schedule in words|sheet",
        ["数値目標"] = "Final goal|sheet", ["数値目標の値"] = "Final goal: value|sheet", ["数値目標の単位"] = "Final goal: unit|sheet",
        ["数値目標の文"] = "Final goal: in words|sheet", ["経費の注"] = "Note on costs|sheet", ["SDGs"] = "SDGs|sheet",
        ["関連施策"] = "Linked measures|sheet", ["サービス"] = "Services|sheet", ["国の計画の項目"] = "Items of the state's plan|sheet",
        ["行動"] = "Actions|sheet", ["工程"] = "Bars|sheet", ["図が資料になし"] = "Drawing lost|sheet",
        ["文"] = "In words|sheet", ["指標"] = "Indicators|sheet", ["方向"] = "Direction|sheet",
        ["数え方"] = "Counted|sheet", ["基準値"] = "Baseline|sheet", ["基準の時点"] = "Baseline: when|sheet",
        ["基準の文"] = "Baseline: in words|sheet", ["自動で測る数値"] = "Figure that measures it|sheet", ["経費"] = "Costs|sheet",
        ["経費（千円）"] = "Costs (thousand yen)|sheet", ["うち一般財源（千円）"] = "Of which from the general fund (thousand yen)|sheet", ["種類"] = "Kind|sheet",
        ["年度"] = "Fiscal year|sheet", ["財源"] = "Source|sheet", ["金額（千円）"] = "Amount (thousand yen)|sheet",
        ["件名"] = "Subject|sheet", ["相手"] = "With|sheet", ["始期"] = "From|sheet",
        ["終期"] = "Until|sheet",
    };

    /// <summary>題名 is Title; 題名（English） keeps its language, and a fiscal year is written as everywhere.</summary>
    public static string Show(string head, Words words)
    {
        if (words.Lang == Lang.Japanese) return head;
        if (PlanYear.Read(Cells.ReadYear(head)) is { } year) return year.Short(words.Lang);
        if (Keys.TryGetValue(head, out var key)) return words[key];
        // Costs with their year, or a text with its language.
        if (head.LastIndexOf(' ') is > 0 and var space) return $"{Show(head[..space], words)} {Show(head[(space + 1)..], words)}";
        return head.LastIndexOf('（') is > 0 and var at && Keys.ContainsKey(head[..at]) ? Show(head[..at], words) + head[at..] : head;
    }

    internal static IEnumerable<string> Known => Keys.Keys;
}
