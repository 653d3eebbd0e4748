using System.Text;
using Komachi.Platform.People;

namespace Komachi.Tests.People;

/// <summary>The six digits of an authenticator app.</summary>
public sealed class AuthenticatorCodes
{
    static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    // RFC 6238, appendix B.
    [Theory]
    [InlineData(59, "94287082"), InlineData(1111111109, "07081804"), InlineData(1111111111, "14050471"), InlineData(1234567890, "89005924"), InlineData(2000000000, "69279037"), InlineData(20000000000, "65353130")]
    public void The_codes_are_those_of_the_standard(long second, string code) =>
        Assert.Equal(code, Totp.CodeAt(Secret, Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(second)), digits: 8));

    // RFC 4648, chapter 10.
    [Theory]
    [InlineData("", ""), InlineData("f", "MY"), InlineData("fo", "MZXQ"), InlineData("foo", "MZXW6"), InlineData("foob", "MZXW6YQ"), InlineData("fooba", "MZXW6YTB"), InlineData("foobar", "MZXW6YTBOI")]
    public void The_secret_can_be_typed(string bytes, string typed) => Assert.Equal(typed, Totp.Base32(Encoding.ASCII.GetBytes(bytes)));

    [Fact]
    public void A_clock_may_be_half_a_minute_off_and_a_code_fits_once()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_010);
        var step = Totp.StepAt(now);
        foreach (var near in new[] { step - 1, step, step + 1 }) Assert.Equal(near, Totp.StepOf(Totp.CodeAt(Secret, near), Secret, now, usedStep: 0));
        foreach (var far in new[] { step - 2, step + 2 }) Assert.Null(Totp.StepOf(Totp.CodeAt(Secret, far), Secret, now, usedStep: 0));
        Assert.Null(Totp.StepOf(Totp.CodeAt(Secret, step), Secret, now, usedStep: step));
        Assert.Null(Totp.StepOf(Totp.CodeAt(Secret, step - 1), Secret, now, usedStep: step));
    }

    [Fact]
    public void Wide_digits_and_blanks_are_the_same_code()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(59);
        Assert.Equal("287082", Totp.CodeAt(Secret, 1));
        Assert.Equal(1, Totp.StepOf(" 287 082 ", Secret, now, 0));
        Assert.Equal(1, Totp.StepOf("２８７０８２", Secret, now, 0));
        Assert.Null(Totp.StepOf("28708", Secret, now, 0));
        Assert.Null(Totp.StepOf("", Secret, now, 0));
    }
}
