-- The entries of a ledger, which nobody changes or takes away. Statements are separated by empty lines.
CREATE TABLE entries (
    no INTEGER PRIMARY KEY CHECK (no > 0),
    posted TEXT NOT NULL,
    text TEXT NOT NULL,
    head TEXT NOT NULL UNIQUE
)

CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry of a ledger is never changed'); END

CREATE TRIGGER entries_remain BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry of a ledger is never removed'); END

CREATE TRIGGER entries_follow BEFORE INSERT ON entries
WHEN NEW.no <> (SELECT COALESCE(MAX(no), 0) + 1 FROM entries)
BEGIN SELECT RAISE(ABORT, 'an entry of a ledger follows the last'); END
