-- Who can sign in, and on which devices they are signed in.
CREATE TABLE people.accounts (
    id uuid NOT NULL PRIMARY KEY,
    sign_in_name text NOT NULL,
    name text NOT NULL,
    email text,
    kind text NOT NULL CHECK (kind IN ('Resident', 'Staff')),
    password_hash text NOT NULL,
    permissions text[] NOT NULL,
    created_at timestamptz NOT NULL,
    closed_at timestamptz);
COMMENT ON TABLE people.accounts IS 'Accounts of residents and staff';
CREATE UNIQUE INDEX accounts_sign_in_name ON people.accounts (sign_in_name);

CREATE TABLE people.sessions (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT sessions_account_id_fkey REFERENCES people.accounts (id) ON DELETE CASCADE,
    secret_hash bytea NOT NULL,
    began_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL);
COMMENT ON TABLE people.sessions IS 'Signed-in devices: the hash of each one''s secret';
CREATE UNIQUE INDEX sessions_secret_hash ON people.sessions (secret_hash);
CREATE INDEX sessions_account ON people.sessions (account_id);
