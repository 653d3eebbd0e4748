-- Of a later filing (a report, a claim) one counts in each matter, whoever sends it and from wherever. Where two came before this was guaranteed
-- they stay as they are, for the office to settle: the later ones are left out of the index by name.
DO $$
DECLARE
    twice text;
BEGIN
    SELECT string_agg(quote_literal(id::text), ', ') INTO twice
    FROM (SELECT id, row_number() OVER (PARTITION BY parent_id, stage ORDER BY arrived_at, id) AS n
          FROM procedures.cases WHERE parent_id IS NOT NULL AND state NOT IN ('Refused', 'Withdrawn')) filed
    WHERE n > 1;
    EXECUTE 'CREATE UNIQUE INDEX cases_stage ON procedures.cases (parent_id, stage) WHERE parent_id IS NOT NULL AND state NOT IN (''Refused'', ''Withdrawn'')'
        || coalesce(' AND id NOT IN (' || twice || ')', '');
END $$;

-- What was withdrawn at the desk left its correction open.
UPDATE procedures.corrections c SET left_at = coalesce(f.closed_at, f.moved_at), version = c.version + 1
FROM procedures.cases f WHERE f.id = c.case_id AND f.state <> 'Correcting' AND c.answered_at IS NULL AND c.left_at IS NULL;
