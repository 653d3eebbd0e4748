namespace Komachi.Platform.Data;

public static class Id
{
    /// <summary>A version-7 UUID: new rows stand together in an index. Not an order of events: two processes, two clocks.</summary>
    public static Guid New() => Guid.CreateVersion7();
}
