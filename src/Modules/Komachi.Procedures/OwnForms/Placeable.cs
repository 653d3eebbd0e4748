using Komachi.Platform.Days;
using Komachi.Platform.Forms;
using Komachi.Ui.Words;

namespace Komachi.Procedures;

/// <summary>Everything that can stand on the form of a procedure, with what a clerk calls it. Of what repeats <c>#</c> stands for the row, which is asked beside it.</summary>
public sealed record Placeable(string What, string Label, string Group, decimal Width, decimal Height)
{
    /// <summary>What is known of the filing itself first, then page by page.</summary>
    public static IReadOnlyList<Placeable> Of(Stage stage, Words t)
    {
        var all = new List<Placeable>();
        var known = t["Of the filing"];
        all.Add(new(":text", t["Words that never change"], known, 40, 6));
        all.Add(new(":receipt", t["Receipt number"], known, 40, 6));
        foreach (var (key, label) in new[] { (":arrivedOn", t["Day of arrival"]), (":decidedOn", t["Day of the decision"]) }) all.AddRange(Days(key, label, known, t));
        all.Add(new(":number", t["Document number"], known, 40, 6));
        all.Add(new(":seal", t["Place of the official seal"], known, 24, 24));
        foreach (var page in stage.Form.Pages)
            foreach (var field in page.Fields) Add(field, field.Key, "");
        return all;

        string Say(Said said) => stage.Blank.Say(said).In(t.Lang);

        string LabelOf(CompiledField field)
        {
            var said = Furigana.Bare(Say(field.Field.Label) is { Length: > 0 } label ? label : Say(field.Field.Text));
            return said.Length == 0 ? field.Key : said.Length > 40 ? said[..40] + "…" : said;
        }

        void Add(CompiledField field, string path, string before)
        {
            var titled = stage.Form.Pages.First(p => p.Fields.Any(f => f == field || f.Rows.Contains(field))).Page.Title;
            var (group, label) = (Say(titled), before + LabelOf(field));
            void One(string part, string said, decimal width = 40) => all.Add(new(part.Length == 0 ? path : $"{path}.{part}", said.Length == 0 ? label : t["{0}: {1}|part", label, said], group, width, 6));
            void Mark(string value, string said) => all.Add(new($"{path}={value}", t["Mark at “{1}”: {0}", label, said], group, 6, 6));
            switch (field.Field.Kind)
            {
                case "statement": return;
                case "group" or "people":
                    foreach (var inner in field.Rows) Add(inner, $"{path}/#/{inner.Key}", t["{0}, row:", LabelOf(field)] + " ");
                    return;
                case "amounts":
                    foreach (var column in field.Field.Columns)
                    {
                        foreach (var row in field.Field.Rows) all.Add(new($"{path}/{row.Value}/{column.Key}", t["{0}: {1}|part", label, $"{Say(row.Text)} · {Say(column.Text)}"], group, 26, 6));
                        all.Add(new($"{path}/*/{column.Key}", t["{0}: {1}|part", label, $"{t["Total"]} · {Say(column.Text)}"], group, 26, 6));
                    }
                    return;
                case "date" or "month":
                    all.AddRange(Days(path, label, group, t));
                    return;
                case "name":
                    One("", "", 60);
                    foreach (var (part, said) in new[] { ("kana", t["Reading"]), ("family", t["Family name"]), ("given", t["Given name"]), ("familyKana", t["Reading of the family name"]), ("givenKana", t["Reading of the given name"]) }) One(part, said);
                    return;
                case "address":
                    One("", "", 110);
                    One("line", t["without the postcode"], 110);
                    foreach (var (part, said) in new[] { ("postcode", t["Postcode"]), ("prefecture", t["Prefecture"]), ("city", t["City"]), ("town", t["Town"]), ("number", t["Number"]), ("building", t["Building"]) }) One(part, said);
                    return;
                case "account":
                    One("", "", 90);
                    foreach (var (part, said) in new[] { ("bank", t["Bank"]), ("bankCode", t["Code of the bank"]), ("branch", t["Branch"]), ("branchCode", t["Code of the branch"]), ("number", t["Number of the account"]), ("holder", t["Holder of the account"]) }) One(part, said);
                    foreach (var (kind, said) in new[] { ("ordinary", t["Ordinary account"]), ("current", t["Current account"]), ("savings", t["Savings account"]) }) all.Add(new($"{path}.kind={kind}", t["Mark at “{1}”: {0}", label, said], group, 10, 6));
                    return;
                case "yesno":
                    Mark("true", t["Yes|answer"]);
                    Mark("false", t["No|answer"]);
                    return;
                case "consent" or "declaration":
                    Mark("true", t["Yes|answer"]);
                    return;
                case "choice" or "select" or "choices":
                    One("", "");
                    foreach (var option in field.Field.Options) Mark(option.Value, Say(option.Text));
                    return;
                case "number" or "decimal" or "yen":
                    One("", "", 30);
                    One("digits", t["digits alone"], 30);
                    return;
                case "calculated" when field.Value?.Sort == Sort.Day:
                    all.AddRange(Days(path, label, group, t));
                    return;
                case "calculated":
                    One("", "", 30);
                    if (field.Value?.Sort == Sort.Number) One("digits", t["digits alone"], 30);
                    return;
                case "file":
                    One("", t["how many"], 16);
                    return;
                default:
                    One("", "", field.Field.Kind == "area" ? 110 : 60);
                    return;
            }
        }
    }

    static IEnumerable<Placeable> Days(string path, string label, string group, Words t)
    {
        yield return new(path, label, group, 46, 6);
        foreach (var (part, said) in new[] { ("era", t["Era"]), ("eraYear", t["Year of the era"]), ("year", t["Western year"]), ("month", t["Month"]), ("day", t["Day"]) }) yield return new($"{path}.{part}", t["{0}: {1}|part", label, said], group, 12, 6);
        foreach (var era in Era.All.Take(4)) yield return new($"{path}.era={era.Kanji}", t["Mark at “{1}”: {0}", label, t.Lang.Html == "ja" ? era.Kanji : era.English], group, 10, 6);
    }

    /// <summary>With <c>#</c> for the row: what the list of choices calls it.</summary>
    public static string Shape(string what) => Source.Read(what) is { Row: not null } source ? what.Replace($"/{source.Row - 1}/", "/#/") : what;

    /// <summary>What a place is called, with its row; the bare path where the form does not ask it any more.</summary>
    public static string NameOf(IReadOnlyList<Placeable> all, PlacedField field) =>
        field.What == ":text" ? $"「{field.Text}」"
        : all.FirstOrDefault(p => p.What == Shape(field.What)) is not { } known ? field.What
        : Source.Read(field.What).Row is { } row ? $"{known.Label} ({row})" : known.Label;
}
