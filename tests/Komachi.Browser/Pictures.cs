using Komachi.Tests.Harness;
using Microsoft.Playwright;

namespace Komachi.Browser;

/// <summary>The pictures of the documents, taken from the running program: <c>./test pictures</c>.</summary>
[Trait("Category", "pictures")]
public sealed class Pictures(TestProgram program, Chromium chromium)
{
    static readonly string Folder = Path.Combine(TestProgram.Repository, "docs", "pictures");

    [Fact]
    public async Task Are_taken_of_the_pages_that_the_documents_show()
    {
        Directory.CreateDirectory(Folder);
        var town = await program.NewTown("onojo", livedIn: true);
        var snow = await program.NewTown("oyabe", livedIn: true);
        foreach (var (name, width, scheme, path, signIn) in new[]
        {
            ("towns", 1280, ColorScheme.Light, "/", ""),
            ("home", 1280, ColorScheme.Light, $"/{town.Slug}", ""),
            ("home-phone", 360, ColorScheme.Light, $"/{snow.Slug}", ""),
            ("home-dark", 360, ColorScheme.Dark, $"/{town.Slug}/en", ""),
            ("announcements", 1280, ColorScheme.Light, $"/{town.Slug}/announcements", ""),
            ("announcements-phone", 360, ColorScheme.Light, $"/{town.Slug}/plain/announcements", ""),
            ("figures", 1280, ColorScheme.Light, $"/{town.Slug}/figures", ""),
            ("sign-in", 360, ColorScheme.Light, $"/{town.Slug}/sign-in", ""),
            ("not-found", 360, ColorScheme.Light, $"/{town.Slug}/nowhere", ""),
            ("desk", 1280, ColorScheme.Light, $"/{town.Slug}/desk", "joho"),
            ("desk-announcements", 1280, ColorScheme.Light, $"/{town.Slug}/desk/announcements", "joho"),
            ("desk-announcements-phone", 360, ColorScheme.Light, $"/{town.Slug}/desk/announcements", "joho"),
            ("desk-jobs", 1280, ColorScheme.Light, $"/{town.Slug}/desk/jobs", "joho"),
        })
        {
            await using var window = await chromium.Open(program, width, scheme: scheme);
            if (signIn.Length > 0) await window.SignIn(town, signIn);
            await window.Page.GotoAsync(path);
            await window.Page.ScreenshotAsync(new() { Path = Path.Combine(Folder, name + ".png"), FullPage = true });
        }
    }
}
