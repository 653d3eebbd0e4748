-- Procedures: what can be filed, what is being filled in, and cases with all that becomes of them.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

CREATE TABLE procedures.definitions (
    id uuid NOT NULL PRIMARY KEY,
    key text NOT NULL CHECK (key ~ '^[a-z][a-z0-9-]{1,59}$'),
    number int NOT NULL CHECK (number > 0),
    document text NOT NULL CHECK (document <> ''),
    origin text NOT NULL CHECK (origin IN ('Shipped', 'Town', 'Desk')),
    changed_at timestamptz NOT NULL,
    published_at timestamptz,
    published_by_id uuid,
    note text NOT NULL,
    ended_at timestamptz,
    version int NOT NULL,
    CHECK (ended_at IS NULL OR published_at IS NOT NULL));
COMMENT ON TABLE procedures.definitions IS 'Versions of procedures. What was published never changes: cases keep the version with which they came';
COMMENT ON COLUMN procedures.definitions.number IS 'Which version of the procedure, from 1';
COMMENT ON COLUMN procedures.definitions.document IS 'The whole definition as its file has it (YAML)';
COMMENT ON COLUMN procedures.definitions.note IS 'What changed, in a sentence';
COMMENT ON COLUMN procedures.definitions.ended_at IS 'No longer offered; its cases go on';
CREATE UNIQUE INDEX definitions_key ON procedures.definitions (key, number);
CREATE UNIQUE INDEX definitions_draft ON procedures.definitions (key) WHERE published_at IS NULL;

CREATE FUNCTION procedures.published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL AND (TG_OP = 'DELETE' OR (NEW.document, NEW.key, NEW.number, NEW.published_at, NEW.note) IS DISTINCT FROM (OLD.document, OLD.key, OLD.number, OLD.published_at, OLD.note)) THEN
        RAISE EXCEPTION 'A published procedure stays as it is';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER published_stays BEFORE UPDATE OR DELETE ON procedures.definitions FOR EACH ROW EXECUTE FUNCTION procedures.published_stays();

CREATE TABLE procedures.cases (
    id uuid NOT NULL PRIMARY KEY,
    number text NOT NULL CHECK (number ~ '^[0-9]{10}$'),
    definition_id uuid NOT NULL REFERENCES procedures.definitions,
    procedure text NOT NULL,
    stage text NOT NULL,
    parent_id uuid REFERENCES procedures.cases,
    state text NOT NULL CHECK (state IN ('Arrived', 'Correcting', 'Accepted', 'Granted', 'Refused', 'Withdrawn')),
    way text NOT NULL CHECK (way IN ('Online', 'Assisted', 'Counter', 'Post', 'Telephone', 'Fax', 'Email', 'System')),
    arrived_at timestamptz NOT NULL,
    answers jsonb NOT NULL,
    decided jsonb NOT NULL,
    title text NOT NULL,
    search_key text NOT NULL,
    person_id uuid,
    account_id uuid,
    mandate_id uuid,
    assisted_by_id uuid,
    assurance text NOT NULL CHECK (assurance IN ('None', 'Code', 'SignedIn', 'Card')),
    email text,
    telephone text,
    lang text NOT NULL,
    electronic boolean NOT NULL,
    fee_yen bigint CHECK (fee_yen >= 0),
    department_id uuid NOT NULL,
    assignee_id uuid,
    due_on date NOT NULL,
    stopped_on date,
    moved_at timestamptz NOT NULL,
    unread boolean NOT NULL,
    accepted_at timestamptz,
    decided_at timestamptz,
    closed_at timestamptz,
    sample boolean NOT NULL,
    moves int NOT NULL,
    version int NOT NULL,
    CHECK ((stage = '') = (parent_id IS NULL)),
    CHECK ((state IN ('Granted', 'Refused', 'Withdrawn')) = (closed_at IS NOT NULL)),
    CHECK ((state IN ('Granted', 'Refused')) = (decided_at IS NOT NULL)),
    CHECK ((state = 'Correcting') = (stopped_on IS NOT NULL)));
