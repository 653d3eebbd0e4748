using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.People;
using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Komachi.Platform.Offices;

/// <summary><c>towns/&lt;town&gt;/offices.yaml</c>: the organisation as a careful clerk writes it, and as the desk gives it out.</summary>
sealed class OfficesYaml
{
    public List<DepartmentYaml> Departments { get; set => field = value ?? []; } = [];
    public List<Said> Posts { get; set => field = value ?? []; } = [];
    public List<RoleYaml> Roles { get; set => field = value ?? []; } = [];
    public List<AssignmentYaml> Assignments { get; set => field = value ?? []; } = [];
    public List<OfficeYaml> Offices { get; set => field = value ?? []; } = [];
    public Dictionary<string, string> Holidays { get; set => field = value ?? []; } = [];

    public sealed class DepartmentYaml
    {
        public string Code { get; set => field = value ?? ""; } = "";
        public Said Name { get; set => field = value ?? []; } = [];
        public string Telephone { get; set => field = value ?? ""; } = "";
        public string? From { get; set; }
        public string? Until { get; set; }
        public List<DepartmentYaml> Below { get; set => field = value ?? []; } = [];
    }

    public sealed class RoleYaml
    {
        public string Key { get; set => field = value ?? ""; } = "";
        public Said Name { get; set => field = value ?? []; } = [];
        public List<string> Permissions { get; set => field = value ?? []; } = [];
    }

    public sealed class AssignmentYaml
    {
        public string Account { get; set => field = value ?? ""; } = "";
        public string Department { get; set => field = value ?? ""; } = "";
        public string? Post { get; set; }
        public string? Role { get; set; }
        public string Kind { get; set => field = value ?? ""; } = "main";
        public string Telephone { get; set => field = value ?? ""; } = "";
        public string? From { get; set; }
        public string? Until { get; set; }
    }

    public sealed class OfficeYaml
    {
        public string Key { get; set => field = value ?? ""; } = "";
        public Said Name { get; set => field = value ?? []; } = [];
        public Said Address { get; set => field = value ?? []; } = [];
        public string Telephone { get; set => field = value ?? ""; } = "";
        public List<string> Departments { get; set => field = value ?? []; } = [];
        public List<HoursYaml> Hours { get; set => field = value ?? []; } = [];
        public bool ClosedOnHolidays { get; set; } = true;

        /// <summary><c>12-29/01-03</c>, or none where it stays open.</summary>
        public string? YearEnd { get; set; } = "12-29/01-03";
        public List<ExceptionYaml> Exceptions { get; set => field = value ?? []; } = [];
    }

    public sealed class HoursYaml
    {
        /// <summary><c>mon tue wed thu fri</c></summary>
        public string Days { get; set => field = value ?? ""; } = "";

        /// <summary><c>08:30-17:15</c></summary>
        public string Open { get; set => field = value ?? ""; } = "";
        public string? From { get; set; }
        public string? Until { get; set; }
    }

    public sealed class ExceptionYaml
    {
        public string On { get; set => field = value ?? ""; } = "";

        /// <summary>Hours, or none: closed.</summary>
        public string? Open { get; set; }
        public Said Note { get; set => field = value ?? []; } = [];
    }

    static readonly ISerializer Writer = new SerializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance)
        .ConfigureDefaultValuesHandling(DefaultValuesHandling.OmitNull | DefaultValuesHandling.OmitEmptyCollections).WithQuotingNecessaryStrings().Build();

    public string Write() => Writer.Serialize(this);

    public static readonly string[] DayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>What was there before anybody wrote it down: towns as we know them began on that day (市制町村制).</summary>
    public static readonly DateOnly Always = new(1889, 4, 1);
}

