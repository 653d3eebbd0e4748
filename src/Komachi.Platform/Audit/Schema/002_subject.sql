-- What was done to one thing is asked on that thing's own page, however long the record grows.
CREATE INDEX entries_subject ON audit.entries (subject, at) WHERE subject IS NOT NULL;
