-- Posts are looked after at the desk: they end on a day, and of two who write one the second is told.
ALTER TABLE offices.posts
    ADD COLUMN until_on date,
    ADD COLUMN version int NOT NULL DEFAULT 1;
COMMENT ON COLUMN offices.posts.until_on IS 'The last day on which somebody may be given it; who has it keeps it';
