using System.Globalization;

namespace Komachi.Platform.Towns;

/// <summary>An sRGB colour, with the contrast that WCAG computes.</summary>
public readonly record struct Colour(byte Red, byte Green, byte Blue)
{
    public static bool TryParse(string? text, out Colour colour)
    {
        colour = default;
        if (text is not { Length: 7 } || text[0] != '#' ||
            !int.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var rgb)) return false;
        colour = new((byte)(rgb >> 16), (byte)(rgb >> 8), (byte)rgb);
        return true;
    }

    public double ContrastOnWhite() => 1.05 / (Luminance() + 0.05);

    /// <summary>The same hue, light enough for text on a dark page.</summary>
    public Colour OnDark()
    {
        var colour = this;
        while ((colour.Luminance() + 0.05) / 0.06 < 7 && colour is not { Red: 255, Green: 255, Blue: 255 })
            colour = new(Lighter(colour.Red), Lighter(colour.Green), Lighter(colour.Blue));
        return colour;

        static byte Lighter(byte part) => (byte)Math.Min(255, part + (255 - part) / 8 + 1);
    }

    public override string ToString() => $"#{Red:x2}{Green:x2}{Blue:x2}";

    double Luminance()
    {
        return 0.2126 * Linear(Red) + 0.7152 * Linear(Green) + 0.0722 * Linear(Blue);

        static double Linear(byte part)
        {
            var c = part / 255.0;
            return c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
        }
    }
}