COMMENT ON TABLE procedures.cases IS 'Filings, each with where it stands';
COMMENT ON COLUMN procedures.cases.number IS 'The receipt number: ten digits, the last checks the others';
COMMENT ON COLUMN procedures.cases.stage IS 'Which filing of the procedure; empty for the first';
COMMENT ON COLUMN procedures.cases.parent_id IS 'The first filing of the same matter';
COMMENT ON COLUMN procedures.cases.answers IS 'As they stand: what was filed, and corrected since';
COMMENT ON COLUMN procedures.cases.decided IS 'What clerks filled in on the way: amounts, grades, conditions';
COMMENT ON COLUMN procedures.cases.title IS 'How lists call it: mostly the name of who files';
COMMENT ON COLUMN procedures.cases.person_id IS 'Whom it is about, where the town knows them';
COMMENT ON COLUMN procedures.cases.mandate_id IS 'On which mandate somebody files for another';
COMMENT ON COLUMN procedures.cases.assisted_by_id IS 'The staff who filled it in for somebody';
COMMENT ON COLUMN procedures.cases.electronic IS 'The decision is wanted electronically: asked in this very filing';
COMMENT ON COLUMN procedures.cases.due_on IS 'When the standard period is over; grows by the working days on which it stood';
COMMENT ON COLUMN procedures.cases.stopped_on IS 'Since when the clock stands, as the applicant has to answer';
COMMENT ON COLUMN procedures.cases.unread IS 'The applicant wrote or corrected something that nobody has looked at';
COMMENT ON COLUMN procedures.cases.sample IS 'Made up, to show something on the first day';
COMMENT ON COLUMN procedures.cases.moves IS 'How many moves it has: the next one gets the next number';
CREATE UNIQUE INDEX cases_number ON procedures.cases (number);
CREATE INDEX cases_open ON procedures.cases (due_on, id) WHERE closed_at IS NULL;
CREATE INDEX cases_open_department ON procedures.cases (department_id, due_on, id) WHERE closed_at IS NULL;
CREATE INDEX cases_open_assignee ON procedures.cases (assignee_id, due_on, id) WHERE closed_at IS NULL AND assignee_id IS NOT NULL;
CREATE INDEX cases_closed ON procedures.cases (closed_at DESC, id DESC) WHERE closed_at IS NOT NULL;
CREATE INDEX cases_procedure ON procedures.cases (procedure, arrived_at DESC, id DESC);
CREATE INDEX cases_person ON procedures.cases (person_id, moved_at DESC) WHERE person_id IS NOT NULL;
CREATE INDEX cases_account ON procedures.cases (account_id, moved_at DESC) WHERE account_id IS NOT NULL;
CREATE INDEX cases_parent ON procedures.cases (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX cases_definition ON procedures.cases (definition_id);
CREATE INDEX cases_search ON procedures.cases USING gin (search_key public.gin_trgm_ops);

CREATE TABLE procedures.moves (
    case_id uuid NOT NULL REFERENCES procedures.cases ON DELETE CASCADE,
    number int NOT NULL CHECK (number > 0),
    at timestamptz NOT NULL,
    kind text NOT NULL,
    by_id uuid,
    told boolean NOT NULL,
    text text,
    details jsonb,
    PRIMARY KEY (case_id, number));
COMMENT ON TABLE procedures.moves IS 'What happened to cases, in order: the timeline, messages and notes';
COMMENT ON COLUMN procedures.moves.told IS 'The applicant sees it';

CREATE TABLE procedures.corrections (
    id uuid NOT NULL PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES procedures.cases ON DELETE CASCADE,
    fields text[] NOT NULL CHECK (cardinality(fields) > 0),
    text text NOT NULL,
    until_on date,
    asked_by_id uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    before jsonb NOT NULL,
    typed jsonb,
    answered_at timestamptz,
    left_at timestamptz,
    version int NOT NULL,
    CHECK (answered_at IS NULL OR left_at IS NULL));
COMMENT ON TABLE procedures.corrections IS 'What applicants were asked to correct, and what they answered';
COMMENT ON COLUMN procedures.corrections.fields IS 'Paths of fields: email, children/1/name';
COMMENT ON COLUMN procedures.corrections.typed IS 'What the applicant has typed so far, and in the end answered';
COMMENT ON COLUMN procedures.corrections.left_at IS 'Not waited for any longer';
CREATE INDEX corrections_case ON procedures.corrections (case_id);
CREATE UNIQUE INDEX corrections_open ON procedures.corrections (case_id) WHERE answered_at IS NULL AND left_at IS NULL;

CREATE TABLE procedures.steps (
    case_id uuid NOT NULL REFERENCES procedures.cases ON DELETE CASCADE,
    key text NOT NULL,
    "order" int NOT NULL CHECK ("order" > 0),
    kind text NOT NULL CHECK (kind IN ('check', 'approve', 'decide')),
    department_id uuid,
    state text NOT NULL CHECK (state IN ('Waiting', 'Open', 'Done', 'Left')),
    ticked int[] NOT NULL,
    fields jsonb NOT NULL,
    note text,
    by_id uuid,
    opened_at timestamptz,
    done_at timestamptz,
    version int NOT NULL,
    PRIMARY KEY (case_id, key),
    CHECK ((state = 'Done') = (done_at IS NOT NULL)));
COMMENT ON TABLE procedures.steps IS 'The steps of each case: what the office does with it, by whom';
COMMENT ON COLUMN procedures.steps."order" IS 'Those of one order go side by side';
COMMENT ON COLUMN procedures.steps.department_id IS 'Whose it is; none: the department that has the case';
COMMENT ON COLUMN procedures.steps.ticked IS 'Lines of the checklist';
CREATE INDEX steps_open ON procedures.steps (kind, department_id, case_id) WHERE state = 'Open';

CREATE TABLE procedures.letters (
    id uuid NOT NULL PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES procedures.cases ON DELETE CASCADE,
    result text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('letter', 'certificate')),
    title jsonb NOT NULL,
    body jsonb NOT NULL,
    number text,
    sealed boolean NOT NULL,
    sealed_by_id uuid,
    code text NOT NULL,
    delivery text NOT NULL CHECK (delivery IN ('Electronic', 'Paper')),
    made_at timestamptz NOT NULL,
    delivered_at timestamptz,
    opened_at timestamptz,
    revoked_at timestamptz,
    version int NOT NULL,
    CHECK (sealed = (sealed_by_id IS NOT NULL)));
