-- How long the town keeps what, what stops erasing, what was erased, and who asked to be forgotten.
CREATE TABLE rights.periods (
    kind text NOT NULL PRIMARY KEY,
    unit text NOT NULL CHECK (unit IN ('Days', 'Months', 'Years', 'FiscalYears')),
    count int NOT NULL CHECK (count BETWEEN 0 AND 36500),
    set_by uuid,
    set_at timestamptz NOT NULL,
    version int NOT NULL);
COMMENT ON TABLE rights.periods IS 'Kinds of records for which this town chose a period of its own';

CREATE TABLE rights.holds (
    id uuid NOT NULL PRIMARY KEY,
    person_id uuid,
    kind text,
    reason text NOT NULL,
    by_id uuid,
    from_at timestamptz NOT NULL,
    until_at timestamptz,
    ended_at timestamptz,
    ended_by uuid,
    CHECK (num_nonnulls(person_id, kind) = 1));
COMMENT ON TABLE rights.holds IS 'What stops erasing: of one person, or of one kind of record';
CREATE INDEX holds_person ON rights.holds (person_id) WHERE ended_at IS NULL;

CREATE TABLE rights.runs (
    kind text NOT NULL,
    night_on date NOT NULL,
    erased bigint NOT NULL,
    ran_at timestamptz NOT NULL,
    PRIMARY KEY (kind, night_on));
COMMENT ON TABLE rights.runs IS 'How many records of a kind went in a night: counts, nothing else';

CREATE TABLE rights.erasures (
    person_id uuid NOT NULL PRIMARY KEY,
    asked_at timestamptz NOT NULL,
    at_counter boolean NOT NULL,
    done_at timestamptz);
COMMENT ON TABLE rights.erasures IS 'Persons who were forgotten, or will be as soon as nothing stops it';
CREATE INDEX erasures_waiting ON rights.erasures (asked_at) WHERE done_at IS NULL;
