CREATE TABLE more.things (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    made_at timestamptz NOT NULL);
COMMENT ON TABLE more.things IS 'The one more migration that all towns are brought to';
CREATE INDEX things_made_at ON more.things (made_at);
