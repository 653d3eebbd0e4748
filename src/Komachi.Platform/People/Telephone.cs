using System.Text.RegularExpressions;
using Komachi.Platform.Web;

namespace Komachi.Platform.People;

public enum TelephoneKind { Fixed, Mobile, Internet, Free, Other }

/// <summary>
/// A Japanese telephone number: its digits, for storing and comparing, and how it is written. In other countries' numbers we know no order, so those are
/// nothing that this reads.
/// </summary>
public sealed partial record Telephone
{
    // Sentences are words' keys, so that each language can say them.
    const string Unreadable = "Please write the digits of a telephone number, like 090-1234-5678 or 0568-12-3456.", NoAreaCode = "Please begin with the area code, like 0568-12-3456.",
        Abroad = "Please write a telephone number in Japan; it begins with 0 or +81.", WrongLength = "A number that begins with {0} has {1} digits. Here are {2}.", NoSuchBeginning = "No telephone number in Japan begins with {0}. Please look at it once more.";

    internal static readonly IReadOnlyList<string> Sentences = [Unreadable, NoAreaCode, Abroad, WrongLength, NoSuchBeginning];

    /// <summary>Ten or eleven, the first of them 0.</summary>
    public string Digits { get; }
    public TelephoneKind Kind { get; }

    Telephone(string digits, TelephoneKind kind) => (Digits, Kind) = (digits, kind);

    /// <summary>However it was typed: ０５６８（７２）１１０１, +81 90-1234-5678, 03ー1234ー5678. Null where it is none.</summary>
    public static Telephone? Read(string typed) => Read(typed, out _, out _);

    internal static Telephone? Read(string typed, out string wrong, out object[] values)
    {
        (wrong, values) = (Unreadable, []);
        var digits = Between().Replace(Beginning().Replace(Folded.Signs(typed), ""), "");
        if (digits.Length > 40) return null;
        if (FromAbroad().Match(digits) is { Success: true } national) digits = "0" + national.Groups[1].Value + national.Groups[2].Value;
        if (digits.StartsWith('+'))
        {
            wrong = Abroad;
            return null;
        }
        if (digits.Length == 0 || !digits.All(char.IsAsciiDigit)) return null;
        if (digits[0] != '0')
        {
            if (digits.Length is >= 5 and <= 8) wrong = NoAreaCode;
            return null;
        }
        if (digits.Length < 4) return null;
        if (digits[1] == '0')
        {
            (wrong, values) = (NoSuchBeginning, [digits[..2]]);
            return null;
        }
        var (kind, begins) = KindOf(digits);
        var length = kind is TelephoneKind.Mobile or TelephoneKind.Internet || begins is "0800" or "020" ? 11 : 10;
        if (digits.Length == length) return new(digits, kind);
        (wrong, values) = (WrongLength, [begins, length, digits.Length]);
        return null;
    }

    static (TelephoneKind Kind, string Begins) KindOf(string digits) => digits switch
    {
        ['0', '1', '2', '0', ..] or ['0', '8', '0', '0', ..] => (TelephoneKind.Free, digits[..4]),
        ['0', '5', '7', '0', ..] or ['0', '9', '9', '0', ..] => (TelephoneKind.Other, digits[..4]),
        ['0', >= '6' and <= '9', '0', ..] => (TelephoneKind.Mobile, digits[..3]),
        ['0', '5', '0', ..] => (TelephoneKind.Internet, digits[..3]),
        ['0', '2', '0', ..] => (TelephoneKind.Other, digits[..3]),
        _ => (TelephoneKind.Fixed, digits[..(AreaCodeOf(digits) + 1)]),
    };

    /// <summary>0568-72-1101, 03-1234-5678, 090-1234-5678, 0120-123-456.</summary>
    public override string ToString()
    {
        var (first, second) = Kind switch
        {
            TelephoneKind.Free => (4, 3),
            TelephoneKind.Other when Digits.Length == 10 => (4, 3),
            TelephoneKind.Fixed => (AreaCodeOf(Digits) + 1, 5 - AreaCodeOf(Digits)),
            _ => (3, 4),
        };
        return $"{Digits[..first]}-{Digits[first..(first + second)]}-{Digits[(first + second)..]}";
    }

