using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Komachi.Platform.Jobs;
using Komachi.Platform.Web;
using Komachi.Ui.Words;

namespace Komachi.Platform.Mail;

/// <summary>
/// One short message to one telephone. Providers differ in little: a number as E.164, a text, a token, a key against sending
/// twice. This is that little; a provider who wants other names gets a gateway of a few lines in front of it.
/// </summary>
/// <param name="To">A Japanese mobile number: eleven digits.</param>
public sealed record SendText(string To, string Text) : IJob<SendText>
{
    public static string Name => "mail.send_text";
    public static string Title => "Send a short message";

    public string Text { get; init; } = Furigana.Bare(Text);

    public static JobRules Rules { get; } = new(Attempts: 6, AtOnce: 4);

    static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = TimeSpan.FromSeconds(20) };

    public static async Task Run(SendText text, JobRun run)
    {
        var options = (WebOptions)run.Services.GetService(typeof(WebOptions))!;
        if (options.TextsUrl is not { } url) throw new JobFailed("No provider of short messages is named (KOMACHI_SMS_URL).", forGood: true);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = JsonContent.Create(new { to = "+81" + text.To[1..], text = text.Text }) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.TextsToken);
        request.Headers.Add("Idempotency-Key", run.Id.ToString("N"));
        try
        {
            using var answer = await Http.SendAsync(request, run.Stop);
            if (!answer.IsSuccessStatusCode)
                throw new JobFailed($"The provider of short messages refused it ({(int)answer.StatusCode}).",
                    forGood: (int)answer.StatusCode is >= 400 and < 500 && answer.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or HttpStatusCode.Unauthorized));
        }
        catch (HttpRequestException)
        {
            throw new JobFailed("The provider of short messages cannot be reached.");
        }
        catch (TaskCanceledException) when (!run.Stop.IsCancellationRequested)
        {
            throw new JobFailed("The provider of short messages did not answer in time.");
        }
    }

    /// <summary>The eleven digits of a mobile number, however it was typed; null where it is none.</summary>
    public static string? Mobile(string typed)
    {
        var digits = new string([.. typed.Normalize(System.Text.NormalizationForm.FormKC).Where(char.IsAsciiDigit)]);
        if (digits.StartsWith("81", StringComparison.Ordinal) && digits.Length == 12) digits = "0" + digits[2..];
        return digits.Length == 11 && digits[0] == '0' && digits[1] is >= '6' and <= '9' && digits[2] == '0' ? digits : null;
    }
}
