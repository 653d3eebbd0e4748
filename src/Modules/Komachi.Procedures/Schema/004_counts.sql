-- What came in within the last twelve months is counted by month, procedure and way, whatever the procedure.
CREATE INDEX cases_arrived ON procedures.cases (arrived_at);
