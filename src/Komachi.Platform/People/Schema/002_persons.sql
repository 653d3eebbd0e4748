-- Whom the town knows: a resident with or without an account (a child has none), a company, an association.
CREATE TABLE people.persons (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('Human', 'Organisation')),
    name text NOT NULL,
    kana text,
    name_key text NOT NULL,
    born_on date,
    postcode text CHECK (postcode ~ '^[0-9]{7}$'),
    address text,
    phone text,
    email text,
    version int NOT NULL,
    created_at timestamptz NOT NULL);
COMMENT ON TABLE people.persons IS 'Whom the town knows, as they said it themselves or as it was seen at the counter';
CREATE INDEX persons_name_key ON people.persons (name_key text_pattern_ops, id);

INSERT INTO people.persons (id, kind, name, name_key, email, version, created_at)
SELECT id, 'Human', name, lower(normalize(name, NFKC)) || ' ', email, 1, created_at FROM people.accounts WHERE kind = 'Resident';

-- A resident's account is the way in of one person. Staff may say which person they are themselves.
ALTER TABLE people.accounts ADD COLUMN person_id uuid CONSTRAINT accounts_person_id_fkey REFERENCES people.persons (id);
UPDATE people.accounts SET person_id = id WHERE kind = 'Resident';
ALTER TABLE people.accounts ADD CHECK (kind <> 'Resident' OR person_id IS NOT NULL);
CREATE INDEX accounts_person ON people.accounts (person_id);
