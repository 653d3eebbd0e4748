-- The registry of towns: where each town is, and how it presents itself. No resident's data.
CREATE TABLE registry.towns (
    slug text PRIMARY KEY CHECK (slug ~ '^[a-z][a-z0-9-]{1,29}$'),
    code text NOT NULL CHECK (code ~ '^[0-9]{6}$'),
    profile jsonb NOT NULL,
    hosts text[] NOT NULL DEFAULT '{}',
    modules text[] NOT NULL DEFAULT '{}',
    server text NOT NULL,
    database text NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('open', 'suspended')),
    created_at timestamptz NOT NULL DEFAULT now());
COMMENT ON TABLE registry.towns IS 'Every town that this Komachi serves';

-- Keys with which cookies and links are protected, encrypted by the program before they come here.
CREATE TABLE registry.protection_keys (
    name text PRIMARY KEY,
    sealed_xml bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now());
COMMENT ON TABLE registry.protection_keys IS 'Data protection keys, encrypted at rest';
