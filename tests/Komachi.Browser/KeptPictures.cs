using System.Text.Json;
using Komachi.Tests.Harness;
using Komachi.Ui.States;
using Komachi.Ui.Words;
using Microsoft.Playwright;

namespace Komachi.Browser;

/// <summary>
/// The parts of the pages as they were approved (docs/pictures/ui), against how they are drawn now. Somebody who changes how
/// something looks renews the pictures with <c>./test pictures</c>, and whoever reads the change sees them beside it.
/// </summary>
public sealed class KeptPictures(TestProgram program, Chromium chromium)
{
    static readonly string Folder = Path.Combine(TestProgram.Repository, "docs", "pictures", "ui");

    [Fact]
    public async Task Are_what_is_drawn_now()
    {
        var differences = Path.Combine(Path.GetTempPath(), "komachi-pictures");
        if (Directory.Exists(differences)) Directory.Delete(differences, recursive: true);
        await using var eyes = await chromium.Open(program);
        var (wrong, drawn) = (new List<string>(), new HashSet<string>());
        await foreach (var (name, picture) in Draw())
        {
            drawn.Add(name);
            var kept = Path.Combine(Folder, name);
            if (!File.Exists(kept))
            {
                wrong.Add($"{name} is new");
                continue;
            }
            var before = await File.ReadAllBytesAsync(kept, TestContext.Current.CancellationToken);
            if (before.AsSpan().SequenceEqual(picture)) continue;
            var found = await eyes.Page.EvaluateAsync<JsonElement>(Compare, new[] { Convert.ToBase64String(before), Convert.ToBase64String(picture) });
            if (found.GetProperty("share").GetDouble() is var share && share <= 0.001) continue;
            Directory.CreateDirectory(differences);
            await File.WriteAllBytesAsync(Path.Combine(differences, name), Convert.FromBase64String(found.GetProperty("picture").GetString()!.Split(',')[1]), TestContext.Current.CancellationToken);
            wrong.Add(FormattableString.Invariant($"{name} differs in {share:P1} of it"));
        }
        wrong.AddRange(Directory.EnumerateFiles(Folder, "*.png").Select(Path.GetFileName).Except(drawn).Select(left => $"{left} is of no part any more"));
        Assert.True(wrong.Count == 0, $"""
            Parts of the pages look different: before, now and where they differ stand beside each other in {differences}.
            If that is meant, ./test pictures renews what is kept.
            {string.Join('\n', wrong)}
            """);
    }

    [Fact, Trait("Category", "pictures")]
    public async Task Are_renewed()
    {
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        Directory.CreateDirectory(Folder);
        await foreach (var (name, picture) in Draw()) await File.WriteAllBytesAsync(Path.Combine(Folder, name), picture);
    }

    /// <summary>Each part at the width of a desk and of a phone; the desk's at half the size, which shows as much and weighs a third.</summary>
    async IAsyncEnumerable<(string Name, byte[] Picture)> Draw()
    {
        foreach (var (width, scale) in new[] { (1280, 0.5f), (360, 1f) })
        {
            await using var window = await chromium.Open(program, width, scale: scale);
            foreach (var part in Gallery.All)
                foreach (var (address, name) in part.States.Where(s => s.Place != Place.InMain).Select(s => (part.AddressOf(Lang.Japanese, s.Name), $"{part.Address}.{s.Name}"))
                    .Concat(part.States.Any(s => s.Place == Place.InMain) ? [(part.AddressOf(Lang.Japanese), part.Address)] : []))
                {
                    await window.Page.GotoAsync(address);
                    yield return ($"{name}-{width}.png", await window.Page.ScreenshotAsync(new() { FullPage = true, Animations = ScreenshotAnimations.Disabled, Caret = ScreenshotCaret.Hide, Scale = ScreenshotScale.Device }));
                }
        }
    }

    /// <summary>
    /// A dot differs when it is much lighter or darker than every dot beside it was: edges of letters that were smoothed in another way are
    /// the same. What is higher or wider than before counts whole.
    /// </summary>
    const string Compare = """
        async ([before, now]) => {
          const read = async data => {
            const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + data)).blob())
            const canvas = new OffscreenCanvas(image.width, image.height)
            canvas.getContext('2d').drawImage(image, 0, 0)
            return { image, pixels: canvas.getContext('2d').getImageData(0, 0, image.width, image.height).data }
          }
          const [a, b] = [await read(before), await read(now)]
          const [w, h] = [Math.max(a.image.width, b.image.width), Math.max(a.image.height, b.image.height)]
          const far = (p, i, q, j) => Math.max(Math.abs(p[i] - q[j]), Math.abs(p[i + 1] - q[j + 1]), Math.abs(p[i + 2] - q[j + 2])) > 64
          const near = (p, at, q, x, y, width, height) => {
            for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++)
              if (x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height && !far(p, at, q, ((y + dy) * width + x + dx) * 4)) return true
            return false
          }
          const canvas = new OffscreenCanvas(w * 3 + 20, h)
          const draw = canvas.getContext('2d')
          draw.fillStyle = 'white'
          draw.fillRect(0, 0, canvas.width, h)
          draw.drawImage(a.image, 0, 0)
          draw.drawImage(b.image, w + 10, 0)
          draw.fillStyle = 'red'
          let differ = 0
          for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) {
            const both = x < a.image.width && x < b.image.width && y < a.image.height && y < b.image.height
            if (both) {
              const [i, j] = [(y * a.image.width + x) * 4, (y * b.image.width + x) * 4]
              if (!far(a.pixels, i, b.pixels, j)) continue
              if (near(a.pixels, i, b.pixels, x, y, b.image.width, b.image.height) && near(b.pixels, j, a.pixels, x, y, a.image.width, a.image.height)) continue
            }
            differ++
            draw.fillRect(2 * (w + 10) + x, y, 1, 1)
          }
          const blob = await canvas.convertToBlob()
          const picture = await new Promise(done => { const reader = new FileReader(); reader.onload = () => done(reader.result); reader.readAsDataURL(blob) })
          return { share: differ / (w * h), picture }
        }
        """;
}
