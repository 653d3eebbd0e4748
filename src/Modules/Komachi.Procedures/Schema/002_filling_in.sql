-- Filling in on another device without an account: a link that opens the draft once, and keys of more than one browser.
ALTER TABLE procedures.drafts ADD COLUMN more_keys bytea[] NOT NULL DEFAULT '{}', ADD COLUMN link_hash bytea, ADD COLUMN link_ends_at timestamptz;
COMMENT ON COLUMN procedures.drafts.more_keys IS 'SHA-256 of the keys of further browsers, which came by a link';
COMMENT ON COLUMN procedures.drafts.link_hash IS 'SHA-256 of a link that opens it once on another device';
CREATE UNIQUE INDEX drafts_link ON procedures.drafts (link_hash) WHERE link_hash IS NOT NULL;
