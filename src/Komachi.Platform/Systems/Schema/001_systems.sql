-- Other programs that work with this town: who they are, their keys, what was answered to them once, and what they want to hear.
CREATE TABLE systems.systems (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    whom_to_ask text NOT NULL,
    email text NOT NULL,
    scopes text[] NOT NULL,
    networks text[] NOT NULL,
    per_minute int NOT NULL CHECK (per_minute > 0),
    per_day int NOT NULL CHECK (per_day > 0),
    version int NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    closed_at timestamptz);
COMMENT ON TABLE systems.systems IS 'Other programs that may ask this town''s API, and what each of them may do';
COMMENT ON COLUMN systems.systems.networks IS 'Networks that its requests may come from (CIDR); none: from anywhere';

CREATE TABLE systems.keys (
    id uuid NOT NULL PRIMARY KEY,
    system_id uuid NOT NULL CONSTRAINT keys_system_id_fkey REFERENCES systems.systems (id) ON DELETE CASCADE,
    mark text NOT NULL,
    secret_hash bytea NOT NULL,
    made_at timestamptz NOT NULL,
    used_at timestamptz,
    ended_at timestamptz);
COMMENT ON TABLE systems.keys IS 'Keys of other systems: the hash of each, and the part by which people know it';
COMMENT ON COLUMN systems.keys.mark IS 'Eight letters that stand in the key in clear';
CREATE UNIQUE INDEX keys_secret ON systems.keys (secret_hash);
CREATE INDEX keys_system ON systems.keys (system_id, made_at);

CREATE TABLE systems.answers (
    system_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    turn uuid NOT NULL,
    begun_at timestamptz NOT NULL,
    status int,
    location text,
    sealed_body bytea,
    CONSTRAINT answers_pkey PRIMARY KEY (system_id, key));
COMMENT ON TABLE systems.answers IS 'What was answered to a request with an Idempotency-Key: given again to the same request';
COMMENT ON COLUMN systems.answers.turn IS 'Which request holds it while there is no answer; its change is saved with the answer, or neither is';
CREATE INDEX answers_begun ON systems.answers (begun_at);

CREATE TABLE systems.subscriptions (
    id uuid NOT NULL PRIMARY KEY,
    system_id uuid NOT NULL CONSTRAINT subscriptions_system_id_fkey REFERENCES systems.systems (id) ON DELETE CASCADE,
    url text NOT NULL,
    events text[] NOT NULL,
    sealed_secret bytea NOT NULL,
    sealed_former bytea,
    former_until timestamptz,
    is_on boolean NOT NULL,
    failing_since timestamptz,
    switched_off_at timestamptz,
    version int NOT NULL,
    created_at timestamptz NOT NULL);
COMMENT ON TABLE systems.subscriptions IS 'Where another system hears of events, and of which';
COMMENT ON COLUMN systems.subscriptions.sealed_former IS 'The secret before this one: signs beside it until former_until';
COMMENT ON COLUMN systems.subscriptions.switched_off_at IS 'When the program gave it up, since it had failed for days';
CREATE INDEX subscriptions_system ON systems.subscriptions (system_id, created_at);

CREATE TABLE systems.deliveries (
    id uuid NOT NULL PRIMARY KEY,
    subscription_id uuid NOT NULL CONSTRAINT deliveries_subscription_id_fkey REFERENCES systems.subscriptions (id) ON DELETE CASCADE,
    event text NOT NULL,
    body text NOT NULL,
    state text NOT NULL CHECK (state IN ('Waiting', 'Delivered', 'Parked', 'Kept')),
    attempts int NOT NULL,
    status int,
    why text,
    created_at timestamptz NOT NULL,
    tried_at timestamptz);
COMMENT ON TABLE systems.deliveries IS 'Webhooks on their way, delivered or given up; Kept: a training town sends nothing';
COMMENT ON COLUMN systems.deliveries.body IS 'Exactly as it is signed';
CREATE INDEX deliveries_newest ON systems.deliveries (subscription_id, created_at DESC, id DESC);
CREATE INDEX deliveries_parked ON systems.deliveries (created_at) WHERE state = 'Parked';
CREATE INDEX deliveries_created ON systems.deliveries (created_at);
