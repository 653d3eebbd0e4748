-- Persons are looked for at the desk: by name, by reading or by birthday, flat to a million. In the order of code points ("C"), so that
-- one index finds a prefix, orders the list and begins behind a row of it.
ALTER TABLE people.persons
    ADD COLUMN kana_key text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN corporate_number text CHECK (corporate_number ~ '^[0-9]{13}$'),
    ADD COLUMN told_by text NOT NULL DEFAULT 'Themselves' CHECK (told_by IN ('Themselves', 'Desk')),
    ALTER COLUMN name_key TYPE text COLLATE "C";
-- Those of 002 had blanks within the name.
UPDATE people.persons SET name_key = replace(name_key, ' ', '') || ' ' WHERE name_key LIKE '% % ';
UPDATE people.persons SET kana_key = split_part(name_key, ' ', 2);
DROP INDEX people.persons_name_key;
CREATE INDEX persons_name_key ON people.persons (name_key, id);
CREATE INDEX persons_kana_key ON people.persons (kana_key, id);
CREATE INDEX persons_born_on ON people.persons (born_on, id);

CREATE TABLE people.relations (
    person_id uuid NOT NULL CONSTRAINT relations_person_id_fkey REFERENCES people.persons (id) ON DELETE CASCADE,
    other_id uuid NOT NULL CONSTRAINT relations_other_id_fkey REFERENCES people.persons (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('Spouse', 'Parent', 'Child', 'Sibling', 'Grandparent', 'Grandchild', 'Household', 'Other')),
    by_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (person_id, other_id),
    CHECK (person_id <> other_id));
COMMENT ON TABLE people.relations IS 'Who is what to whom, as it was seen at the desk: the other is the person''s parent, child, …';
CREATE INDEX relations_other ON people.relations (other_id);

CREATE TABLE people.protections (
    id uuid NOT NULL PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT protections_person_id_fkey REFERENCES people.persons (id) ON DELETE CASCADE,
    from_on date NOT NULL,
    until_on date NOT NULL CHECK (until_on > from_on),
    office text NOT NULL,
    note bytea,
    by_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    reminded_on date,
    ended_at timestamptz,
    ended_by_id uuid,
    end_reason bytea,
    version int NOT NULL);
COMMENT ON TABLE people.protections IS 'Persons whom ordinary staff must not find (支援措置): in force until somebody ends it, also behind its day';
COMMENT ON COLUMN people.protections.note IS 'Sealed with the town''s key';
CREATE UNIQUE INDEX protections_in_force ON people.protections (person_id) WHERE ended_at IS NULL;
CREATE INDEX protections_until ON people.protections (until_on) WHERE ended_at IS NULL;

CREATE TABLE people.alerts (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('ProtectedOpened', 'OwnRecord', 'RelativesRecord')),
    person_id uuid NOT NULL CONSTRAINT alerts_person_id_fkey REFERENCES people.persons (id) ON DELETE CASCADE,
    account_id uuid NOT NULL CONSTRAINT alerts_account_id_fkey REFERENCES people.accounts (id) ON DELETE CASCADE,
    reason text,
    raised_at timestamptz NOT NULL,
    open_until timestamptz,
    seen_at timestamptz,
    seen_by_id uuid CONSTRAINT alerts_seen_by_id_fkey REFERENCES people.accounts (id));
COMMENT ON TABLE people.alerts IS 'Staff who opened a protected person''s record, or their own or a relative''s; each is acknowledged by name by somebody else';
CREATE INDEX alerts_account ON people.alerts (account_id, person_id, raised_at);
CREATE INDEX alerts_raised ON people.alerts (raised_at);
CREATE INDEX alerts_person ON people.alerts (person_id);
CREATE INDEX alerts_seen_by ON people.alerts (seen_by_id);

CREATE TABLE people.mandates (
    id uuid NOT NULL PRIMARY KEY,
    agent_id uuid CONSTRAINT mandates_agent_id_fkey REFERENCES people.persons (id) ON DELETE CASCADE,
    principal_id uuid CONSTRAINT mandates_principal_id_fkey REFERENCES people.persons (id) ON DELETE CASCADE,
    ground text NOT NULL CHECK (ground IN ('Parent', 'Guardian', 'Carer', 'Curator', 'Agreement', 'Clerk')),
    scope text[] NOT NULL,
    from_on date NOT NULL,
    until_on date,
    state text NOT NULL CHECK (state IN ('Asked', 'Agreed', 'Confirmed', 'Refused', 'Ended')),
    asked_email_key text,
    evidence text,
    by_id uuid,
    asked_at timestamptz NOT NULL,
    began_at timestamptz,
    safe_at timestamptz,
    ended_at timestamptz,
    ended_by_id uuid,
    end_reason text,
    told_at timestamptz,
    version int NOT NULL,
    CHECK (agent_id <> principal_id),
    CHECK (agent_id IS NOT NULL OR principal_id IS NOT NULL),
    CHECK (state NOT IN ('Agreed', 'Confirmed') OR (agent_id IS NOT NULL AND principal_id IS NOT NULL)));
COMMENT ON TABLE people.mandates IS 'Who may act for whom: ground, scope (empty: everything), from when until when';
COMMENT ON COLUMN people.mandates.safe_at IS 'Confirmed by somebody who looks after protected people: without it none is in force while one of the two is protected';
CREATE INDEX mandates_agent ON people.mandates (agent_id);
CREATE INDEX mandates_principal ON people.mandates (principal_id);
CREATE INDEX mandates_asked ON people.mandates (asked_email_key) WHERE state = 'Asked';
CREATE INDEX mandates_until ON people.mandates (until_on) WHERE state IN ('Agreed', 'Confirmed');
CREATE INDEX mandates_to_tell ON people.mandates (ended_at) WHERE state = 'Ended' AND told_at IS NULL;

-- The one place that says which are in force: the door asks it with every request, pages and modules through the program.
CREATE VIEW people.mandates_in_force AS
SELECT m.* FROM people.mandates m
WHERE m.state IN ('Agreed', 'Confirmed')
  AND (now() AT TIME ZONE 'Asia/Tokyo')::date BETWEEN m.from_on AND coalesce(m.until_on, 'infinity')
  AND (m.safe_at IS NOT NULL OR NOT EXISTS (SELECT FROM people.protections p WHERE p.person_id IN (m.agent_id, m.principal_id) AND p.ended_at IS NULL));

ALTER TABLE people.sessions ADD COLUMN acting_for uuid CONSTRAINT sessions_acting_for_fkey REFERENCES people.mandates (id) ON DELETE SET NULL;
COMMENT ON COLUMN people.sessions.acting_for IS 'The mandate under which this device acts for somebody else';
CREATE INDEX sessions_acting_for ON people.sessions (acting_for) WHERE acting_for IS NOT NULL;
