"""The ledger's own audit: each fault of a store is named at its entry, and nothing unprintable
reaches the terminal."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grantcalc import Ledger, Rejected
from grantcalc.cli import main
from grantcalc.io import Store
from grantcalc.io.exchange.database import Unstored, migrations
from grantcalc.io.exchange.store_audit import audit_store
from grantcalc.ledger.chain import NOTHING, head_of
from grantcalc.ledger.entries import Change
from tests.test_posting import ONE, TWO
from tests.test_store import run, where, without_triggers

__all__ = ["where"]  # the fixture

LATER = date(2025, 2, 1)
LEDGER = Ledger().post(ONE).post(TWO).hold("S-1", "a visit", LATER).release("S-1", LATER)
COUNT = len(LEDGER.entries)
CHANGED = [f"entry {e.no}" for e in LEDGER.entries if isinstance(e.act, Change)]


def places(where: str, head: str = "") -> list[str]:
    """Where an audit finds a fault."""
    try:
        return [f.place.sheet for f in audit_store(Store(where), head).findings]
    except Rejected as refused:
        return [f.place.sheet for f in refused.findings]


def stored(where: str) -> None:
    store = Store(where, create=True)
    store.append(LEDGER.entries[:2], NOTHING)
    store.append(LEDGER.entries[2:], LEDGER.entries[1].head)


def triggers_again(where: str) -> list[str]:
    """Statements by which whoever took the triggers away hides it."""
    kind = "postgresql" if "://" in where else "sqlite"
    return [s for s in migrations(kind)[2].split("\n\n") if s.startswith("CREATE TRIGGER")]


class TestEachFault:
    """Each fault is named at its entry, by its own number."""

    def test_none(self, where: str) -> None:
        stored(where)
        found = audit_store(Store(where), LEDGER.entries[3].head)
        assert (found.entries, found.head, found.findings) == (COUNT, LEDGER.head, ())

    @pytest.mark.parametrize(
        ("statements", "found"),
        [
            (["DELETE FROM grantcalc_entries WHERE no = 2"], ["entry 2"]),
            (["DELETE FROM grantcalc_entries WHERE no IN (2, 3)"], ["entries 2 to 3"]),
            (["DELETE FROM grantcalc_entries WHERE no = 1"], ["entry 1"]),
            (["UPDATE grantcalc_entries SET text = replace(text, '70.00', '71.00') WHERE no = 2"], ["entry 2"]),
            (["UPDATE grantcalc_entries SET head = 'x' WHERE no = 4"], ["entry 4"]),
            (["UPDATE grantcalc_entries SET posted = '2024-01-01' WHERE no = 3"], ["entry 3"]),
            (["UPDATE grantcalc_entries SET act = 'held' WHERE no = 2"], ["entry 2"]),
            (
                ["UPDATE grantcalc_entries SET no = 99 WHERE no = 3"],
                ["entry 3", f"entries {COUNT + 1} to 98", "entry 99"],
            ),
            (["UPDATE grantcalc_tallies SET amount = amount + 1"], CHANGED),
            (["DELETE FROM grantcalc_tallies"], CHANGED),
            (["UPDATE grantcalc_tallies SET count = count + 1, amount = amount - 1"], CHANGED),
            (["INSERT INTO grantcalc_tallies VALUES ('', 'A', 'd', 0, 'i', 1, 1)"], ["grantcalc_tallies"]),
            (["DELETE FROM grantcalc_migrations"], ["grantcalc_migrations"]),
            (["DELETE FROM grantcalc_migrations WHERE no = 1"], ["grantcalc_migrations"]),
            (["DROP TABLE grantcalc_migrations"], ["grantcalc_migrations"]),
        ],
        ids=lambda x: x[0][:60] if x and isinstance(x, list) else "",
    )
    def test_of_rows(self, where: str, statements: Sequence[str], found: list[str]) -> None:
        stored(where)
        run(where, *without_triggers(where), *statements, *triggers_again(where))
        assert places(where) == found
        if "tallies" not in statements[0]:
            with pytest.raises(Rejected):
                Store(where).load()

    def test_triggers(self, where: str) -> None:
        stored(where)
        drop = without_triggers(where)
        run(where, drop[1])
        assert places(where) == ["grantcalc_entries_remain"]
        run(where, drop[0], drop[2])
        assert places(where) == [f"grantcalc_entries_{name}" for name in ("stay", "remain", "follow")]
        run(
            where,
            *(s.replace("BEFORE", "AFTER") for s in triggers_again(where) if "WHEN" not in s and "TRUNC" not in s),
        )
        assert len(places(where)) >= 1

    def test_a_trigger_of_another(self, tmp_path: Path) -> None:
        stored(where := str(tmp_path / "ledger.db"))
        run(where, "CREATE TRIGGER x AFTER INSERT ON grantcalc_entries BEGIN SELECT 1; END")
        assert places(where) == ["grantcalc_entries"]

    def test_a_cut_at_the_end(self, where: str) -> None:
        """The tallies tell of a change that was cut off; the head that was published, of any
        entry."""
        stored(where)
        run(
            where, *without_triggers(where), f"DELETE FROM grantcalc_entries WHERE no = {COUNT}", *triggers_again(where)
        )
        assert places(where) == []
        assert places(where, LEDGER.head) == [f"entry {COUNT - 1}"]

    def test_a_forger_who_computes_the_heads_again(self, where: str) -> None:
        """The chain follows; the tallies, and the head that was published, do not."""
        stored(where)
        head, statements = NOTHING, list[str]()
        for entry in LEDGER.entries:
            text = entry.text.replace('"amount":"70.00"', '"amount":"71.00"')
            head = head_of(head, text)
            statements.append(f"UPDATE grantcalc_entries SET text = '{text}', head = '{head}' WHERE no = {entry.no}")
        run(where, *without_triggers(where), *statements, *triggers_again(where))
        assert places(where)[0] == "entry 2"
        assert places(where, LEDGER.head)[-1] == f"entry {COUNT}"


def command(*arguments: object, status: int) -> Result:
    result = CliRunner().invoke(main, [*map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == status, result.output
    return result


class TestWhatIsPrinted:
    """Nothing unprintable reaches the terminal, and success is told only of a ledger that is
    there."""

    @pytest.mark.parametrize("column", ["text", "head", "posted", "act"])
    def test_bytes_that_are_not_text(self, tmp_path: Path, column: str) -> None:
        stored(where := str(tmp_path / "ledger.db"))
        run(where, *without_triggers(where))
        with closing(sqlite3.connect(where)) as connection, connection:
            connection.execute(f"UPDATE grantcalc_entries SET {column} = CAST(x'7b1b5b33316dff' AS TEXT) WHERE no = 3")
        connection.close()
        run(where, *triggers_again(where))
        told = command("ledger", "verify", where, status=1).output
        assert told.startswith("entry 3: ")
        assert told.strip().isprintable()
        for other in ("log", "export"):
            told = command("ledger", other, where, *([tmp_path / "x"] if other == "export" else []), status=2).output
            assert all(line.isprintable() for line in told.splitlines())

    def test_a_damaged_file(self, tmp_path: Path) -> None:
        """Each damaged byte of the schema: no traceback, and nothing unprintable."""
        stored(where := str(tmp_path / "ledger.db"))
        whole = Path(where).read_bytes()
        for at in range(100, 4096, 131):
            Path(where).write_bytes(whole[:at] + b"\x1b\xff" + whole[at + 2 :])
            result = CliRunner().invoke(main, ["ledger", "verify", where], catch_exceptions=False)
            assert result.exit_code in (0, 1, 2)
            assert all(line.isprintable() for line in result.output.splitlines())

    @pytest.mark.parametrize(
        "where", [":memory:", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"]
    )
    def test_a_ledger_in_memory(self, where: str) -> None:
        with pytest.raises(Unstored, match="a ledger is kept in a file, not in memory"):
            Store(where, create=True).append(LEDGER.entries, NOTHING)
        assert "not in memory" in command("ledger", "verify", where, status=2).output

    def test_a_file_without_a_ledger(self, tmp_path: Path) -> None:
        (empty := tmp_path / "empty.db").touch()
        assert "empty.db holds no ledger" in command("ledger", "verify", empty, status=2).output
        with closing(sqlite3.connect(other := tmp_path / "other.db")) as connection, connection:
            connection.execute("CREATE TABLE entries (id INTEGER, what TEXT)")
        connection.close()
        assert "other.db holds no ledger" in command("ledger", "log", other, status=2).output
        Store(other, create=True).append(LEDGER.entries, NOTHING)  # beside the tables of an application
        assert Store(other).load() == LEDGER


class TestSeveralLedgers:
    """A ledger is a name in one table: each has its own numbers, heads and tallies."""

    def test_side_by_side(self, where: str) -> None:
        one, other = Store(where, create=True), Store(where, create=True, ledger="another")
        one.append(LEDGER.entries, NOTHING)
        assert other.load() == Ledger()
        shorter = Ledger().post(TWO)
        other.append(shorter.entries, NOTHING)
        assert (one.load(), other.load()) == (LEDGER, shorter)
        assert not audit_store(other).findings
        run(where, "UPDATE grantcalc_tallies SET amount = 0 WHERE ledger = 'another'")
        assert not audit_store(one).findings
        assert audit_store(other).findings


class TestOfEarlierVersions:
    """A ledger of 0.1.0 is read and verified as it is, and is taken over whole by the first
    append."""

    @pytest.fixture
    def old(self, tmp_path: Path) -> str:
        return str(shutil.copy(Path(__file__).parent / "data" / "0.1.0" / "ledger.db", tmp_path / "ledger.db"))

    def test_as_it_is(self, old: str) -> None:
        before = Path(old).read_bytes()
        found = audit_store(Store(old))
        assert (found.entries, found.findings) == (len(Store(old).load().entries), ())
        assert Path(old).read_bytes() == before
        run(old, "DROP TRIGGER entries_stay", "UPDATE entries SET posted = '2000-01-01' WHERE no = 7")
        assert places(old) == ["entry 7", "entries_stay"]

    def test_taken_over(self, old: str) -> None:
        ledger = Store(old).load()
        more = ledger.hold("S-A", "a visit", date(2013, 4, 1))
        Store(old).append(more.entries[len(ledger.entries) :], ledger.head)
        assert Store(old).load() == more
        assert not audit_store(Store(old), ledger.head).findings
        with closing(sqlite3.connect(old)) as connection, connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            amount, reduced = connection.execute("SELECT SUM(amount), COUNT(*) FROM grantcalc_tallies").fetchone()
        connection.close()
        assert tables == {"grantcalc_migrations", "grantcalc_entries", "grantcalc_tallies"}
        assert amount == sum(cents for _, cents in more.allowed().values())
        assert reduced >= len(more.allowed())

    def test_with_a_fault_it_is_not_taken_over(self, old: str) -> None:
        run(old, "DROP TRIGGER entries_stay", "UPDATE entries SET head = 'x' WHERE no = 5")
        with pytest.raises(Rejected):
            Store(old).append((), NOTHING)
        assert places(old) == ["entry 5", "entries_stay"]
