using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Komachi.Platform.Data;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Komachi.Tests.Procedures;

/// <summary>A hundred thousand filings lie there, and the desk asks of them what it asks of ten: every statement of the inbox walks an index.</summary>
public sealed class ManyCases(TestProgram program)
{
    const int Many = 100_000;

    [Fact]
    public async Task Every_statement_of_the_inbox_walks_an_index()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        await Fill(program, town, Many);
        foreach (var who in new[] { "jimu", "tanto" })
        {
            var clerk = await town.Staff(who);
            using var heard = new Heard(town);
            // Entity Framework asks once a second whether anybody listens.
            for (var until = Environment.TickCount64 + 30_000; !heard.Statements.Any() && Environment.TickCount64 < until;) Assert.Equal(HttpStatusCode.OK, (await clerk.Open("desk/procedures")).Status);
            foreach (var path in new[] { "", "?state=arrived", "?state=closed", "?only=late", "?only=unread", "?who=me", "?who=nobody", "?procedure=dog-registration", "?step=decide", "?way=post" })
            {
                var page = await clerk.Open("desk/procedures" + path);
                Assert.Equal(HttpStatusCode.OK, page.Status);
                if (page.All("a").FirstOrDefault(a => a.GetAttribute("href")?.Contains("after=") == true)?.GetAttribute("href") is { } next) Assert.Equal(HttpStatusCode.OK, (await clerk.Open(next)).Status);
            }
            foreach (var words in new[] { "測太", "見本 測太", "どこにもない", "0000099999" }) Assert.Equal(HttpStatusCode.OK, (await clerk.Find("desk/procedures", ("q", words))).Status);
            Assert.Contains(heard.Statements, s => s.Contains("procedures.cases"));
            var slow = await heard.SlowOnes();
            Assert.True(slow.Count == 0, $"{who}:\n{string.Join("\n\n", slow)}");
        }
    }

    /// <summary>Cases as ten years leave them: one in twenty is open; a few have a name that nobody else has.</summary>
    internal static async Task Fill(TestProgram program, TestTown town, int many)
    {
        await using var owner = await program.Servers.OpenOwner(Servers.Main, town.Town.Database, TestContext.Current.CancellationToken);
        await using var fill = new NpgsqlCommand("""
            INSERT INTO procedures.cases (id, number, definition_id, procedure, stage, state, way, arrived_at, answers, decided, title, search_key, assurance, lang, electronic, department_id, due_on, moved_at, unread, accepted_at, decided_at, closed_at, sample, moves, version)
            SELECT gen_random_uuid(), lpad(n::text, 10, '0'), d.id, d.key, '', CASE WHEN n % 20 > 0 THEN 'Granted' ELSE 'Accepted' END, CASE n % 3 WHEN 0 THEN 'Online' WHEN 1 THEN 'Counter' ELSE 'Post' END, now() - n * interval '50 minutes', '{}', '{}',
                CASE WHEN n % 25000 = 0 THEN '見本 測太' ELSE '見本 花子' END, CASE WHEN n % 25000 = 0 THEN @rare ELSE @usual END || lpad(n::text, 10, '0'), 'None', 'ja', false, (SELECT id FROM offices.departments OFFSET n % 20 LIMIT 1), current_date + (n % 400 - 300), now() - n * interval '40 minutes',
                n % 40 = 0, now() - n * interval '45 minutes', CASE WHEN n % 20 > 0 THEN now() - n * interval '40 minutes' END, CASE WHEN n % 20 > 0 THEN now() - n * interval '40 minutes' END, true, 1, 1
            FROM generate_series(1, @many) n JOIN (SELECT id, key, row_number() OVER (ORDER BY key) - 1 AS at FROM procedures.definitions) d ON d.at = n % 10;
            INSERT INTO procedures.steps (case_id, key, "order", kind, department_id, state, ticked, fields, opened_at, version)
            SELECT id, 'many', 9, 'decide', CASE WHEN unread THEN (SELECT id FROM offices.departments LIMIT 1) END, 'Open', '{}', '{}', now(), 1 FROM procedures.cases WHERE closed_at IS NULL;
            INSERT INTO procedures.steps (case_id, key, "order", kind, state, ticked, fields, opened_at, done_at, version) SELECT id, 'many', 9, 'decide', 'Done', '{}', '{}', closed_at, closed_at, 1 FROM procedures.cases WHERE closed_at IS NOT NULL;
            ANALYZE procedures.cases; ANALYZE procedures.steps
            """, owner) { CommandTimeout = 300, Parameters = { new("many", many), new("rare", Folding.KeyOf(["見本 測太"])), new("usual", Folding.KeyOf(["見本 花子"])) } };
        await fill.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What the program asks of the town's tables of procedures while this listens, with its values.</summary>
    sealed class Heard : IDisposable, IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        readonly TestTown _town;
        readonly ConcurrentQueue<NpgsqlCommand> _commands = new();
        readonly List<IDisposable> _listening = [];

        public Heard(TestTown town)
        {
            _town = town;
            _listening.Add(DiagnosticListener.AllListeners.Subscribe(this));
        }

        public IEnumerable<string> Statements => _commands.Select(c => c.CommandText);

        void IObserver<DiagnosticListener>.OnNext(DiagnosticListener listener)
        {
            if (listener.Name == DbLoggerCategory.Name) lock (_listening) _listening.Add(listener.Subscribe(this));
        }

        void IObserver<KeyValuePair<string, object?>>.OnNext(KeyValuePair<string, object?> happened)
        {
            if (happened.Value is not CommandEventData { Command: NpgsqlCommand command } || !command.CommandText.StartsWith("SELECT", StringComparison.Ordinal) || !command.CommandText.Contains("procedures.cases") || command.Connection?.Database != _town.Town.Database) return;
            var copy = new NpgsqlCommand("EXPLAIN " + command.CommandText);
            foreach (NpgsqlParameter parameter in command.Parameters) copy.Parameters.Add(parameter.Clone());
            if (happened.Key == RelationalEventId.CommandExecuting.Name) _commands.Enqueue(copy);
        }

        /// <summary>Those that read a table of cases or steps from end to end, with their plans.</summary>
        public async Task<IReadOnlyList<string>> SlowOnes()
        {
            var slow = new List<string>();
            await using var connection = await _town.Source.OpenConnectionAsync(TestContext.Current.CancellationToken);
            foreach (var command in _commands)
            {
                command.Connection = connection;
                var plan = new List<string>();
                await using (var rows = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken))
                    while (await rows.ReadAsync(TestContext.Current.CancellationToken)) plan.Add(rows.GetString(0));
                if (plan.Any(l => l.Contains("Seq Scan on cases") || l.Contains("Seq Scan on steps"))) slow.Add(command.CommandText + "\n" + string.Join('\n', plan));
            }
            return slow;
        }

        public void Dispose()
        {
            lock (_listening) foreach (var one in _listening) one.Dispose();
        }

        void IObserver<DiagnosticListener>.OnCompleted() { }
        void IObserver<DiagnosticListener>.OnError(Exception error) { }
        void IObserver<KeyValuePair<string, object?>>.OnCompleted() { }
        void IObserver<KeyValuePair<string, object?>>.OnError(Exception error) { }
    }
}
