-- A code that opens a filing goes to what its applicant showed that they read, and not to what they may have mistyped beside it.
ALTER TABLE procedures.cases ADD COLUMN proved text CHECK (proved IN ('Email', 'Telephone'));
COMMENT ON COLUMN procedures.cases.proved IS 'Which contact was proved by a code or is the address of the account; none: nothing was';

-- What came before: as the draft knows it where there still is one, else where there is one contact alone.
UPDATE procedures.cases c SET proved = CASE WHEN d.email IS NOT NULL THEN 'Email' ELSE 'Telephone' END
FROM procedures.drafts d WHERE d.case_id = c.id AND (d.email IS NOT NULL AND d.email = c.email OR d.telephone IS NOT NULL AND d.telephone = c.telephone);
UPDATE procedures.cases SET proved = CASE WHEN email IS NOT NULL THEN 'Email' ELSE 'Telephone' END
WHERE proved IS NULL AND assurance = 'Code' AND (email IS NULL) <> (telephone IS NULL);
