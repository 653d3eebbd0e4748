using System.IO.Compression;
using System.Text;

namespace Komachi.Platform.Sheets;

/// <summary>A file that somebody sent, as sheets: xlsx, one CSV (a sheet of the file's name), or several of them in a zip. What it is says its content, not its name.</summary>
public static class SheetFile
{
    public const int MostBytes = 20 * 1024 * 1024;

    /// <summary>Of what is packed: a zip may promise little and hold a lot.</summary>
    internal const long MostUnpacked = 80 * 1024 * 1024;
    internal const int MostParts = 500, MostCells = 400_000, MostColumns = 500;

    public const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    // Excel in Japan writes CSV in this, unless somebody asks it for UTF-8.
    static readonly Encoding Cp932 = CodePagesEncodingProvider.Instance.GetEncoding(932, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    /// <summary>Of texts that come out of it is taken what a form takes out, too: no database could hold it.</summary>
    /// <exception cref="UnreadableSheets" />
    public static Workbook Read(byte[] file, string name)
    {
        var book = Open(file, name);
        foreach (var row in book.Sheets.SelectMany(s => s.Rows))
            for (var i = 0; i < row.Cells.Length; i++)
                if (row.Cells[i].Is != CellIs.Empty) row.Cells[i] = Web.FormDoor.Clean(row.Cells[i].Text) is { Length: > 0 } text ? row.Cells[i] with { Written = text } : default;
        return book;
    }

    static Workbook Open(byte[] file, string name)
    {
        if (file.Length > MostBytes) throw new UnreadableSheets("This file is larger than {0} MB.", MostBytes / 1024 / 1024);
        if (file.Length == 0) throw new UnreadableSheets("This file is empty.");
        if (file.AsSpan().StartsWith<byte>([0xd0, 0xcf, 0x11, 0xe0])) throw new UnreadableSheets("This file has a password, or is of an older Excel (.xls). Save it as .xlsx without a password.");
        if (!file.AsSpan().StartsWith("PK"u8))
        {
            var one = new Workbook();
            one.Sheets.Add(OfCsv(file, Path.GetFileNameWithoutExtension(name)));
            return one;
        }
        try
        {
            using var zip = new ZipArchive(new MemoryStream(file), ZipArchiveMode.Read, leaveOpen: false, Cp932);
            if (zip.Entries.Count > MostParts) throw new UnreadableSheets("This file has too many parts.");
            var room = new Room(MostUnpacked);
            return zip.GetEntry("[Content_Types].xml") is not null ? Sheets.Xlsx.Read(zip, room) : OfCsvs(zip, room);
        }
        catch (Exception e) when (e is InvalidDataException or System.Xml.XmlException or NotSupportedException or FormatException or OverflowException)
        {
            throw new UnreadableSheets("This file cannot be read. Open it in your spreadsheet program, save it anew, and send that.");
        }
    }

    static Workbook OfCsvs(ZipArchive zip, Room room)
    {
        var book = new Workbook();
        foreach (var entry in zip.Entries.Where(e => e.Name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) && !e.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal)))
        {
            var sheet = OfCsv(room.Unpack(entry), Path.GetFileNameWithoutExtension(entry.Name));
            if (book.Find(sheet.Name) is not null) throw new UnreadableSheets("Two sheets are called \"{0}\".", sheet.Name);
            book.Sheets.Add(sheet);
        }
        return book.Sheets.Count > 0 ? book : throw new UnreadableSheets("This zip holds no sheets: put CSV files into it, or send an xlsx.");
    }

    static Sheet OfCsv(byte[] file, string name)
    {
        var sheet = new Sheet(name.Normalize());    // a Mac takes が apart in names of files
        var text = TextOf(file);
        if (text.Contains('\0')) throw new UnreadableSheets("This file is neither xlsx nor CSV nor a zip of them.");
        var cells = 0;
        foreach (var line in Csv.Read(text, exact: true))
        {
            if ((cells += line.Cells.Length) > MostCells || line.Cells.Length > MostColumns) throw new UnreadableSheets("This sheet is too large: \"{0}\".", name);
            sheet.Rows.Add(new(line.Row, [.. line.Cells.Select(c => Cell.Of(Csv.Unguarded(c)))]));
        }
        return sheet;
    }

    static string TextOf(byte[] file)
    {
        if (file.AsSpan().StartsWith<byte>([0xff, 0xfe])) return Encoding.Unicode.GetString(file, 2, file.Length - 2);
        if (file.AsSpan().StartsWith<byte>([0xfe, 0xff])) return Encoding.BigEndianUnicode.GetString(file, 2, file.Length - 2);
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(file);
        }
        catch (DecoderFallbackException)
        {
            try
            {
                return Cp932.GetString(file);
            }
            catch (DecoderFallbackException)
            {
                throw new UnreadableSheets("This file is neither xlsx nor CSV nor a zip of them.");
            }
        }
    }

    /// <summary>With the mark at the beginning a spreadsheet reads Japanese as it is.</summary>
    public static byte[] ToCsv(Sheet sheet) => Encoding.UTF8.GetBytes("\ufeff" + Csv.Write(sheet.Rows.Select(r => r.Cells.Select(c => c.Is == CellIs.Number ? c.Text : Csv.Guarded(c.Text)))));

    public static byte[] ToXlsx(Workbook book) => Zipped(zip => Sheets.Xlsx.Write(book, zip));

    /// <summary>A sheet a file.</summary>
    public static byte[] ToZip(Workbook book) => Zipped(zip =>
    {
        foreach (var sheet in book.Sheets)
        {
            using var part = zip.CreateEntry(sheet.Name + ".csv").Open();
            part.Write(ToCsv(sheet));
        }
    });

    static byte[] Zipped(Action<ZipArchive> fill)
    {
        var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true)) fill(zip);
        return bytes.ToArray();
    }
}

/// <summary>How much a packed file may still become: counted as it comes out, since what its list says of sizes is only said.</summary>
sealed class Room(long left)
{
    public byte[] Unpack(ZipArchiveEntry entry)
    {
        using var from = entry.Open();
        var to = new MemoryStream();
        var buffer = new byte[81_920];
        for (int read; (read = from.Read(buffer)) > 0;)
        {
            if ((left -= read) < 0) throw new UnreadableSheets("This file is small and holds too much. It was not opened.");
            to.Write(buffer, 0, read);
        }
        return to.ToArray();
    }
}
