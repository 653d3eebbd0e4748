-- The town's own forms (様式): a PDF of the form as background, and what stands where on it.
CREATE TABLE procedures.own_form_backgrounds (
    id uuid NOT NULL PRIMARY KEY,
    bytes bytea NOT NULL,
    CHECK (octet_length(bytes) BETWEEN 1 AND 20971520));
COMMENT ON TABLE procedures.own_form_backgrounds IS 'Forms as PDF, made plain: pages upright, without what runs or can be filled in';

CREATE TABLE procedures.own_forms (
    id uuid NOT NULL PRIMARY KEY,
    procedure text NOT NULL,
    stage text NOT NULL,
    number int NOT NULL CHECK (number > 0),
    name text NOT NULL CHECK (name <> ''),
    background_id uuid NOT NULL REFERENCES procedures.own_form_backgrounds,
    pages jsonb NOT NULL,
    fields jsonb NOT NULL,
    changed_at timestamptz NOT NULL,
    published_at timestamptz,
    published_by_id uuid,
    ended_at timestamptz,
    version int NOT NULL,
    CHECK (ended_at IS NULL OR published_at IS NOT NULL));
COMMENT ON TABLE procedures.own_forms IS 'Versions of the town''s own forms. What was published never changes: a filing is printed on the form of its day';
COMMENT ON COLUMN procedures.own_forms.stage IS 'Which filing of the procedure; empty for the first';
COMMENT ON COLUMN procedures.own_forms.name IS 'As the town calls it: 様式第1号';
COMMENT ON COLUMN procedures.own_forms.pages IS 'How large each page is, in mm';
COMMENT ON COLUMN procedures.own_forms.fields IS 'What stands where: page, place and size in mm';
COMMENT ON COLUMN procedures.own_forms.ended_at IS 'No longer used for new filings';
CREATE UNIQUE INDEX own_forms_number ON procedures.own_forms (procedure, stage, number);
CREATE UNIQUE INDEX own_forms_draft ON procedures.own_forms (procedure, stage) WHERE published_at IS NULL;
CREATE INDEX own_forms_background ON procedures.own_forms (background_id);

CREATE FUNCTION procedures.published_form_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL AND (TG_OP = 'DELETE' OR (NEW.fields, NEW.pages, NEW.background_id, NEW.name, NEW.procedure, NEW.stage, NEW.number, NEW.published_at) IS DISTINCT FROM (OLD.fields, OLD.pages, OLD.background_id, OLD.name, OLD.procedure, OLD.stage, OLD.number, OLD.published_at)) THEN
        RAISE EXCEPTION 'A published form stays as it is';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER published_form_stays BEFORE UPDATE OR DELETE ON procedures.own_forms FOR EACH ROW EXECUTE FUNCTION procedures.published_form_stays();
