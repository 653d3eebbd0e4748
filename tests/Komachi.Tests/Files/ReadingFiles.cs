using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Komachi.Platform.Files;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Files;

/// <summary>Who gets a file, how it leaves the house, and how it lies there.</summary>
public sealed class ReadingFiles(FilesProgram program)
{
    [Fact]
    public async Task A_file_is_a_download_that_no_browser_runs()
    {
        var sender = await Sender.At(await program.NewTown());
        var id = await sender.Ready("申請 \"書\"; 𠮷.pdf", Samples.Pdf());
        using var answer = await sender.Get(id, "anything.html");
        string Header(string name) => string.Join(", ", answer.Headers.Concat(answer.Content.Headers).Single(h => h.Key == name).Value);
        Assert.Equal("application/pdf", Header("Content-Type"));
        Assert.Equal("attachment; filename=\"__ _; _.pdf\"; filename*=UTF-8''%E7%94%B3%E8%AB%8B%20%E6%9B%B8%3B%20%F0%A0%AE%B7.pdf", Header("Content-Disposition"));
        Assert.Equal("nosniff", Header("X-Content-Type-Options"));
        Assert.Equal("sandbox; default-src 'none'", Header("Content-Security-Policy"));
        Assert.Equal("same-origin", Header("Cross-Origin-Resource-Policy"));
        Assert.Equal("no-store, private", Header("Cache-Control"));
        Assert.Equal("bytes", Header("Accept-Ranges"));
    }

    [Theory]
    [InlineData("a.pdf", "attachment; filename=\"a.pdf\"; filename*=UTF-8''a.pdf")]
    [InlineData("../../etc/passwd", "attachment; filename=\"passwd\"; filename*=UTF-8''passwd")]
    [InlineData("C:\\Users\\花子\\図.png", "attachment; filename=\"_.png\"; filename*=UTF-8''%E5%9B%B3.png")]
    [InlineData("a\r\nSet-Cookie: x=1.pdf", "attachment; filename=\"a Set-Cookie x=1.pdf\"; filename*=UTF-8''a%20Set-Cookie%20x%3D1.pdf")]
    [InlineData("gpj\u202efdp.exe\0.pdf", "attachment; filename=\"gpjfdp.exe.pdf\"; filename*=UTF-8''gpjfdp.exe.pdf")]
    [InlineData(".htaccess", "attachment; filename=\"htaccess\"; filename*=UTF-8''htaccess")]
    [InlineData("50%.csv", "attachment; filename=\"50_.csv\"; filename*=UTF-8''50%25.csv")]
    [InlineData("", "attachment; filename=\"file\"; filename*=UTF-8''file")]
    public void A_name_cannot_break_out_of_its_header(string name, string header) => Assert.Equal(header, ReadFile.Disposition("attachment", name));

    [Fact]
    public void A_long_name_keeps_its_ending_and_its_characters_whole()
    {
        var name = Receiving.NameOf(string.Concat(Enumerable.Repeat("𠮷󠄀", 200)) + ".pdf");
        Assert.True(name.Length <= 255 && name.EndsWith(".pdf", StringComparison.Ordinal));
        Assert.True(name.IsNormalized());    // no half character is left
        Assert.Equal("\ufffd.pdf", Receiving.NameOf("\ud800.pdf"));
    }

