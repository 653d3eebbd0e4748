-- Departments, offices, posts, roles and who works where: every row says from when until when, so that a change of
-- 1 April stands here in March and begins by itself. The last day (until_on) still counts.
-- Equality beside a range in one exclusion constraint; a trusted extension: who owns the database may add it.
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

CREATE TABLE offices.organisation (
    id int NOT NULL PRIMARY KEY CHECK (id = 1),
    version int NOT NULL);
COMMENT ON TABLE offices.organisation IS 'One row: its version grows with every change, so two changes at the same moment never both count';
INSERT INTO offices.organisation VALUES (1, 1);

-- Constraints between rows are looked at when a change is complete: one reorganisation changes many rows at once.
CREATE TABLE offices.departments (
    id uuid NOT NULL PRIMARY KEY,
    code text NOT NULL CHECK (code <> ''),
    from_on date NOT NULL,
    until_on date CHECK (until_on >= from_on - 1),
    successor_id uuid REFERENCES offices.departments (id) DEFERRABLE INITIALLY DEFERRED,
    change_set_id uuid,
    version int NOT NULL,
    CHECK (successor_id IS NULL OR until_on IS NOT NULL),
    CHECK (successor_id <> id),
    CONSTRAINT departments_code_period EXCLUDE USING gist (code WITH =, daterange(from_on, until_on + 1) WITH &&) DEFERRABLE INITIALLY DEFERRED);
COMMENT ON TABLE offices.departments IS 'Departments: from when until when, and who carries the work on afterwards';

CREATE TABLE offices.department_states (
    department_id uuid NOT NULL REFERENCES offices.departments (id) DEFERRABLE INITIALLY DEFERRED,
    from_on date NOT NULL,
    name jsonb NOT NULL CHECK (coalesce(name ->> 'ja', '') <> ''),
    parent_id uuid REFERENCES offices.departments (id) DEFERRABLE INITIALLY DEFERRED,
    telephone text NOT NULL,
    sort int NOT NULL,
    change_set_id uuid,
    PRIMARY KEY (department_id, from_on),
    CHECK (parent_id <> department_id));
COMMENT ON TABLE offices.department_states IS 'What a department is called and where it belongs, from that day on';

CREATE TABLE offices.posts (
    id uuid NOT NULL PRIMARY KEY,
    name jsonb NOT NULL CHECK (coalesce(name ->> 'ja', '') <> ''),
    rank int NOT NULL);
COMMENT ON TABLE offices.posts IS 'Titles of posts, the highest rank first';
CREATE UNIQUE INDEX posts_name ON offices.posts ((name ->> 'ja'));

CREATE TABLE offices.roles (
    id uuid NOT NULL PRIMARY KEY,
    key text NOT NULL,
    name jsonb NOT NULL CHECK (coalesce(name ->> 'ja', '') <> ''),
    permissions text[] NOT NULL,
    version int NOT NULL);
COMMENT ON TABLE offices.roles IS 'What somebody with that role may do, where they are assigned';
CREATE UNIQUE INDEX roles_key ON offices.roles (key);

CREATE TABLE offices.assignments (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL,
    department_id uuid NOT NULL REFERENCES offices.departments (id) DEFERRABLE INITIALLY DEFERRED,
    post_id uuid REFERENCES offices.posts (id) DEFERRABLE INITIALLY DEFERRED,
    role_id uuid REFERENCES offices.roles (id) DEFERRABLE INITIALLY DEFERRED,
    kind text NOT NULL CHECK (kind IN ('Main', 'Concurrent')),
    telephone text NOT NULL,
    from_on date NOT NULL,
    until_on date CHECK (until_on >= from_on - 1),
    change_set_id uuid,
    version int NOT NULL,
    CONSTRAINT assignments_one_main EXCLUDE USING gist (account_id WITH =, daterange(from_on, until_on + 1) WITH &&) WHERE (kind = 'Main') DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT assignments_once EXCLUDE USING gist (account_id WITH =, department_id WITH =, role_id WITH =, daterange(from_on, until_on + 1) WITH &&) DEFERRABLE INITIALLY DEFERRED);
COMMENT ON TABLE offices.assignments IS 'Who works where, in which post, with which role, from when until when';
-- Asked by every request of a member of staff.
CREATE INDEX assignments_account ON offices.assignments (account_id, from_on);
CREATE INDEX assignments_department ON offices.assignments (department_id, from_on);

CREATE TABLE offices.deputies (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL,
    deputy_id uuid NOT NULL,
    assignment_id uuid REFERENCES offices.assignments (id) DEFERRABLE INITIALLY DEFERRED,
    from_on date NOT NULL,
    until_on date NOT NULL CHECK (until_on >= from_on - 1),
    reason text NOT NULL CHECK (reason <> ''),
    given_by_id uuid NOT NULL,
    given_at timestamptz NOT NULL,
    version int NOT NULL,
    CHECK (account_id <> deputy_id));
COMMENT ON TABLE offices.deputies IS 'Who exercises another person''s duties, all or one of them, for a period';
CREATE INDEX deputies_deputy ON offices.deputies (deputy_id, until_on);
CREATE INDEX deputies_account ON offices.deputies (account_id, until_on);

