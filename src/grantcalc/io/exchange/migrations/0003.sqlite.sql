-- Several ledgers by name in one table, which nobody changes or takes away. The head of an entry is also the leaf of a
-- Merkle tree (docs/ledger.md). What an act is, and what items come to, follows from the entries' texts; it is stored
-- beside them so that one award can be opened without the rest, and `ledger verify` compares it with them.
CREATE TABLE grantcalc_entries (
    ledger TEXT NOT NULL,
    no INTEGER NOT NULL CHECK (typeof(no) = 'integer' AND no > 0),
    posted TEXT NOT NULL,
    act TEXT NOT NULL,
    text TEXT NOT NULL,
    head TEXT NOT NULL,
    PRIMARY KEY (ledger, no)
)

CREATE INDEX grantcalc_acts ON grantcalc_entries (ledger, no) WHERE act <> 'change'

CREATE TABLE grantcalc_tallies (
    ledger TEXT NOT NULL,
    award TEXT NOT NULL,
    digest TEXT NOT NULL,
    refused INTEGER NOT NULL,
    item TEXT NOT NULL,
    count INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (ledger, award, digest, refused)
) WITHOUT ROWID

CREATE TRIGGER grantcalc_entries_stay BEFORE UPDATE ON grantcalc_entries
BEGIN SELECT RAISE(ABORT, 'an entry of a ledger is never changed'); END

CREATE TRIGGER grantcalc_entries_remain BEFORE DELETE ON grantcalc_entries
BEGIN SELECT RAISE(ABORT, 'an entry of a ledger is never removed'); END

CREATE TRIGGER grantcalc_entries_follow BEFORE INSERT ON grantcalc_entries
WHEN NEW.no <> (SELECT COALESCE(MAX(no), 0) + 1 FROM grantcalc_entries WHERE ledger = NEW.ledger)
BEGIN SELECT RAISE(ABORT, 'an entry of a ledger follows the last'); END
