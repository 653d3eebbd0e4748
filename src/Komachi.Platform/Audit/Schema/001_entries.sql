-- Who did what. The serving role may insert and select here, nothing else (Data/Migrator.cs, Grant).
CREATE TABLE audit.entries (
    id uuid NOT NULL PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_id uuid,
    action text NOT NULL,
    subject text,
    about_id uuid,
    reason text,
    request_id text,
    from_address text,
    details jsonb);
COMMENT ON TABLE audit.entries IS 'Who did what, when, about whom, why and from where';
CREATE INDEX entries_at ON audit.entries (at);
CREATE INDEX entries_actor ON audit.entries (actor_id, at);
CREATE INDEX entries_about ON audit.entries (about_id, at) WHERE about_id IS NOT NULL;
