using Komachi.Platform.Sheets;

namespace Komachi.Plan;

/// <summary>What of one text stayed, went and came.</summary>
public enum Piece { Kept, Out, In }

/// <summary>A field as sheets call it; of something below a measure, like an indicator, with what that is and how it is called.</summary>
public readonly record struct FieldName(string Sheet, string Name, string Head)
{
    public string Show(Ui.Words.Words words) => Sheet.Length == 0 ? SheetWords.Show(Head, words) : $"{SheetWords.Show(Sheet, words)}「{Name}」{(Head.Length == 0 ? "" : " " + SheetWords.Show(Head, words))}";
}

/// <summary>What a field said before and what it says after; empty where it said nothing.</summary>
public sealed record FieldDifference(FieldName Field, string Before, string After)
{
    public IReadOnlyList<(Piece Is, string Text)> Pieces => TextDifference.Between(Before, After);
}

/// <param name="Subject">What it is about, as its sheet is called: 施策, 基本方針, 計画.</param>
/// <param name="Code">Of the measure or policy; none where it is about the plan itself.</param>
public sealed record Difference(string Subject, string Code, string Title, Piece Is, IReadOnlyList<FieldDifference> Fields);

/// <summary>
/// What moved between two revisions, measure by measure. They are held side by side as the sheets that a clerk knows, so nothing that a plan can state is left out,
/// and every field is called as it is called there.
/// </summary>
static class Differences
{
    public static IReadOnlyList<Difference> Between(PlanDocument before, PlanDocument after)
    {
        var (old, now) = (Statements(before), Statements(after));
        var subjects = now.Keys.Concat(old.Keys).Distinct();
        var moved = new List<Difference>();
        foreach (var subject in subjects)
        {
            var (was, stands) = (old.GetValueOrDefault(subject), now.GetValueOrDefault(subject));
            var fields = (stands?.Keys ?? Enumerable.Empty<FieldName>()).Concat(was?.Keys ?? Enumerable.Empty<FieldName>()).Distinct()
                .Select(f => new FieldDifference(f, was?.GetValueOrDefault(f) ?? "", stands?.GetValueOrDefault(f) ?? "")).Where(f => f.Before != f.After).ToArray();
            if (fields.Length > 0) moved.Add(new(subject.Sheet, subject.Code, (stands ?? was)!.GetValueOrDefault(new("", "", "題名"), ""), was is null ? Piece.In : stands is null ? Piece.Out : Piece.Kept, fields));
        }
        return moved;
    }

    /// <summary>Everything that a plan states, in the order of its sheets: of which measure or policy, in which field, what.</summary>
    static Dictionary<(string Sheet, string Code), OrderedDictionary<FieldName, string>> Statements(PlanDocument document)
    {
        var (book, all) = (PlanSheets.Write(document), new Dictionary<(string, string), OrderedDictionary<FieldName, string>>());
        foreach (var row in book.Find(PlanSheets.HeadSheet)!.Rows.Skip(1))
            for (var i = 1; i < row.Cells.Length; i++) State((PlanSheets.HeadSheet, ""), new("", "", row[0].Text + (i == 1 ? "" : $"（{book.Find(PlanSheets.HeadSheet)!.Rows[0][i].Text}）")), row[i]);
        foreach (var sheet in PlanSheets.All(Ui.Words.Lang.Shipped))
        {
            var (standing, twice) = (book.Find(sheet.Name)!, new Dictionary<string, int>());
            var heads = standing.Rows[0].Cells.Select(c => c.Text).ToArray();
            foreach (var row in standing.Rows.Skip(1))
            {
                var name = string.Join(' ', sheet.Known.Select(k => row[Array.IndexOf(heads, k)].Text));
                var subject = SubjectOf(sheet, sheet.Parent is null ? "" : row[0].Text, name, document);
                var own = subject.Sheet == sheet.Name && subject.Code == name;
                // Two of one name in one place: which of them it was is told by their order.
                var count = twice[$"{subject} {name}"] = twice.GetValueOrDefault($"{subject} {name}") + 1;
                var label = own ? default : new FieldName(sheet.Name, count > 1 ? $"{name}（{count}）" : name, "");
                for (var i = sheet.Parent is null ? 0 : 1; i < row.Cells.Length; i++)
                    if (own || !sheet.Known.Contains(heads[i])) State(subject, own ? new("", "", heads[i]) : label with { Head = heads[i] }, row[i]);
                if (!own && heads.Where((_, i) => row[i].Is != CellIs.Empty).All(h => h == sheet.Parent || sheet.Known.Contains(h))) State(subject, label, Cells.Yes);
            }
        }
        return all;

        void State((string, string) subject, FieldName field, Cell cell)
        {
            if (cell.Is == CellIs.Empty) return;
            if (!all.TryGetValue(subject, out var fields)) all[subject] = fields = [];
            fields[field] = cell.Text;
        }
    }

