using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Komachi.Platform.Pdf;

/// <summary>How PDFs are made, as the operator said it.</summary>
public sealed record PressSettings
{
    /// <summary>Another Chromium than the one that is found (KOMACHI_CHROMIUM).</summary>
    public string? Program { get; init; }

    /// <summary>How many are made at the same time; who comes then waits.</summary>
    public int AtOnce { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 4);

    /// <summary>How many may wait before the next one is told to come later.</summary>
    public int MostWaiting { get; init; } = 100;

    /// <summary>How long one may take, apart from waiting.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>After so many, or with so much memory of its own, a Chromium makes room for another.</summary>
    public int MostPrints { get; init; } = 500;
    public long MostMemory { get; init; } = 800L * 1024 * 1024;

    /// <summary>Which of the walls are tried first: fewer where somebody tries what the others hold back.</summary>
    internal int FirstWalls { get; init; }
}

/// <summary>No PDF can be made at this moment. The reason holds no personal data.</summary>
public sealed class PressTrouble(string why) : Exception(why);

/// <summary>
/// Makes PDFs of our own pages: a headless Chromium that starts when the first is wanted and stays warm. A print that went wrong is made
/// once more on a new Chromium. What comes out are bytes; signing them is for who holds the certificates.
/// </summary>
public sealed class Press(PressSettings settings, ILogger<Press> log) : IHostedService, IAsyncDisposable
{
    const int PrintsBetweenLooks = 8;    // at its memory

    /// <summary>Debian's headless shell first: it is made for this, ten times as fast as the whole browser at a fifth of the memory.</summary>
    static readonly string[] Known =
        ["/usr/lib/chromium/chromium-headless-shell", "/usr/lib/chromium/chromium", "/usr/bin/chromium", "/opt/google/chrome/chrome"];

    readonly SemaphoreSlim _turns = new(settings.AtOnce), _one = new(1);
    readonly CancellationTokenSource _ending = new();
    Chromium? _current;
    int _walls = settings.FirstWalls, _inside;

    string? Program => settings.Program is { } given ? File.Exists(given) ? given : null : Known.FirstOrDefault(File.Exists);

    /// <summary>Whether a page should offer a PDF.</summary>
    public bool IsThere => Program is not null;

    internal Chromium? Current => _current;

    string Missing => settings.Program is { } given
        ? $"There is no program {given}, which KOMACHI_CHROMIUM names: no PDF can be made."
        : "There is no Chromium here, so no PDF can be made: install chromium-headless-shell or chromium, or name one with KOMACHI_CHROMIUM.";

    /// <summary>The document as a PDF: tagged, with its title, language, outline and author, its fonts inside. Throws <see cref="PressTrouble"/>.</summary>
    public async Task<byte[]> Print(Sheet sheet, CancellationToken stop = default)
    {
        try
        {
            if (Interlocked.Increment(ref _inside) > settings.AtOnce + settings.MostWaiting) throw new PressTrouble("Too many PDFs are wanted at the same time.");
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, _ending.Token);
            await _turns.WaitAsync(either.Token);
            try
            {
                return Imprint.Add(await Make(sheet, either.Token), sheet.Author);
            }
            finally
            {
                _turns.Release();
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new PressTrouble("The program is ending.");
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    async Task<byte[]> Make(Sheet sheet, CancellationToken stop)
    {
        for (var again = false; ; again = true)
        {
            var chromium = await Take(stop);
            var broken = true;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(settings.Limit);
            try
            {
                var pdf = await chromium.Print(sheet, patience.Token);
                broken = false;
                return pdf;
            }
            catch (OperationCanceledException)
            {
                // Who left lets go of one page, which is thrown away; a page that never ends takes its Chromium with it.
                broken = !stop.IsCancellationRequested;
                stop.ThrowIfCancellationRequested();
                log.LogWarning("A PDF took longer than {Seconds} s and was given up", settings.Limit.TotalSeconds);
                throw new PressTrouble("It took too long.");
            }
            catch (ChromiumTrouble e) when (!again)
            {
                log.LogWarning("A PDF went wrong ({Reason}) and is made again on a new Chromium", e.Message);
            }
            catch (ChromiumTrouble e)
            {
                log.LogError("A PDF could not be made ({Reason})", e.Message);
                throw new PressTrouble("It could not be made.");
            }
            finally
            {
                await Give(chromium, broken);
            }
        }
    }

    async Task<Chromium> Take(CancellationToken stop)
    {
        await _one.WaitAsync(stop);
        try
        {
            if (_current is null or { HasEnded: true }) _current = await Start(stop);
            _current.Users++;
            return _current;
        }
        catch (ChromiumTrouble e)
        {
            log.LogError("Chromium does not start, so no PDF can be made: {Reason}", e.Message);
            throw new PressTrouble("Chromium does not start.");
        }
        finally
        {
            _one.Release();
        }
    }

    async Task<Chromium> Start(CancellationToken stop)
    {
        if (Program is not { } program)
        {
            log.LogWarning("{Missing}", Missing);
            throw new PressTrouble(Missing);
        }
        while (true)
            try
            {
                return await Chromium.Start(program, Walls.All[_walls], stop);
            }
            catch (WallsRefused e) when (_walls + 1 < Walls.All.Length)
            {
                _walls++;
                log.LogWarning("Chromium runs {Walls}, since the system lets it have no more: {Reason}", Walls.All[_walls].Sandbox ? "in its sandbox, but not apart from the network" : "without its sandbox", e.Message);
            }
    }

    async Task Give(Chromium chromium, bool broken)
    {
        // Not to be interrupted: whatever happened, it is handed back.
        await _one.WaitAsync(CancellationToken.None);
        try
        {
            chromium.Users--;
            chromium.Prints++;
            if (broken || chromium.HasEnded || chromium.Prints >= settings.MostPrints || (chromium.Prints % PrintsBetweenLooks == 0 && chromium.Memory() > settings.MostMemory))
            {
                if (_current == chromium) _current = null;
                chromium.Retired = true;
            }
            // What others print on it now is made to its end, unless it is broken: then theirs is made again, too.
            if (chromium.Retired && (broken || chromium.Users == 0)) await chromium.End();
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>A page of ours as a PDF, in a request or a job, for a town and in a language.</summary>
    internal async Task<byte[]> Print(Type page, object? parameters, Visit visit, IServiceProvider services, IReadOnlyDictionary<string, SheetPart>? pictures, CancellationToken stop) =>
        await Print(await Sheet.Draw(page, parameters, visit, services, pictures), stop);

    Task IHostedService.StartAsync(CancellationToken stop)
    {
        Chromium.SweepLeftovers();
        if (!IsThere) log.LogWarning("{Missing}", Missing);
        return Task.CompletedTask;
    }

    Task IHostedService.StopAsync(CancellationToken stop) => End();

    async Task End()
    {
        await _ending.CancelAsync();
        await _one.WaitAsync(CancellationToken.None);
        try
        {
            if (_current is { } last) await last.End();
            _current = null;
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync() => await End();
}
