using System.Globalization;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Sheets;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>
/// The holidays of a town: those that the law gives, or in a year for which the town has brought a list those of the list, so that a law made
/// tomorrow needs no new program.
/// </summary>
sealed class TownHolidays(IReadOnlyDictionary<DateOnly, string> brought)
{
    readonly HashSet<int> _years = [.. brought.Keys.Select(d => d.Year)];

    public bool IsBrought(int year) => _years.Contains(year);

    public bool Has(DateOnly day) => IsBrought(day.Year) ? brought.ContainsKey(day) : NationalHolidays.On(day) is not null;

    public Said? On(DateOnly day) => IsBrought(day.Year) ? brought.TryGetValue(day, out var name) ? NationalHolidays.Named(name) : null : NationalHolidays.On(day)?.Name;

    public IReadOnlyList<(DateOnly On, Said Name)> Of(int year) => IsBrought(year)
        ? [.. brought.Where(h => h.Key.Year == year).OrderBy(h => h.Key).Select(h => (h.Key, NationalHolidays.Named(h.Value)))]
        : [.. NationalHolidays.Of(year).Select(h => (h.On, h.Name))];

    /// <summary>Years from that of a day on: a year is brought as a whole, so it is asked for as a whole.</summary>
    public static async Task<TownHolidays> Load(TownDb db, DateOnly from, CancellationToken stop = default)
    {
        var first = new DateOnly(from.Year, 1, 1);
        return new(await db.Set<Holiday>().AsNoTracking().Where(h => h.DayOn >= first).ToDictionaryAsync(h => h.DayOn, h => h.Name, stop));
    }
}

/// <summary>What is wrong with a row of a list of holidays; a sentence is a key of the words.</summary>
public sealed record HolidayMistake(int Row, string Message, params object[] Values);

/// <summary>
/// A list as the Cabinet Office publishes it (syukujitsu.csv): headers, then a day (2027/1/1) and a name a row. It comes in the characters of
/// Japanese Windows (CP932); what a spreadsheet saves is often UTF-8, and both are read.
/// </summary>
static class HolidayFile
{
    public const int MostRows = 5000, MostBytes = 512 * 1024;
    const string Headers = "国民の祝日・休日月日,国民の祝日・休日名称";

    static readonly Encoding[] Readable = [new UTF8Encoding(false, true), CodePagesEncodingProvider.Instance.GetEncoding(932, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!];

    public static (IReadOnlyList<Holiday> Days, IReadOnlyList<HolidayMistake> Mistakes) Read(string csv)
    {
        var (days, mistakes, rows) = (new List<Holiday>(), new List<HolidayMistake>(), new Dictionary<DateOnly, int>());
        var lines = Csv.Read(csv);
        if (lines.Count > MostRows) return ([], [new(MostRows + 1, "At most {0} rows; there are {1}.", MostRows, lines.Count)]);
        foreach (var line in lines)
        {
            void Wrongly(string message, params object[] values) => mistakes.Add(new(line.Row, message, values));

            var (day, name) = (WrittenDay.Read(Clean(line.Cells[0])).Day, Clean(line.Cells.ElementAtOrDefault(1) ?? ""));
            if (day is null && line.Row == 1) continue;    // the headers
            if (day is null) Wrongly("\"{0}\" is no day like 2027/1/1.", Short(Clean(line.Cells[0])));
            else if (name.Length == 0) Wrongly("The name is missing.");
            else if (name.Length > 40) Wrongly("A name has at most {0} characters.", 40);
            else if (!rows.TryAdd(day.Value, line.Row)) Wrongly("This day stands in row {0} already.", rows[day.Value]);
            else days.Add(new() { DayOn = day.Value, Name = name });
        }
        return (days, mistakes);
    }

    /// <summary>Null where it is text in neither of the two.</summary>
    public static string? Decode(byte[] file)
    {
        foreach (var encoding in Readable)
            try
            {
                return encoding.GetString(file);
            }
            catch (DecoderFallbackException) { }
        return null;
    }

    public static string Write(IEnumerable<(DateOnly On, string Name)> days) =>
        Csv.Write([Headers.Split(','), .. days.Select(d => (string[])[d.On.ToString("yyyy/M/d", CultureInfo.InvariantCulture), d.Name])]);

    static string Clean(string text) => Web.FormDoor.Clean(text).Trim();

    static string Short(string text) => text.Length > 30 ? text[..30] + "…" : text;
}
