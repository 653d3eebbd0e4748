-- What was refused in a quarter of an hour, counted together: the audit gets a first entry at once and the sum when the quarter is
-- over, so nobody can flood it. Rows go with their sum.
CREATE TABLE house.refusals (
    action text NOT NULL,
    whose text NOT NULL,
    window_at timestamptz NOT NULL,
    actor_id uuid,
    subject text,
    from_address text,
    count int NOT NULL,
    told int NOT NULL,
    places text[] NOT NULL,
    PRIMARY KEY (action, whose, window_at));
COMMENT ON TABLE house.refusals IS 'Refusals of this quarter of an hour, by kind and by account or network, until their sum is in the audit';
