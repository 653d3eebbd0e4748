-- Once a year somebody looks at each procedure again.
CREATE TABLE procedures.reviews (
    procedure text NOT NULL PRIMARY KEY,
    reviewed_on date,
    reviewed_by_id uuid,
    reminded_on date,
    version int NOT NULL);
COMMENT ON TABLE procedures.reviews IS 'When somebody looked at a procedure last and left it as it is; a new version counts as a look, too';
COMMENT ON COLUMN procedures.reviews.procedure IS 'The key of the procedure, whatever its version';
COMMENT ON COLUMN procedures.reviews.reminded_on IS 'When whoever keeps procedures was told last that its day is past';

-- What other systems filed, so that each reads again what it said itself.
CREATE TABLE procedures.system_filings (
    case_id uuid NOT NULL PRIMARY KEY REFERENCES procedures.cases ON DELETE CASCADE,
    system_id uuid NOT NULL);
COMMENT ON TABLE procedures.system_filings IS 'Which filings came from which other system';
CREATE INDEX system_filings_system ON procedures.system_filings (system_id);
