-- What each figure was at the end of each day.
CREATE TABLE figures.snapshots (
    key text NOT NULL,
    taken_on date NOT NULL,
    value numeric NOT NULL,
    PRIMARY KEY (key, taken_on));
COMMENT ON TABLE figures.snapshots IS 'The value of each figure on each day';
