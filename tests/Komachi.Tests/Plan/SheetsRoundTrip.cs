using System.Net;
using System.Text.Json;
using Komachi.Plan;
using Komachi.Platform.Sheets;
using Komachi.Tests.Harness;
using Komachi.Ui.Words;

namespace Komachi.Tests.Plan;

/// <summary>A plan goes out as sheets and comes back the same: the five cities' as they are, and plans full of the oddest texts.</summary>
public sealed class SheetsRoundTrip(TestProgram program)
{
    internal static PlanDocument Plan(string town) => PlanYaml.Read(File.ReadAllText(Path.Combine(TestProgram.TownsFolder, town, "plan", "dx.yaml")), town);

    static string Json(PlanDocument plan) => JsonSerializer.Serialize(plan);

    static PlanDocument Back(byte[] file)
    {
        var problems = new List<SheetProblem>();
        var plan = PlanSheets.Read(SheetFile.Read(file, "plan"), problems);
        Assert.True(problems.Count == 0, string.Join('\n', problems));
        return plan;
    }

    [Theory]
    [InlineData("komaki")]
    [InlineData("omitama")]
    [InlineData("onojo")]
    [InlineData("oyabe")]
    [InlineData("katano")]
    public void The_five_cities_plans_are_the_same_after_it(string town)
    {
        var plan = Plan(town);
        var book = PlanSheets.Write(plan);
        Assert.Equal(Json(plan), Json(Back(SheetFile.ToXlsx(book))));
        Assert.Equal(Json(plan), Json(Back(SheetFile.ToZip(book))));
        Assert.Equal(Json(plan), Json(PlanYaml.Read(PlanYaml.Write(plan), town)));
        // Nothing but words of a clerk stands in it, and who reads English reads them in English.
        var english = new Words(Lang.English, program.House.Words);
        Assert.All(book.Sheets.Select(s => s.Name).Concat(book.Sheets.SelectMany(s => s.Rows[0].Cells.Select(c => c.Text))).Concat(book.Sheets[0].Rows.Select(r => r[0].Text)), name =>
        {
            Assert.Matches("^[^a-z]|^SDGs$", name);
            Assert.DoesNotMatch("[ぁ-んァ-ヴ一-龥]", SheetWords.Show(name, english).Replace(Lang.Plain.OwnName, ""));
        });
    }

    [Fact]
    public void A_clerk_reads_years_nothing_and_what_is_lost_in_words()
    {
        var onojo = PlanSheets.Write(Plan("onojo"));
        Assert.Equal(["コード", "種類", "令和4年度", "令和5年度", "令和6年度", "令和7年度"], onojo.Find("経費")!.Rows[0].Cells.Select(c => c.Text).OrderBy(h => h == "種類" ? 1 : h == "コード" ? 0 : 2));
        Assert.Contains(onojo.Find("行動")!.Rows, r => r.Cells.Any(c => c.Text == "令和4年度～資料になし"));
        Assert.Contains(PlanSheets.Write(Plan("katano")).Find("行動")!.Rows, r => r.Cells.Any(c => c.Text.Contains("資料になし～資料になし：環境整備")));
        Assert.Contains(onojo.Find("計画")!.Rows, r => r[0].Text == "策定年月" && r[1].Text == "2022年8月");
    }

    [Fact]
    public void Sheets_know_every_item_of_the_states_plan() => Assert.Equal(NationalItem.All.Select(i => i.Key), PlanSheets.NationalItems);

    /// <summary>Whatever stands in the texts of a plan, and whatever it leaves out.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Odd_plans_are_the_same_after_it(int seed)
    {
        var chance = new Random(seed);
        for (var i = 0; i < 25; i++)
        {
            var plan = Odd(chance);
            Assert.Empty(PlanCheck.Of(plan).Select(p => $"{p.Place}: {p.What}"));
            Assert.Equal(Json(plan), Json(Back(SheetFile.ToXlsx(PlanSheets.Write(plan)))));
            Assert.Equal(Json(plan), Json(Back(SheetFile.ToZip(PlanSheets.Write(plan)))));
        }
    }

    static readonly string[] Texts = ["=1+1", "+81", "-", "－", "@", "'", "なし", "資料になし", "none", "lost", "文字：", "文字：なし", "○", "100", "1,240", "１００", "83.4%", "令和4年度", "R4", "2022年8月", "10月31日", " まわり ", "二\n行", "\"引用\"", "a,b", "〜～：", "葛\U000E0100城", "𠮷", "《よみ》",
        "_x000A_", "、", "\t", "true", "2026-04-01", "R4～R5", "\\", "[\"a\"]", new string('長', 5000)];

