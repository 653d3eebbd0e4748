-- The same filed twice is looked for by its answers: without an index that walked every filing of the procedure, each time a clerk opened one.
CREATE INDEX cases_answers ON procedures.cases USING gin (answers jsonb_path_ops);

-- Other systems ask what moved of what they filed.
CREATE INDEX cases_by_systems ON procedures.cases (moved_at, id) WHERE way = 'System';
