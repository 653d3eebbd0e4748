namespace Komachi.Platform.OpenId;

/// <summary>Why a provider, or what it said, was not taken. The names stand in the audit, so they do not change.</summary>
enum Refusal
{
    /// <summary>No answer, or none in time.</summary>
    Away,
    /// <summary>An answer that is no JSON object, too large, or of a status other than 200.</summary>
    AnswerUnreadable,
    AddressNotAllowed,
    IssuerDiffers,
    DocumentIncomplete,
    /// <summary>The provider does not take our client id, secret or key.</summary>
    ClientRefused,
    /// <summary>The provider does not take the code: used before, too old, or another's.</summary>
    CodeRefused,
    TokenUnreadable,
    TokenAlgorithm,
    TokenKeyUnknown,
    TokenSignature,
    TokenIssuer,
    TokenAudience,
    TokenExpired,
    TokenNotYet,
    TokenNonce,
    TokenSubject,
    TokenHash,
    TokenAge,
    TokenStrength,
    UserinfoSubject,
}

/// <summary>Something of the provider was not taken. The message is for no page: it may hold what the provider sent.</summary>
sealed class OpenIdRefused(Refusal why) : Exception(why.ToString())
{
    public Refusal Why => why;
}
