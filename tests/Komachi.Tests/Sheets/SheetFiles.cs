using System.IO.Compression;
using System.Text;
using Komachi.Platform.Sheets;

namespace Komachi.Tests.Sheets;

/// <summary>Spreadsheets as people send them: what stands in a cell arrives, with its place; what could harm is not opened.</summary>
public sealed class SheetFiles
{
    const string Types = """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>""";
    const string Book = """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="施策" sheetId="1" r:id="rId7"/></sheets></workbook>""";
    const string Relations = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId7" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="/xl/worksheets/one.xml"/></Relationships>""";

    static byte[] Zip(params (string Path, string Text)[] parts)
    {
        var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (path, text) in parts)
            {
                using var part = zip.CreateEntry(path).Open();
                part.Write(Encoding.UTF8.GetBytes(text));
            }
        return bytes.ToArray();
    }

    static byte[] Xlsx(string cells, params (string, string)[] further) => Zip([("[Content_Types].xml", Types), ("xl/workbook.xml", Book), ("xl/_rels/workbook.xml.rels", Relations),
        ("xl/worksheets/one.xml", $"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{cells}</worksheet>"""), .. further]);

    static Sheet One(byte[] file) => Assert.Single(SheetFile.Read(file, "plan.xlsx").Sheets);

    [Fact]
    public void Every_kind_of_cell_is_read_as_it_is_seen()
    {
        var sheet = One(Xlsx("""
            <sheetData>
              <row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
              <row r="3"><c r="A3" t="inlineStr"><is><t xml:space="preserve"> 行
            に _x005F_x0041_ </t></is></c><c r="C3"><v>1240400</v></c><c r="D3"><v>0.30000000000000004</v></c><c r="E3" t="b"><v>1</v></c><c r="F3" t="e"><v>#N/A</v></c>
                <c r="G3"><f>SUM(C1:C3)</f><v>48100</v></c><c r="H3"><f>NOW()</f></c><c r="I3" s="1"><v>46113</v></c><c r="J3" s="2"><v>46113.5</v></c><c r="K3" t="str"><f>A1</f><v>文</v></c><c r="AB3"><v>1.50</v></c></row>
            </sheetData>
            """, ("xl/sharedStrings.xml", """<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>見出し</t><rPh sb="0" eb="2"><t>みだし</t></rPh></si><si><r><t>赤</t></r><r><t>い字</t></r></si></sst>"""),
            ("xl/styles.xml", """<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts><numFmt numFmtId="176" formatCode="[$-411]ggge&quot;年&quot;m&quot;月&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/></cellXfs></styleSheet>""")));
        Assert.Equal(["見出し", "赤い字"], sheet.Rows[0].Cells.Select(c => c.Text));
        var row = sheet.Rows[1];
        Assert.Equal(3, row.Number);
        Assert.Equal(" 行\nに _x0041_ ", row[0].Text);
        Assert.Equal([default, new(CellIs.Number, "1240400"), new(CellIs.Number, "0.3"), new(CellIs.Truth, "true"), new(CellIs.Error, "#N/A"), new(CellIs.Number, "48100"), new(CellIs.Error, "="),
            new(CellIs.Day, "2026-04-01"), new(CellIs.Day, "2026-04-01 12:00"), new(CellIs.Text, "文")], row.Cells[1..11]);
        Assert.Equal(new Cell(CellIs.Number, "1.50"), row[27]);
        Assert.Equal(default, row[99]);
        Assert.Equal("AB3", Sheet.Place(3, 27));
    }

    [Fact]
    public void What_no_database_could_hold_is_taken_out() =>
        Assert.Equal(["ab", "二\n行", "c"], One(Xlsx("""<sheetData><row r="1"><c r="A1" t="str"><v>a_x0000_b</v></c><c r="B1" t="str"><v>二_x000D__x000A_行</v></c><c r="C1" t="str"><v>_x202E_c</v></c></row></sheetData>""")).Rows[0].Cells.Select(c => c.Text));

    [Fact]
    public void Merged_cells_are_named() => Assert.Equal(["B2:C2"], One(Xlsx("""<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="B2:C2"/></mergeCells>""")).Merged);

    public static TheoryData<string, byte[], string> Refused => new()
    {
        { "an old Excel, or one with a password", [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], "has a password" },
        { "nothing", [], "is empty" },
        { "a picture", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0xff, 0xff], "neither xlsx nor CSV" },
        { "a zip that was cut", [.. "PK"u8, 3, 4, 5, 6], "cannot be read" },
        { "a zip without sheets", Zip(("read.me", "")), "holds no sheets" },
        { "macros", Xlsx("<sheetData/>", ("xl/vbaProject.bin", "")), "holds macros" },
        { "values of other files", Xlsx("<sheetData/>", ("xl/externalLinks/externalLink1.xml", "")), "other files" },
        { "an entity that grows", Zip(("[Content_Types].xml", Types), ("xl/workbook.xml", "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;&b;\">]><workbook>&c;</workbook>"), ("xl/_rels/workbook.xml.rels", Relations)), "cannot be read" },
        { "a text that is not there", Xlsx("""<sheetData><row r="1"><c r="A1" t="s"><v>7</v></c></row></sheetData>"""), "cannot be read" },
        { "a column beyond all columns", Xlsx("""<sheetData><row r="1"><c r="ZZZZZZ1"><v>7</v></c></row></sheetData>"""), "cannot be read" },
        { "small, and grows to a hundred megabytes", Zip(("a.csv", new string('a', 100_000_000))), "holds too much" },
        { "a thousand parts", Zip([.. Enumerable.Range(0, 1000).Select(i => ($"{i}.csv", "a"))]), "too many parts" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_cannot_be_read_or_could_harm_says_why(string what, byte[] file, string expected) =>
        Assert.True(Assert.Throws<UnreadableSheets>(() => SheetFile.Read(file, "plan.xlsx")).Message.Contains(expected, StringComparison.Ordinal), what);

    [Fact]
    public void Csv_of_excel_in_japan_is_read_and_a_zip_of_them_is_a_workbook()
    {
        var cp932 = CodePagesEncodingProvider.Instance.GetEncoding(932)!.GetBytes("コード,題名\r\nI-1,髙い壁～①\r\n");
        var sheet = Assert.Single(SheetFile.Read(cp932, "施策.csv").Sheets);
        Assert.Equal("施策", sheet.Name);
        Assert.Equal(["I-1", "髙い壁～①"], sheet.Rows[1].Cells.Select(c => c.Text));
        Assert.Equal(["施策", "指標"], SheetFile.Read(Zip(("施策.csv", "\ufeffa"), ("中/指標.csv", "b"), ("__MACOSX/指標.csv", "x"), ("read.me", "c")), "x.zip").Sheets.Select(s => s.Name));
        Assert.Equal("ガ", Assert.Single(SheetFile.Read("a"u8.ToArray(), "ガ.csv".Normalize(NormalizationForm.FormD)).Sheets).Name);
    }

    [Fact]
    public void What_is_written_comes_back_and_no_text_becomes_a_formula()
    {
        string[] odd = ["=1+1", "+81", "-5", "@a", "'quoted", "''", " around ", "two\nlines and\n\nmore", "\"said\"", "a,b\tc", "葛\U000E0100城 𠮷野家", "〜～ー", "_x000D_", "\ttab", new string('長', 30_000)];
        var book = new Workbook();
        var sheet = book.Add("変な文", 10, 20);
        foreach (var text in odd) sheet.Add(text, Cell.Of(12.50m), default(Cell), text);
        var csv = Encoding.UTF8.GetString(SheetFile.ToCsv(sheet));
        Assert.StartsWith("\ufeff'=1+1,12.50,,'=1+1\r\n", csv);
        Assert.Contains("\r\n'-5,", csv);
        foreach (var file in new[] { SheetFile.ToXlsx(book), SheetFile.ToZip(book) })
        {
            var again = Assert.Single(SheetFile.Read(file, "a").Sheets);
            Assert.Equal("変な文", again.Name);
            Assert.Equal(odd, again.Rows.Select(r => r[0].Text));
            Assert.Equal(odd, again.Rows.Select(r => r[3].Text));
            Assert.All(again.Rows, r => Assert.Equal(("12.50", ""), (r[1].Text, r[2].Text)));
        }
    }
}