CREATE TABLE offices.offices (
    id uuid NOT NULL PRIMARY KEY,
    key text NOT NULL,
    name jsonb NOT NULL CHECK (coalesce(name ->> 'ja', '') <> ''),
    address jsonb NOT NULL,
    telephone text NOT NULL,
    closed_on_holidays boolean NOT NULL,
    year_end_from text CHECK (year_end_from ~ '^(0[1-9]|1[0-2])-([0-2][0-9]|3[01])$'),
    year_end_until text CHECK (year_end_until ~ '^(0[1-9]|1[0-2])-([0-2][0-9]|3[01])$'),
    sort int NOT NULL,
    from_on date NOT NULL,
    until_on date CHECK (until_on >= from_on - 1),
    version int NOT NULL,
    CHECK ((year_end_from IS NULL) = (year_end_until IS NULL)));
COMMENT ON TABLE offices.offices IS 'Places with a counter, where residents come';
CREATE UNIQUE INDEX offices_key ON offices.offices (key);

CREATE TABLE offices.office_departments (
    office_id uuid NOT NULL REFERENCES offices.offices (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    department_id uuid NOT NULL REFERENCES offices.departments (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (office_id, department_id));
COMMENT ON TABLE offices.office_departments IS 'Which departments are found in which office';

CREATE TABLE offices.hours (
    id uuid NOT NULL PRIMARY KEY,
    office_id uuid NOT NULL REFERENCES offices.offices (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    weekday int NOT NULL CHECK (weekday BETWEEN 0 AND 6),
    opens time NOT NULL,
    closes time NOT NULL CHECK (closes > opens),
    from_on date NOT NULL,
    until_on date CHECK (until_on >= from_on - 1),
    CONSTRAINT hours_apart EXCLUDE USING gist (office_id WITH =, weekday WITH =, daterange(from_on, until_on + 1) WITH &&,
        int4range((extract(epoch FROM opens) / 60)::int, (extract(epoch FROM closes) / 60)::int) WITH &&) DEFERRABLE INITIALLY DEFERRED);
COMMENT ON TABLE offices.hours IS 'When an office is open in a usual week; 0 is Sunday';

CREATE TABLE offices.exceptions (
    id uuid NOT NULL PRIMARY KEY,
    office_id uuid NOT NULL REFERENCES offices.offices (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    day_on date NOT NULL,
    opens time,
    closes time CHECK (closes > opens),
    note jsonb NOT NULL,
    CHECK ((opens IS NULL) = (closes IS NULL)));
COMMENT ON TABLE offices.exceptions IS 'Days on which an office is closed, or open at other hours';
CREATE UNIQUE INDEX exceptions_day ON offices.exceptions (office_id, day_on);

CREATE TABLE offices.holidays (
    day_on date NOT NULL PRIMARY KEY,
    name text NOT NULL);
COMMENT ON TABLE offices.holidays IS 'National holidays, as the town imported them';

CREATE TABLE offices.change_sets (
    id uuid NOT NULL PRIMARY KEY,
    title text NOT NULL CHECK (title <> ''),
    effective_on date NOT NULL,
    state text NOT NULL CHECK (state IN ('Draft', 'Confirmed', 'TakenBack')),
    departments_csv text NOT NULL,
    moves_csv text NOT NULL,
    undo jsonb,
    made_by_id uuid,
    made_at timestamptz NOT NULL,
    confirmed_by_id uuid,
    confirmed_at timestamptz,
    taken_back_at timestamptz,
    version int NOT NULL,
    CHECK ((state <> 'Draft') = (confirmed_at IS NOT NULL)));
COMMENT ON TABLE offices.change_sets IS 'Reorganisations and personnel moves, prepared with their day';
CREATE INDEX change_sets_newest ON offices.change_sets (effective_on DESC, id DESC);

CREATE TABLE offices.replacements (
    department_id uuid NOT NULL PRIMARY KEY REFERENCES offices.departments (id) DEFERRABLE INITIALLY DEFERRED,
    successor_id uuid NOT NULL,
    day_on date NOT NULL,
    told_at timestamptz NOT NULL);
COMMENT ON TABLE offices.replacements IS 'Of which closed departments the other modules were told, so that each is told once';

-- What an account holds on a day, by assignment and as a deputy: "permission department whose", the last where it is another's.
-- A function, since every signed-in request asks: residents do not pay for it, and for staff its plan is made once a connection.
CREATE FUNCTION offices.grants_of(holder uuid, day date) RETURNS text[] LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
        SELECT array_agg(p.permission || ' ' || x.department_id || ' ' || coalesce(x.whose::text, ''))
        FROM (
            SELECT a.department_id, a.role_id, NULL::uuid AS whose FROM offices.assignments a
            WHERE a.account_id = holder AND a.from_on <= day AND (a.until_on IS NULL OR a.until_on >= day)
            UNION ALL
            SELECT a.department_id, a.role_id, d.account_id
            FROM offices.deputies d JOIN people.accounts w ON w.id = d.account_id AND w.closed_at IS NULL
            JOIN offices.assignments a ON a.account_id = d.account_id AND (d.assignment_id IS NULL OR d.assignment_id = a.id)
            WHERE d.deputy_id = holder AND d.from_on <= day AND d.until_on >= day AND a.from_on <= day AND (a.until_on IS NULL OR a.until_on >= day)) x
        JOIN offices.roles r ON r.id = x.role_id CROSS JOIN unnest(r.permissions) p (permission));
END $$;
COMMENT ON FUNCTION offices.grants_of IS 'What an account holds on a day, by assignment and as a deputy';
