-- The inbox narrowed to one procedure: without it a procedure of which nothing is open walked all that is open.
CREATE INDEX cases_open_procedure ON procedures.cases (procedure, due_on, id) WHERE closed_at IS NULL;
