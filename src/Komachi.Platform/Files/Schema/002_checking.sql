-- How many wait for their check is asked on the desk's first page, however many files there are.
CREATE INDEX stored_checking ON files.stored (created_at) WHERE state = 'Checking';
