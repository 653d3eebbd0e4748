-- The words of a reason about a person stand in the audit sealed; what opens them is here, and goes when the person is forgotten.
CREATE TABLE rights.reason_keys (
    about_id uuid NOT NULL PRIMARY KEY,
    key bytea NOT NULL CHECK (length(key) = 32));
COMMENT ON TABLE rights.reason_keys IS 'One key for each person, or account, whom reasons are about in the audit: thrown away when they are forgotten';
