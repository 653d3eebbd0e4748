using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Komachi.Platform.Addresses;

/// <summary>
/// A place that has a postcode. <paramref name="Area"/> is the part of the town (町域), or nothing where one code stands for all of it;
/// <paramref name="TownCode"/> are the five digits of 全国地方公共団体コード without the check digit.
/// </summary>
public sealed record PostcodePlace(string TownCode, string Prefecture, string City, string Area)
{
    public override string ToString() => Prefecture + City + Area;
}

/// <summary>
/// Japan Post's postcodes, as a table that is part of the program: what somebody types of where they live is asked of nobody. A megabyte of
/// small blocks, one for each first three digits; of each question one is unpacked (src/Komachi.Ui/postcodes.mjs writes them).
/// </summary>
public static class Postcodes
{
    const int Blocks = 1000, IndexBytes = 4 * (Blocks + 1);

    static readonly Lazy<byte[]> Table = new(() =>
    {
        using var stream = typeof(Postcodes).Assembly.GetManifestResourceStream("postcodes")!;
        var table = new byte[stream.Length];
        stream.ReadExactly(table);
        return table;
    });

    /// <summary>The places of a code of seven digits, as the list orders them: none where there is no such code, several where it stands for several.</summary>
    public static IReadOnlyList<PostcodePlace> Of(string code)
    {
        if (code.Length != 7 || !code.All(char.IsAsciiDigit)) return [];
        var found = new List<PostcodePlace>();
        var rest = code.AsSpan(3);
        foreach (var line in Block(int.Parse(code.AsSpan(0, 3), System.Globalization.CultureInfo.InvariantCulture)).AsSpan().EnumerateLines())
        {
            // Two digits stand for all codes that begin so: the floors of one building.
            var end = line.IndexOf('\t');
            if (end < 0 || !rest.StartsWith(line[..end])) continue;
            if (line.ToString().Split('\t') is [_, var town, var prefecture, var city, var area]) found.Add(new(town, prefecture, city, area));
        }
        return found;
    }

    static string Block(int first)
    {
        var table = Table.Value;
        var (from, to) = (At(first), At(first + 1));
        using var packed = new MemoryStream(table, IndexBytes + from, to - from, writable: false);
        using var block = new StreamReader(new DeflateStream(packed, CompressionMode.Decompress), Encoding.UTF8);
        return block.ReadToEnd();

        int At(int block) => BinaryPrimitives.ReadInt32LittleEndian(table.AsSpan(4 * block));
    }
}
