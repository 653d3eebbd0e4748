using System.Net;
using System.Net.Sockets;
using System.Text;
using Komachi.Platform.Files;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Files;

/// <summary>A file on its way: whole, cut, twice at once, too large, without a right to.</summary>
public sealed class SendingFiles(FilesProgram program)
{
    [Fact]
    public async Task A_file_arrives_in_pieces_of_any_size_and_comes_back_as_it_was()
    {
        var sender = await Sender.At(await program.NewTown());
        var file = Samples.Pdf(300_000);
        var address = await sender.Begin("申請書 𠮷田.pdf", file.Length);
        var offset = 0;
        foreach (var piece in new[] { 1, 10, 65_535, 65_536, 100_000, int.MaxValue })
        {
            var bytes = file[offset..Math.Min(file.Length, (int)Math.Min((long)offset + piece, file.Length))];
            using var answer = await sender.Add(address, offset, bytes);
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            Assert.Equal($"{offset += bytes.Length}", answer.Headers.GetValues("Upload-Offset").Single());
        }
        await sender.State(Sender.IdOf(address), "Ready");
        Assert.Equal(file, await sender.Bytes(Sender.IdOf(address)));
        await sender.Town.Until("(SELECT count(*) = 1 FROM audit.entries WHERE action = 'papers.heard' AND details = 'true')");
        await sender.Town.Until("(SELECT count(*) = 1 FROM audit.entries WHERE action = 'files.send' AND about_id IS NOT NULL)");
        // Its owner's own reading is nobody's business.
        await sender.Town.Until("(SELECT count(*) = 0 FROM audit.entries WHERE action = 'files.read')");
        var stored = (await sender.Stored(Sender.IdOf(address)))!;
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(file), stored.Sha256);
        Assert.Equal(("申請書 𠮷田.pdf", "pdf"), (stored.Name, stored.Type));
    }

    [Fact]
    public async Task A_transfer_that_was_cut_goes_on_where_it_stopped()
    {
        var sender = await Sender.At(await program.NewTown());
        var file = Samples.Pdf(8_500_000);
        var address = await sender.Begin("large.pdf", file.Length);
        // More than a part, and not a whole number of chunks; then the line goes dead.
        using (var line = await sender.Raw("PATCH", address, $"Tus-Resumable: 1.0.0\r\nRequestVerificationToken: {sender.Token}\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: {file.Length}"))
        {
            await line.WriteAsync(file.AsMemory(0, 4_321_000));
            await sender.Town.Until($"(SELECT received >= {4 * 1024 * 1024} FROM files.stored)");
        }
        await sender.Town.Until("(SELECT received > 4194304 FROM files.stored)");
        var kept = await sender.Offset(address);
        Assert.InRange(kept, 4_194_305, 4_321_000);
        using (var answer = await sender.Add(address, kept, file[(int)kept..])) Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await sender.State(Sender.IdOf(address), "Ready");
        Assert.Equal(file, await sender.Bytes(Sender.IdOf(address)));
    }

    [Fact]
    public async Task Of_two_who_write_at_the_same_place_one_does_and_the_file_is_whole()
    {
        var sender = await Sender.At(await program.NewTown());
        var file = Samples.Pdf(700_000);
        var address = await sender.Begin("twice.pdf", file.Length);
        using (var wrong = await sender.Add(address, 5, file)) Assert.Equal(HttpStatusCode.Conflict, wrong.StatusCode);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => sender.Add(address, 0, file)));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.NoContent);
        Assert.All(answers.Where(a => a.StatusCode != HttpStatusCode.NoContent), a => Assert.Equal(HttpStatusCode.Conflict, a.StatusCode));
        await sender.State(Sender.IdOf(address), "Ready");
        Assert.Equal(file, await sender.Bytes(Sender.IdOf(address)));
    }

    [Fact]
    public async Task What_is_too_large_empty_or_of_another_type_is_refused_before_it_is_sent()
    {
        var sender = await Sender.At(await program.NewTown());
        using (var large = await sender.Create("large.pdf", 9 * 1024 * 1024 + 1))
        {
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
            Assert.Contains("9 MB", await large.Content.ReadAsStringAsync());
        }
        using (var huge = await sender.Create("huge.pdf", long.MaxValue)) Assert.Equal(HttpStatusCode.RequestEntityTooLarge, huge.StatusCode);
        foreach (var name in new[] { "page.html", "picture.svg", "program.exe", "none", "script.pdf.js" })
            using (var refused = await sender.Create(name, 10)) Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        using (var empty = await sender.Create("empty.pdf", 0)) Assert.Equal(HttpStatusCode.UnprocessableEntity, empty.StatusCode);
        // Announced small, sent large.
        var address = await sender.Begin("small.pdf", 100);
        using (var more = await sender.Add(address, 0, new byte[200])) Assert.Equal(HttpStatusCode.RequestEntityTooLarge, more.StatusCode);
        Assert.Equal(0, await sender.Offset(address));
        // The page says why, of each.
        var page = await sender.Person.Open("papers");
        Assert.True(page.All(".file-why").Count() >= 5);
    }

    [Fact]
    public async Task No_more_files_than_fit_are_taken_also_of_many_at_once()
    {
        var sender = await Sender.At(await program.NewTown());
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => sender.Create($"{n}.pdf", 100)));
        Assert.Equal(3, answers.Count(a => a.StatusCode == HttpStatusCode.Created));
        Assert.All(answers.Where(a => a.StatusCode != HttpStatusCode.Created), a => Assert.Equal(HttpStatusCode.UnprocessableEntity, a.StatusCode));
        Assert.Empty((await sender.Person.Open("papers")).All("input[type=file]"));
        // One is taken away, and there is room.
        using (var gone = await sender.Send(sender.Ask(HttpMethod.Delete, answers.First(a => a.StatusCode == HttpStatusCode.Created).Headers.Location!.ToString()))) Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        await sender.Begin("again.pdf", 100);
    }

    [Fact]
    public async Task One_person_sends_so_much_a_day()
    {
        var sender = await Sender.At(await program.NewTown());
        for (var n = 0; n < 6; n++)
        {
            var address = await sender.Begin($"{n}.pdf", 9 * 1024 * 1024);
            using var gone = await sender.Send(sender.Ask(HttpMethod.Delete, address));
        }
        using (var enough = await sender.Create("more.pdf", 9 * 1024 * 1024))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, enough.StatusCode);
            Assert.True(enough.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        }
        // Another person may.
        await (await Sender.At(sender.Town, "taro")).Begin("other.pdf", 9 * 1024 * 1024);
    }

    [Fact]
    public async Task Without_the_token_nothing_is_done()
    {
        var sender = await Sender.At(await program.NewTown());
        var bare = sender.With(token: "");
        var address = await sender.Begin("a.pdf", 100);
        using (var made = await bare.Create("b.pdf", 100)) Assert.Equal(HttpStatusCode.BadRequest, made.StatusCode);
        using (var added = await bare.Add(address, 0, new byte[100])) Assert.Equal(HttpStatusCode.BadRequest, added.StatusCode);
        using (var gone = await bare.Send(bare.Ask(HttpMethod.Delete, address))) Assert.Equal(HttpStatusCode.BadRequest, gone.StatusCode);
        // One of another session, and one of another town.
        var other = await Sender.At(sender.Town, "taro");
        var elsewhere = await Sender.At(await program.NewTown());
        foreach (var token in new[] { other.Token, elsewhere.Token, "x" })
            using (var refused = await sender.With(token: token).Add(address, 0, new byte[100])) Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(0, await sender.Offset(address));
        // As a form: without it in a field before the file, in a header alone, or behind the file.
        foreach (var (before, after, header) in new[] { ("", "", ""), ("", sender.Token, ""), ("x", "", ""), ("", "", sender.Token) })
        {
            var form = Form(sender, before, "c.pdf", Samples.Pdf());
            if (after.Length > 0) form.Add(new StringContent(after), "_token");
            using var ask = new HttpRequestMessage(HttpMethod.Post, $"/{sender.Town.Slug}/files/one") { Content = form };
            if (header.Length > 0) ask.Headers.Add("RequestVerificationToken", header);
            using var refused = await sender.Send(ask);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
        await sender.Town.Until("(SELECT count(*) = 1 FROM files.stored)");
    }

    internal static MultipartFormDataContent Form(Sender sender, string token, string name, byte[] bytes, string back = "papers")
    {
        var form = new MultipartFormDataContent();
        if (token.Length > 0) form.Add(new StringContent(token), "_token");
        form.Add(new StringContent("papers.paper"), "kind");
        form.Add(new StringContent(sender.Place), "place");
        form.Add(new StringContent(back), "back");
        var file = new ByteArrayContent(bytes);
        file.Headers.ContentDisposition = new("form-data") { Name = "\"file\"", FileName = $"\"{name}\"" };
        form.Add(file);
        return form;
    }

    [Fact]
    public async Task Who_has_no_scripts_sends_one_file_by_a_form_and_sees_it_in_the_list()
    {
        var sender = await Sender.At(await program.NewTown());
        async Task<Seen> Send(string name, byte[] bytes, string back = "papers")
        {
            using var answer = await sender.Person.Send(HttpMethod.Post, "files/one", Form(sender, sender.Token, name, bytes, back));
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            return await sender.Person.Open(answer.Headers.Location!.ToString());
        }

        var photo = Samples.Jpeg(5_000_000);
        var page = await Send("写真.jpg", photo);
        Assert.Contains("写真.jpg", page.One(".file-row").TextContent);
        await sender.Town.Until("(SELECT state = 'Ready' FROM files.stored)");
        page = await sender.Person.Open("papers");
        using (var got = await sender.Person.Send(HttpMethod.Get, page.One(".file-row a").GetAttribute("href")!)) Assert.Equal(photo, await got.Content.ReadAsByteArrayAsync());

        // What is not taken says why on the page: too large, of another type, empty.
        page = await Send("big.pdf", Samples.Pdf(11_000_000));
        Assert.Contains("9 MB", page.One(".file-row-wrong .file-why").TextContent);
        page = await Send("not.pdf", Samples.Png());
        Assert.Equal(2, page.All(".file-row-wrong").Count());
        page = await Send("empty.pdf", []);
        Assert.Equal(3, page.All(".file-row-wrong").Count());
        await sender.Town.Until("(SELECT count(*) = 1 FROM files.parts WHERE file_id NOT IN (SELECT id FROM files.stored WHERE state = 'Ready')) IS NOT NULL");

        // Nothing chosen: the page as it was. Back leads nowhere else.
        page = await Send("", []);
        Assert.Equal(4, page.All(".file-row").Count());
        using (var away = await sender.Person.Send(HttpMethod.Post, "files/one", Form(sender, sender.Token, "x.pdf", Samples.Pdf(), "https://evil.example/")))
            Assert.Equal($"/{sender.Town.Slug}", away.Headers.Location!.ToString());

        // Taken away by its own button; pressed twice it is still gone.
        var ready = sender.Person.Ready(await sender.Person.Open("papers"), form: ".file-row form");
        Assert.Equal(4, (await ready()).All(".file-row").Count());
        Assert.Equal(HttpStatusCode.OK, (await ready()).Status);
        await sender.Town.Until($"(SELECT count(*) = 0 FROM jobs.queue WHERE kind = 'files.remove_bytes')");
    }

    [Fact]
    public async Task A_form_that_was_cut_leaves_only_its_reason()
    {
        var sender = await Sender.At(await program.NewTown());
        var head = string.Join("\r\n", new[] { ("_token", sender.Token), ("kind", "papers.paper"), ("place", sender.Place), ("back", "papers") }.Select(f => $"--b\r\nContent-Disposition: form-data; name=\"{f.Item1}\"\r\n\r\n{f.Item2}"))
            + "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cut.pdf\"\r\n\r\n%PDF-1.7 ";
        using (var line = await sender.Raw("POST", $"/{sender.Town.Slug}/files/one", "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000000"))
        {
            await line.WriteAsync(Encoding.UTF8.GetBytes(head));
            await line.WriteAsync(Samples.Noise(200_000));
            await sender.Town.Until("(SELECT count(*) = 1 FROM files.stored)");
        }
        await sender.Town.Until("(SELECT state = 'Refused' AND refusal = 'Cut' AND sealed_key = '' FROM files.stored)");
        await sender.Town.Until("(SELECT count(*) = 0 FROM files.parts)");
    }

    [Fact]
    public async Task What_was_sent_before_signing_in_is_taken_away_afterwards_and_nothing_of_somebody_else()
    {
        var town = await program.NewTown();
        var before = await (await Sender.ToTheBoard(town)).Ready("前.png", Samples.Png());
        var hanako = await Sender.At(town);
        var hers = await hanako.With(kind_: "papers.board", place_: "board").Ready("後.png", Samples.Png());
        var taro = await Sender.At(town, "taro");

        foreach (var (who, file, status) in new[] { (taro, hers, HttpStatusCode.NotFound), (hanako, hers, HttpStatusCode.Found), (hanako, before, HttpStatusCode.Found) })
        {
            using var answer = await who.Person.Send(HttpMethod.Post, $"files/{file}/remove", new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = who.Token, ["back"] = "papers" }));
            Assert.Equal(status, answer.StatusCode);
        }
        await town.Until("(SELECT count(*) = 0 FROM files.stored)");
    }

    [Fact]
    public async Task What_is_refused_at_the_same_moment_is_each_told_why_and_the_last_ten_are_shown()
    {
        var sender = await Sender.At(await program.NewTown());
        for (var round = 0; round < 2; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => sender.Create("見本.exe", 10)));
            Assert.All(answers, a => Assert.Equal(HttpStatusCode.UnprocessableEntity, a.StatusCode));
            foreach (var answer in answers) answer.Dispose();
        }
        using (var last = await sender.Create("見本.exe", 10)) Assert.Equal(HttpStatusCode.UnprocessableEntity, last.StatusCode);
        await sender.Town.Until("(SELECT count(*) = 10 FROM files.stored WHERE state = 'Refused')");
    }

    [Fact]
    public async Task A_place_of_another_a_kind_that_is_not_there_and_a_town_next_door_are_closed()
    {
        var town = await program.NewTown();
        var (hanako, taro) = (await Sender.At(town), await Sender.At(town, "taro"));
        foreach (var sender in new[] { hanako.With(place_: taro.Place), hanako.With(kind_: "papers.none"), hanako.With(place_: ""), hanako.With(place_: new string('x', 300)), await Sender.ToTheBoard(town, "papers.paper") })
            using (var refused = await sender.Create("a.pdf", 100)) Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);

        var file = Samples.Pdf();
        var (address, whole) = (await hanako.Begin("a.pdf", file.Length), await hanako.Ready("b.pdf", file));
        // Taro knows the ids, and they are worth nothing to him.
        using (var look = await taro.Send(taro.Ask(HttpMethod.Head, address))) Assert.Equal(HttpStatusCode.NotFound, look.StatusCode);
        using (var add = await taro.Add(address, 0, file)) Assert.Equal(HttpStatusCode.NotFound, add.StatusCode);
        using (var gone = await taro.Send(taro.Ask(HttpMethod.Delete, address))) Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        using (var get = await taro.Get(whole)) Assert.Equal(HttpStatusCode.NotFound, get.StatusCode);
        // Nor in the town next door, to the same person's account there.
        var next = await Sender.At(await program.NewTown());
        using (var get = await next.Get(whole)) Assert.Equal(HttpStatusCode.NotFound, get.StatusCode);
        using (var look = await next.Send(next.Ask(HttpMethod.Head, address.Replace(town.Slug + "/", next.Town.Slug + "/")))) Assert.Equal(HttpStatusCode.NotFound, look.StatusCode);
        Assert.Equal(0, await hanako.Offset(address));
    }

    [Fact]
    public async Task A_saved_form_claims_what_came_and_the_rest_goes_after_a_day()
    {
        var sender = await Sender.At(await program.NewTown());
        var (kept, half) = (await sender.Ready("kept.pdf", Samples.Pdf()), await sender.Begin("half.pdf", 500_000));
        using (await sender.Add(half, 0, new byte[200_000])) { }
        var page = await sender.Person.Submit(await sender.Person.Open("papers"), form: "#save");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal("papers/1", (await sender.Stored(kept))!.BelongsTo);
        // What a saved form holds is not its sender's to take away any more.
        using (var gone = await sender.Send(sender.Ask(HttpMethod.Delete, half.Replace(Sender.IdOf(half).ToString(), kept.ToString())))) Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);

        await using (var db = sender.Town.Open())
        {
            await using var over = sender.Town.Source.CreateCommand("UPDATE files.stored SET ends_at = now() - interval '1 second' WHERE ends_at IS NOT NULL");
            Assert.Equal(1, await over.ExecuteNonQueryAsync());
            db.Enqueue(new TidyFiles());
            await db.Save();
        }
        await sender.Town.Until("(SELECT count(*) = 1 FROM files.stored) AND (SELECT count(*) = 0 FROM jobs.queue WHERE kind LIKE 'files.%')");
        Assert.False(Directory.Exists(Path.Combine(program.Folder, sender.Town.Slug, "files", Sender.IdOf(half).ToString("N"))));
        Assert.Equal(Samples.Pdf(), await sender.Bytes(kept));
        using (var look = await sender.Send(sender.Ask(HttpMethod.Head, half))) Assert.Equal(HttpStatusCode.NotFound, look.StatusCode);
    }

    [Fact]
    public async Task What_does_not_keep_to_the_protocol_is_told_so()
    {
        var sender = await Sender.At(await program.NewTown());
        var address = await sender.Begin("a.pdf", 100);
        var url = $"/{sender.Town.Slug}/files/sending";
        async Task<HttpStatusCode> Status(HttpMethod method, string to, string? content, params (string, string)[] headers)
        {
            var ask = sender.Ask(method, to, headers);
            if (content is not null) ask.Content = new StringContent("x", Encoding.ASCII, content);
            using var answer = await sender.Send(ask);
            return answer.StatusCode;
        }
        using (var old = new HttpRequestMessage(HttpMethod.Head, address))
        {
            old.Headers.Add("Tus-Resumable", "0.2.2");
            using var answer = await sender.Send(old);
            Assert.Equal((HttpStatusCode.PreconditionFailed, "1.0.0"), (answer.StatusCode, answer.Headers.GetValues("Tus-Version").Single()));
        }
        using (var options = await sender.Send(new HttpRequestMessage(HttpMethod.Options, url)))
        {
            Assert.Equal(HttpStatusCode.NoContent, options.StatusCode);
            Assert.Equal("creation,termination,expiration", options.Headers.GetValues("Tus-Extension").Single());
            Assert.Equal($"{20 * 1024 * 1024}", options.Headers.GetValues("Tus-Max-Size").Single());    // the largest kind of the town's modules
        }
        Assert.Equal(HttpStatusCode.BadRequest, await Status(HttpMethod.Post, url, null));
        foreach (var length in new[] { "-1", "1e3", "99999999999999999999", "x", "" }) Assert.Equal(HttpStatusCode.BadRequest, await Status(HttpMethod.Post, url, null, ("Upload-Length", length)));
        foreach (var about in new[] { "filename ###", "kind =" }) Assert.Equal(HttpStatusCode.BadRequest, await Status(HttpMethod.Post, url, null, ("Upload-Length", "9"), ("Upload-Metadata", about)));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await Status(HttpMethod.Patch, address, "text/plain", ("Upload-Offset", "0")));
        foreach (var offset in new[] { "-1", "x", "" }) Assert.Equal(HttpStatusCode.BadRequest, await Status(HttpMethod.Patch, address, "application/offset+octet-stream", ("Upload-Offset", offset)));
        // Form bodies that are none.
        foreach (var type in new[] { "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + new string('b', 300), "text/plain", "multipart/form-data; boundary=b" })
        {
            using var ask = new HttpRequestMessage(HttpMethod.Post, $"/{sender.Town.Slug}/files/one") { Content = new ByteArrayContent("--c\r\n\r\n"u8.ToArray()) };
            ask.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            using var answer = await sender.Send(ask);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_body_without_a_length_and_one_that_never_ends_take_no_more_than_was_announced()
    {
        var sender = await Sender.At(await program.NewTown());
        var file = Samples.Pdf(150_000);
        var address = await sender.Begin("a.pdf", file.Length);
        using var line = await sender.Raw("PATCH", address, $"Tus-Resumable: 1.0.0\r\nRequestVerificationToken: {sender.Token}\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nTransfer-Encoding: chunked");
        await line.WriteAsync(Encoding.ASCII.GetBytes($"{file.Length + 60_000:x}\r\n"));
        await line.WriteAsync(file);
        await line.WriteAsync(new byte[60_000]);
        var answer = new byte[12];
        await line.ReadExactlyAsync(answer);
        Assert.Equal("HTTP/1.1 204", Encoding.ASCII.GetString(answer));
        await sender.State(Sender.IdOf(address), "Ready");
        Assert.Equal(file, await sender.Bytes(Sender.IdOf(address)));
    }

    [Fact]
    public async Task A_full_disk_is_said_kindly()
    {
        var full = new FolderStore(program.Folder, leastFree: long.MaxValue);
        Assert.Throws<FileStoreTrouble>(full.CheckRoom);
        var town = await program.NewTown();
        await using var app = await Komachi.Host.Serving.Start(program.House, program.Servers, TestProgram.OptionsFor(0) with { Files = new() { Folder = program.Folder, LeastFree = long.MaxValue } }, ["http://127.0.0.1:0"]);
        // The same town and session, at a process whose disk is full.
        var sender = await Sender.At(town);
        var ask = sender.Ask(HttpMethod.Post, app.Urls.Single() + $"/{town.Slug}/files/sending", ("Upload-Length", "100"),
            ("Upload-Metadata", $"filename {Convert.ToBase64String("a.pdf"u8)},kind {Convert.ToBase64String("papers.paper"u8)},place {Convert.ToBase64String(Encoding.UTF8.GetBytes(sender.Place))}"));
        using var answer = await sender.Send(ask);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
    }
}
