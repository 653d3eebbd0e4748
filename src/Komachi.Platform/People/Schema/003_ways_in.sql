-- How people prove who they are.
ALTER TABLE people.accounts
    ALTER COLUMN password_hash DROP NOT NULL,
    ADD COLUMN email_key text,
    ADD COLUMN phone text,
    ADD COLUMN totp_secret bytea,
    ADD COLUMN totp_step bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN people.accounts.email_key IS 'The address, folded, once its owner proved to read it; unique for each kind of account';
COMMENT ON COLUMN people.accounts.totp_secret IS 'Sealed with the town''s key';
CREATE UNIQUE INDEX accounts_email_key ON people.accounts (kind, email_key) WHERE closed_at IS NULL;
CREATE UNIQUE INDEX accounts_phone ON people.accounts (kind, phone) WHERE closed_at IS NULL;

CREATE TABLE people.recovery_codes (
    account_id uuid NOT NULL CONSTRAINT recovery_codes_account_id_fkey REFERENCES people.accounts (id) ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, code_hash));
COMMENT ON TABLE people.recovery_codes IS 'Codes on paper for when a phone is lost: hashes of 118 random bits; one that was used is deleted';

CREATE TABLE people.passkeys (
    credential_id bytea NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT passkeys_account_id_fkey REFERENCES people.accounts (id) ON DELETE CASCADE,
    name text NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    transports text[] NOT NULL,
    user_verified boolean NOT NULL,
    backup_eligible boolean NOT NULL,
    backed_up boolean NOT NULL,
    added_at timestamptz NOT NULL,
    used_at timestamptz);
COMMENT ON TABLE people.passkeys IS 'Public halves of keys that phones and computers keep';
CREATE INDEX passkeys_account ON people.passkeys (account_id);

CREATE TABLE people.codes (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('SignIn', 'Invitation', 'NewPassword', 'NewAddress')),
    account_id uuid CONSTRAINT codes_account_id_fkey REFERENCES people.accounts (id) ON DELETE CASCADE,
    address text NOT NULL,
    secret_hash bytea NOT NULL,
    tries int NOT NULL,
    made_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    used_at timestamptz);
COMMENT ON TABLE people.codes IS 'Codes and links that were sent to somebody, good once and for a while: keyed hashes';
CREATE INDEX codes_account ON people.codes (account_id);
CREATE INDEX codes_ends_at ON people.codes (ends_at);

CREATE TABLE people.devices (
    secret_hash bytea NOT NULL,
    account_id uuid NOT NULL CONSTRAINT devices_account_id_fkey REFERENCES people.accounts (id) ON DELETE CASCADE,
    seen_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (secret_hash, account_id));
COMMENT ON TABLE people.devices IS 'Devices on which an account was signed in before: strangers'' wrong guesses do not slow them down';
CREATE INDEX devices_account ON people.devices (account_id);

ALTER TABLE people.sessions
    ADD COLUMN how text[] NOT NULL DEFAULT '{password}',
    ADD COLUMN waits_for text CHECK (waits_for IN ('SecondFactor', 'SetUp')),
    ADD COLUMN device text NOT NULL DEFAULT '',
    ADD COLUMN name text,
    ADD COLUMN from_address text,
    ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN proved_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN latest_at timestamptz NOT NULL DEFAULT now() + interval '12 hours';
