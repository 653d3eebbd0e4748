-- The edition is the house's now, for all that is rarely changed (house/004_edition.sql): what stood here for departments and their days goes.
DROP TRIGGER renew_edition ON offices.departments;
DROP TRIGGER renew_edition ON offices.department_states;
DROP TRIGGER renew_edition ON offices.offices;
DROP TRIGGER renew_edition ON offices.office_departments;
DROP TRIGGER renew_edition ON offices.hours;
DROP TRIGGER renew_edition ON offices.exceptions;
DROP TRIGGER renew_edition ON offices.holidays;
DROP FUNCTION offices.renew_edition();
ALTER TABLE offices.organisation DROP COLUMN edition;

CREATE TRIGGER renew_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON offices.departments FOR EACH STATEMENT EXECUTE FUNCTION house.renew_edition();
CREATE TRIGGER renew_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON offices.department_states FOR EACH STATEMENT EXECUTE FUNCTION house.renew_edition();
CREATE TRIGGER renew_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON offices.offices FOR EACH STATEMENT EXECUTE FUNCTION house.renew_edition();
CREATE TRIGGER renew_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON offices.office_departments FOR EACH STATEMENT EXECUTE FUNCTION house.renew_edition();
CREATE TRIGGER renew_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON offices.hours FOR EACH STATEMENT EXECUTE FUNCTION house.renew_edition();
CREATE TRIGGER renew_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON offices.exceptions FOR EACH STATEMENT EXECUTE FUNCTION house.renew_edition();
CREATE TRIGGER renew_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON offices.holidays FOR EACH STATEMENT EXECUTE FUNCTION house.renew_edition();
