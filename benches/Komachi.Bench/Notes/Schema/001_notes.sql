CREATE TABLE notes.notes (
    id uuid NOT NULL PRIMARY KEY,
    title text NOT NULL,
    body text NOT NULL,
    urgent boolean NOT NULL,
    written_by uuid NOT NULL,
    written_at timestamptz NOT NULL);
COMMENT ON TABLE notes.notes IS 'What the benches read and write';
CREATE INDEX notes_written_at ON notes.notes (written_at);