    static (string Sheet, string Code) SubjectOf(PlanSheet sheet, string of, string name, PlanDocument document)
    {
        if (sheet.Name is "施策" or "基本方針") return (sheet.Name, name);
        if (sheet.Parent is null or "資料のキー") return (sheet.Name == "推進の流れ" ? PlanSheets.HeadSheet : sheet.Name, "");
        if (document.Find(of) is not null) return ("施策", of);
        return ("基本方針", document.Policies.Find(p => p.Code == of || p.Groups.Exists(g => g.Code == of))?.Code ?? of);
    }
}

/// <summary>Two texts word by word. Japanese sets no spaces: a word here is a run of one script.</summary>
static class TextDifference
{
    const int MostWords = 1500;

    public static IReadOnlyList<(Piece Is, string Text)> Between(string before, string after)
    {
        var (a, b) = (Words(before), Words(after));
        var pieces = new List<(Piece, string)>();
        var (start, end) = (0, 0);
        while (start < a.Count && start < b.Count && a[start] == b[start]) start++;
        while (end < a.Count - start && end < b.Count - start && a[^(end + 1)] == b[^(end + 1)]) end++;
        Add(Piece.Kept, string.Concat(a.Take(start)));
        Middle([.. a.Skip(start).Take(a.Count - start - end)], [.. b.Skip(start).Take(b.Count - start - end)]);
        Add(Piece.Kept, string.Concat(a.Skip(a.Count - end)));
        return pieces;

        // The longest sequence of words that both have; what is beyond all bounds was written anew.
        void Middle(string[] out_, string[] in_)
        {
            if (out_.Length > MostWords || in_.Length > MostWords)
            {
                Add(Piece.Out, string.Concat(out_));
                Add(Piece.In, string.Concat(in_));
                return;
            }
            var longest = new int[out_.Length + 1, in_.Length + 1];
            for (var i = out_.Length - 1; i >= 0; i--)
                for (var j = in_.Length - 1; j >= 0; j--)
                    longest[i, j] = out_[i] == in_[j] ? longest[i + 1, j + 1] + 1 : Math.Max(longest[i + 1, j], longest[i, j + 1]);
            for (int i = 0, j = 0; i < out_.Length || j < in_.Length;)
                if (i < out_.Length && j < in_.Length && out_[i] == in_[j]) (_, i, j) = (Add(Piece.Kept, out_[i]), i + 1, j + 1);
                else if (i < out_.Length && (j == in_.Length || longest[i + 1, j] >= longest[i, j + 1])) (_, i) = (Add(Piece.Out, out_[i]), i + 1);
                else (_, j) = (Add(Piece.In, in_[j]), j + 1);
        }

        bool Add(Piece piece, string text)
        {
            if (text.Length == 0) return false;
            if (pieces is [.., var (last, before)] && last == piece) pieces[^1] = (piece, before + text);
            else pieces.Add((piece, text));
            return true;
        }
    }

    static List<string> Words(string text)
    {
        var words = new List<string>();
        for (int from = 0, i = 1; i <= text.Length; i++)
            if (i == text.Length || ScriptOf(text[i]) != ScriptOf(text[i - 1]) || ScriptOf(text[i]) == 0)
            {
                words.Add(text[from..i]);
                from = i;
            }
        return words;
    }

    /// <summary>0 is what stands by itself: punctuation, spaces.</summary>
    static int ScriptOf(char c) => c switch
    {
        >= 'ぁ' and <= 'ゟ' => 1,
        >= 'ァ' and <= 'ヿ' => 2,
        >= '\u3400' and <= '\u9fff' or '々' => 3,
        _ when char.IsSurrogate(c) || c is >= '\ufe00' and <= '\ufe0f' => 3,
        _ when char.IsDigit(c) => 4,
        _ when char.IsLetter(c) => 5,
        _ => 0,
    };
}