    // How long the area code is, by what stands behind the 0: the longest beginning counts, and where none fits it has two digits. As the ministry gives
    // the numbers out (電気通信番号計画), shortened to where beginnings differ, and with what libphonenumber (Apache-2.0) knows of them.
    static readonly Dictionary<string, int> AreaCodes = Lengths(
        (1, "3 420 429 4700 4701 4709 471 6"),
        (2, """
            11 1540 1541 1548 1550 1551 1557 177 188 196 199 221 222 223 227 230 231 232 236 239 245 249 2500 2501 251 252 253 2540 2541 255 2560 2561 257 2580 2581 25917 25999 262 264 271 272 273 275 2780 2781 2788 2789
            281 2830 2831 2833 2834 286 289 290 2917 292 293 298 4220 4221 4291 4297 4298 462 464 468 4750 4751 4759 4790 4791 4799 492 499 52 530 534 535 539 54 552 559 580 582 583 588 589 590 591 592 593 5980 5981 5989
            5990 5991 5999 60 72 734 75 760 762 764 769 775 777 78 792 793 794 7950 7951 7955 7956 7959 7960 7961 7966 7967 821 822 8240 8241 8242 8243 8249 825 828 8290 8291 8292 82941 82942 82943 8296 8299 832 8360 8370
            8371 83766 83767 83768 8377 8378 8379 8380 8381 839 83960 83961 83963 83966 849 8510 8511 86 8636 86552 86553 8660 8661 86691 86697 86698 86722 86723 86724 86726 86728 86737 86738 8680 8681 8689 87 886 888 890
            891 899 92 93 941 945 951 953 958 961 962 963 971 975 976 981 988 989 991 992 99331 99343 99345 99347 9940 9941 9947 9948 998 999
            """),
        (3, """
            1 2 2232 2233 2557 2558 2572 2573 2574 2642 2643 2644 2645 2896 2897 2898 2899 2932 2933 2934 40 41 422 4282 4283 4287 4288 4289 436 438 439 46 470 475 476 478 479 480 49 5 53960 53961 53962 53963 53974 53977 5399
            544 545 547 548 59790 59791 59797 59798 7 721 725 7946 7947 7948 8 82920 863 86360 86361 86366 8654 8655 8656 8657 866 867 868 8692 8693 8696 8697 8698 86992 86993 875 877 879 9 920 930
            """),
        (4, "1267 1372 1374 1377 1392 1397 1398 1456 1457 1466 1547 1558 1564 1586 1587 1632 1634 1635 1648 1654 1655 1656 1658 4992 4994 4996 4998 5769 5979 7468 8387 8388 8389 8396 8477 851 9802 9912 9913 9969"));

    static Dictionary<string, int> Lengths(params (int Length, string Beginnings)[] all) =>
        all.SelectMany(a => a.Beginnings.Split((char[])[' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(b => (b, a.Length))).ToDictionary(b => b.b, b => b.Length);

    static int AreaCodeOf(string digits)
    {
        for (var most = Math.Min(5, digits.Length - 1); most > 0; most--)
            if (AreaCodes.TryGetValue(digits.Substring(1, most), out var length)) return Math.Min(length, digits.Length - 1);
        return 2;
    }

    [GeneratedRegex(@"^(?:TEL|Tel|tel|電話)(?:番号)?\s*[.:]?\s*")]
    private static partial Regex Beginning();

    [GeneratedRegex(@"[-\s().,/・]")]
    private static partial Regex Between();

    // +81 90…, +81(0)90…, and 81 90… of a mobile without its sign.
    [GeneratedRegex(@"^\+810?([1-9]\d*)$|^81([6-9]0\d{8})$")]
    private static partial Regex FromAbroad();
}
