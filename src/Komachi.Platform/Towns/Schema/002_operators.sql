-- Who runs the house: accounts of their own, in no town. What serves pages may read them and note the code that was used,
-- and add to their record; only the owner's commands make, change and close them (Data/Migrator.cs, Grant).
CREATE TABLE registry.operators (
    id uuid PRIMARY KEY,
    sign_in_name text NOT NULL UNIQUE,
    name text NOT NULL,
    password_hash text NOT NULL,
    sealed_authenticator bytea NOT NULL,
    used_step bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    closed_at timestamptz);
COMMENT ON TABLE registry.operators IS 'Accounts of operators: a password and an authenticator, always both';

CREATE TABLE registry.operator_sessions (
    id uuid PRIMARY KEY,
    operator_id uuid NOT NULL REFERENCES registry.operators (id) ON DELETE CASCADE,
    secret_hash bytea NOT NULL UNIQUE,
    from_address text NOT NULL,
    began_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL);
COMMENT ON TABLE registry.operator_sessions IS 'Signed-in operators: the hash of each device''s secret';
CREATE INDEX operator_sessions_operator ON registry.operator_sessions (operator_id);

CREATE TABLE registry.operator_attempts (
    subject bytea NOT NULL,
    window_at timestamptz NOT NULL,
    count int NOT NULL,
    PRIMARY KEY (subject, window_at));
COMMENT ON TABLE registry.operator_attempts IS 'Attempts to sign in, by keyed hash, in a window of time';

CREATE TABLE registry.operator_audit (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    operator text,
    action text NOT NULL,
    town text,
    reason text,
    request_id text,
    from_address text,
    details jsonb);
COMMENT ON TABLE registry.operator_audit IS 'What operators did; what they did in a town stands in the town''s own audit as well';
CREATE INDEX operator_audit_at ON registry.operator_audit (at);

CREATE TABLE registry.backups (
    id uuid PRIMARY KEY,
    town text NOT NULL,
    at timestamptz NOT NULL,
    bytes bigint NOT NULL);
COMMENT ON TABLE registry.backups IS 'When a backup of a town was written';
CREATE INDEX backups_town ON registry.backups (town, at);

CREATE TABLE registry.town_health (
    town text PRIMARY KEY,
    taken_at timestamptz NOT NULL,
    numbers jsonb NOT NULL);
COMMENT ON TABLE registry.town_health IS 'How each town was found at the last look: numbers, nobody''s data';
