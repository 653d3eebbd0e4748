using System.IO.Compression;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Komachi.Procedures;

/// <summary>
/// A form with its places as one file that a town takes along or gives to another: a zip of <c>form.pdf</c> and <c>form.yaml</c>. The texts are
/// written and read by the same names as the pages have them.
/// </summary>
static class OwnFormFile
{
    const string Pdf = "form.pdf", Yaml = "form.yaml";
    const int MostYaml = 512 * 1024;

    class Written
    {
        public string Procedure { get; set; } = "";
        public string Stage { get; set; } = "";
        public string Name { get; set; } = "";
        public List<WrittenField> Fields { get; set => field = value ?? []; } = [];
    }

    sealed class WrittenField
    {
        public string What { get; set => field = value ?? ""; } = "";
        public int Page { get; set; } = 1;
        public decimal X { get; set; }
        public decimal Y { get; set; }
        public decimal Width { get; set; }
        public decimal Height { get; set; }
        public decimal Size { get; set; } = 10.5m;
        public string Align { get; set => field = value ?? "left"; } = "left";
        public int Boxes { get; set; }
        public bool Wrap { get; set; }
        public string Text { get; set => field = value ?? ""; } = "";
        public string Sign { get; set => field = value ?? "ring"; } = "ring";
    }

    public static byte[] Write(OwnForm form, byte[] background)
    {
        var text = new SerializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).ConfigureDefaultValuesHandling(DefaultValuesHandling.OmitDefaults).Build().Serialize(new Written
        {
            Procedure = form.Procedure, Stage = form.Stage, Name = form.Name,
            Fields = [.. form.Fields.Select(f => new WrittenField { What = f.What, Page = f.Page, X = f.X, Y = f.Y, Width = f.Width, Height = f.Height, Size = f.Size, Align = f.Align, Boxes = f.Boxes, Wrap = f.Wrap, Text = f.Text, Sign = f.Sign })],
        });
        using var to = new MemoryStream();
        using (var zip = new ZipArchive(to, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, bytes) in new[] { (Pdf, background), (Yaml, Encoding.UTF8.GetBytes(text)) })
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        return to.ToArray();
    }

    public static bool IsOne(byte[] sent) => sent.AsSpan().StartsWith("PK\u0003\u0004"u8);

    /// <summary>The PDF as it was brought, the form's name, and its places, of which nothing is believed.</summary>
    public static (byte[] Pdf, string Name, IReadOnlyList<PlacedField> Fields) Read(byte[] sent)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(sent), ZipArchiveMode.Read);
            if (Whole(zip, Pdf, PlainPdf.MostBytes) is not { } pdf || Whole(zip, Yaml, MostYaml) is not { } yaml) throw new BadForm("This file holds no form.pdf and form.yaml: bring a PDF, or what was taken along from here.");
            var written = Reader.Deserialize<Written>(Encoding.UTF8.GetString(yaml)) ?? new();
            return (pdf, written.Name ?? "", PlacesOf(written));
        }
        catch (Exception e) when (e is InvalidDataException or YamlException or NotSupportedException or OverflowException)
        {
            throw new BadForm("This file holds no form.pdf and form.yaml: bring a PDF, or what was taken along from here.");
        }
    }

    /// <summary>A form that comes with the program: the same text, and frames that are drawn instead of a PDF that is brought.</summary>
    sealed class Drawn : Written
    {
        public List<double[]> Frames { get; set => field = value ?? []; } = [];
    }

    /// <summary>As it comes with the program: procedure, name, frames and places.</summary>
    public static (string Procedure, string Name, IReadOnlyList<double[]> Frames, IReadOnlyList<PlacedField> Fields) ReadDrawn(string yaml)
    {
        var drawn = Reader.Deserialize<Drawn>(yaml);
        return (drawn.Procedure, drawn.Name, drawn.Frames, PlacesOf(drawn));
    }

    static readonly IDeserializer Reader = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build();

    static IReadOnlyList<PlacedField> PlacesOf(Written written) =>
        [.. written.Fields.OfType<WrittenField>().Take(PlacedField.MostOnPage * PlainPdf.MostPages).Where(f => f.What.Length is > 0 and <= 200 && f.Page > 0).Select((f, n) => new PlacedField(n + 1, f.What, f.Page, f.X, f.Y, f.Width, f.Height)
        {
            Size = Math.Clamp(f.Size, PlacedField.LeastSize, PlacedField.MostSize), Align = PlacedField.Alignments.Contains(f.Align) ? f.Align : "left", Boxes = Math.Clamp(f.Boxes, 0, PlacedField.MostBoxes), Wrap = f.Wrap,
            Text = f.Text.Length > PlacedField.MostText ? f.Text[..PlacedField.MostText] : f.Text, Sign = PlacedField.Signs.Contains(f.Sign) ? f.Sign : "ring",
        })];

    static byte[]? Whole(ZipArchive zip, string name, int most)
    {
        if (zip.GetEntry(name) is not { } entry || entry.Length > most) return null;
        using var from = entry.Open();
        var bytes = new byte[most + 1];
        var length = from.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);    // what it unpacks to may be more than it said
        return length > most ? null : bytes[..length];
    }
}
