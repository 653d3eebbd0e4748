-- Languages that the town speaks besides those that come with the program: its words for the texts of the pages, as they were brought.
CREATE TABLE languages.languages (
    code text NOT NULL PRIMARY KEY CHECK (code ~ '^[a-z]{2,3}(-[a-z]+)?$'),
    is_on boolean NOT NULL,
    words jsonb NOT NULL,
    changed_at timestamptz NOT NULL,
    version int NOT NULL);
COMMENT ON TABLE languages.languages IS 'Further languages of the town''s pages: English text to translation; a form for certain numbers stands under "text#one"';
