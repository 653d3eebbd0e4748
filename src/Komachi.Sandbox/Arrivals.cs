namespace Komachi.Sandbox;

/// <summary>What waits for something to come: a mail, a short message, a call. Whoever puts it in its place says so afterwards.</summary>
sealed class Arrivals(TimeProvider time)
{
    TaskCompletionSource _next = New();

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Came() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    /// <summary>What is found, now or once it came; null when it did not come in time.</summary>
    public async Task<T?> Wait<T>(Func<T?> find, TimeSpan patience, CancellationToken stop) where T : class
    {
        var began = time.GetTimestamp();
        while (true)
        {
            // Taken before one looks, so nothing comes unheard in between.
            var next = Volatile.Read(ref _next).Task;
            if (find() is { } found) return found;
            var left = patience - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero) return null;
            try { await next.WaitAsync(left, time, stop); }
            catch (TimeoutException) { return null; }
        }
    }
}
