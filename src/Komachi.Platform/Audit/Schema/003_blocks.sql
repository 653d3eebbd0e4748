-- What sealing goes by: the transaction that wrote an entry, in an era of transaction ids. Another cluster counts anew, so a
-- restore begins another era (Data/Migrator.cs). Neither is the serving role's to name: they are not among the columns that it may insert.
ALTER TABLE audit.entries ADD COLUMN era int NOT NULL DEFAULT 1;
ALTER TABLE audit.entries ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX entries_sealing ON audit.entries (era, xid, id);
-- For the pages: by action, and who read whose data.
CREATE INDEX entries_action ON audit.entries (action, at);
CREATE INDEX entries_read ON audit.entries (at, actor_id, about_id) WHERE action LIKE '%.read' AND about_id IS NOT NULL;

CREATE TABLE audit.eras (
    number int NOT NULL PRIMARY KEY,
    began_at timestamptz NOT NULL,
    reason text NOT NULL);
COMMENT ON TABLE audit.eras IS 'Since when transaction ids are counted by which cluster: the first, and one more for each restore';
INSERT INTO audit.eras VALUES (1, now(), 'made');

CREATE TABLE audit.blocks (
    number bigint NOT NULL PRIMARY KEY,
    form int NOT NULL,
    era int NOT NULL,
    from_xid xid8 NOT NULL,
    from_id uuid NOT NULL,
    to_xid xid8 NOT NULL,
    to_id uuid NOT NULL,
    count int NOT NULL,
    total bigint NOT NULL,
    register bytea NOT NULL,
    content_hash bytea NOT NULL,
    previous_hash bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    hash bytea NOT NULL);
COMMENT ON TABLE audit.blocks IS 'Sealed entries, in order, each block bound to the one before by its hash';
CREATE INDEX blocks_end ON audit.blocks (era, to_xid, to_id);

CREATE TABLE audit.checks (
    id uuid NOT NULL PRIMARY KEY,
    run uuid NOT NULL,
    at timestamptz NOT NULL,
    stage text NOT NULL,
    blocks bigint NOT NULL,
    of_blocks bigint NOT NULL,
    entries bigint NOT NULL,
    findings jsonb);
COMMENT ON TABLE audit.checks IS 'How each verification of the chain went: a row when it was asked for, some on its way, one at its end';
CREATE INDEX checks_run ON audit.checks (run, at);
