-- Repair access: what an operator asked for, what the town said, when it ended. Nobody enters without a row that says yes.
CREATE TABLE repair.requests (
    id uuid NOT NULL PRIMARY KEY,
    operator_id uuid NOT NULL,
    operator_name text NOT NULL,
    reason text NOT NULL,
    permissions text[] NOT NULL,
    asked_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > asked_at AND ends_at <= asked_at + interval '8 hours'),
    decided_at timestamptz,
    decided_by uuid,
    consented boolean,
    answer text,
    entry_hash bytea,
    entry_until timestamptz,
    account_id uuid,
    ended_at timestamptz,
    ended_by text);
COMMENT ON TABLE repair.requests IS 'Access that operators asked for, and what the town said';
CREATE INDEX requests_asked_at ON repair.requests (asked_at);
CREATE INDEX requests_entry ON repair.requests (entry_hash) WHERE entry_hash IS NOT NULL;
