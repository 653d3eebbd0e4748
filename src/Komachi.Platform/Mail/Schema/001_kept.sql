-- What a training town would have sent: there it stays. Empty in every other town.
CREATE TABLE mail.kept (
    id uuid NOT NULL PRIMARY KEY,
    "to" text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    at timestamptz NOT NULL);
COMMENT ON TABLE mail.kept IS 'Mails of a training town, kept in place of being sent';
CREATE INDEX kept_at ON mail.kept (at);