/// <summary>Loads <c>offices.yaml</c>. What the town has already, by code, key or name, stays as it is; a town without the file gets its own top.</summary>
static class OfficesTown
{
    public static async Task Load(TownLoad load)
    {
        var path = Path.Combine(load.Folder, "offices.yaml");
        var yaml = File.Exists(path) ? TownLoad.Read<OfficesYaml>(path) : new();
        BadTown Bad(string why) => new($"{path}: {why}");
        var (db, today) = (load.Db, JapanTime.DayOf(load.Time.GetUtcNow()));

        var organisation = await Organisation.ToChange(db);
        var chart = await Chart.Load(db, toChange: true);
        var codes = chart.Departments.Select(d => d.Code).ToHashSet();
        if (chart.Departments.Count == 0 && yaml.Departments.Count == 0) yaml.Departments.Add(new() { Code = "0", Name = load.Town.Name });
        var (before, statesBefore, sort) = (chart.Departments.Count, chart.States.Count, 0);
        Add(yaml.Departments, parent: null);
        foreach (var department in chart.Departments.Skip(before)) db.Add(department);
        foreach (var state in chart.States.Skip(statesBefore)) db.Add(state);
        if (chart.Departments.Count > before && chart.Problems(OfficesYaml.Always).FirstOrDefault() is { } problem)
            throw Bad(string.Format(CultureInfo.InvariantCulture, problem.Message, problem.Values));

        var roles = await db.Set<Role>().ToDictionaryAsync(r => r.Key);
        foreach (var role in yaml.Roles)
        {
            if (role.Key.Length == 0 || !Has(role.Name)) throw Bad($"role \"{role.Key}\" needs a key and a name in Japanese.");
            if (roles.ContainsKey(role.Key)) continue;
            db.Add(roles[role.Key] = Role.Of(role.Key, role.Name, role.Permissions));
        }
        var posts = (await db.Set<Post>().ToListAsync()).ToDictionary(p => p.Name.In(Lang.Japanese));
        foreach (var name in yaml.Posts.Where(p => !posts.ContainsKey(p.In(Lang.Japanese))))
        {
            if (!Has(name)) throw Bad("a post has no Japanese name.");
            db.Add(posts[name.In(Lang.Japanese)] = new Post { Name = name, Rank = 10 * (posts.Count + 1) });
        }

        await Assign();
        await AddOffices();
        await AddHolidays();
        if (db.ChangeTracker.HasChanges()) organisation.Changed();

        void Add(List<OfficesYaml.DepartmentYaml> some, Guid? parent)
        {
            foreach (var entry in some)
            {
                if (entry.Code.Length == 0 || !Has(entry.Name)) throw Bad($"department \"{entry.Code}\" needs a code and a name in Japanese.");
                var id = codes.Contains(entry.Code) ? chart.Departments.Last(d => d.Code == entry.Code).Id
                    : chart.Add(entry.Code, Day(entry.From) ?? OfficesYaml.Always, entry.Name, parent, entry.Telephone, sort += 10, until: Day(entry.Until)).Id;
                Add(entry.Below, id);
            }
        }

        async Task Assign()
        {
            if (yaml.Assignments.Count == 0) return;
            var names = yaml.Assignments.Select(a => Account.FoldSignInName(a.Account)).ToArray();
            var accounts = await db.Set<Account>().Where(a => names.Contains(a.SignInName) && a.Kind == AccountKind.Staff).ToDictionaryAsync(a => a.SignInName, a => a.Id);
            var there = (await db.Set<Assignment>().Select(a => new { a.AccountId, a.DepartmentId }).ToListAsync()).ToHashSet();
            foreach (var entry in yaml.Assignments)
            {
                var department = chart.Departments.LastOrDefault(d => d.Code == entry.Department) ?? throw Bad($"{entry.Account}: there is no department \"{entry.Department}\".");
                Role? role = null;
                Post? post = null;
                if (entry.Role is { } key && !roles.TryGetValue(key, out role)) throw Bad($"{entry.Account}: there is no role \"{key}\".");
                if (entry.Post is { } title && !posts.TryGetValue(title, out post)) throw Bad($"{entry.Account}: there is no post \"{title}\".");
                if (!Enum.TryParse<AssignmentKind>(entry.Kind, ignoreCase: true, out var kind)) throw Bad($"{entry.Account}: kind \"{entry.Kind}\" is neither main nor concurrent.");
                // The made-up people come only where they are wanted.
                if (!accounts.TryGetValue(Account.FoldSignInName(entry.Account), out var account)) continue;
                if (there.Contains(new { AccountId = account, DepartmentId = department.Id })) continue;
                db.Add(Assignment.Begin(account, department.Id, post?.Id, role?.Id, kind, entry.Telephone, Day(entry.From) ?? today, Day(entry.Until)));
            }
        }

        async Task AddOffices()
        {
            var keys = await db.Set<Office>().Select(o => o.Key).ToHashSetAsync();
            for (var i = 0; i < yaml.Offices.Count; i++)
            {
                var entry = yaml.Offices[i];
                if (entry.Key.Length == 0 || !Has(entry.Name)) throw Bad($"office \"{entry.Key}\" needs a key and a name in Japanese.");
                if (!keys.Add(entry.Key)) continue;
                var end = entry.YearEnd?.Split('/');
                if (end is not null and not { Length: 2 }) throw Bad($"{entry.Key}: yearEnd \"{entry.YearEnd}\" is not like 12-29/01-03.");
                var office = new Office
                {
                    Key = entry.Key, Name = entry.Name, Address = entry.Address, Telephone = entry.Telephone, ClosedOnHolidays = entry.ClosedOnHolidays,
                    YearEndFrom = end?[0], YearEndUntil = end?[1], Sort = 10 * (i + 1), FromOn = OfficesYaml.Always,
                };
                db.Add(office);
                foreach (var code in entry.Departments)
                    db.Add(new OfficeDepartment { OfficeId = office.Id, DepartmentId = (chart.Departments.LastOrDefault(d => d.Code == code) ?? throw Bad($"{entry.Key}: there is no department \"{code}\".")).Id });
                foreach (var hours in entry.Hours)
                {
                    var (opens, closes) = Hours(hours.Open);
                    foreach (var day in hours.Days.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                        db.Add(new WeekHours
                        {
                            OfficeId = office.Id, Weekday = Array.IndexOf(OfficesYaml.DayNames, day) is >= 0 and var weekday ? weekday : throw Bad($"{entry.Key}: \"{day}\" is none of {string.Join(", ", OfficesYaml.DayNames)}."),
                            Opens = opens, Closes = closes, FromOn = Day(hours.From) ?? OfficesYaml.Always, UntilOn = Day(hours.Until),
                        });
                }
                foreach (var exception in entry.Exceptions)
                    db.Add(new DayException
                    {
                        OfficeId = office.Id, DayOn = Day(exception.On) ?? throw Bad($"{entry.Key}: an exception has no day."), Note = exception.Note,
                        Opens = exception.Open is { } open ? Hours(open).Opens : null, Closes = exception.Open is { } close ? Hours(close).Closes : null,
                    });
            }
        }

        // Years that the law does not give as the town has them; the rest is computed.
        async Task AddHolidays()
        {
            var holidays = yaml.Holidays.ToDictionary(h => Day(h.Key)!.Value, h => h.Value);
            if (holidays.Count == 0) return;
            var there = await db.Set<Holiday>().Select(h => h.DayOn).ToHashSetAsync();
            foreach (var (day, name) in holidays.Where(h => !there.Contains(h.Key))) db.Add(new Holiday { DayOn = day, Name = name });
        }

        DateOnly? Day(string? written) => string.IsNullOrEmpty(written) ? null
            : DateOnly.TryParseExact(written, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : throw Bad($"\"{written}\" is no day like 2027-04-01.");

        (TimeOnly Opens, TimeOnly Closes) Hours(string written) =>
            written.Split('-') is [var from, var until] && Clock.Read(from) is { } opens && Clock.Read(until) is { } closes && closes > opens ? (opens, closes) : throw Bad($"\"{written}\" are no hours like 08:30-17:15.");

        static bool Has(Said name) => !string.IsNullOrWhiteSpace(name.GetValueOrDefault("ja"));
    }

    /// <summary>The organisation of a day as the same file: three statements for people, four for offices.</summary>
    public static async Task<string> Export(TownDb db, DateOnly on, CancellationToken stop = default)
    {
        var tree = await DepartmentTrees.On(on, db, stop);
        var yaml = new OfficesYaml();
        var made = new Dictionary<Guid, OfficesYaml.DepartmentYaml>();
        foreach (var node in tree.All)
        {
            var entry = made[node.Id] = new() { Code = node.Code, Name = node.Name, Telephone = node.Telephone, From = Day(node.FromOn), Until = node.UntilOn is { } until ? Day(until) : null };
            (node.ParentId is { } parent ? made[parent].Below : yaml.Departments).Add(entry);
        }
        var posts = await db.Set<Post>().AsNoTracking().OrderBy(p => p.Rank).ToListAsync(stop);
        var roles = await db.Set<Role>().AsNoTracking().OrderBy(r => r.Key).ToListAsync(stop);
        yaml.Roles = [.. roles.Select(r => new OfficesYaml.RoleYaml { Key = r.Key, Name = r.Name, Permissions = [.. r.Permissions] })];
        var (titles, keys) = (posts.ToDictionary(p => p.Id, p => p.Name.In(Lang.Japanese)), roles.ToDictionary(r => r.Id, r => r.Key));
        var assigned = await db.Set<Assignment>().AsNoTracking().Where(a => a.FromOn <= on && (a.UntilOn == null || a.UntilOn >= on))
            .Join(db.Set<Account>(), a => a.AccountId, p => p.Id, (a, p) => new { a, p.SignInName }).ToListAsync(stop);
        // In an order that does not hang on ids, which differ from town to town.
        foreach (var row in assigned.OrderBy(r => r.SignInName, StringComparer.Ordinal).ThenBy(r => r.a.Kind).ThenBy(r => made.GetValueOrDefault(r.a.DepartmentId)?.Code, StringComparer.Ordinal).ThenBy(r => r.a.RoleId is { } role ? keys[role] : "", StringComparer.Ordinal).ThenBy(r => r.a.FromOn))
            yaml.Assignments.Add(new()
            {
                Account = row.SignInName, Department = made.GetValueOrDefault(row.a.DepartmentId)?.Code ?? "", Post = row.a.PostId is { } post ? titles[post] : null,
                Role = row.a.RoleId is { } role ? keys[role] : null, Kind = row.a.Kind.ToString().ToLowerInvariant(), Telephone = row.a.Telephone,
                From = Day(row.a.FromOn), Until = row.a.UntilOn is { } last ? Day(last) : null,
            });
        // One that ended is named as long as somebody has it.
        var had = yaml.Assignments.Select(a => a.Post).ToHashSet();
        yaml.Posts = [.. posts.Where(p => p.MayBeGiven(on) || had.Contains(titles[p.Id])).Select(p => p.Name)];
        var offices = await db.Set<Office>().AsNoTracking().OrderBy(o => o.Sort).ThenBy(o => o.Key).ToListAsync(stop);
        var where = (await db.Set<OfficeDepartment>().AsNoTracking().ToListAsync(stop)).ToLookup(d => d.OfficeId, d => d.DepartmentId);
        var hours = (await db.Set<WeekHours>().AsNoTracking().ToListAsync(stop)).ToLookup(h => h.OfficeId);
        var exceptions = (await db.Set<DayException>().AsNoTracking().OrderBy(x => x.DayOn).ToListAsync(stop)).ToLookup(x => x.OfficeId);
        foreach (var office in offices.Where(o => o.On(on)))
            yaml.Offices.Add(new()
            {
                Key = office.Key, Name = office.Name, Address = office.Address, Telephone = office.Telephone, ClosedOnHolidays = office.ClosedOnHolidays,
                YearEnd = office.YearEndFrom is null ? "" : $"{office.YearEndFrom}/{office.YearEndUntil}",
                Departments = [.. where[office.Id].Where(made.ContainsKey).Select(id => made[id].Code).Order(StringComparer.Ordinal)],
                Hours = [.. hours[office.Id].GroupBy(h => (h.Opens, h.Closes, h.FromOn, h.UntilOn)).OrderBy(g => g.Key.FromOn).ThenBy(g => g.Key.Opens).ThenBy(g => g.Key.Closes).ThenBy(g => g.Key.UntilOn).Select(g => new OfficesYaml.HoursYaml
                {
                    Days = string.Join(' ', g.OrderBy(h => h.Weekday).Select(h => OfficesYaml.DayNames[h.Weekday])), Open = Clock.Write(g.Key.Opens, g.Key.Closes),
                    From = Day(g.Key.FromOn), Until = g.Key.UntilOn is { } end ? Day(end) : null,
                })],
                Exceptions = [.. exceptions[office.Id].Select(x => new OfficesYaml.ExceptionYaml { On = Day(x.DayOn), Open = x.Opens is { } opens ? Clock.Write(opens, x.Closes!.Value) : null, Note = x.Note })],
            });
        yaml.Holidays = await db.Set<Holiday>().AsNoTracking().OrderBy(h => h.DayOn).ToDictionaryAsync(h => Day(h.DayOn), h => h.Name, stop);
        return yaml.Write();

        static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }
}

/// <summary>Times of day as people write them.</summary>
static class Clock
{
    public static TimeOnly? Read(string? written) =>
        TimeOnly.TryParseExact((written ?? "").Trim().Normalize(System.Text.NormalizationForm.FormKC), ["H:mm", "HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;

    public static string Write(TimeOnly time) => time.ToString("HH:mm", CultureInfo.InvariantCulture);

    public static string Write(TimeOnly opens, TimeOnly closes) => $"{Write(opens)}-{Write(closes)}";
}
