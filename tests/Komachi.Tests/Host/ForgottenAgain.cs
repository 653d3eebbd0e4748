using Komachi.Host.Backup;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Komachi.Platform.People;
using Komachi.Platform.Rights;
using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Komachi.Tests.Host;

/// <summary>An older backup brings back who was forgotten since: not for a moment.</summary>
[Trait("Category", "long")]
public sealed class ForgottenAgain
{
    const string Hers = "見本 忘子", His = "見本 残男";

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    static async Task<Guid> MovesIn(Place place, Town town, string name)
    {
        await using var db = place.Operation.Databases.Open(town);
        var person = Person.Known(PersonKind.Human, new(name, Address: "小牧市一丁目"), Now);
        var account = Account.Open(AccountKind.Resident, $"r{person.Id:N}", name, "r@example.jp", [], null, Now, person);
        db.AddRange(person, account);
        db.Audit(new() { At = Now, Action = "people.correct_person", AboutId = person.Id, Reason = name + "の申し出" });
        await db.Save();
        return person.Id;
    }

    static async Task Forget(Place place, Town town, Guid person)
    {
        await using var db = place.Operation.Databases.Open(town);
        await Erasure.Now(new(person, db, new(Lang.Japanese, place.Operation.House.Words), Now, default), place.Operation.House, atCounter: true, new() { At = Now, Action = "rights.erase", AboutId = person });
    }

    static async Task Run<T>(Place place, Town town) where T : IJob<T>, new()
    {
        await using var db = place.Operation.Databases.Open(town);
        await T.Run(new(), new JobRun(Id.New(), 1, town, db, new AtHand(place.Operation), default));
        await db.Save();
    }

    sealed class AtHand(Komachi.Host.Operation operation) : IServiceProvider
    {
        public object? GetService(Type type) => type == typeof(Registry) ? operation.Registry : type == typeof(TimeProvider) ? TimeProvider.System : type == typeof(Platform.House) ? operation.House : null;
    }

    static Task<string> Backup(Place place, Town town, string? recovery = null) =>
        TownBackup.Write(place.Operation, town, Path.Combine(place.Folder, $"{Id.New():N}.komachi"), TimeProvider.System, default, recovery);

    static Task<string> NameOf(Place place, Town town, Guid person) => place.Ask<string>(town, $"SELECT name FROM people.persons WHERE id = '{person}'");

    static async Task<string> Known(Place place)
    {
        await using var ask = place.Operation.Control.CreateCommand("SELECT coalesce(string_agg(e::text, ' ' ORDER BY held), '') FROM registry.erasures e");
        return (string)(await ask.ExecuteScalarAsync())!;
    }

    [Fact]
    public async Task Who_was_forgotten_after_the_backup_is_forgotten_again_before_the_town_opens()
    {
        await using var place = await Place.Make();
        var town = await place.Add("oyabe");
        var (hers, his) = (await MovesIn(place, town, Hers), await MovesIn(place, town, His));
        var backup = await Backup(place, town);
        await Forget(place, town, hers);
        await Run<NoteErasures>(place, town);
        await Run<NoteErasures>(place, town);
        Assert.Equal($"({hers},{Platform.Days.JapanTime.DayOf(Now):yyyy-MM-dd},f)", await Known(place));    // a number and a day
        Assert.Equal(1, await place.Ask<long>(town, "SELECT count(*) FROM rights.erasures WHERE noted_at IS NOT NULL"));

        // Under another address, and in its own place.
        var said = new List<string>();
        var copy = await TownRestore.Read(place.Operation, backup, "oyabe-copy", null, replace: false, default, said: said.Add);
        Assert.StartsWith("1 person who had been forgotten", Assert.Single(said));
        var back = await TownRestore.Read(place.Operation, backup, null, null, replace: true, default);
        foreach (var restored in new[] { copy, back })
        {
            Assert.Equal(("", His), (await NameOf(place, restored, hers), await NameOf(place, restored, his)));
            Assert.Equal(0, await place.Ask<long>(restored, "SELECT count(*) FROM people.accounts a WHERE a::text LIKE '%忘子%'"));
            Assert.Equal(1, await place.Ask<long>(restored, $"SELECT count(*) FROM audit.entries WHERE action = 'rights.erase_again' AND about_id = '{hers}' AND actor_id IS NULL AND era = 2"));
            // With the person goes what opens the reasons about them, which the backup had brought back.
            Assert.Equal(1, await place.Ask<long>(restored, "SELECT count(*) FROM rights.reason_keys"));
            var sealer = new Sealer(place.Operation.Databases, place.Operation.Anchors, TimeProvider.System, NullLogger<Sealer>.Instance);
            while (await sealer.Seal(restored) is { Busy: true } or { WaitingSince: not null }) await Task.Delay(20);
            Assert.True((await new ChainCheck(place.Operation.Databases, place.Operation.Anchors).Run(restored)).Whole);
        }
        // A backup of what was restored has nothing to repeat.
        said.Clear();
        await TownRestore.Read(place.Operation, await Backup(place, back), "oyabe-later", null, replace: false, default, said: said.Add);
        Assert.Empty(said);
    }