COMMENT ON TABLE procedures.letters IS 'Letters and certificates that came of decisions, with the words as they were sent';
COMMENT ON COLUMN procedures.letters.code IS 'With it anybody who holds it asks whether it is ours';
COMMENT ON COLUMN procedures.letters.delivered_at IS 'Electronically: it lies where the applicant finds it. On paper: handed to the post';
CREATE INDEX letters_case ON procedures.letters (case_id);
CREATE UNIQUE INDEX letters_code ON procedures.letters (code);
CREATE INDEX letters_to_send ON procedures.letters (made_at) WHERE delivery = 'Paper' AND delivered_at IS NULL;

CREATE TABLE procedures.document_numbers (
    department_id uuid NOT NULL,
    year int NOT NULL,
    last int NOT NULL CHECK (last > 0),
    PRIMARY KEY (department_id, year));
COMMENT ON TABLE procedures.document_numbers IS 'How far the document numbers of each department have come in a fiscal year';

CREATE TABLE procedures.drafts (
    id uuid NOT NULL PRIMARY KEY,
    definition_id uuid NOT NULL REFERENCES procedures.definitions,
    procedure text NOT NULL,
    stage text NOT NULL,
    parent_id uuid,
    key_hash bytea,
    account_id uuid,
    person_id uuid,
    mandate_id uuid,
    assisted_by_id uuid,
    way text NOT NULL CHECK (way IN ('Online', 'Assisted', 'Counter', 'Post', 'Telephone', 'Fax', 'Email', 'System')),
    answers jsonb NOT NULL,
    page text NOT NULL,
    assurance text NOT NULL CHECK (assurance IN ('None', 'Code', 'SignedIn', 'Card')),
    email text,
    telephone text,
    lang text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    case_id uuid,
    version int NOT NULL,
    CHECK (key_hash IS NOT NULL OR account_id IS NOT NULL OR assisted_by_id IS NOT NULL));
