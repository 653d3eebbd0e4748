using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Komachi.Host;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Tests.Files;

/// <summary>
/// With everything switched on: a real ClamAV daemon, a sanitiser, bytes in S3. One after the other, since a daemon that is taken away and
/// faults of the outside are everybody's.
/// </summary>
[Collection(GuardedFilesProgram.Guarded), Trait("Category", "long")]
public sealed class CheckingFiles(GuardedFilesProgram program)
{
    HttpClient World => new() { BaseAddress = program.World.Url };

    async Task Fault(object fault)
    {
        using var set = await World.PutAsJsonAsync("/api/faults", fault);
        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
    }

    [Fact]
    public async Task A_file_goes_through_the_check_and_the_sanitiser_and_people_get_the_cleaned_one()
    {
        var sender = await Sender.At(await program.NewTown());
        var photo = Samples.Jpeg(5_000_000);
        var id = await sender.Ready("写真.jpg", photo);
        var got = await sender.Bytes(id);
        Assert.Equal(-1, got.AsSpan().IndexOf("GPS 35.29"u8));
        Assert.InRange(got.Length, photo.Length - 60, photo.Length - 10);
        Assert.Equal(photo[^1000..], got[^1000..]);
        using (var part = await sender.Get(id, range: new(4_200_000, 4_200_099))) Assert.Equal(got[4_200_000..4_200_100], await part.Content.ReadAsByteArrayAsync());

        // What was sent is for those with the permission, who say why.
        var (joho, koho) = (await sender.Town.Staff("joho"), await sender.Town.Staff("koho"));
        using (var closed = await koho.Send(HttpMethod.Get, $"desk/files/{id}/original")) Assert.Equal(HttpStatusCode.Forbidden, closed.StatusCode);
        var page = await joho.Open($"desk/files/{id}/original");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await joho.Submit(page)).Status);
        var token = page.One("main input[name=_token]").GetAttribute("value")!;
        using (var original = await joho.Send(HttpMethod.Post, $"desk/files/{id}/original", new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = token, ["reason"] = "撮影場所の確認" })))
        {
            Assert.Equal(photo, await original.Content.ReadAsByteArrayAsync());
            Assert.Equal("sandbox; default-src 'none'", original.Headers.GetValues("Content-Security-Policy").Single());
            Assert.StartsWith("attachment;", original.Content.Headers.ContentDisposition!.ToString());
        }
        await sender.Town.Until("(SELECT count(*) = 1 FROM audit.entries WHERE action = 'files.original' AND reason LIKE 'sealed:%' AND about_id IS NOT NULL)");
        Assert.Contains("撮影場所の確認", (await joho.Open("desk/audit/entries?action=files.original")).Text);
        var desk = await joho.Open("en/desk/files");
        Assert.Contains("answers", desk.Text);
        Assert.Contains("In an S3 store", desk.Text);
    }

    [Fact]
    public async Task A_virus_is_found_thrown_away_and_said()
    {
        var sender = await Sender.At(await program.NewTown());
        var id = await sender.Whole("a.txt", Clamd.Eicar);
        var hidden = await sender.Whole("b.docx", Samples.Word(more: ("word/media/x.bin", Encoding.ASCII.GetString(Clamd.Eicar))));
        await sender.State(id, "Refused");
        await sender.State(hidden, "Refused");
        using (var get = await sender.Get(id)) Assert.Equal(HttpStatusCode.NotFound, get.StatusCode);
        Assert.Equal(FileRefusal.Virus, (await sender.Stored(id))!.Refusal);
        Assert.Equal(FileRefusal.Virus, (await sender.Stored(hidden))!.Refusal);
        var page = await sender.Person.Open("en/papers");
        Assert.Contains("The virus check found something in it", page.Text);
        await sender.Town.Until("(SELECT count(*) = 2 FROM audit.entries WHERE action = 'files.refuse' AND details ->> 'found' LIKE '%Eicar%')");
        await sender.Town.Until("(SELECT count(*) = 2 FROM audit.entries WHERE action = 'papers.heard' AND details = 'false')");
        await sender.Town.Until("(SELECT count(*) = 0 FROM files.parts) AND (SELECT count(*) = 0 FROM jobs.queue WHERE kind LIKE 'files.%')");
        var left = new List<string>();
        await foreach (var name in program.Service<IFileStore>().List(sender.Town.Slug, default)) left.Add(name);
        Assert.Empty(left);
    }

    [Fact]
    public async Task What_runs_by_itself_is_refused_by_the_sanitiser()
    {
        var sender = await Sender.At(await program.NewTown());
        var id = await sender.Whole("a.pdf", Samples.Pdf(inside: "/OpenAction << /S /JavaScript /JS (app.alert(1)) >> "));
        await sender.State(id, "Refused");
        Assert.Equal(FileRefusal.NotClean, (await sender.Stored(id))!.Refusal);
        Assert.Contains("could not be made safe", (await sender.Person.Open("en/papers")).Text);
    }

    [Fact]
    public async Task While_checker_sanitiser_or_store_are_away_a_file_waits_and_then_goes_on()
    {
        var sender = await Sender.At(await program.NewTown());
        var town = sender.Town;
        await program.Clamd.Stop();
        Guid id;
        try
        {
            id = await sender.Whole("a.pdf", Samples.Pdf());
            await town.Until("(SELECT count(*) = 1 FROM jobs.queue WHERE kind = 'files.check' AND last_error LIKE 'The virus checker%')");
            Assert.Equal(FileState.Checking, (await sender.Stored(id))!.State);
            using (var get = await sender.Get(id)) Assert.Equal(HttpStatusCode.NotFound, get.StatusCode);
            Assert.Contains("does not answer", (await (await town.Staff("joho")).Open("en/desk/files")).Text);
        }
        finally
        {
            await program.Clamd.Start();
        }
        await Fault(new { service = "sanitiser", kind = "refuse", status = 503, times = 1 });
        await Hurry(town);
        await town.Until("(SELECT count(*) = 1 FROM jobs.queue WHERE kind = 'files.check' AND last_error LIKE 'The sanitiser%')");
        await Fault(new { service = "s3", kind = "refuse", status = 500, times = 3, only = town.Slug });    // as often as it is tried at once
        await Hurry(town);
        await town.Until("(SELECT count(*) = 1 FROM jobs.queue WHERE kind = 'files.check' AND last_error LIKE 'The S3 store%')");
        await Hurry(town);
        await sender.State(id, "Ready");
        Assert.Equal(Samples.Pdf(), await sender.Bytes(id));
    }

    /// <summary>What waits for its next try need not.</summary>
    static async Task Hurry(TestTown town)
    {
        await using (var hurry = town.Source.CreateCommand("UPDATE jobs.queue SET run_at = now() WHERE kind = 'files.check' AND lease IS NULL")) await hurry.ExecuteNonQueryAsync();
        town.Program.Service<Komachi.Platform.Towns.Doorbell>().Ring(town.Slug, DateTimeOffset.MinValue);
    }

    [Fact]
    public async Task Bytes_that_were_changed_in_the_store_are_never_passed_on()
    {
        var sender = await Sender.At(await program.NewTown());
        var id = await sender.Ready("a.pdf", Samples.Pdf());
        var objects = new List<string>();
        await foreach (var name in program.Service<IFileStore>().List(sender.Town.Slug, default)) objects.Add(name);
        Assert.Equal(2, objects.Count);    // as sent, and cleaned
        var store = program.Service<IFileStore>();
        foreach (var name in objects)
        {
            await using var open = await store.Open(sender.Town.Slug, name, 0, default);
            var bytes = new MemoryStream();
            await open.CopyToAsync(bytes);
            Assert.Equal(-1, bytes.ToArray().AsSpan().IndexOf("%PDF"u8));
            bytes.GetBuffer()[500] ^= 1;
            await store.Put(sender.Town.Slug, name, bytes.ToArray(), default);
        }
        await Assert.ThrowsAnyAsync<Exception>(() => sender.Bytes(id));
    }

    [Fact]
    public async Task The_store_takes_only_who_has_its_secret()
    {
        var right = new S3Settings(new Uri(program.World.Url, "s3").ToString(), "elsewhere", "sandbox", "sandbox-secret");
        using (var store = new S3Store(right))
        {
            await store.Put("town", "a/1", "one"u8.ToArray(), default);
            await store.Put("town", "a/2", new byte[100_000], default);
            await store.Put("town-2", "a/1", "another town"u8.ToArray(), default);
            await using (var from = await store.Open("town", "a/1", 2, default)) Assert.Equal("e", await new StreamReader(from).ReadToEndAsync());
            await Assert.ThrowsAsync<FileNotFoundException>(() => store.Open("town", "a/3", 0, default));
            await store.Remove("town", "", default);
            await Assert.ThrowsAsync<FileNotFoundException>(() => store.Open("town", "a/1", 0, default));
            await using (var from = await store.Open("town-2", "a/1", 0, default)) Assert.Equal("another town", await new StreamReader(from).ReadToEndAsync());
        }
        foreach (var wrong in new[] { right with { Secret = "guessed" }, right with { Key = "somebody" } })
        {
            using var store = new S3Store(wrong);
            var trouble = await Assert.ThrowsAsync<FileStoreTrouble>(() => store.Open("town-2", "a/1", 0, default));
            Assert.Contains("403", trouble.Message);
            await Assert.ThrowsAsync<FileStoreTrouble>(() => store.Put("town-2", "a/1", "theirs"u8.ToArray(), default));
            await Assert.ThrowsAsync<FileStoreTrouble>(() => store.Remove("town-2", "", default));
        }
        using (var unsigned = await World.GetAsync("/s3/elsewhere/town-2/a/1")) Assert.Equal(HttpStatusCode.Forbidden, unsigned.StatusCode);
        var page = await World.GetStringAsync("/en/objects");
        Assert.Contains("elsewhere/town-2/a/1", page);
        Assert.DoesNotContain("another town", page);
    }

    [Fact]
    public async Task A_store_that_refuses_is_said_kindly_and_the_transfer_goes_on_later()
    {
        var sender = await Sender.At(await program.NewTown());
        var file = Samples.Pdf(200_000);
        var address = await sender.Begin("a.pdf", file.Length);
        await Fault(new { service = "s3", kind = "refuse", status = 503, times = 3, only = sender.Town.Slug });
        using (var away = await sender.Add(address, 0, file)) Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
        Assert.Equal(0, await sender.Offset(address));
        using (var again = await sender.Add(address, 0, file)) Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
        await sender.State(Sender.IdOf(address), "Ready");
    }

    [Fact]
    public void What_the_operator_says_is_read_or_refused_with_a_sentence()
    {
        FileSettings Read(out string? wrong, params (string Name, string Value)[] given) => FileSettings.Read(name => given.FirstOrDefault(g => g.Name == name).Value, "/srv", out wrong);
        Assert.Equal(new FileSettings { Folder = "/srv" }, Read(out var none));
        Assert.Null(none);
        var all = Read(out none, ("KOMACHI_CLAMAV", "10.0.0.5:3310"), ("KOMACHI_SANITISER", "http://10.0.0.6/clean"), ("KOMACHI_SANITISER_TOKEN", "token"), ("KOMACHI_FILES_MB_A_DAY", "50"),
            ("KOMACHI_S3_URL", "https://s3.example.jp"), ("KOMACHI_S3_BUCKET", "b"), ("KOMACHI_S3_KEY", "k"), ("KOMACHI_S3_SECRET", "s"));
        Assert.Null(none);
        Assert.Equal((50, "b", "10.0.0.5:3310"), (all.MegabytesADay, all.S3!.Bucket, all.ClamAv));
        foreach (var (name, value) in new[] { ("KOMACHI_CLAMAV", "nothing"), ("KOMACHI_CLAMAV", "host:99999"), ("KOMACHI_SANITISER", "ftp://x"), ("KOMACHI_S3_URL", "s3"), ("KOMACHI_S3_URL", "http://x"), ("KOMACHI_FILES_MB_A_DAY", "-1") })
        {
            Read(out var wrong, (name, value));
            Assert.Contains(name, wrong);
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task What_is_claimed_while_its_check_ends_is_claimed_if_that_ends_well(bool clean)
    {
        var town = await program.NewTown("oyabe");
        var sent = await UnderCheck(town);
        await using var form = town.Open();
        await using var check = town.Open();
        (await form.Set<StoredFile>().SingleAsync(f => f.Id == sent.Id)).Claim("papers/1");
        var looked = await check.Set<StoredFile>().SingleAsync(f => f.Id == sent.Id);
        if (clean) looked.Pass(new byte[32], null);
        else looked.Refuse(FileRefusal.Virus);
        await check.Save();

        if (clean) await form.Save();
        else await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => form.Save());
        await using var look = town.Open();
        var now = await look.Set<StoredFile>().SingleAsync(f => f.Id == sent.Id);
        Assert.Equal(clean ? (FileState.Ready, "papers/1") : (FileState.Refused, null), (now.State, now.BelongsTo));
    }

    [Theory]
    [InlineData("passed")]
    [InlineData("refused")]
    [InlineData("taken away in another window")]
    [InlineData("claimed")]
    public async Task What_is_taken_away_while_its_check_ends_is_gone_unless_it_was_claimed(string meanwhile)
    {
        var town = await program.NewTown("oyabe");
        var sent = await UnderCheck(town);
        await using var window = town.Open();
        await using var other = town.Open();
        window.RemoveFile(await window.Set<StoredFile>().SingleAsync(f => f.Id == sent.Id));
        var there = await other.Set<StoredFile>().SingleAsync(f => f.Id == sent.Id);
        if (meanwhile == "refused") there.Refuse(FileRefusal.Virus);
        else there.Pass(new byte[32], null);
        if (meanwhile == "claimed") there.Claim("papers/1");
        await other.Save();
        if (meanwhile == "taken away in another window")
        {
            other.RemoveFile(there);
            await other.Save();
        }

        if (meanwhile == "claimed") await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => window.Save());
        else await window.Save();
        await using var look = town.Open();
        Assert.Equal(meanwhile == "claimed" ? 1 : 0, await look.Set<StoredFile>().CountAsync(f => f.Id == sent.Id));
    }

    [Theory]
    [InlineData("taken away")]
    [InlineData("checked")]
    public async Task What_was_claimed_in_the_same_moment_is_neither_taken_away_nor_ended_unheard(string meanwhile)
    {
        var town = await program.NewTown("oyabe");
        var sent = await UnderCheck(town);
        await using var other = town.Open();
        await using var form = town.Open();
        var there = await other.Set<StoredFile>().SingleAsync(f => f.Id == sent.Id);
        (await form.Set<StoredFile>().SingleAsync(f => f.Id == sent.Id)).Claim("papers/1");
        await form.Save();

        // A check that is told so begins anew, and says to whom it belongs.
        if (meanwhile == "taken away") other.RemoveFile(there);
        else there.Pass(new byte[32], null);
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => other.Save());
        await using var look = town.Open();
        Assert.Equal((FileState.Checking, "papers/1"), await look.Set<StoredFile>().Where(f => f.Id == sent.Id).Select(f => new ValueTuple<FileState, string?>(f.State, f.BelongsTo)).SingleAsync());
    }

    static async Task<StoredFile> UnderCheck(TestTown town)
    {
        var sent = StoredFile.Begin(Id.New(), "papers.paper", "here", "見本.pdf", 1, null, [1], TimeProvider.System.GetUtcNow());
        sent.TakenWhole(1);
        sent.Complete(FileType.Pdf);
        await using var db = town.Open();
        db.Add(sent);
        await db.Save();
        return sent;
    }
}
