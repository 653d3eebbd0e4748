-- Drafts of plans: a revision that nobody has published yet, one a plan. It may be changed and thrown away; when it is published it says why, and stays as it is.
ALTER TABLE plan.revisions
    ADD COLUMN note text,
    ADD COLUMN made_by uuid,
    ADD COLUMN changed_at timestamptz,
    ADD COLUMN version int NOT NULL DEFAULT 0,
    ADD COLUMN first_year int GENERATED ALWAYS AS (CASE WHEN document -> 'plan' ->> 'from' ~ '^[RH][0-9]{1,2}$' THEN substr(document -> 'plan' ->> 'from', 2)::int + CASE WHEN document -> 'plan' ->> 'from' LIKE 'R%' THEN 2018 ELSE 1988 END END) STORED,
    ADD COLUMN last_year int GENERATED ALWAYS AS (CASE WHEN document -> 'plan' ->> 'until' ~ '^[RH][0-9]{1,2}$' THEN substr(document -> 'plan' ->> 'until', 2)::int + CASE WHEN document -> 'plan' ->> 'until' LIKE 'R%' THEN 2018 ELSE 1988 END END) STORED;
COMMENT ON COLUMN plan.revisions.note IS 'Why it was published: residents read it';
COMMENT ON COLUMN plan.revisions.changed_at IS 'When the draft was changed last; none where it stands as it was made';
COMMENT ON COLUMN plan.revisions.first_year IS 'Fiscal years of its period, by the calendar year in which they begin: which plan of a town is shown hangs on them';

CREATE UNIQUE INDEX revisions_draft ON plan.revisions (plan) WHERE published_at IS NULL;

-- What was published is not taken away either.
CREATE FUNCTION plan.remains() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN RAISE EXCEPTION 'A published revision of a plan is never taken away.'; END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER revisions_remain BEFORE DELETE ON plan.revisions FOR EACH ROW EXECUTE FUNCTION plan.remains();
