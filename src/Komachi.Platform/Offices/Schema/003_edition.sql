-- The edition is another one after each change of departments, offices or their days: what a process has read of them holds as long as it stands.
-- A number would come again after a restore; this never does.
ALTER TABLE offices.organisation ADD COLUMN edition uuid NOT NULL DEFAULT gen_random_uuid();
COMMENT ON COLUMN offices.organisation.edition IS 'Another one after each change of departments, offices, hours, exceptions or holidays';

CREATE FUNCTION offices.renew_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE offices.organisation SET edition = gen_random_uuid();
    RETURN NULL;
END $$;

CREATE TRIGGER renew_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON offices.departments FOR EACH STATEMENT EXECUTE FUNCTION offices.renew_edition();
CREATE TRIGGER renew_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON offices.department_states FOR EACH STATEMENT EXECUTE FUNCTION offices.renew_edition();
CREATE TRIGGER renew_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON offices.offices FOR EACH STATEMENT EXECUTE FUNCTION offices.renew_edition();
CREATE TRIGGER renew_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON offices.office_departments FOR EACH STATEMENT EXECUTE FUNCTION offices.renew_edition();
CREATE TRIGGER renew_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON offices.hours FOR EACH STATEMENT EXECUTE FUNCTION offices.renew_edition();
CREATE TRIGGER renew_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON offices.exceptions FOR EACH STATEMENT EXECUTE FUNCTION offices.renew_edition();
CREATE TRIGGER renew_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON offices.holidays FOR EACH STATEMENT EXECUTE FUNCTION offices.renew_edition();