COMMENT ON TABLE procedures.drafts IS 'What is being filled in, saved page by page';
COMMENT ON COLUMN procedures.drafts.key_hash IS 'SHA-256 of the key that the browser holds of who has no account';
COMMENT ON COLUMN procedures.drafts.page IS 'The furthest page that was opened';
COMMENT ON COLUMN procedures.drafts.case_id IS 'What it became: sending it once more leads there';
CREATE INDEX drafts_account ON procedures.drafts (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX drafts_ends ON procedures.drafts (ends_at);
CREATE UNIQUE INDEX drafts_case ON procedures.drafts (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX drafts_definition ON procedures.drafts (definition_id);

CREATE TABLE procedures.given_up (
    procedure text NOT NULL,
    month date NOT NULL,
    page text NOT NULL,
    count int NOT NULL CHECK (count > 0),
    PRIMARY KEY (procedure, month, page));
COMMENT ON TABLE procedures.given_up IS 'Drafts that ended unfiled, counted by the furthest page';

CREATE TABLE procedures.signers (
    id uuid NOT NULL PRIMARY KEY,
    draft_id uuid REFERENCES procedures.drafts ON DELETE SET NULL,
    case_id uuid REFERENCES procedures.cases ON DELETE CASCADE,
    key text NOT NULL,
    email text NOT NULL,
    token_hash bytea NOT NULL,
    asked_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    signed_at timestamptz,
    declined_at timestamptz,
    reason text,
    answers jsonb NOT NULL,
    over_hash bytea,
    version int NOT NULL,
    CHECK (signed_at IS NULL OR declined_at IS NULL),
    CHECK ((signed_at IS NULL) = (over_hash IS NULL)));
COMMENT ON TABLE procedures.signers IS 'Others who sign: guardians, employers, co-applicants';
COMMENT ON COLUMN procedures.signers.over_hash IS 'SHA-256 of the answers that were signed';
CREATE UNIQUE INDEX signers_draft ON procedures.signers (draft_id, key);
CREATE INDEX signers_case ON procedures.signers (case_id) WHERE case_id IS NOT NULL;
CREATE UNIQUE INDEX signers_token ON procedures.signers (token_hash);

CREATE TABLE procedures.families (
    person_id uuid NOT NULL PRIMARY KEY,
    answers jsonb NOT NULL,
    changed_at timestamptz NOT NULL);
COMMENT ON TABLE procedures.families IS 'What people keep for their next form: their household';

CREATE TABLE procedures.links (
    id uuid NOT NULL PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES procedures.cases ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    made_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    used_at timestamptz,
    visit_hash bytea,
    visit_ends_at timestamptz);
COMMENT ON TABLE procedures.links IS 'Links that open one case once, sent to the applicant''s own address';
COMMENT ON COLUMN procedures.links.visit_hash IS 'What the browser holds that used it';
CREATE UNIQUE INDEX links_token ON procedures.links (token_hash);
CREATE INDEX links_case ON procedures.links (case_id);
CREATE INDEX links_ends ON procedures.links (ends_at);

CREATE TABLE procedures.ratings (
    case_id uuid NOT NULL PRIMARY KEY REFERENCES procedures.cases ON DELETE CASCADE,
    procedure text NOT NULL,
    easy int NOT NULL CHECK (easy BETWEEN 1 AND 5),
    reached boolean,
    words text,
    at timestamptz NOT NULL);
COMMENT ON TABLE procedures.ratings IS 'How easy it was, and whether they could do what they came for';
CREATE INDEX ratings_procedure ON procedures.ratings (procedure, at);
