using Komachi.Plan;
using Komachi.Platform.Sheets;

namespace Komachi.Tests.Plan;

/// <summary>A sheet with mistakes: every one is said with its sheet, its cell and its heading, all at once.</summary>
public sealed class WrongSheets
{
    static string[] Problems(string town, Action<Workbook> spoil, AroundPlan? around = null)
    {
        var (book, problems) = (PlanSheets.Write(SheetsRoundTrip.Plan(town)), new List<SheetProblem>());
        spoil(book);
        PlanSheets.Read(SheetFile.Read(SheetFile.ToXlsx(book), "plan.xlsx"), problems, around is null ? null : around.Check);
        return [.. problems.Where(p => !p.IsHint).Select(p => $"{p.Sheet} {p.Place} {p.Heading}: {string.Format(null, p.Said, p.Values)}")];
    }

    static int Column(Sheet sheet, string head) => Array.FindIndex(sheet.Rows[0].Cells, c => c.Text == head);

    /// <summary>Writes into a cell by its heading.</summary>
    static void Write(Workbook book, string sheet, int row, string head, Cell cell)
    {
        var (on, column) = (book.Find(sheet)!, Column(book.Find(sheet)!, head));
        var cells = new Cell[Math.Max(column + 1, on.Rows[row - 1].Cells.Length)];
        on.Rows[row - 1].Cells.CopyTo(cells, 0);
        cells[column] = cell;
        on.Rows[row - 1] = new(row, cells);
    }

    [Fact]
    public void Text_for_a_number_is_found_in_its_cell()
    {
        var found = Assert.Single(Problems("onojo", b => Write(b, "経費", 6, "令和5年度", "約百万円")), p => p.Contains("is no number"));
        Assert.Equal("経費 D6 令和5年度: R5: \"約百万円\" is no number; write a number, none or lost.", found);
        Assert.Contains("取組 E2 緊急度: \"高い\" is no whole number.", Problems("onojo", b => Write(b, "取組", 2, "緊急度", "高い")));
    }

    [Fact]
    public void Costs_that_do_not_add_up_are_found_at_the_sum()
    {
        var found = Assert.Single(Problems("onojo", b => Write(b, "経費", b.Find("経費")!.Rows.FindIndex(r => r.Cells.Any(c => c.Text == "施策の経費")) + 1, "令和4年度", Cell.Of(999_999m))));
        Assert.Matches("^経費 [C-F][0-9]+ 令和4年度: its measures add up to [0-9]+, and it states 19100\\.$", found);
    }

    [Fact]
    public void Years_that_are_none_or_lie_outside_are_found_in_their_heading()
    {
        var found = Problems("onojo", b =>
        {
            Write(b, "経費", 1, "令和5年度", "令和五年");
            Write(b, "指標", 1, "令和7年度", "令和12年度");
            Write(b, "計画", 6, "内容", "令和年度");
        });
        Assert.Contains("経費 D1 令和五年: \"令和五年\" is neither a column of this sheet nor a fiscal year like 令和4年度.", found);
        Assert.Contains(found, f => f.StartsWith("計画 B6 最初の年度: \"令和年度\" is no fiscal year"));
        Assert.Contains(Problems("onojo", b => Write(b, "指標", 1, "令和7年度", "令和12年度")), f => f.EndsWith("令和12年度: 令和12年度 lies outside of the plan's period, 令和4年度 to 令和7年度."));
    }

    [Fact]
    public void What_is_missing_unknown_twice_or_merged_is_said()
    {
        var found = Problems("omitama", b =>
        {
            b.Sheets.Remove(b.Find("契約")!);
            b.Add("めも").Add("おぼえ");
            Write(b, "施策", 1, "目的", "もくてき");
            Write(b, "指標", 1, "備考", "単位");
        });
        Assert.Contains("契約  : This sheet is missing. Where there is nothing to say it has only its headings.", found);
        Assert.Contains(found, f => f.StartsWith("めも  : A plan has no sheet of this name."));
        Assert.Contains(found, f => f.StartsWith("施策 1 目的: The column \"目的\" is missing."));
        Assert.Contains(found, f => f.Contains("もくてき: This sheet has no column of this name: \"もくてき\"."));
        Assert.Contains(found, f => f.Contains("単位: This heading stands twice."));
        Assert.Contains(found, f => f.StartsWith("指標 1 備考: The column \"備考\" is missing."));

        var (merged, problems) = (PlanSheets.Write(SheetsRoundTrip.Plan("omitama")), new List<SheetProblem>());
        merged.Find("施策")!.Merged.Add("B3:B5");
        PlanSheets.Read(merged, problems);
        Assert.Equal(("施策", "B3:B5"), Assert.Single(problems.Select(p => (p.Sheet, p.Values[0]))));
    }

    [Fact]
    public void Codes_that_stand_twice_or_lead_nowhere_are_found_in_their_rows()
    {
        var found = Problems("onojo", b =>
        {
            Write(b, "施策", 4, "コード", b.Find("施策")!.Rows[2][0].Text);
            Write(b, "行動", 3, "施策", "Z-9-9");
            Write(b, "施策", 6, "基本方針", "IX");
            Write(b, "指標", 2, "方向", "上がる");
        });
        Assert.Contains("施策 A4 コード: stands twice.", found);
        Assert.Contains("行動 A3 施策: there is no measure Z-9-9.", found);
        Assert.Contains("施策 B6 基本方針: there is no policy IX.", found);
        Assert.Contains(found, f => f.StartsWith("指標 E2 方向: \"上がる\" is none of 増やす、減らす、保つ"));
    }

    [Fact]
    public void A_plan_beside_another_says_that_it_follows_it_or_does_not_overlap_it()
    {
        var around = new AroundPlan([SheetsRoundTrip.Plan("omitama")], new HashSet<string>());
        var found = Assert.Single(Problems("onojo", b => Write(b, "計画", 2, "内容", "dx-next"), around));
        Assert.StartsWith("計画 B6 最初の年度: its period overlaps the plan", found);
        Assert.Empty(Problems("onojo", b =>
        {
            Write(b, "計画", 2, "内容", "dx-next");
            Write(b, "計画", 14, "内容", "dx");
        }, around));
        // Documents name what they name: a department that the town does not have is a hint.
        var oyabe = SheetsRoundTrip.Plan("oyabe");
        oyabe.Measures[0].Departments.AddRange(["ある課", "ない課"]);
        Assert.Single(new AroundPlan([], new HashSet<string> { "ある課" }).Check(oyabe), p => p.IsHint && p.What.Contains("has no department \"ない課\""));
    }
}
