using System.CommandLine;
using System.Globalization;
using Komachi.Platform.Audit;
using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Microsoft.Extensions.Logging.Abstractions;

namespace Komachi.Host.Commands;

/// <summary><c>komachi audit …</c>: whether the record of who did what is as it was sealed.</summary>
static class AuditCommands
{
    public static Command Make() => new("audit", "Look after the record of who did what") { Verify() };

    static Command Verify()
    {
        var slug = new Argument<string?>("town") { Description = "The town's slug; without one, all towns", Arity = ArgumentArity.ZeroOrOne };
        var folder = new Option<string?>("--anchors") { Description = "The folder with the heads that were kept elsewhere; otherwise KOMACHI_ANCHOR_FOLDER, or the data folder's anchors/" };
        var mailed = new Option<string[]>("--head") { Description = "A head from a mail, as it stands there: NUMBER:HASH; may stand several times" };
        var json = new Option<bool>("--json") { Description = "One JSON document instead of lines" };
        var command = new Command("verify", "Read every sealed entry and say what was changed, removed, added or moved; exit code 1 when anything was") { slug, folder, mailed, json };
        command.SetAction(async (given, stop) =>
        {
            var heads = (given.GetValue(mailed) ?? []).Select(HeadOf).ToArray();
            var name = given.GetValue(slug);
            if (heads.Length > 0 && name is null) throw Refused.WrongUse("A mailed head is of one town: name it.");
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            var anchors = given.GetValue(folder) is { } other
                ? new Anchors(Directory.Exists(other) ? other : throw Refused.WrongUse($"There is no folder {other}."), NullLogger<Anchors>.Instance) : operation.Anchors;
            var check = new ChainCheck(operation.Databases, anchors);
            var words = new Words(Lang.English, operation.House.Words);
            IReadOnlyList<Town> towns = name is null ? operation.Registry.Towns : [operation.Town(name)];
            var states = new List<(Town Town, ChainState State, long Milliseconds)>();
            foreach (var town in towns)
            {
                var began = Environment.TickCount64;
                var state = await check.Run(town, heads, stop: stop);
                states.Add((town, state, Environment.TickCount64 - began));
                if (!given.GetValue(json)) Tell(town, state, Environment.TickCount64 - began, words);
            }
            if (given.GetValue(json))
                Say.Json(states.Select(s => new
                {
                    Town = s.Town.Slug, s.State.Whole, s.State.Blocks, s.State.Entries, s.State.Anchored, s.State.Waiting, Head = s.State.Head is { } head ? $"{head.Number}:{head.HashText}" : null,
                    Findings = s.State.Findings.Select(f => new { Kind = f.Kind.ToString().ToLowerInvariant(), f.Block, f.Entry, Text = f.In(words) }), s.State.More, s.Milliseconds,
                }));
            return states.All(s => s.State.Whole) ? Exit.Done : Exit.Failed;
        });
        return command;
    }

    static void Tell(Town town, ChainState state, long milliseconds, Words words)
    {
        foreach (var finding in state.Findings) Say.Line($"{town.Slug}: {finding.In(words)}");
        if (state.More > 0) Say.Line($"{town.Slug}: and {state.More} more.");
        Say.Line(string.Create(CultureInfo.InvariantCulture,
            $"{town.Slug}: {(state.Whole ? "whole" : "not whole")}; {state.Entries:#,0} entries in {state.Blocks:#,0} blocks, {state.Anchored:#,0} anchored heads compared, {(state.Waiting > 0 ? $"{state.Waiting:#,0} entries wait to be sealed, " : "")}{milliseconds:#,0} ms"));
    }

    static Head HeadOf(string text) =>
        text.Split(':') is [var number, { Length: 64 } hash] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var block) && hash.All(char.IsAsciiHexDigit)
            ? new(0, block, Convert.FromHexString(hash), default) : throw Refused.WrongUse($"--head: \"{text}\" is not NUMBER:HASH.");
}
