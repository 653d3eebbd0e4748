using Komachi.Ui.Words;

namespace Komachi.Platform.Audit;

static class DeedName
{
    public static string Of(string action, House house, Words words) =>
        house.All<Deed>().FirstOrDefault(d => d.Action == action) is { } deed ? words[deed.Title] : action;
}
