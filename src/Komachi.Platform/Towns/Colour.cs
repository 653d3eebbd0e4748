using System.Globalization;

namespace Komachi.Platform.Towns;

/// <summary>An sRGB colour, with the contrast that WCAG computes.</summary>
public readonly record struct Colour(byte Red, byte Green, byte Blue)
{
    /// <summary>What a text needs before its ground.</summary>
    public const double Enough = 4.5;

    /// <summary>The paper of a page in the dark: --paper of Komachi.Ui's roles.css.</summary>
    static readonly Colour Dark = new(0x1a, 0x1a, 0x1a);

    public static bool TryParse(string? text, out Colour colour)
    {
        colour = default;
        if (text is not { Length: 7 } || text[0] != '#' ||
            !int.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var rgb)) return false;
        colour = new((byte)(rgb >> 16), (byte)(rgb >> 8), (byte)rgb);
        return true;
    }

    /// <summary>As people write it: in full width, without the sign, with three digits.</summary>
    public static bool TryRead(string typed, out Colour colour)
    {
        var text = typed.Trim().Normalize(System.Text.NormalizationForm.FormKC).TrimStart('#');
        return TryParse("#" + (text.Length == 3 ? string.Concat(text.Select(c => new string(c, 2))) : text), out colour);
    }

    public double ContrastOnWhite() => 1.05 / (Luminance() + 0.05);

    public double ContrastOnDark() => (Luminance() + 0.05) / (Dark.Luminance() + 0.05);

    /// <summary>To one figure after the point, never upwards: what is shown as 4.5 is enough.</summary>
    public static string Show(double contrast) => (Math.Floor(contrast * 10) / 10).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>The same hue, light enough to be read on a dark page.</summary>
    public Colour OnDark()
    {
        var (_, chroma, hue) = ToOklch();
        var lightness = 0.8;
        Colour colour;
        while ((colour = FromOklch(lightness, chroma, hue)).ContrastOnDark() < Enough) lightness += 0.01;    // white has 17
        return colour;
    }

    /// <summary>Itself where it can be read on white, and else the nearest of its hue that can.</summary>
    public Colour Readable()
    {
        var (lightness, chroma, hue) = ToOklch();
        var colour = this;
        while (colour.ContrastOnWhite() < Enough) colour = FromOklch(lightness -= 0.002, chroma, hue);    // black has 21
        return colour;
    }

    public override string ToString() => $"#{Red:x2}{Green:x2}{Blue:x2}";

    double Luminance() => 0.2126 * Linear(Red) + 0.7152 * Linear(Green) + 0.0722 * Linear(Blue);

    static double Linear(byte part)
    {
        var c = part / 255.0;
        return c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
    }

    // Oklab, in which a step in lightness looks like one in every hue (Björn Ottosson's matrices, as CSS Color 4 has them).
    (double Lightness, double Chroma, double Hue) ToOklch()
    {
        var (r, g, b) = (Linear(Red), Linear(Green), Linear(Blue));
        var l = Math.Cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
        var m = Math.Cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
        var s = Math.Cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
        var (a, bb) = (1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s);
        return (0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s, Math.Sqrt(a * a + bb * bb), Math.Atan2(bb, a));
    }

    /// <summary>As strong as a screen can show it at that lightness.</summary>
    static Colour FromOklch(double lightness, double chroma, double hue)
    {
        for (lightness = Math.Clamp(lightness, 0, 1); ; chroma = chroma < 0.002 ? 0 : chroma * 0.97)
        {
            var (a, b) = (chroma * Math.Cos(hue), chroma * Math.Sin(hue));
            var l = Math.Pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
            var m = Math.Pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
            var s = Math.Pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
            double[] parts = [4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s, -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s];
            if (chroma == 0 || parts.All(p => p is >= -0.0005 and <= 1.0005)) return new(Byte(parts[0]), Byte(parts[1]), Byte(parts[2]));
        }

        static byte Byte(double linear)
        {
            var c = Math.Clamp(linear, 0, 1);
            return (byte)Math.Round(255 * (c <= 0.0031308 ? c * 12.92 : 1.055 * Math.Pow(c, 1 / 2.4) - 0.055));
        }
    }
}
