-- A password that a command printed was seen by whoever ran it.
ALTER TABLE people.accounts ADD COLUMN first_password_until timestamptz;
COMMENT ON COLUMN people.accounts.first_password_until IS 'Set while the password is one that a command printed: until then it opens the page where another is chosen, and nothing else';
