-- The desk: letters that wait for the seal, who gets what comes in, what was done to many at once, and cases whose time is over.
ALTER TABLE procedures.letters ADD COLUMN wants_seal boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN procedures.letters.wants_seal IS 'It goes out with the official seal: until somebody sets it, it waits';
CREATE INDEX letters_to_seal ON procedures.letters (made_at) WHERE wants_seal AND NOT sealed AND revoked_at IS NULL;

ALTER TABLE procedures.cases ADD COLUMN erased_at timestamptz;
COMMENT ON COLUMN procedures.cases.erased_at IS 'Its period is over: what it said is gone, that it was stays for the counts';

CREATE INDEX steps_open_department ON procedures.steps (department_id, case_id) WHERE state = 'Open' AND department_id IS NOT NULL;

CREATE TABLE procedures.assign_rules (
    department_id uuid NOT NULL,
    procedure text NOT NULL,
    rule text NOT NULL CHECK (rule IN ('InTurn', 'FewestOpen')),
    last_id uuid,
    set_by_id uuid NOT NULL,
    set_at timestamptz NOT NULL,
    version int NOT NULL,
    PRIMARY KEY (department_id, procedure));
COMMENT ON TABLE procedures.assign_rules IS 'To whom what comes in is given by itself; without a rule somebody takes it';
COMMENT ON COLUMN procedures.assign_rules.procedure IS 'Empty: every procedure of the department that has no rule of its own';
COMMENT ON COLUMN procedures.assign_rules.last_id IS 'Who got the last one, where they take turns';

CREATE TABLE procedures.bulk_runs (
    id uuid NOT NULL PRIMARY KEY,
    what text NOT NULL CHECK (what IN ('Assign', 'Accept', 'DoStep', 'Grant')),
    to_id uuid,
    cases uuid[] NOT NULL CHECK (cardinality(cases) > 0),
    said jsonb NOT NULL,
    by_id uuid NOT NULL,
    begun_at timestamptz NOT NULL,
    ended_at timestamptz,
    version int NOT NULL);
COMMENT ON TABLE procedures.bulk_runs IS 'What was done to many filings at once, and what became of each';
COMMENT ON COLUMN procedures.bulk_runs.to_id IS 'To whom they were given';
COMMENT ON COLUMN procedures.bulk_runs.said IS 'For each that was come to: empty where it was done, else why not';

CREATE TABLE procedures.issuers (
    id int NOT NULL PRIMARY KEY CHECK (id = 1),
    mayor text NOT NULL,
    set_at timestamptz NOT NULL,
    version int NOT NULL);
COMMENT ON TABLE procedures.issuers IS 'In whose name letters go out: one row';
