-- The entries of a ledger, which nobody changes or takes away. Statements are separated by empty lines.
CREATE TABLE entries (
    no INTEGER PRIMARY KEY CHECK (no > 0),
    posted TEXT NOT NULL,
    text TEXT NOT NULL,
    head TEXT NOT NULL UNIQUE
)

CREATE FUNCTION entries_stay() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'an entry of a ledger is never changed or removed'; END $$

CREATE TRIGGER entries_stay BEFORE UPDATE OR DELETE ON entries
FOR EACH ROW EXECUTE FUNCTION entries_stay()

CREATE TRIGGER entries_remain BEFORE TRUNCATE ON entries
FOR EACH STATEMENT EXECUTE FUNCTION entries_stay()

CREATE FUNCTION entries_follow() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.no <> (SELECT COALESCE(MAX(no), 0) + 1 FROM entries) THEN
        RAISE EXCEPTION 'an entry of a ledger follows the last';
    END IF;
    RETURN NEW;
END $$

CREATE TRIGGER entries_follow BEFORE INSERT ON entries
FOR EACH ROW EXECUTE FUNCTION entries_follow()
