-- The town's DX plan. Each revision is the whole plan; what is shown is the one that was published last.
CREATE TABLE plan.revisions (
    id uuid NOT NULL PRIMARY KEY,
    plan text NOT NULL,
    number int NOT NULL CHECK (number > 0),
    document json NOT NULL CHECK (document -> 'plan' IS NOT NULL),
    made_at timestamptz NOT NULL,
    published_at timestamptz);
COMMENT ON TABLE plan.revisions IS 'A plan as it was decided, whole: never changed once it is published';
COMMENT ON COLUMN plan.revisions.document IS 'As text, so that what was written in an order is given out in it';
COMMENT ON COLUMN plan.revisions.plan IS 'Which plan: a town has one after the other';
CREATE UNIQUE INDEX revisions_number ON plan.revisions (plan, number);
CREATE INDEX revisions_published ON plan.revisions (published_at DESC) WHERE published_at IS NOT NULL;

-- What was published stays as it was: only that it is published may be written.
CREATE FUNCTION plan.stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN RAISE EXCEPTION 'A published revision of a plan is never changed.'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER revisions_stay BEFORE UPDATE ON plan.revisions FOR EACH ROW EXECUTE FUNCTION plan.stays();
