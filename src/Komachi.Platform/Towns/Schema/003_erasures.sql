-- Who was forgotten, outside of the towns' backups: a restore of an older one forgets them again before the town opens. A number and a
-- day, and not even the town; what serves pages may add, and only the owner's commands take away what is older than any backup (Data/Migrator.cs, Grant).
CREATE TABLE registry.erasures (
    person_id uuid PRIMARY KEY,
    asked_on date NOT NULL,
    held boolean NOT NULL);
COMMENT ON TABLE registry.erasures IS 'Persons who were forgotten, or asked to be while a hold stops it: kept as long as backups may be';
CREATE INDEX erasures_asked ON registry.erasures (asked_on);
