namespace Komachi.Sandbox.Web;

/// <summary>A kind of outside, as the front page and the menu show it. <paramref name="Door"/> is where a client of it connects.</summary>
sealed record OutsideService(string Name, string Title, string About, string Href, Func<long> Count, Func<string> Door);
