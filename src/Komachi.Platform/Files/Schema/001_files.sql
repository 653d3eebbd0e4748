-- What is known of files that people sent. Their bytes are in the file store (a folder or S3), sealed with each file's own key.
CREATE TABLE files.stored (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    place text NOT NULL,
    name text NOT NULL,
    type text,
    bytes bigint CHECK (bytes >= 0),
    received bigint NOT NULL CHECK (received >= 0),
    tail bytea,
    sha256 bytea,
    state text NOT NULL CHECK (state IN ('Receiving', 'Checking', 'Ready', 'Refused')),
    refusal text,
    owner_id uuid,
    belongs_to text,
    sealed_key bytea NOT NULL,
    clean_bytes bigint,
    created_at timestamptz NOT NULL,
    ends_at timestamptz,
    CHECK (bytes IS NULL OR received <= bytes),
    CHECK ((state = 'Refused') = (refusal IS NOT NULL)),
    -- What was not looked at has no type, and what people get was looked at to its end.
    CHECK (state <> 'Ready' OR (type IS NOT NULL AND sha256 IS NOT NULL)),
    CHECK ((ends_at IS NULL) = (belongs_to IS NOT NULL)));
COMMENT ON TABLE files.stored IS 'Files that people sent: name, type, state, owner, and the sealed key of their bytes';
CREATE INDEX stored_place ON files.stored (kind, place);
CREATE INDEX stored_belongs_to ON files.stored (belongs_to) WHERE belongs_to IS NOT NULL;
CREATE INDEX stored_owner ON files.stored (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX stored_ends ON files.stored (ends_at) WHERE ends_at IS NOT NULL;

CREATE TABLE files.parts (
    file_id uuid NOT NULL CONSTRAINT parts_file_id_fkey REFERENCES files.stored (id) ON DELETE CASCADE,
    clean boolean NOT NULL,
    start_at bigint NOT NULL CHECK (start_at >= 0),
    bytes int NOT NULL CHECK (bytes > 0),
    object text NOT NULL,
    PRIMARY KEY (file_id, clean, start_at));
COMMENT ON TABLE files.parts IS 'The pieces of a file as they lie in the file store';
