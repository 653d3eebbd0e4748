-- The yearly round: measures are proposed on action sheets, which go from one stage of the plan's round to the next.
CREATE TABLE plan.rounds (
    id uuid NOT NULL PRIMARY KEY,
    plan text NOT NULL,
    year int NOT NULL CHECK (year BETWEEN 1989 AND 2199),
    covers int NOT NULL CHECK (covers BETWEEN 1 AND 5),
    any_time boolean NOT NULL,
    stages json NOT NULL CHECK (json_array_length(stages) > 1),
    days jsonb NOT NULL,
    opened_by_id uuid,
    opened_at timestamptz NOT NULL,
    closed_by_id uuid,
    closed_at timestamptz,
    version int NOT NULL);
COMMENT ON TABLE plan.rounds IS 'A fiscal year that is planned, with the stages that its sheets go through';
COMMENT ON COLUMN plan.rounds.year IS 'The fiscal year that is planned: 2027 is R9';
COMMENT ON COLUMN plan.rounds.stages IS 'As the plan had them when the round was opened: a later revision of the plan changes no round that is under way';
COMMENT ON COLUMN plan.rounds.days IS 'By when each stage is through, by its key';
CREATE UNIQUE INDEX rounds_year ON plan.rounds (plan, year);

CREATE TABLE plan.sheets (
    id uuid NOT NULL PRIMARY KEY,
    number text NOT NULL CHECK (number ~ '^R[0-9]{1,2}-[0-9]{3,}$'),
    round_id uuid NOT NULL REFERENCES plan.rounds ON DELETE CASCADE,
    measure text,
    title text NOT NULL CHECK (title <> ''),
    department_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('Open', 'Declined', 'Withdrawn', 'Done')),
    stage text NOT NULL,
    turn text NOT NULL CHECK (turn IN ('Department', 'Secretariat', 'Committee')),
    asked boolean NOT NULL,
    answers jsonb NOT NULL,
    writers uuid[] NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    stage_since timestamptz NOT NULL,
    due_on date,
    reminded_on date,
    adopted_at timestamptz,
    rolled_from_id uuid,
    events int NOT NULL,
    version int NOT NULL,
    CHECK (NOT asked OR turn = 'Department'));
COMMENT ON TABLE plan.sheets IS 'Action sheets: what a department proposes for a year, and what became of it';
COMMENT ON COLUMN plan.sheets.number IS 'As people say it: R9-012';
COMMENT ON COLUMN plan.sheets.measure IS 'Code of a measure of the plan; none for a new one';
COMMENT ON COLUMN plan.sheets.asked IS 'The stage asked the department something, and waits for its answer';
COMMENT ON COLUMN plan.sheets.answers IS 'What is written on it, by the name of the field';
COMMENT ON COLUMN plan.sheets.writers IS 'Who wrote on it for the department: they do not decide on it';
COMMENT ON COLUMN plan.sheets.rolled_from_id IS 'The sheet of the year before whose later years it carries on';
COMMENT ON COLUMN plan.sheets.events IS 'How many events it has: the next one gets the next number';
CREATE UNIQUE INDEX sheets_number ON plan.sheets (number);
CREATE UNIQUE INDEX sheets_rolled_from ON plan.sheets (rolled_from_id) WHERE rolled_from_id IS NOT NULL;
CREATE INDEX sheets_round ON plan.sheets (round_id);
CREATE INDEX sheets_turn ON plan.sheets (turn, department_id) WHERE state = 'Open';

CREATE TABLE plan.sheet_money (
    sheet_id uuid NOT NULL REFERENCES plan.sheets ON DELETE CASCADE,
    year int NOT NULL,
    source text NOT NULL CHECK (source IN ('general', 'subsidy', 'bond', 'digitalFund', 'other')),
    requested bigint CHECK (requested >= 0),
    adopted bigint CHECK (adopted >= 0),
    settled bigint CHECK (settled >= 0),
    CONSTRAINT sheet_money_pkey PRIMARY KEY (sheet_id, year, source));
COMMENT ON TABLE plan.sheet_money IS 'What a sheet asks for, was granted and spent, in thousand yen by fiscal year and source';

CREATE TABLE plan.sheet_events (
    sheet_id uuid NOT NULL REFERENCES plan.sheets ON DELETE CASCADE,
    number int NOT NULL CHECK (number > 0),
    at timestamptz NOT NULL,
    by_id uuid,
    kind text NOT NULL CHECK (kind IN ('Created', 'Changed', 'Passed', 'AskedBack', 'Answered', 'Adopted', 'Declined', 'Withdrawn', 'Commented', 'Reminded', 'Reopened')),
    from_stage text NOT NULL,
    to_stage text NOT NULL,
    text text,
    changes json,
    day_on date,
    CONSTRAINT sheet_events_pkey PRIMARY KEY (sheet_id, number));
COMMENT ON TABLE plan.sheet_events IS 'All that happened to a sheet, in its order; never changed';
COMMENT ON COLUMN plan.sheet_events.changes IS 'What was written anew: field, before, after';
COMMENT ON COLUMN plan.sheet_events.day_on IS 'Of a reminder: its day';
CREATE UNIQUE INDEX sheet_events_reminded ON plan.sheet_events (sheet_id, to_stage, day_on) WHERE day_on IS NOT NULL;

-- What happened has happened. It goes with its sheet, when that has served its time, and not before.
CREATE FUNCTION plan.happened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM plan.sheets WHERE id = OLD.sheet_id) THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'What happened to an action sheet is never changed.';
END $$;
CREATE TRIGGER sheet_events_stay BEFORE UPDATE OR DELETE ON plan.sheet_events FOR EACH ROW EXECUTE FUNCTION plan.happened();
