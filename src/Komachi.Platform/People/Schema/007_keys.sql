-- Single letters lead somewhere at the desk; whoever is disturbed by that switches them off.
ALTER TABLE people.accounts ADD COLUMN uses_keys boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN people.accounts.uses_keys IS 'Of staff: single letters lead somewhere at the desk';
