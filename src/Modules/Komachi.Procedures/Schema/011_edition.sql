-- What a process has read of published procedures holds as long as the edition stands. Drafts are nobody's yet.
CREATE TRIGGER renew_edition AFTER INSERT OR UPDATE ON procedures.definitions FOR EACH ROW WHEN (NEW.published_at IS NOT NULL) EXECUTE FUNCTION house.renew_edition();
