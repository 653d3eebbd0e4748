-- What staff narrowed a list to and want to see again.
CREATE TABLE desk.views (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL,
    department_id uuid,
    list text NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    query text NOT NULL,
    kept_at timestamptz NOT NULL);
COMMENT ON TABLE desk.views IS 'Saved views: a list of the desk with what it is narrowed to';
COMMENT ON COLUMN desk.views.department_id IS 'For whom it is a view too: everybody who works there';
COMMENT ON COLUMN desk.views.list IS 'The page with the list, like desk/announcements';
COMMENT ON COLUMN desk.views.query IS 'Conditions as they stand in the address; never what was typed to find a person';
CREATE UNIQUE INDEX views_own ON desk.views (account_id, list, name);
CREATE INDEX views_shared ON desk.views (list, department_id) WHERE department_id IS NOT NULL;
