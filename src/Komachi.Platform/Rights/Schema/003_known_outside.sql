-- An older backup brings back who was forgotten since: so the control database is told who was (registry.erasures), and a restore
-- forgets them again. These columns say since when there was something to tell, and whether it was told.
ALTER TABLE rights.erasures
    ADD COLUMN forgotten_at timestamptz,
    ADD COLUMN noted_at timestamptz;
UPDATE rights.erasures SET forgotten_at = done_at;
COMMENT ON COLUMN rights.erasures.forgotten_at IS 'Since when something of the person is gone; empty while a hold stops all of it';
COMMENT ON COLUMN rights.erasures.noted_at IS 'When the control database was told how it stood';
CREATE INDEX erasures_unnoted ON rights.erasures (person_id) WHERE noted_at IS NULL;