    static PlanDocument Odd(Random chance)
    {
        string Text() => Texts[chance.Next(Texts.Length)];
        string? Maybe() => chance.Next(3) switch { 0 => null, 1 => "", _ => Text() };
        bool Coin() => chance.Next(2) == 0;
        int? Whole() => Coin() ? null : chance.Next(1, 6);
        List<string> List() => [.. Enumerable.Range(0, chance.Next(3)).Select(_ => chance.Next(5) == 0 ? "" : Text())];
        Komachi.Ui.Words.Said Said() => Coin() ? new(Text()) : Coin() ? new(Text(), Text(), Text()) : new(Text()) { ["pt"] = Text() };
        Amount Some() => chance.Next(4) switch { 0 => Amount.None, 1 => Amount.Lost, 2 => Amount.Of(chance.Next(-5000, 5000) / 100m), _ => Amount.Read(Text()) is { Is: AmountIs.Text } text ? text : new(AmountIs.Text, Text: Text()) };
        Amount Cost() => chance.Next(3) switch { 0 => Amount.None, 1 => Amount.Lost, _ => Amount.Of(chance.Next(100_000)) };
        Dictionary<string, Amount> ByYear(Func<Amount> amount) => new[] { "R4", "R5", "R6" }.Where(_ => Coin()).ToDictionary(y => y, _ => amount());
        string Column() => new[] { "R4", "R5-3", "lost", "R6" }[chance.Next(4)];
        T[] Several<T>(Func<int, T> make) => [.. Enumerable.Range(0, chance.Next(3)).Select(make)];
        Indicator Indicator(int i) => new()
        {
            Key = $"{Text()} {i}", Title = Text(), Unit = Maybe() ?? "", Direction = new[] { "up", "down", "keep" }[chance.Next(3)], Of = new[] { "total", "year", "state" }[chance.Next(3)], Targets = ByYear(Some), Figure = Maybe(), Note = Maybe(), At = Maybe(),
            Baseline = Coin() ? null : new() { Value = Some(), At = Coin() ? "R2" : Text(), Text = Maybe() },
        };
        var plan = new PlanDocument
        {
            Plan = new()
            {
                Key = "dx", Title = Said(), Adopted = Maybe() ?? "", Publisher = Said(), From = "R4", Until = "R6", Columns = "twoMonths", Vision = Said(), Summary = Said(), Place = List(), Review = Maybe(), Formerly = Maybe(), After = Maybe(), Compare = Coin(), Lost = List(), At = Maybe(), Url = Maybe(),
                Guidelines = [.. Several(_ => new Guideline { Code = Text(), Title = Text(), Text = Text(), Problem = Maybe() })],
                Bodies = [.. Several(_ => new Body { Key = Text(), Name = Text(), Head = Maybe(), Members = Maybe(), Role = List(), Note = Maybe() })],
                Round = Coin() ? null : new() { Covers = chance.Next(1, 6), AnyTime = Coin(), Stages = [new() { Key = "a", Title = Said(), Who = "department", By = Coin() ? null : "10-31", Asks = ["need", "rfp"] }, new() { Key = "b", Title = Said(), Who = "committee", Note = Maybe() }] },
            },
            Facts = [.. Several(i => new PlanFact { Key = $"f{i}", Title = Text(), Unit = Maybe(), At = Text(), Rows = [.. Several(_ => new FactRow { Label = Text(), Value = Some() })] })],
            History = [.. Several(_ => new Past { Year = new[] { "H30", "none", "R2" }[chance.Next(3)], Title = Text(), Text = Maybe() })],
        };
        for (var p = 1; p <= 2; p++)
            plan.Policies.Add(new()
            {
                Code = $"{p}", Title = Said(), Summary = Maybe() ?? "", At = Maybe() ?? "", GeneralFund = ByYear(Cost), Indicators = [.. Several(Indicator)],
                Groups = [.. Several(i => new Group { Code = $"{p}-{i}", Title = Text(), Summary = Maybe(), Urgency = Whole(), Importance = Whole(), Priority = Coin(), Later = Coin(), Costs = ByYear(Cost), At = Maybe() ?? "" })],
            });
        for (var m = 1; m <= 4; m++)
        {
            var policy = plan.Policies[m % 2];
            plan.Measures.Add(new()
            {
                Code = $"M-{m}", Policy = policy.Code, Group = policy.Groups.FirstOrDefault()?.Code, Number = Whole(), Title = Said(), Summary = Said(), Purpose = Maybe(), Present = Maybe(), Goal = Maybe(), Effects = List(), Priority = Coin(), Departments = List(), Examples = List(),
                Steps = Maybe(), Kgi = Coin() ? null : new() { Title = Text(), Value = Coin() ? null : 12.5m, Unit = Maybe(), Text = Maybe() }, Indicators = [.. Several(Indicator)], Costs = ByYear(Cost), CostsNote = Maybe(), Urgency = Whole(), Importance = Whole(), Sdgs = [.. Several(i => i + 9)],
                Links = [.. Several(i => "M-1")], Services = List(), National = Coin() ? [] : ["online", "ai"], At = Maybe() ?? "",
                Actions = [.. Several(_ => new PlanAction { Title = Maybe() ?? "", Lost = Coin(), Text = Maybe(), Note = Maybe(), Bars = [.. Several(_ => new Bar { From = Column(), Until = Column(), Text = Maybe() })] })],
                Money = [.. Several(i => new Money { Year = $"R{i + 4}", Step = "adopted", Source = "bond", Amount = chance.Next(1000) })],
                Contracts = [.. Several(i => new Contract { Title = Text(), With = Maybe(), From = Coin() ? null : "2027-04-01", Amount = Coin() ? null : 5m })],
            });
        }
        return plan;
    }

    [Fact]
    public async Task Residents_take_the_plan_along_as_a_spreadsheet()
    {
        var town = await program.NewTown("omitama", livedIn: true);
        var page = await town.Visitor().Open("plan");
        foreach (var kind in new[] { "xlsx", "zip" })
        {
            using var file = await town.Visitor().Send(HttpMethod.Get, page.One($"a[href$='download.{kind}']").GetAttribute("href")!);
            Assert.Equal(HttpStatusCode.OK, file.StatusCode);
            Assert.Equal($"plan-{town.Slug}.{kind}", file.Content.Headers.ContentDisposition?.FileName);
            Assert.Equal(Json(Plan("omitama")), Json(Back(await file.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken))));
        }
    }
}
