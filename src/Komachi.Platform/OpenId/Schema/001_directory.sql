-- The city's own directory (OpenID Connect): where it is, how we speak with it, and whose account belongs to whom there.
CREATE TABLE directory.providers (
    key text NOT NULL PRIMARY KEY,
    issuer text NOT NULL,
    client_id text NOT NULL,
    authentication text NOT NULL CHECK (authentication IN ('ClientSecretBasic', 'ClientSecretPost', 'PrivateKeyJwt')),
    sealed_secret bytea,
    sealed_key bytea,
    algorithms text[] NOT NULL CHECK (cardinality(algorithms) > 0),
    scopes text NOT NULL,
    acr_values text NOT NULL,
    max_age_minutes int CHECK (max_age_minutes > 0),
    asks_userinfo boolean NOT NULL,
    match_claim text NOT NULL,
    match_by text NOT NULL CHECK (match_by IN ('SignInName', 'Email')),
    name_claim text NOT NULL,
    creates_accounts boolean NOT NULL,
    is_enough boolean NOT NULL,
    signs_out_too boolean NOT NULL,
    is_on boolean NOT NULL,
    version int NOT NULL,
    changed_at timestamptz NOT NULL);
COMMENT ON TABLE directory.providers IS 'Providers of sign-in that the town uses; secrets are sealed with the town''s key';

CREATE TABLE directory.links (
    id uuid NOT NULL PRIMARY KEY,
    issuer text NOT NULL,
    subject text NOT NULL,
    account_id uuid NOT NULL CONSTRAINT links_account_id_fkey REFERENCES people.accounts (id) ON DELETE CASCADE,
    linked_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL);
COMMENT ON TABLE directory.links IS 'Which account a person of the directory has here';
CREATE UNIQUE INDEX links_subject ON directory.links (issuer, subject);
CREATE UNIQUE INDEX links_account ON directory.links (account_id, issuer);
