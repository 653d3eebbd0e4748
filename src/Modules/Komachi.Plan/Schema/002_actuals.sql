-- What became of the indicators: every value that was typed, asked for in a survey or measured by a figure, and how each indicator stands.
-- An indicator is named by the plan's key, the code of its measure or policy, and its own name: these stay from one revision to the next.
CREATE TABLE plan.actuals (
    id uuid NOT NULL PRIMARY KEY,
    plan text NOT NULL,
    of text NOT NULL,
    indicator text NOT NULL,
    on_day date NOT NULL,
    value numeric,
    text text,
    source text NOT NULL CHECK (source IN ('Typed', 'Survey', 'Figure')),
    asked int CHECK (asked > 0),
    answered int CHECK (answered >= 0),
    evidence text,
    by_id uuid,
    at timestamptz NOT NULL,
    corrects uuid REFERENCES plan.actuals (id),
    reason text,
    CHECK ((value IS NULL) <> (text IS NULL)),
    CHECK ((source = 'Survey') = (asked IS NOT NULL) AND (asked IS NULL) = (answered IS NULL)),
    CHECK (source <> 'Survey' OR value IS NOT NULL),
    CHECK (answered <= asked),
    CHECK (source <> 'Figure' OR (value IS NOT NULL AND by_id IS NULL AND corrects IS NULL)),
    CHECK ((corrects IS NULL) = (reason IS NULL)),
    CHECK (corrects <> id));
COMMENT ON TABLE plan.actuals IS 'Values of indicators: rows are added and never changed; a correction is another row, which takes the place of the one that it names';
COMMENT ON COLUMN plan.actuals.of IS 'The code of the measure or policy at which the indicator stands';
COMMENT ON COLUMN plan.actuals.on_day IS 'The day of which the value tells, not the one on which somebody typed it';
COMMENT ON COLUMN plan.actuals.answered IS 'Of those who were asked, how many answered in the way that is counted';
COMMENT ON COLUMN plan.actuals.corrects IS 'The row whose place this one takes';
CREATE INDEX actuals_indicator ON plan.actuals (plan, of, indicator, on_day);
CREATE INDEX actuals_newest ON plan.actuals (at DESC, id DESC);
-- Of two who correct the same value the second is told to look again.
CREATE UNIQUE INDEX actuals_corrects ON plan.actuals (corrects);
-- A night that comes twice measures once.
CREATE UNIQUE INDEX actuals_figure ON plan.actuals (plan, of, indicator, on_day) WHERE source = 'Figure';

CREATE FUNCTION plan.actuals_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A value of an indicator is never changed: it is corrected by another.';
END $$;
CREATE TRIGGER actuals_stay BEFORE UPDATE OR DELETE ON plan.actuals FOR EACH ROW EXECUTE FUNCTION plan.actuals_stay();

CREATE TABLE plan.standings (
    plan text NOT NULL,
    of text NOT NULL,
    indicator text NOT NULL,
    number int NOT NULL CHECK (number > 0),
    first_on date,
    first_value numeric,
    last_on date NOT NULL,
    last_value numeric,
    last_text text,
    years int[] NOT NULL,
    year_values numeric[] NOT NULL,
    told_missed boolean,
    version int NOT NULL,
    CONSTRAINT standings_pkey PRIMARY KEY (plan, of, indicator),
    CHECK ((last_value IS NULL) <> (last_text IS NULL)),
    CHECK ((first_on IS NULL) = (first_value IS NULL)),
    CHECK (cardinality(years) = cardinality(year_values)));
COMMENT ON TABLE plan.standings IS 'How each indicator stands: kept with every value, so that no page reads all of them';
COMMENT ON COLUMN plan.standings.number IS 'How many values it has, corrected ones not counted';
COMMENT ON COLUMN plan.standings.years IS 'The fiscal years of which there is a number; year_values holds the last one of each';
COMMENT ON COLUMN plan.standings.told_missed IS 'Whether those who answer for it were last told that its target will be missed; null: never asked';
