using Komachi.Platform.Data;
using Komachi.Platform.People;

namespace Komachi.Platform.People
{
    /// <summary>
    /// What a module keeps about persons, for the test that looks for leaks: it plants records about a protected person, each text
    /// marked, and the test then opens every address of the house as everybody who must not see them.
    /// </summary>
    public sealed record ProtectedCanary(ModuleBuilder Module, string What, Func<CanaryNest, Task> Plant);

    /// <summary>Where a module plants its canaries: a town of the test's, with one protected person and their account.</summary>
    public sealed class CanaryNest(TownDb db, Guid person, Guid account, Guid neighbour, DateTimeOffset now)
    {
        int _sung;

        public TownDb Db => db;

        /// <summary>The protected person.</summary>
        public Guid PersonId => person;
        public Guid AccountId => account;

        /// <summary>Another resident, who must learn nothing.</summary>
        public Guid NeighbourId => neighbour;
        public DateTimeOffset Now => now;

        /// <summary>Texts that may appear nowhere, and what is opened: ids go where routes have parameters.</summary>
        public List<string> Texts { get; } = [];
        public List<string> Ids { get; } = [person.ToString(), account.ToString()];
        public List<string> Addresses { get; } = [];

        /// <summary>A text like no other; to be stored about the person.</summary>
        public string Sing(string what)
        {
            var text = $"かなりあ{what}{++_sung}号{person.ToString("N")[^6..]}";
            Texts.Add(text);
            return text;
        }

        /// <summary>The id of a record about the person.</summary>
        public Guid Is(Guid id)
        {
            Ids.Add(id.ToString());
            return id;
        }
    }
}

namespace Komachi.Platform
{
    public static class CanaryRegistration
    {
        /// <summary>For a module that keeps anything about persons: a rule asks for it.</summary>
        public static ModuleBuilder Canary(this ModuleBuilder m, string what, Func<CanaryNest, Task> plant) => m.Offer(new ProtectedCanary(m, what, plant));
    }
}