    [Fact]
    public async Task What_nobody_was_told_yet_is_asked_of_the_town_that_is_replaced()
    {
        await using var place = await Place.Make();
        var town = await place.Add("oyabe");
        var hers = await MovesIn(place, town, Hers);
        var backup = await Backup(place, town);
        await Forget(place, town, hers);
        Assert.Equal("", await Known(place));
        var back = await TownRestore.Read(place.Operation, backup, null, null, replace: true, default);
        Assert.Equal("", await NameOf(place, back, hers));
        Assert.Contains($"{hers}", await Known(place));
    }

    [Fact]
    public async Task Who_asked_while_a_hold_stopped_it_is_signed_out_again_and_held_until_somebody_looked()
    {
        await using var place = await Place.Make();
        var town = await place.Add("oyabe");
        var hers = await MovesIn(place, town, Hers);
        var backup = await Backup(place, town);
        // The hold is younger than the backup, which knows nothing of it.
        await place.Do(town, $"INSERT INTO rights.holds (id, person_id, reason, from_at) VALUES (gen_random_uuid(), '{hers}', '裁判', now() - interval '1 day')");
        await Forget(place, town, hers);
        await Run<NoteErasures>(place, town);

        var copy = await TownRestore.Read(place.Operation, backup, "oyabe-copy", null, replace: false, default);
        Assert.Equal(Hers, await NameOf(place, copy, hers));
        Assert.Equal(0, await place.Ask<long>(copy, $"SELECT count(*) FROM people.accounts WHERE person_id = '{hers}' AND closed_at IS NULL"));
        Assert.Equal(1, await place.Ask<long>(copy, $"SELECT count(*) FROM rights.holds WHERE person_id = '{hers}' AND ended_at IS NULL AND reason LIKE '%復元%'"));
        await Run<FinishErasures>(place, copy);
        Assert.Equal(Hers, await NameOf(place, copy, hers));
        await place.Do(copy, "UPDATE rights.holds SET ended_at = now()");
        await Run<FinishErasures>(place, copy);
        Assert.Equal("", await NameOf(place, copy, hers));
        // And from then on it is known as done, whatever the first town still says.
        await Run<NoteErasures>(place, copy);
        await Run<NoteErasures>(place, town);
        Assert.EndsWith(",f)", await Known(place));
    }

    [Fact]
    public async Task Elsewhere_it_is_known_as_far_as_a_newer_backup_brought_it_and_said_where_it_is_not()
    {
        await using var place = await Place.Make();
        var town = await place.Add("oyabe");
        var hers = await MovesIn(place, town, Hers);
        var key = Path.Combine(place.Folder, "recovery.key");
        await File.WriteAllTextAsync(key, "合言葉は四十字より長く書いておくこと合言葉は四十字より長く");
        var older = await Backup(place, town, SealedFile.ReadRecoveryKey(key));
        await Forget(place, town, hers);
        var newer = await Backup(place, town, SealedFile.ReadRecoveryKey(key));

        await using var far = await Place.Make();
        var said = new List<string>();
        var unknowing = await TownRestore.Read(far.Operation, older, "oyabe-one", null, replace: false, default, key, said.Add);
        Assert.Equal(Hers, await NameOf(far, unknowing, hers));
        Assert.Contains("restore that first", Assert.Single(said));
        await TownRestore.Read(far.Operation, newer, "oyabe", null, replace: false, default, key);
        var knowing = await TownRestore.Read(far.Operation, older, "oyabe-two", null, replace: false, default, key);
        Assert.Equal("", await NameOf(far, knowing, hers));
    }

    [Fact]
    public async Task The_list_is_kept_as_long_as_backups_may_be()
    {
        await using var place = await Place.Make();
        var town = await place.Add("oyabe");
        await using (var add = place.Operation.Control.CreateCommand("INSERT INTO registry.erasures VALUES (gen_random_uuid(), current_date - 3700, false), (gen_random_uuid(), current_date - 3600, false)")) await add.ExecuteNonQueryAsync();
        await Backup(place, town);
        await using var left = place.Operation.Control.CreateCommand("SELECT count(*) FROM registry.erasures");
        Assert.Equal(1L, await left.ExecuteScalarAsync());
    }
}
