-- The town's own keys, one ring a purpose, each sealed under the key of the installation: they move with the town.
CREATE TABLE house.keys (
    purpose text NOT NULL,
    number int NOT NULL CHECK (number > 0),
    sealed_key bytea NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (purpose, number));
COMMENT ON TABLE house.keys IS 'Keys with which this town''s secrets are encrypted, themselves encrypted';
