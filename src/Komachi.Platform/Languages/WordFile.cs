using System.Text;
using Komachi.Platform.Sheets;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace Komachi.Platform.Languages;

/// <summary>
/// A language's words as a file: YAML (<c>"Send": "Enviar"</c>, with a form for each kind of number <c>"{0} files": { one: …, other: … }</c>), as it stands in
/// <c>towns/&lt;town&gt;/words/&lt;code&gt;.yaml</c>, or CSV for a spreadsheet, with the Japanese beside it.
/// </summary>
static class WordFile
{
    public const int MostBytes = 1024 * 1024;
    const int LongestText = 4000, MostTexts = 10_000;
    static readonly string[] Columns = ["English", "Form", "日本語", "やさしい日本語"];

    /// <summary>The file cannot be read at all; the message is a key of the words.</summary>
    public sealed class Unreadable(string message, params object[] values) : Exception(message)
    {
        public object[] Values => values;
    }

    public static IReadOnlyDictionary<string, string> Read(string file)
    {
        var words = file.TrimStart('\ufeff') is var text && (text.StartsWith("English,", StringComparison.Ordinal) || text.StartsWith("English\t", StringComparison.Ordinal)) ? FromCsv(text) : FromYaml(text);
        if (words.Count > MostTexts || words.Any(w => w.Key.Length > LongestText || w.Value.Length > LongestText)) throw new Unreadable("This is no file of words: it is too long.");
        // What a form takes out, too: no database could hold it.
        var clean = new Dictionary<string, string>();
        foreach (var (key, said) in words) clean[FormDoor.Clean(key)] = FormDoor.Clean(said).Trim();
        return clean;
    }

    static Dictionary<string, string> FromCsv(string file)
    {
        var words = new Dictionary<string, string>();
        foreach (var line in Csv.Read(file).Skip(1))
            if (line.Cells.Length > Columns.Length) words[WordBook.KeyOf(line.Cells[0], line.Cells[1].Length == 0 ? Plural.Other : line.Cells[1])] = Csv.Unguarded(line.Cells[Columns.Length]);
            else if (line.Cells.Length > 1 && line.Cells.Skip(1).Any(c => c.Length > 0)) throw new Unreadable("Row {0} has no column for the translation.", line.Row);
        return words;
    }

    // Event by event: what is nested deeper than a form is no file of words, and a reader that goes down with it could be made to fall.
    static Dictionary<string, string> FromYaml(string file)
    {
        var words = new Dictionary<string, string>();
        try
        {
            var parser = new Parser(new StringReader(file));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _)) return words;
            parser.Consume<DocumentStart>();
            if (parser.Accept<Scalar>(out _)) return words;    // nothing but comments
            parser.Consume<MappingStart>();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var text = parser.Consume<Scalar>().Value;
                if (!parser.TryConsume<MappingStart>(out _)) words[text] = parser.Consume<Scalar>().Value;
                else
                    while (!parser.TryConsume<MappingEnd>(out _)) words[WordBook.KeyOf(text, parser.Consume<Scalar>().Value)] = parser.Consume<Scalar>().Value;
            }
            return words;
        }
        catch (YamlException e)
        {
            throw new Unreadable("Line {0} could not be read. A text and its translation stand in quotes, with a colon between them.", e.Start.Line);
        }
    }

    /// <summary>Everything that can be said, what is missing as well, and at the end what no page says any more: nothing that a town wrote gets lost.</summary>
    public static string ToYaml(IReadOnlyDictionary<string, string> words, Lang lang, WordBook book)
    {
        var file = new StringBuilder().Append($"# {lang.OwnName} ({lang.Html})\n");
        var forms = Plural.FormsOf(lang);
        foreach (var text in book.Texts)
        {
            file.Append($"\n# {OneLine(book.Find(text, Lang.Japanese))}\n");
            if (book.Counts(text) && forms.Count > 1) file.Append($"{Quoted(text)}: {{ {string.Join(", ", forms.Select(f => $"{f}: {Quoted(Said(text, f))}"))} }}\n");
            else file.Append($"{Quoted(text)}: {Quoted(Said(text, Plural.Other))}\n");
        }
        if (WordReview.Of(words, lang, book).Superfluous is { Count: > 0 } left)
        {
            file.Append("\n# ----\n");
            foreach (var key in left) file.Append($"{Quoted(key)}: {Quoted(words[key])}\n");
        }
        return file.ToString();

        string Said(string text, string form) => words.GetValueOrDefault(WordBook.KeyOf(text, form), "");
    }

    public static string ToCsv(IReadOnlyDictionary<string, string> words, Lang lang, WordBook book) => "\ufeff" + Csv.Write(
    [
        [.. Columns, lang.OwnName],
        .. WordReview.Wanted(lang, book).Select(w => new[]
        {
            Csv.Guarded(w.Text), w.Form == Plural.Other ? "" : w.Form, Csv.Guarded(Furigana.Bare(book.Find(w.Text, Lang.Japanese) ?? "")), Csv.Guarded(Furigana.Bare(book.Find(w.Text, Lang.Plain) ?? "")),
            Csv.Guarded(words.GetValueOrDefault(WordBook.KeyOf(w.Text, w.Form), "")),
        }),
    ]);

    static string OneLine(string? text) => (text ?? "").ReplaceLineEndings(" ");

    static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n").Replace("\r", "").Replace("\t", "\\t") + "\"";
}
