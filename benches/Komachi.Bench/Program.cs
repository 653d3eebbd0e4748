// Measures the program against a floor in one run: ./bench, which builds it and starts its PostgreSQL.
using System.Globalization;
using Komachi.Bench;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (await Child.Serve()) return 0;

string[] all = ["home", "read", "write", "jobs", "towns", "pdf", "plan", "form", "submit", "inbox"];
var json = args.Contains("--json");
if (args.Contains("--rounds")) Measure.Tell = line => Console.Error.WriteLine("  " + line);
var names = args.Where(a => a is not ("--json" or "--rounds")).ToArray();
if (names.FirstOrDefault(n => !all.Contains(n)) is { } unknown)
{
    await Console.Error.WriteLineAsync($"There is no bench \"{unknown}\": there are {string.Join(", ", all)}.");
    return 2;
}
// What files hundreds of megabytes or fills a million rows is asked for by its name.
if (names.Length == 0) names = [.. all.Except(["submit", "inbox"])];
if (Environment.GetEnvironmentVariable("KOMACHI_BENCH_POSTGRES") is not { Length: > 0 } owner)
{
    await Console.Error.WriteLineAsync("KOMACHI_BENCH_POSTGRES names no server: start this with ./bench, which starts one.");
    return 3;
}

if (!json)
{
    Console.WriteLine($"{Measure.Connections} keep-alive connections; ours, the floor and the load in a process each; {Environment.ProcessorCount} cores.");
    Console.WriteLine($"Ours and the floor in turn, {Measure.Rounds} rounds of {Measure.Turn.TotalSeconds:0.#} s after warming up; the ratio is the median of the rounds'.");
    Console.WriteLine();
    Console.WriteLine(Figure.Head);
}
if (names.Any(n => n is not ("towns" or "pdf")))
{
    await using var stage = await Stage.Open(owner);
    await stage.Furnish();
    await using var ours = await stage.StartOurs();
    await using var floor = await stage.StartFloor(ours);
    if (names.Contains("home")) await Show(PageBenches.Home(stage, ours, floor));
    if (names.Contains("read")) await Show(PageBenches.Read(stage, ours, floor));
    if (names.Contains("write")) await Show(PageBenches.Write(stage, ours, floor));
    if (names.Contains("plan")) await Show(PlanBench.Run(stage, ours, floor));
    if (names.Contains("form")) await Show(FormBench.Run(ours));
    if (names.Contains("submit")) await Show(SubmitBench.Run(stage, ours, floor));
    if (names.Contains("inbox")) await Show(InboxBench.Run(stage, ours));
    if (names.Contains("jobs")) await Show(JobsBench.Run(stage, ours, floor));
}
if (names.Contains("towns")) await Show(TownsBench.Run(owner));
if (names.Contains("pdf")) await Show(PdfBench.Run());
return 0;

async Task Show(IAsyncEnumerable<Figure> figures)
{
    await foreach (var figure in figures) Console.WriteLine(json ? figure.AsJson() : figure.AsRow());
}
