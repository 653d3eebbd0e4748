using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;

namespace Komachi.Platform.Sheets;

/// <summary>
/// Office Open XML spreadsheets (ECMA-376), as far as a table has to do with them: values, days, formulas' last values, joined cells. Read with a forward reader
/// and without any schema: what is not known is passed over (docs/decisions/0025). No entities, nothing from elsewhere, no macros.
/// </summary>
static partial class Xlsx
{
    const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships", Packages = "http://schemas.openxmlformats.org/package/2006/";

    static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true, CloseInput = true };

    public static Workbook Read(ZipArchive zip, Room room)
    {
        if (zip.Entries.Any(e => e.FullName.EndsWith("vbaProject.bin", StringComparison.OrdinalIgnoreCase))) throw new UnreadableSheets("This file holds macros. Save it as .xlsx without them.");
        if (zip.Entries.Any(e => e.FullName.StartsWith("xl/externalLinks/", StringComparison.OrdinalIgnoreCase))) throw new UnreadableSheets("This file takes values from other files. Paste them in as values, and save it anew.");
        var folder = "xl/";
        var (names, from1904) = Names(zip, room, folder);
        var targets = Targets(zip, room, folder);
        var texts = Texts(zip, room, folder);
        var days = DayStyles(zip, room, folder);
        var (book, cells) = (new Workbook(), 0);
        foreach (var (name, id) in names)
            if (targets.TryGetValue(id, out var target) && target.Type.EndsWith("/worksheet", StringComparison.Ordinal))
            {
                if (book.Sheets.Count >= SheetFile.MostParts) throw new UnreadableSheets("This file has too many parts.");
                book.Sheets.Add(OfSheet(Open(zip, room, target.Path) ?? throw new InvalidDataException(), name, texts, days, from1904, ref cells));
            }
        return book.Sheets.Count > 0 ? book : throw new UnreadableSheets("This file holds no sheet.");
    }

    static XmlReader? Open(ZipArchive zip, Room room, string path) => zip.GetEntry(path) is { } entry ? XmlReader.Create(new MemoryStream(room.Unpack(entry)), Settings) : null;

    static (List<(string Name, string Id)>, bool From1904) Names(ZipArchive zip, Room room, string folder)
    {
        var (names, from1904) = (new List<(string, string)>(), false);
        using var xml = Open(zip, room, folder + "workbook.xml") ?? throw new InvalidDataException();
        while (xml.Read())
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "sheet" }) names.Add((xml.GetAttribute("name") ?? "", xml.GetAttribute("id", Relations) ?? xml.GetAttribute("id", "http://purl.oclc.org/ooxml/officeDocument/relationships") ?? ""));
            else if (xml is { NodeType: XmlNodeType.Element, LocalName: "workbookPr" }) from1904 = xml.GetAttribute("date1904") is "1" or "true";
        return (names, from1904);
    }

    static Dictionary<string, (string Path, string Type)> Targets(ZipArchive zip, Room room, string folder)
    {
        var targets = new Dictionary<string, (string, string)>();
        using var xml = Open(zip, room, folder + "_rels/workbook.xml.rels") ?? throw new InvalidDataException();
        while (xml.Read())
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "Relationship" } && xml.GetAttribute("TargetMode") != "External" && xml.GetAttribute("Target") is { } target)
                targets[xml.GetAttribute("Id") ?? ""] = (target.StartsWith('/') ? target[1..] : folder + target, xml.GetAttribute("Type") ?? "");
        return targets;
    }

    /// <summary>Texts stand once in the file, and cells name them by number.</summary>
    static List<string> Texts(ZipArchive zip, Room room, string folder)
    {
        var texts = new List<string>();
        using var xml = Open(zip, room, folder + "sharedStrings.xml");
        while (xml?.Read() == true)
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "si" }) texts.Add(TextWithin(xml, "si"));
        return texts;
    }

    /// <summary>Of runs of one text in several scripts; readings above it (ふりがな) are none of it.</summary>
    static string TextWithin(XmlReader xml, string element)
    {
        if (xml.IsEmptyElement) return "";
        var text = new StringBuilder();
        var (within, readings) = (false, 0);
        while (xml.Read() && !(xml.NodeType == XmlNodeType.EndElement && xml.LocalName == element))
            switch (xml.NodeType)
            {
                case XmlNodeType.Element when xml.LocalName == "rPh" && !xml.IsEmptyElement: readings++; break;
                case XmlNodeType.EndElement when xml.LocalName == "rPh": readings--; break;
                case XmlNodeType.Element when xml.LocalName == "t": within = !xml.IsEmptyElement; break;
                case XmlNodeType.EndElement when xml.LocalName == "t": within = false; break;
                case XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace or XmlNodeType.CDATA when within && readings == 0: text.Append(xml.Value); break;
            }
        return Unescaped(text.ToString());
    }

    /// <summary>Styles in which a number is a day: a day is a number in a spreadsheet, and only its look tells.</summary>
    static HashSet<int> DayStyles(ZipArchive zip, Room room, string folder)
    {
        var (formats, styles, at, within) = (new HashSet<int> { 14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 45, 46, 47, 50, 51, 52, 53, 54, 55, 56, 57, 58 }, new HashSet<int>(), 0, false);
        using var xml = Open(zip, room, folder + "styles.xml");
        while (xml?.Read() == true)
            switch (xml.NodeType)
            {
                case XmlNodeType.Element when xml.LocalName == "numFmt":
                    if (Number(xml.GetAttribute("numFmtId")) is { } id && LooksLikeDay(xml.GetAttribute("formatCode") ?? "")) formats.Add(id);
                    break;
                case XmlNodeType.Element when xml.LocalName == "cellXfs": within = true; break;
                case XmlNodeType.EndElement when xml.LocalName == "cellXfs": within = false; break;
                case XmlNodeType.Element when within && xml.LocalName == "xf":
                    if (Number(xml.GetAttribute("numFmtId")) is { } format && formats.Contains(format)) styles.Add(at);
                    at++;
                    break;
            }
        return styles;
    }

    static bool LooksLikeDay(string format) => InQuotes().Replace(format, "").AsSpan().IndexOfAny("yYdDgGe") >= 0;

    static Sheet OfSheet(XmlReader xml, string name, List<string> texts, HashSet<int> days, bool from1904, ref int count)
    {
        var sheet = new Sheet(name);
        var (row, cells) = (0, new List<Cell>());
        using (xml)
            while (xml.Read())
            {
                if (xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "row") EndRow();
                if (xml.NodeType != XmlNodeType.Element) continue;
                if (xml.LocalName == "row")
                {
                    EndRow();
                    row = Number(xml.GetAttribute("r")) ?? row + 1;
                }
                else if (xml.LocalName == "mergeCell") sheet.Merged.Add(xml.GetAttribute("ref") ?? "");
                else if (xml.LocalName == "c")
                {
                    var column = xml.GetAttribute("r") is { Length: > 0 } at ? ColumnOf(at) : cells.Count;
                    var cell = OfCell(xml, texts, days, from1904);
                    if (cell.Is == CellIs.Empty) continue;
                    if (++count > SheetFile.MostCells || column >= SheetFile.MostColumns) throw new UnreadableSheets("This sheet is too large: \"{0}\".", name);
                    while (cells.Count < column) cells.Add(default);
                    cells.Add(cell);
                }
            }
        return sheet;

        void EndRow()
        {
            if (cells.Count > 0) sheet.Rows.Add(new(row, [.. cells]));
            cells.Clear();
        }
    }

    static Cell OfCell(XmlReader xml, List<string> texts, HashSet<int> days, bool from1904)
    {
        var (type, style, value, text, formula) = (xml.GetAttribute("t") ?? "n", Number(xml.GetAttribute("s")) ?? 0, (string?)null, (string?)null, false);
        if (xml.IsEmptyElement) return default;
        while (xml.Read() && !(xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "c"))
        {
            if (xml.NodeType != XmlNodeType.Element) continue;
            if (xml.LocalName == "is") text = TextWithin(xml, "is");
            else if (xml.LocalName == "v") value = ValueWithin(xml);
            else if (xml.LocalName == "f") formula = true;
        }
        if (value is null) return text is not null ? Cell.Of(text) : formula ? new(CellIs.Error, "=") : default;
        return type switch
        {
            "s" => Number(value) is { } at && at >= 0 && at < texts.Count ? Cell.Of(texts[at]) : throw new InvalidDataException(),
            "b" => new(CellIs.Truth, value is "1" or "true" ? "true" : "false"),
            "e" => new(CellIs.Error, value),
            "d" => DateTime.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? DayOf(day) : new(CellIs.Error, value),
            "n" => OfNumber(value, days.Contains(style), from1904),
            _ => Cell.Of(Unescaped(value)),
        };
    }

    static string ValueWithin(XmlReader xml)
    {
        var text = new StringBuilder();
        if (xml.IsEmptyElement) return "";
        while (xml.Read() && xml.NodeType != XmlNodeType.EndElement) text.Append(xml.Value);
        return text.ToString();
    }

    static Cell OfNumber(string value, bool day, bool from1904)
    {
        if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return value.Length == 0 ? default : new(CellIs.Error, value);
        // Excel counts a 29 February 1900, which there was not: before it days are one less.
        if (day && number is >= 0 and < 2_958_466) return DayOf(from1904 ? new DateTime(1904, 1, 1).AddDays(number) : new DateTime(1899, 12, 30).AddDays(number < 60 ? number + 1 : number));
        // As it was written where that is short; 0.30000000000000004 is what a sum of tenths leaves, and nobody wrote it.
        return decimal.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var exact) && value.Count(char.IsAsciiDigit) <= 15 ? new(CellIs.Number, value)
            : Math.Abs(number) < 1e27 ? Cell.Of((decimal)number) : new(CellIs.Error, value);
    }

    static Cell DayOf(DateTime day) => new(CellIs.Day, day.ToString(day.TimeOfDay == default ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture));

    static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    static int ColumnOf(string place)
    {
        var column = 0;
        foreach (var c in place)
        {
            if (!char.IsAsciiLetter(c)) break;
            if ((column = column * 26 + (char.ToUpperInvariant(c) - 'A' + 1)) > 20_000) throw new InvalidDataException();
        }
        return column == 0 ? throw new InvalidDataException() : column - 1;
    }

    // What XML cannot hold stands as _x000D_; where somebody wrote just that, its first line is.
    static string Unescaped(string text) => text.Contains("_x", StringComparison.Ordinal) ? Escape().Replace(text, m => ((char)Convert.ToUInt16(m.Groups[1].Value, 16)).ToString()) : text;

    static string Escaped(string text) => Unwritable().Replace(text, m => m.Value[0] == '_' ? "_x005F_" : $"_x{(int)m.Value[0]:X4}_");

    public static void Write(Workbook book, ZipArchive zip)
    {
        Part("[Content_Types].xml", xml =>
        {
            xml.WriteStartElement("Types", Packages + "content-types");
            Element("Default", ("Extension", "rels"), ("ContentType", "application/vnd.openxmlformats-package.relationships+xml"));
            Element("Default", ("Extension", "xml"), ("ContentType", "application/xml"));
            Element("Override", ("PartName", "/xl/workbook.xml"), ("ContentType", SheetFile.Xlsx + ".main+xml"));
            Element("Override", ("PartName", "/xl/styles.xml"), ("ContentType", "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"));
            for (var i = 1; i <= book.Sheets.Count; i++) Element("Override", ("PartName", $"/xl/worksheets/sheet{i}.xml"), ("ContentType", "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"));
            void Element(string name, params (string, string)[] attributes) => Empty(xml, name, attributes);
        });
        Part("_rels/.rels", xml =>
        {
            xml.WriteStartElement("Relationships", Packages + "relationships");
            Empty(xml, "Relationship", ("Id", "rId1"), ("Type", Relations + "/officeDocument"), ("Target", "xl/workbook.xml"));
        });
        Part("xl/workbook.xml", xml =>
        {
            xml.WriteStartElement("workbook", Main);
            xml.WriteStartElement("sheets");
            for (var i = 0; i < book.Sheets.Count; i++)
            {
                xml.WriteStartElement("sheet");
                xml.WriteAttributeString("name", book.Sheets[i].Name);
                xml.WriteAttributeString("sheetId", $"{i + 1}");
                xml.WriteAttributeString("r", "id", Relations, $"rId{i + 1}");
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
        });
        Part("xl/_rels/workbook.xml.rels", xml =>
        {
            xml.WriteStartElement("Relationships", Packages + "relationships");
            for (var i = 1; i <= book.Sheets.Count; i++) Empty(xml, "Relationship", ("Id", $"rId{i}"), ("Type", Relations + "/worksheet"), ("Target", $"worksheets/sheet{i}.xml"));
            Empty(xml, "Relationship", ("Id", "rIdStyles"), ("Type", Relations + "/styles"), ("Target", "styles.xml"));
        });
        // 0: as it is; 1: a heading; 2: text that breaks in its cell, and stays text when somebody writes a number over it; 3: a number.
        Part("xl/styles.xml", xml =>
        {
            xml.WriteStartElement("styleSheet", Main);
            xml.WriteRaw("""
                <fonts count="2"><font><sz val="11"/><name val="游ゴシック"/></font><font><b/><sz val="11"/><name val="游ゴシック"/></font></fonts>
                <fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFEFEFEF"/></patternFill></fill></fills>
                <borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
                <cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
                <cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1" applyAlignment="1"><alignment vertical="center" wrapText="1"/></xf><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"><alignment vertical="top"/></xf></cellXfs>
                """);
        });
        for (var i = 0; i < book.Sheets.Count; i++) Part($"xl/worksheets/sheet{i + 1}.xml", xml => Write(book.Sheets[i], xml));

        void Part(string path, Action<XmlWriter> write)
        {
            using var xml = XmlWriter.Create(zip.CreateEntry(path).Open(), new() { CloseOutput = true, Encoding = new UTF8Encoding(false), NewLineHandling = NewLineHandling.None });
            xml.WriteStartDocument(standalone: true);
            write(xml);
            xml.WriteEndDocument();
        }
    }

    static void Empty(XmlWriter xml, string name, params (string Name, string Value)[] attributes)
    {
        xml.WriteStartElement(name);
        foreach (var (key, value) in attributes) xml.WriteAttributeString(key, value);
        xml.WriteEndElement();
    }

    static void Write(Sheet sheet, XmlWriter xml)
    {
        xml.WriteStartElement("worksheet", Main);
        xml.WriteRaw("""<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>""");
        if (sheet.Widths.Count > 0)
        {
            xml.WriteStartElement("cols");
            for (var i = 0; i < sheet.Widths.Count; i++) Empty(xml, "col", ("min", $"{i + 1}"), ("max", $"{i + 1}"), ("width", $"{sheet.Widths[i]}"), ("customWidth", "1"));
            xml.WriteEndElement();
        }
        xml.WriteStartElement("sheetData");
        foreach (var row in sheet.Rows)
        {
            xml.WriteStartElement("row");
            xml.WriteAttributeString("r", $"{row.Number}");
            for (var i = 0; i < row.Cells.Length; i++)
            {
                var cell = row.Cells[i];
                if (cell.Is == CellIs.Empty) continue;
                xml.WriteStartElement("c");
                xml.WriteAttributeString("r", Sheet.Place(row.Number, i));
                xml.WriteAttributeString("s", row.Number == 1 ? "1" : cell.Is == CellIs.Number ? "3" : "2");
                if (cell.Is == CellIs.Number) xml.WriteElementString("v", cell.Text);
                else
                {
                    xml.WriteAttributeString("t", "inlineStr");
                    xml.WriteStartElement("is");
                    xml.WriteStartElement("t");
                    xml.WriteAttributeString("xml", "space", null, "preserve");
                    xml.WriteString(Escaped(cell.Text));
                    xml.WriteEndElement();
                    xml.WriteEndElement();
                }
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    [GeneratedRegex("\"[^\"]*\"|\\[[^\\]]*\\]|\\\\.")]
    private static partial Regex InQuotes();

    [GeneratedRegex("_x([0-9A-Fa-f]{4})_")]
    private static partial Regex Escape();

    [GeneratedRegex("[\\x00-\\x08\\x0b-\\x1f\\ufffe\\uffff]|_(?=x[0-9A-Fa-f]{4}_)")]
    private static partial Regex Unwritable();
}
