namespace Komachi.Procedures;

public enum LineIs { Kept, Out, In }

/// <param name="Number">Which line of the later text it is, or of the earlier one where it went.</param>
public sealed record ChangedLine(LineIs Is, int Number, string Text);

/// <summary>What moved between two texts, line by line, in pieces with a few lines around each.</summary>
static class LineDifference
{
    const int Around = 3, MostLines = 2000;

    public static IReadOnlyList<IReadOnlyList<ChangedLine>> Between(string before, string after)
    {
        var lines = All(Lines(before), Lines(after));
        var near = new bool[lines.Count];
        for (var i = 0; i < lines.Count; i++)
            if (lines[i].Is != LineIs.Kept) near.AsSpan(Math.Max(0, i - Around), Math.Min(lines.Count, i + Around + 1) - Math.Max(0, i - Around)).Fill(true);
        var pieces = new List<IReadOnlyList<ChangedLine>>();
        for (var i = 0; i < lines.Count;)
        {
            var from = i;
            while (i < lines.Count && near[i] == near[from]) i++;
            if (near[from]) pieces.Add(lines[from..i]);
        }
        return pieces;
    }

    static string[] Lines(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    /// <summary>The longest sequence of lines that both have; what is beyond all bounds was written anew.</summary>
    static List<ChangedLine> All(string[] a, string[] b)
    {
        var (start, end) = (0, 0);
        while (start < a.Length && start < b.Length && a[start] == b[start]) start++;
        while (end < a.Length - start && end < b.Length - start && a[^(end + 1)] == b[^(end + 1)]) end++;
        var lines = new List<ChangedLine>(Math.Max(a.Length, b.Length));
        for (var i = 0; i < start; i++) lines.Add(new(LineIs.Kept, i + 1, b[i]));
        var (n, m) = (a.Length - start - end, b.Length - start - end);
        if (n > MostLines || m > MostLines)
        {
            for (var i = 0; i < n; i++) lines.Add(new(LineIs.Out, start + i + 1, a[start + i]));
            for (var j = 0; j < m; j++) lines.Add(new(LineIs.In, start + j + 1, b[start + j]));
        }
        else
        {
            var longest = new int[n + 1, m + 1];
            for (var i = n - 1; i >= 0; i--)
                for (var j = m - 1; j >= 0; j--)
                    longest[i, j] = a[start + i] == b[start + j] ? longest[i + 1, j + 1] + 1 : Math.Max(longest[i + 1, j], longest[i, j + 1]);
            for (int i = 0, j = 0; i < n || j < m;)
                if (i < n && j < m && a[start + i] == b[start + j])
                {
                    lines.Add(new(LineIs.Kept, start + j + 1, b[start + j]));
                    (i, j) = (i + 1, j + 1);
                }
                else if (i < n && (j == m || longest[i + 1, j] >= longest[i, j + 1])) lines.Add(new(LineIs.Out, start + ++i, a[start + i - 1]));
                else lines.Add(new(LineIs.In, start + ++j, b[start + j - 1]));
        }
        for (var i = end; i > 0; i--) lines.Add(new(LineIs.Kept, b.Length - i + 1, b[^i]));
        return lines;
    }
}
