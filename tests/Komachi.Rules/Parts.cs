using Komachi.Tests.Harness;
using Komachi.Ui.States;

namespace Komachi.Rules;

/// <summary>The design system is what /_ui shows of it: a part without its states is one that nobody finds and no test looks at.</summary>
public sealed class Parts
{
    static readonly string Ui = Path.Combine(TestProgram.Repository, "src/Komachi.Ui");

    // Frame is the document around each page of the gallery itself; Chart and Field are what charts and fields share.
    static readonly string[] NoParts = ["Base", "Chart", "Field", "Frame", "States", "Words", "assets", "bin", "node_modules", "obj", "scripts"];

    [Fact]
    public void Every_part_stands_in_the_gallery_with_its_states()
    {
        var folders = Directory.EnumerateDirectories(Ui).Select(Path.GetFileName).Except(NoParts).Order().ToArray();
        Assert.Equal(folders, Gallery.All.Select(p => p.Name).Order());
        Assert.All(Gallery.All, part => Assert.True(part.States.Count > 0, $"{part.Name} shows no state"));
    }

    [Fact]
    public void What_the_gallery_shows_as_source_is_all_that_it_runs()
    {
        foreach (var part in Gallery.All)
        {
            var file = File.ReadAllText(Path.Combine(Ui, part.Name, part.Name + "States.razor"));
            Assert.True(file.Split("<State ").Length - 1 == part.States.Count, $"{part.Name}States.razor: a state is written <State Name=\"english-key\" Title=\"日本語の題\">, on one line");
        }
    }
}
