-- 個人番号: which uses the town switched on and on what legal basis, and the numbers that wait to be handed over.
CREATE TABLE my_numbers.uses (
    use text NOT NULL PRIMARY KEY,
    basis text NOT NULL,
    days int NOT NULL CHECK (days BETWEEN 1 AND 3650),
    on_at timestamptz,
    by_id uuid,
    changed_at timestamptz NOT NULL,
    version int NOT NULL);
COMMENT ON TABLE my_numbers.uses IS 'Uses of the Individual Number that the town switched on, with the law that allows them';

CREATE TABLE my_numbers.numbers (
    id uuid NOT NULL PRIMARY KEY,
    use text NOT NULL,
    person_id uuid NOT NULL,
    subject text NOT NULL,
    sealed bytea,
    kept_at timestamptz NOT NULL,
    purge_at timestamptz NOT NULL,
    warned_at timestamptz,
    purged_at timestamptz,
    why text CHECK (why IN ('HandedOver', 'Forgotten', 'SwitchedOff', 'Erased')),
    handed_to text,
    version int NOT NULL,
    CHECK ((sealed IS NULL) = (purged_at IS NOT NULL)));
COMMENT ON TABLE my_numbers.numbers IS 'That a number is or was there. The number itself is sealed with a key of its own and goes when it was handed over';
CREATE UNIQUE INDEX numbers_one ON my_numbers.numbers (use, subject, person_id) WHERE purged_at IS NULL;
CREATE INDEX numbers_person ON my_numbers.numbers (person_id);
CREATE INDEX numbers_purge ON my_numbers.numbers (purge_at) WHERE purged_at IS NULL;
