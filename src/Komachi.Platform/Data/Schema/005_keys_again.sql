-- Of two presses of a button a browser may hear the second answer alone: what key it was given with the first one it is given again.
ALTER TABLE house.once_keys ADD COLUMN key_to uuid, ADD COLUMN key_lasts interval, ADD CHECK ((key_to IS NULL) = (key_lasts IS NULL));
COMMENT ON COLUMN house.once_keys.key_to IS 'What a browser without an account was given a key to; the key comes of the form''s, and stands nowhere';
