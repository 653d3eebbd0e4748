-- Letters that are taken back, and the picture of the official seal (公印) that is printed on them.
CREATE TABLE procedures.seals (
    id uuid NOT NULL PRIMARY KEY,
    type text NOT NULL CHECK (type IN ('png', 'jpeg')),
    width int NOT NULL CHECK (width > 0),
    height int NOT NULL CHECK (height > 0),
    bytes bytea NOT NULL CHECK (octet_length(bytes) BETWEEN 1 AND 131072),
    set_by_id uuid NOT NULL,
    set_at timestamptz NOT NULL);
COMMENT ON TABLE procedures.seals IS 'Pictures of the official seal, each as it was: a letter keeps the one with which it was sealed';

ALTER TABLE procedures.issuers ADD COLUMN seal_id uuid CONSTRAINT issuers_seal_id_fkey REFERENCES procedures.seals;
COMMENT ON COLUMN procedures.issuers.seal_id IS 'The seal in use; none: a frame that says it is a sample stands in its place';
CREATE INDEX issuers_seal ON procedures.issuers (seal_id) WHERE seal_id IS NOT NULL;

ALTER TABLE procedures.letters
    ADD COLUMN seal_id uuid CONSTRAINT letters_seal_id_fkey REFERENCES procedures.seals,
    ADD COLUMN revoked_by_id uuid,
    ADD COLUMN revoked_why text,
    ADD COLUMN set_aside boolean NOT NULL DEFAULT false,
    ADD COLUMN instead_of_id uuid CONSTRAINT letters_instead_of_id_fkey REFERENCES procedures.letters ON DELETE SET NULL;
COMMENT ON COLUMN procedures.letters.seal_id IS 'The picture of the seal as it was when it was set; none: the sample frame';
COMMENT ON COLUMN procedures.letters.revoked_why IS 'The applicant reads it';
COMMENT ON COLUMN procedures.letters.set_aside IS 'It was taken back because the decision itself was set aside';
COMMENT ON COLUMN procedures.letters.instead_of_id IS 'The letter in whose place it was made';
CREATE INDEX letters_seal ON procedures.letters (seal_id) WHERE seal_id IS NOT NULL;
CREATE UNIQUE INDEX letters_instead_of ON procedures.letters (instead_of_id) WHERE instead_of_id IS NOT NULL;

CREATE FUNCTION procedures.seal_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A seal stays as it was when letters were sealed with it';
END $$;
CREATE TRIGGER seal_stays BEFORE UPDATE OR DELETE ON procedures.seals FOR EACH ROW EXECUTE FUNCTION procedures.seal_stays();
