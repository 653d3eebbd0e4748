-- The inbox narrowed to one state, or to what is unread: where little of it is open, all that is open was walked for it.
CREATE INDEX cases_open_state ON procedures.cases (state, due_on, id) WHERE closed_at IS NULL;
CREATE INDEX cases_open_unread ON procedures.cases (due_on, id) WHERE closed_at IS NULL AND unread;
