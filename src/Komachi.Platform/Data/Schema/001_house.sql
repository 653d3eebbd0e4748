-- A form that was sent: the same form sent twice changes nothing the second time.
CREATE TABLE house.once_keys (
    key uuid NOT NULL PRIMARY KEY,
    location text NOT NULL,
    used_at timestamptz NOT NULL);
COMMENT ON TABLE house.once_keys IS 'Keys of forms that were sent, and where they led';

-- Counts that all processes share. The subject is a keyed hash: whose count it is cannot be read here.
CREATE TABLE house.counters (
    kind text NOT NULL,
    subject bytea NOT NULL,
    window_at timestamptz NOT NULL,
    count int NOT NULL,
    PRIMARY KEY (kind, subject, window_at));
COMMENT ON TABLE house.counters IS 'Attempts by account or network in a window of time';

CREATE SEQUENCE house.receipts MINVALUE 1 MAXVALUE 999999999;