    [Fact]
    public async Task A_part_of_it_is_given_to_who_asks_for_a_part()
    {
        var sender = await Sender.At(await program.NewTown());
        var file = Samples.Pdf(4_400_000);
        var id = await sender.Ready("a.pdf", file);
        foreach (var (from, to) in new (long?, long?)[] { (0, 0), (65_530, 65_545), (4_194_000, 4_194_999), (4_399_000, null), (null, 100), (131_072, 131_072) })
        {
            using var answer = await sender.Get(id, range: new RangeHeaderValue(from, to));
            Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
            var range = answer.Content.Headers.ContentRange!;
            Assert.Equal(file[(int)range.From!.Value..((int)range.To!.Value + 1)], await answer.Content.ReadAsByteArrayAsync());
        }
        using var outside = await sender.Get(id, range: new RangeHeaderValue(5_000_000, null));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, outside.StatusCode);
    }

    [Fact]
    public async Task Staff_who_may_get_it_at_the_desk_and_each_reading_is_recorded()
    {
        var sender = await Sender.At(await program.NewTown());
        var town = sender.Town;
        var id = await sender.Ready("a.pdf", Samples.Pdf());
        var (joho, koho) = (await town.Staff("joho"), await town.Staff("koho"));
        async Task<HttpStatusCode> Get(Person who, string path)
        {
            using var answer = await who.Send(HttpMethod.Get, path);
            return answer.StatusCode;
        }
        Assert.Equal(HttpStatusCode.OK, await Get(joho, $"desk/files/{id}/a.pdf"));
        Assert.Equal(HttpStatusCode.NotFound, await Get(koho, $"desk/files/{id}/a.pdf"));
        // The internet's side gives staff nothing that is not for everybody.
        Assert.Equal(HttpStatusCode.NotFound, await Get(joho, $"files/{id}/a.pdf"));
        Assert.Equal(HttpStatusCode.NotFound, await Get(town.Visitor(), $"files/{id}/a.pdf"));
        Assert.Equal(HttpStatusCode.Redirect, await Get(town.Visitor(), $"desk/files/{id}/a.pdf"));
        Assert.Equal(HttpStatusCode.Forbidden, await Get(sender.Person, $"desk/files/{id}/a.pdf"));
        await town.Until("""
            (SELECT count(*) = 1 FROM audit.entries e JOIN people.accounts a ON a.id = e.actor_id JOIN people.accounts h ON h.id = e.about_id
             WHERE action = 'files.read' AND a.sign_in_name = 'joho' AND h.sign_in_name = 'hanako')
            """);
    }

    [Fact]
    public async Task A_picture_stands_in_a_page_only_where_its_kind_says_so()
    {
        var board = await Sender.ToTheBoard(await program.NewTown());
        var picture = await board.Ready("図.png", Samples.Png());
        using (var shown = await board.Get(picture))
        {
            Assert.StartsWith("inline;", shown.Content.Headers.ContentDisposition!.ToString());
            Assert.Equal("image/png", shown.Content.Headers.ContentType!.ToString());
        }
        var paper = await board.Ready("a.pdf", Samples.Pdf());
        using (var paperAnswer = await board.Get(paper)) Assert.StartsWith("attachment;", paperAnswer.Content.Headers.ContentDisposition!.ToString());
        var sender = await Sender.At(board.Town);
        var own = await sender.Ready("b.png", Samples.Png());
        using (var download = await sender.Get(own)) Assert.StartsWith("attachment;", download.Content.Headers.ContentDisposition!.ToString());
        // For everybody to read, so nobody's reading is recorded.
        await board.Town.Until("(SELECT count(*) = 0 FROM audit.entries WHERE action = 'files.read')");
    }

    public static TheoryData<string, byte[]> RightTypes => new()
    {
        { "a.pdf", Samples.Pdf() }, { "a.jpg", Samples.Jpeg() }, { "a.JPEG", Samples.Jpeg() }, { "a.png", Samples.Png() }, { "IMG_0001.HEIC", Samples.Heic() }, { "a.docx", Samples.Word() },
        { "a.csv", "\ufeff氏名,住所\r\n見本 花子,小牧市\r\n"u8.ToArray() }, { "a.csv", [0x8e, 0x81, 0x96, 0xbc, (byte)',', 0x93, 0xfa, 0x95, 0x74, 13, 10] }, { "a.txt", "plain <html> is text all the same"u8.ToArray() },
    };

    [Theory, MemberData(nameof(RightTypes))]
    public async Task What_a_file_is_stands_in_its_content(string name, byte[] bytes) =>
        Assert.True(await FileType.Promised(name)!.Is(new MemoryStream(bytes), TestContext.Current.CancellationToken));

    public static TheoryData<string, byte[], string> WrongTypes => new()
    {
        { "a.pdf", Samples.Png(), "a picture" }, { "a.png", Samples.Pdf(), "a paper" }, { "a.jpg", "<html><script>alert(1)</script>"u8.ToArray(), "a page" }, { "a.pdf", "%PDF-1.7 and no end"u8.ToArray(), "cut off" },
        { "a.gif", [.. "GIF89a/*"u8, .. new byte[20], .. "*/<script>alert(1)</script>"u8], "a picture that is a script" },
        { "a.jpg", [.. Samples.Jpeg(), .. Samples.Zip(("evil.class", "x"))], "a picture that is an archive" },
        { "a.pdf", [.. Samples.Pdf(), .. Samples.Word()], "a paper that is an archive" },
        { "a.jpg", [0xff, 0xd8, 0xff, 0xe0, .. "%PDF-1.7"u8, .. new byte[50]], "a picture that is a paper" },
        { "a.docx", Samples.Zip(("evil.exe", "MZ")), "any archive" }, { "a.docx", Samples.Word("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"), "another office file" },
        { "a.docx", Samples.Word("application/vnd.ms-word.document.macroEnabled.main+xml"), "macros" }, { "a.docx", Samples.Word(more: ("word/vbaProject.bin", "x")), "macros in hiding" },
        { "a.docx", [.. "MZ"u8, .. Samples.Word()], "a program before it" }, { "a.docx", [.. Samples.Word(), .. "tail"u8], "something behind it" },
        { "a.txt", "with a \0 in it"u8.ToArray(), "no text" }, { "a.csv", [0xff, 0xfe, 0xfd, 0x80, 0x81], "no text" }, { "a.txt", [0x82], "half a character" },
        { "a.heic", [0, 0, 0, 24, .. "ftypmp42"u8, 0, 0, 0, 0, .. "mp42isom"u8], "a film" }, { "a.webp", [.. "RIFF"u8, 1, 0, 0, 0, .. "WAVE"u8, .. new byte[20]], "a sound" },
    };

    [Theory, MemberData(nameof(WrongTypes))]
    public async Task What_is_not_what_its_name_says_is_refused(string name, byte[] bytes, string because) =>
        Assert.False(await FileType.Promised(name)!.Is(new MemoryStream(bytes), TestContext.Current.CancellationToken), because);

    [Fact]
    public async Task A_bomb_is_known_without_being_unpacked()
    {
        var to = new MemoryStream();
        using (var zip = new System.IO.Compression.ZipArchive(to, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
            for (var n = 0; n < 24; n++)
            {
                await using var entry = zip.CreateEntry(n == 0 ? "[Content_Types].xml" : $"word/{n}.xml", System.IO.Compression.CompressionLevel.Fastest).Open();
                var zeros = new byte[1 << 20];
                for (var i = 0; i < 50; i++) entry.Write(zeros);
            }
        var began = Environment.TickCount64;
        Assert.False(await FileType.Word.Is(to, TestContext.Current.CancellationToken));
        Assert.InRange(Environment.TickCount64 - began, 0, 1000);
    }

    [Fact]
    public async Task Another_type_than_promised_is_refused_with_a_sentence_and_nothing_of_it_stays()
    {
        var sender = await Sender.At(await program.NewTown());
        var address = await sender.Begin("a.pdf", Samples.Png().Length);
        using (var answer = await sender.Add(address, 0, Samples.Png()))
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
            Assert.Contains("PDF", await answer.Content.ReadAsStringAsync());
        }
        using (var look = await sender.Send(sender.Ask(HttpMethod.Head, address))) Assert.Equal(HttpStatusCode.Gone, look.StatusCode);
        using (var more = await sender.Add(address, 0, Samples.Png())) Assert.Equal(HttpStatusCode.Gone, more.StatusCode);
        await sender.Town.Until("(SELECT count(*) = 0 FROM files.parts) AND (SELECT sealed_key = '' FROM files.stored)");
        await sender.Town.Until("(SELECT count(*) = 0 FROM jobs.queue WHERE kind = 'files.remove_bytes')");
        Assert.False(Directory.Exists(Path.Combine(program.Folder, sender.Town.Slug, "files", Sender.IdOf(address).ToString("N"))));
    }

    [Fact]
    public async Task What_lies_in_the_folder_is_sealed_and_whoever_changes_it_is_found_out()
    {
        var sender = await Sender.At(await program.NewTown());
        var file = Samples.Pdf(4_500_000, inside: "ひみつ secret words ");
        var id = await sender.Ready("ひみつ.pdf", file);
        var other = await sender.Ready("other.pdf", Samples.Pdf(4_500_000, inside: "another"));
        string Parts(Guid of) => Path.Combine(program.Folder, sender.Town.Slug, "files", of.ToString("N"));
        var parts = Directory.GetFiles(Parts(id)).Order().ToArray();
        Assert.Equal(2, parts.Length);
        Assert.All(Directory.EnumerateFiles(program.Folder, "*", SearchOption.AllDirectories), path =>
        {
            Assert.Equal(-1, File.ReadAllBytes(path).AsSpan().IndexOf("secret words"u8));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            Assert.DoesNotContain("ひみつ", path);
        });

        var good = parts.Select(File.ReadAllBytes).ToArray();
        const int sealedChunk = 64 * 1024 + 16;
        // One bit, chunks exchanged, cut off at a chunk and within one, parts exchanged, a part of another file in its place, an old one of this file, empty, gone.
        var changes = new (string What, Action Do)[]
        {
            ("a bit", () => File.WriteAllBytes(parts[0], Changed(good[0], b => b[100_000] ^= 1))),
            ("the salt", () => File.WriteAllBytes(parts[0], Changed(good[0], b => b[3] ^= 1))),
            ("the last bit", () => File.WriteAllBytes(parts[1], Changed(good[1], b => b[^1] ^= 128))),
            ("two chunks exchanged", () => File.WriteAllBytes(parts[0], [.. good[0][..17], .. good[0][(17 + sealedChunk)..(17 + 2 * sealedChunk)], .. good[0][17..(17 + sealedChunk)], .. good[0][(17 + 2 * sealedChunk)..]])),
            ("a chunk repeated", () => File.WriteAllBytes(parts[0], [.. good[0][..(17 + sealedChunk)], .. good[0][17..^sealedChunk]])),
            ("cut at a chunk", () => File.WriteAllBytes(parts[1], good[1][..(17 + sealedChunk)])),
            ("cut within one", () => File.WriteAllBytes(parts[1], good[1][..^5])),
            ("parts exchanged", () => { File.WriteAllBytes(parts[0], good[1]); File.WriteAllBytes(parts[1], good[0]); }),
            ("another file's", () => File.Copy(Directory.GetFiles(Parts(other)).Order().First(), parts[0], overwrite: true)),
            ("empty", () => File.WriteAllBytes(parts[0], [])),
            ("gone", () => File.Delete(parts[1])),
        };
        foreach (var (what, change) in changes)
        {
            change();
            byte[]? got = null;
            try { got = await sender.Bytes(id); }
            catch (Exception e) when (e is HttpRequestException or Xunit.Sdk.XunitException) { }
            Assert.True(got is null, what);
            for (var n = 0; n < parts.Length; n++) File.WriteAllBytes(parts[n], good[n]);
        }
        Assert.Equal(file, await sender.Bytes(id));

        // The database cannot be talked into less either: a row of a part taken away, or the length made shorter.
        await using (var owner = await program.Servers.OpenOwner(Komachi.Platform.Data.Servers.Main, sender.Town.Town.Database))
            foreach (var sql in new[] { $"UPDATE files.stored SET bytes = 4194304, received = 4194304 WHERE id = '{id}'", $"DELETE FROM files.parts WHERE file_id = '{id}' AND start_at > 0" })
            {
                await using var change = new Npgsql.NpgsqlCommand(sql, owner);
                await change.ExecuteNonQueryAsync();
                await Assert.ThrowsAnyAsync<Exception>(() => sender.Bytes(id));
            }

        static byte[] Changed(byte[] bytes, Action<byte[]> how)
        {
            var copy = bytes.ToArray();
            how(copy);
            return copy;
        }
    }

    [Fact]
    public async Task The_desk_says_that_nothing_looks_at_files()
    {
        var sender = await Sender.At(await program.NewTown());
        await sender.Ready("a.pdf", Samples.Pdf());
        var page = await (await sender.Town.Staff("joho")).Open("en/desk/files");
        Assert.Contains("No virus check is set up", page.Text);
        Assert.DoesNotContain("a.pdf", page.Text);
    }
}
