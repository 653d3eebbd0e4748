using System.Globalization;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Komachi.Platform.Data;

/// <summary>Money: whole yen. Sums that overflow throw instead of wrapping round.</summary>
public readonly record struct Yen(long Amount) : IComparable<Yen>
{
    public static readonly Yen Zero = new(0);

    public static Yen operator +(Yen a, Yen b) => new(checked(a.Amount + b.Amount));
    public static Yen operator -(Yen a, Yen b) => new(checked(a.Amount - b.Amount));
    public static Yen operator -(Yen a) => new(checked(-a.Amount));
    public static Yen operator *(Yen a, long times) => new(checked(a.Amount * times));
    public static bool operator <(Yen a, Yen b) => a.Amount < b.Amount;
    public static bool operator >(Yen a, Yen b) => a.Amount > b.Amount;
    public static bool operator <=(Yen a, Yen b) => a.Amount <= b.Amount;
    public static bool operator >=(Yen a, Yen b) => a.Amount >= b.Amount;

    public int CompareTo(Yen other) => Amount.CompareTo(other.Amount);

    /// <summary>1,234円, as a resident reads it.</summary>
    public override string ToString() => Amount.ToString("#,0", CultureInfo.InvariantCulture) + "円";
}

sealed class YenConverter() : ValueConverter<Yen, long>(yen => yen.Amount, amount => new Yen(amount));
