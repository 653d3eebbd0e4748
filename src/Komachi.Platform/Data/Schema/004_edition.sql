-- Of what is rarely changed and read with almost every request (departments and their days, procedures) a process keeps what it has read. The edition is another
-- one after each change of it, by whatever hand: what was read holds as long as it stands. A number would come again after a restore; this never does.
CREATE TABLE house.edition (
    id int NOT NULL PRIMARY KEY CHECK (id = 1),
    edition uuid NOT NULL DEFAULT gen_random_uuid());
COMMENT ON TABLE house.edition IS 'One row: another edition after each change of departments, offices, their days or published procedures';
INSERT INTO house.edition VALUES (1);

CREATE FUNCTION house.renew_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE house.edition SET edition = gen_random_uuid();
    RETURN NULL;
END $$;
