-- Which resident a member of staff is can be said by a colleague who saw them. Such a link raises alerts, and opens nothing that
-- the link by a proved address opens.
ALTER TABLE people.accounts ADD COLUMN person_said_by_id uuid;
COMMENT ON COLUMN people.accounts.person_said_by_id IS 'The colleague who said which person this member of staff is; empty where they proved it themselves';
-- How many alerts wait is asked on the desk's first page.
CREATE INDEX alerts_unseen ON people.alerts (account_id) WHERE seen_at IS NULL;
