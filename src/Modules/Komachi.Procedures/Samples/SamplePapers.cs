using Komachi.Platform.Data;

namespace Komachi.Procedures;

/// <summary>
/// A form of one's own (様式, 見本) for towns that are shown: what a clerk would bring as a PDF is drawn from a text that comes with the program. Drawn once in a process, since it is the
/// same for every town.
/// </summary>
static class SamplePapers
{
    static readonly Lazy<(string Procedure, string Name, byte[] Background, FormSheet Page, IReadOnlyList<PlacedField> Fields)[]> Shipped = new(() =>
        [.. typeof(SamplePapers).Assembly.GetManifestResourceNames().Where(n => n.StartsWith("papers/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Draw)]);

    public static void Publish(TownDb db, Guid by, DateTimeOffset now)
    {
        foreach (var (procedure, name, bytes, page, fields) in Shipped.Value)
        {
            var background = new Background { Bytes = bytes };
            var form = OwnForm.Draft(procedure, "", 1, name, background, [page], fields, now);
            form.Publish(by, now);
            db.AddRange(background, form);
        }
    }

    static (string, string, byte[], FormSheet, IReadOnlyList<PlacedField>) Draw(string resource)
    {
        using var reader = new StreamReader(typeof(SamplePapers).Assembly.GetManifestResourceStream(resource)!);
        var (procedure, name, frames, fields) = OwnFormFile.ReadDrawn(reader.ReadToEnd());
        var (bytes, page) = PlainPdf.Framed(frames);
        return (procedure, name, bytes, page, fields);
    }
}
